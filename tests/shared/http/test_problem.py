"""Whatever is wrong with a request is answered as problem+json that says what, and nothing else."""

from typing import Any
from uuid import uuid4

import asyncpg
import httpx
import pytest
from starlette.exceptions import HTTPException

from keqing_shared.http.body import MOST_BYTES
from keqing_shared.http.problem import problem_of_failure, problem_of_http
from tests.harness import Serving
from tests.shared.http.library import ACME

LOAN = {"customer_id": str(ACME), "copy": "c-1", "title": "红楼梦"}
JSON = {"Content-Type": "application/json"}


@pytest.fixture
def rep(library: Serving) -> httpx.AsyncClient:
    return library.client("li.wei", "rep")


@pytest.fixture
def admin(library: Serving) -> httpx.AsyncClient:
    return library.client("he.qiang", "admin")


def assert_problem(answer: httpx.Response, status: int, slug: str) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    document: dict[str, Any] = answer.json()
    assert document["type"] == f"/problems/{slug}"
    assert document["status"] == status
    assert document["title"]
    return document


@pytest.mark.parametrize("body", [b"{", b"nothing", b'{"a": 1,}', b"\xff\xfe", b'{"title": "\\ud800"}'])
async def test_a_body_that_is_no_json_is_malformed(rep: httpx.AsyncClient, body: bytes) -> None:
    assert_problem(await rep.post("/loans", content=body, headers=JSON), 400, "request-malformed")


@pytest.mark.parametrize("media_type", [None, "text/plain", "application/x-www-form-urlencoded", "json"])
async def test_a_body_of_another_media_type_is_unsupported(
    rep: httpx.AsyncClient, media_type: str | None
) -> None:
    headers = {"Content-Type": media_type} if media_type else {}
    answer = await rep.post("/loans", content=b"{}", headers=headers)
    assert_problem(answer, 415, "media-type-unsupported")


async def test_json_with_parameters_or_a_suffix_is_json(rep: httpx.AsyncClient) -> None:
    for media_type in ("application/json; charset=utf-8", "Application/JSON", "application/vnd.x+json"):
        answer = await rep.post("/loans", content=b"{}", headers={"Content-Type": media_type})
        assert_problem(answer, 422, "request-invalid")


async def test_a_body_too_large_is_refused_whether_its_length_is_said_or_not(rep: httpx.AsyncClient) -> None:
    large = b'"' + b"x" * MOST_BYTES + b'"'

    async def chunks() -> Any:
        for start in range(0, len(large), 65536):
            yield large[start : start + 65536]

    for content in (large, chunks()):
        answer = await rep.post("/loans", content=content, headers=JSON)
        assert assert_problem(answer, 413, "body-too-large")["most"] == MOST_BYTES


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"title": None}, "title"),
        ({"title": ""}, "title"),
        ({"title": "   "}, "title"),
        ({"title": "a\nb"}, "title"),
        ({"title": "a\u0007b"}, "title"),
        ({"title": "x" * 201}, "title"),
        ({"title": 7}, "title"),
        ({"copy": "no spaces"}, "copy"),
        ({"customer_id": "x"}, "customer_id"),
        ({"customer_id": 5}, "customer_id"),
        ({"pages": "5"}, "pages"),
        ({"pages": True}, "pages"),
        ({"pages": -1}, "pages"),
        ({"pages": 2**31}, "pages"),
        ({"pages": 10**40}, "pages"),
        ({"remark": ["a"]}, "remark"),
        ({"colour": "red"}, "colour"),
    ],
)
async def test_each_wrong_field_of_a_body_is_named(
    rep: httpx.AsyncClient, change: dict[str, Any], field: str
) -> None:
    problem = assert_problem(await rep.post("/loans", json={**LOAN, **change}), 422, "request-invalid")
    assert [(error["in"], error["field"]) for error in problem["errors"]] == [("body", field)]
    assert all(set(error) == {"in", "field", "message"} for error in problem["errors"])


async def test_all_wrong_fields_are_named_at_once_and_none_of_what_was_sent(rep: httpx.AsyncClient) -> None:
    answer = await rep.post("/loans", json={"copy": "13800138000 ", "title": 5, "remark": ["secret"]})
    problem = assert_problem(answer, 422, "request-invalid")
    assert {error["field"] for error in problem["errors"]} == {"customer_id", "title", "remark"}
    assert "secret" not in answer.text


async def test_a_body_that_is_missing_or_no_object_is_named_as_such(rep: httpx.AsyncClient) -> None:
    for content in (b"", b"[]", b"null", b"7"):
        answer = await rep.post("/loans", content=content, headers=JSON)
        problem = assert_problem(answer, 422, "request-invalid")
        assert [(error["in"], error["field"]) for error in problem["errors"]] == [("body", "body")]


