"""Duplicates asked for before a customer is registered, and found when it is amended or imported."""

from typing import Any
from uuid import UUID

import httpx
import pytest

from keqing_pipeline.customer.facts import CustomerRegistered
from tests.problem import problem

from .import_rows import customer, send
from .sales import Sales


async def found(client: httpx.AsyncClient, **query: str) -> list[dict[str, Any]]:
    answer = await client.get("/duplicates", params=query)
    assert answer.status_code == 200, answer.text
    candidates: list[dict[str, Any]] = answer.json()
    return candidates


async def test_who_may_be_meant_is_shown_with_scores_the_most_alike_first(sales: Sales) -> None:
    same = await sales.customer(name="青岛海蓝物流有限公司", phones=["13900139001"])
    sounds = await sales.customer(name="青岛海兰物流", distinct_because="海兰，不是海蓝")
    near = await sales.customer(name="青岛海天物流")
    await sales.customer(name="大连海蓝物流园区管理")
    await sales.serving.catch_up()
    by_name = await found(sales.rep, name="青岛海蓝物流")
    assert [(one["id"], one["score"], one["matched"]) for one in by_name] == [
        (same, 100, ["name"]),
        (sounds, 90, ["pinyin", "near_name"]),
        (near, 75, ["near_name"]),
    ]
    [by_phone] = await found(sales.rep, phone="139 0013 9001")
    assert (by_phone["id"], by_phone["matched"]) == (same, ["phone"])
    assert await found(sales.rep, name="无此客户实业") == []


async def test_a_search_for_nothing_or_for_half_a_reference_is_refused_not_empty(sales: Sales) -> None:
    problem(await sales.rep.get("/duplicates"), 422, "nothing-to-look-for")
    for path in ("/duplicates", "/customers", "/opportunities"):
        refused = problem(await sales.rep.get(path, params={"external": "bad"}), 422, "request-invalid")
        assert [error["field"] for error in refused["errors"]] == ["external"]


async def test_by_its_reference_a_customer_is_found_for_sure(sales: Sales) -> None:
    id = await sales.customer(external=[{"system": "erp", "id": "D-1"}])
    [candidate] = await found(sales.rep, external="erp:D-1")
    assert (candidate["id"], candidate["score"], candidate["matched"]) == (id, 100, ["external"])


@pytest.mark.parametrize(
    ("first", "again"),
    [
        ("宏运集团公司", "宏运集团有限公司"),
        ("杭州临溪纺织有限公司", "杭州临溪纺织(集团)有限公司"),
        ("远津有限責任公司", "远津有限责任公司"),
        ("臺灣聚體", "台湾聚体"),
        ("Rheingau S.A.", "Rheingau SA"),
        ("Zuiderzee B.V.", "Zuiderzee BV"),
        ("Harzberg GmbH & Co. KG", "Harzberg GmbH"),
        ("Deccan Co., Ltd", "Deccan Pvt. Ltd."),
        ("滨溪早点", "滨溪早点个体工商户"),
    ],
)
async def test_the_same_firm_in_another_form_or_script_is_found_and_refused(
    sales: Sales, first: str, again: str
) -> None:
    id = await sales.customer(name=first)
    answer = await sales.rep.post("/customers", json={"kind": "enterprise", "name": again})
    document = problem(answer, 409, "duplicate-customer")
    [candidate] = document["candidates"]
    assert (candidate["id"], candidate["score"], candidate["matched"]) == (id, 100, ["name"])


async def test_a_customer_is_found_by_a_part_of_its_name_in_either_script(sales: Sales) -> None:
    id = await sales.customer(name="臺北電機廠")
    await sales.serving.catch_up()
    for part in ("台北电机", "電機廠", "北電"):
        [row] = (await sales.rep.get("/customers", params={"name": part})).json()["items"]
        assert row["customer_id"] == id, part
    assert (await sales.rep.get(f"/customers/{id}")).json()["name"] == "臺北電機廠"


async def test_whose_customer_is_hidden_is_named_as_the_one_to_ask(sales: Sales) -> None:
    id = await sales.customer(name="隐者贸易", phones=["13900139002"])
    await sales.serving.catch_up()
    [hidden] = await found(sales.stranger, phone="13900139002")
    assert hidden == {"id": id, "name": None, "owner": "li.wei", "score": 100, "matched": ["phone"]}
    [seen] = await found(sales.manager, phone="13900139002")
    assert seen["name"] == "隐者贸易"


