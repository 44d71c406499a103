"""A problem is said in the language that its reader prefers."""

from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.harness import Serving
from tests.shared.http.library import ACME

LOAN = {"customer_id": str(ACME), "copy": "c-1", "title": "红楼梦"}
CHINESE = {"Accept-Language": "zh-CN,zh;q=0.9,en;q=0.8"}


@pytest.fixture
def rep(library: Serving) -> httpx.AsyncClient:
    return library.client("li.wei", "rep")


async def test_title_and_detail_are_said_in_chinese_to_who_wants_it(rep: httpx.AsyncClient) -> None:
    answer = await rep.post("/loans", content=b"{", headers={**CHINESE, "Content-Type": "text/plain"})
    assert answer.json()["title"] == "请求体的媒体类型不受支持"
    assert answer.json()["detail"] == "请发送 application/json"
    assert answer.headers["Content-Language"] == "zh"
    assert answer.headers["Vary"] == "Accept-Language"


async def test_to_anybody_else_in_english(rep: httpx.AsyncClient) -> None:
    for headers in ({}, {"Accept-Language": "de,en;q=0.2"}):
        answer = await rep.get("/nowhere", headers=headers)
        assert answer.json()["title"] == "There is nothing here"
        assert answer.headers["Content-Language"] == "en"


async def test_types_members_and_fields_stay_what_they_are(rep: httpx.AsyncClient) -> None:
    english = await rep.post("/loans", json={**LOAN, "pages": -1})
    chinese = await rep.post("/loans", json={**LOAN, "pages": -1}, headers=CHINESE)
    (one,), (other,) = english.json()["errors"], chinese.json()["errors"]
    assert english.json()["type"] == chinese.json()["type"]
    assert (one["in"], one["field"]) == (other["in"], other["field"]) == ("body", "pages")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"title": None}, "须为文本"),
        ({"title": "x" * 201}, "不能超过 200 个字符"),
        ({"title": ""}, "至少须有 1 个字符"),
        ({"pages": "5"}, "须为整数"),
        ({"pages": -1}, "须不小于 0"),
        ({"colour": "red"}, "没有这个字段"),
        ({"customer_id": "x"}, "须为有效的 UUID"),
    ],
)
async def test_each_wrong_field_of_a_body_is_told_in_chinese_with_its_bounds(
    rep: httpx.AsyncClient, change: dict[str, Any], message: str
) -> None:
    answer = await rep.post("/loans", json={**LOAN, **change}, headers=CHINESE)
    assert [error["message"] for error in answer.json()["errors"]] == [message]


async def test_what_is_no_json_is_told_by_its_place_in_either_language(rep: httpx.AsyncClient) -> None:
    body, json = b'{"copy": "c-1",\n title: 1}', {"Content-Type": "application/json"}
    english = await rep.post("/loans", content=body, headers=json)
    chinese = await rep.post("/loans", content=body, headers={**json, **CHINESE})
    assert english.json()["detail"] == "the body is not JSON: see line 2, column 2"
    assert chinese.json()["detail"] == "请求体不是 JSON：请看第 2 行第 2 列"
    assert (chinese.json()["line"], chinese.json()["column"]) == (2, 2)


@pytest.mark.parametrize("day", ["2026-02-29", "2026-13-01", "2026-04-31", "0000-01-01"])
async def test_a_day_that_the_calendar_lacks_is_told_in_either_language(
    rep: httpx.AsyncClient, day: str
) -> None:
    path = f"/loans/{uuid4()}/renewals"
    english, chinese = [
        (await rep.post(path, json={"on": day}, headers=headers)).json()["errors"]
        for headers in ({}, CHINESE)
    ]
    assert english == [
        {
            "in": "body",
            "field": "on",
            "message": "there is no such day or time: February has 28 days, in leap years 29",
        }
    ]
    assert chinese[0]["message"] == "日历上没有这一天或这个时刻，例如二月只有 28 天，闰年 29 天"


async def test_so_is_a_wrong_parameter(rep: httpx.AsyncClient) -> None:
    answer = await rep.get("/loans", params={"limit": 0, "colour": "red"}, headers=CHINESE)
    told = {error["field"]: error["message"] for error in answer.json()["errors"]}
    assert told["colour"] == "没有这个参数"


async def test_a_text_of_another_form_is_told_in_words_what_it_has_to_look_like(library: Serving) -> None:
    admin = library.client("root", "admin")
    for headers, said in (
        (CHINESE, "服务名，例如 service-desk"),
        ({}, "the name of a service, as in service-desk"),
    ):
        answer = await admin.get("/parked", params={"source": "The Desk"}, headers=headers)
        assert answer.status_code == 422
        assert answer.json()["errors"] == [{"in": "query", "field": "source", "message": said}]


async def test_who_has_no_token_is_answered_in_the_own_language_too(library: Serving) -> None:
    answer = await library.anonymous.get("/loans", headers=CHINESE)
    assert (answer.status_code, answer.json()["title"]) == (401, "需要有效的 Bearer 令牌")
    after = await library.anonymous.get("/loans")
    assert after.json()["title"] == "A valid bearer token is needed"