@pytest.mark.parametrize("escaped", [rb"\u0000", rb"\\\u0000"])
async def test_a_nul_in_any_text_is_refused_before_it_reaches_the_database(
    rep: httpx.AsyncClient, escaped: bytes
) -> None:
    body = b'{"customer_id": "%b", "copy": "c", "title": "a%bb"}' % (str(ACME).encode(), escaped)
    problem = assert_problem(await rep.post("/loans", content=body, headers=JSON), 422, "request-invalid")
    assert [error["field"] for error in problem["errors"]] == ["title"]


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        (rb'{"title": "\u0000", "remark": "\u0000"}', ["remark", "title"]),
        (rb'{"copies": [{"title": "a"}, {"title": "b\u0000"}]}', ["copies.1.title"]),
        (rb'{"a\u0000b": "\u0000"}', ["body"]),
        (rb'"\u0000"', ["body"]),
        (rb'{"title": "\u0000"', ["body"]),
        (b"[" * 100_000 + rb'"\u0000"' + b"]" * 100_000, ["body"]),
    ],
)
async def test_each_member_that_holds_a_nul_is_named(
    rep: httpx.AsyncClient, body: bytes, fields: list[str]
) -> None:
    problem = assert_problem(await rep.post("/loans", content=body, headers=JSON), 422, "request-invalid")
    assert [error["field"] for error in problem["errors"]] == fields


async def test_a_backslash_before_u0000_is_a_text_like_any_other(rep: httpx.AsyncClient) -> None:
    body = b'{"customer_id": "%b", "copy": "%b", "title": "a\\\\u0000b"}' % (
        str(ACME).encode(),
        str(uuid4()).encode(),
    )
    assert (await rep.post("/loans", content=body, headers=JSON)).status_code == 201


async def test_a_path_that_does_not_read_well_is_refused(rep: httpx.AsyncClient) -> None:
    problem = assert_problem(await rep.get("/loans/7"), 422, "request-invalid")
    assert [(error["in"], error["field"]) for error in problem["errors"]] == [("path", "loan_id")]
    assert_problem(await rep.get("/loans/a%00b"), 422, "request-invalid")


async def test_an_unknown_path_and_a_wrong_method_are_problems(rep: httpx.AsyncClient) -> None:
    assert_problem(await rep.get("/nothing"), 404, "not-found")
    wrong = await rep.delete("/loans")
    assert_problem(wrong, 405, "method-not-allowed")
    assert wrong.headers["allow"] == "GET, POST"


async def test_a_number_beyond_the_databases_is_refused_even_where_nobody_bounded_it(
    admin: httpx.AsyncClient,
) -> None:
    assert (await admin.get("/numbers/9223372036854775807")).json() == 2**63 - 1
    assert_problem(await admin.get("/numbers/9223372036854775808"), 422, "request-invalid")


async def test_an_unforeseen_failure_says_nothing_of_itself(
    admin: httpx.AsyncClient, capfd: pytest.CaptureFixture[str]
) -> None:
    answer = await admin.get("/broken", headers={"X-Correlation-Id": "find-me"})
    assert_problem(answer, 500, "internal-error")
    assert "secret" not in answer.text
    assert answer.headers["x-correlation-id"] == "find-me"
    logged = capfd.readouterr().out
    assert "LookupError" in logged
    assert "library.py" in logged
    assert "secret" not in logged


@pytest.mark.parametrize(
    "failure",
    [
        ConnectionRefusedError(),
        FileNotFoundError(),
        TimeoutError(),
        asyncpg.ConnectionDoesNotExistError("gone"),
        asyncpg.CannotConnectNowError("starting up"),
        asyncpg.TooManyConnectionsError("sorry"),
        asyncpg.InterfaceError("cannot perform operation: connection is closed"),
        asyncpg.InterfaceError("pool is closing"),
    ],
)
def test_a_database_that_is_away_is_worth_another_try(failure: Exception) -> None:
    problem = problem_of_failure(failure)
    assert (problem.status_code, problem.headers["retry-after"]) == (503, "1")


def test_a_mistake_in_a_statement_is_ours() -> None:
    for failure in (
        asyncpg.UndefinedTableError("x"),
        asyncpg.InterfaceError("the server expects 2 arguments"),
    ):
        assert problem_of_failure(failure).status_code == 500


def test_too_many_requests_say_when_to_come_back() -> None:
    assert problem_of_http(HTTPException(429)).headers["retry-after"] == "1"
    assert problem_of_http(HTTPException(429, headers={"Retry-After": "30"})).headers["retry-after"] == "30"