async def test_a_new_name_is_compared_when_a_file_is_amended_and_an_old_one_is_not(sales: Sales) -> None:
    await sales.customer(name="金桥建材")
    id = await sales.customer(name="金乔建筑材料")
    await sales.serving.catch_up()
    body = {"kind": "enterprise", "name": "金侨建材"}
    document = problem(await sales.rep.put(f"/customers/{id}", json=body), 409, "duplicate-customer")
    assert document["candidates"][0]["matched"] == ["pinyin", "near_name"]
    because = body | {"distinct_because": "两家不同的公司"}
    assert (await sales.rep.put(f"/customers/{id}", json=because)).status_code == 200
    again = await sales.rep.put(f"/customers/{id}", json=body | {"importance": "key"})
    assert again.status_code == 200, again.text


async def test_an_imported_row_that_is_nearly_another_customer_is_refused(sales: Sales) -> None:
    id = await sales.customer(name="长江航运集团")
    await sales.serving.catch_up()
    report = await send(sales.admin, "customers", customer("near-1", "常江航运集团有限公司"))
    [row] = report["rows"]
    assert (row["outcome"], row["problem"]["type"]) == ("refused", "/problems/duplicate-customer")
    assert row["problem"]["candidates"][0] | {"name": None} == {
        "id": id,
        "name": None,
        "owner": "li.wei",
        "score": 90,
        "matched": ["pinyin", "near_name"],
    }
    because = customer("near-1", "常江航运集团有限公司", distinct_because="常江，不是长江")
    assert (await send(sales.admin, "customers", because))["created"] == 1
    await sales.serving.catch_up()
    assert (await send(sales.admin, "customers", because))["unchanged"] == 1


@pytest.mark.parametrize("dry_run", [True, False])
async def test_a_row_that_is_nearly_an_earlier_one_of_the_same_file_is_refused(
    sales: Sales, dry_run: bool
) -> None:
    rows = [
        customer("file-1", "珠江航运货柜"),
        customer("file-2", "朱江航运货柜有限公司"),  # sounds the same
        customer("file-3", "珠江航运新货柜"),  # a letter more than the first, two more than the second
        customer("file-4", "朱江航运"),  # two letters less: another firm
        customer("file-5", "朱江航运货柜", distinct_because="朱江，不是珠江"),
        customer("file-6", "黄河航运货柜", source="no such source"),
        customer("file-7", "黄河航云货柜"),  # like one that was refused
    ]
    report = await send(sales.admin, "customers", *rows, dry_run=dry_run)
    outcomes = [row["outcome"] for row in report["rows"]]
    assert outcomes == ["created", "refused", "refused", "created", "created", "refused", "created"]
    first, second, third, *_ = report["rows"]
    assert second["problem"]["type"] == "/problems/duplicate-customer"
    assert second["problem"]["candidates"] == [
        {
            "id": first["id"],
            "name": "珠江航运货柜",
            "owner": "li.wei",
            "score": 90,
            "matched": ["pinyin", "near_name"],
        }
    ]
    [candidate] = third["problem"]["candidates"]
    assert (candidate["id"], candidate["score"]) == (first["id"], 92)  # 2 x 6 of 6 + 7
    if not dry_run:
        distinct = report["rows"][4]["id"]
        [registered] = await sales.serving.service.log.stream(UUID(distinct))
        assert isinstance(registered.fact, CustomerRegistered)
        assert registered.fact.resembles == (UUID(first["id"]),)


async def test_a_row_made_another_name_of_is_not_held_against_the_old_one(sales: Sales) -> None:
    """Only what an earlier row says counts: the second is like what the first says now."""
    await send(sales.admin, "customers", customer("renamed", "宁波海蓝物流"))
    await sales.serving.catch_up()
    report = await send(
        sales.admin, "customers", customer("renamed", "大连金桥建材"), customer("new", "大连金乔建材")
    )
    assert [row["outcome"] for row in report["rows"]] == ["amended", "refused"]
