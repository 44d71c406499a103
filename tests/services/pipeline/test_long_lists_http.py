"""Lists are read in parts: of however many owners and by whatever they are narrowed, each row comes once."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from keqing_pipeline.app import CONTEXT
from keqing_pipeline.views import customers
from tests.harness import serving

from .conftest import peopled
from .sales import Sales, at


@pytest.fixture
async def sales(database: str, tmp_path: Path) -> AsyncIterator[Sales]:
    async with serving(CONTEXT, database, tmp_path) as it:
        sales = await peopled(it)
        await it.set_clock(at(2))
        yield sales


async def all_of(client: httpx.AsyncClient, path: str, **query: Any) -> list[dict[str, Any]]:
    """Two rows at a time."""
    rows: list[dict[str, Any]] = []
    after: dict[str, str] = {}
    while True:
        answer = await client.get(path, params={"limit": "2", **query, **after})
        assert answer.status_code == 200, answer.text
        page = answer.json()
        rows += page["items"]
        if page["next"] is None:
            return rows
        after = {"after": page["next"]}


@pytest.mark.parametrize("few", [100, 1])
async def test_a_teams_customers_come_in_the_order_of_their_names(
    sales: Sales, monkeypatch: pytest.MonkeyPatch, few: int
) -> None:
    monkeypatch.setattr(customers, "FEW", few)
    names = ["戊己庚辛", "甲乙丙丁", "子丑寅卯", "金木水火", "东南西北"]
    for name, by in zip(
        names, (sales.rep, sales.colleague, sales.rep, sales.stranger, sales.colleague), strict=True
    ):
        key = {"importance": "key"} if by is sales.colleague else {}
        await sales.customer(by=by, name=name, **key)
    await sales.serving.catch_up()
    assert [row["name"] for row in await all_of(sales.director, "/customers")] == sorted(names)
    of_team = sorted(set(names) - {"金木水火"})
    assert [row["name"] for row in await all_of(sales.manager, "/customers")] == of_team
    key_ones = await all_of(sales.manager, "/customers", importance="key")
    assert [row["name"] for row in key_ones] == ["东南西北", "甲乙丙丁"]
    assert await all_of(sales.rep, "/customers", importance="key") == []
    assert [row["name"] for row in await all_of(sales.manager, "/customers", owner="li.wei")] == [
        "子丑寅卯",
        "戊己庚辛",
    ]


async def test_opportunities_and_touches_of_a_team_come_once_each_and_in_order(sales: Sales) -> None:
    ids = [await sales.opportunity(expected_close_on=f"2026-04-{day:02}") for day in (20, 5, 10)]
    ids.append(await sales.opportunity(by=sales.colleague))
    others = await sales.customer(by=sales.stranger)
    crossed = await sales.opportunity(by=sales.stranger, customer_id=others)
    await sales.serving.catch_up()
    body = {"owner": "zhao.min", "reason": "调整", "with_opportunities": False}
    passed = await sales.director.post(f"/customers/{others}/owner", json=body)
    assert passed.status_code == 200, passed.text
    await sales.serving.set_clock(at(20))
    await sales.serving.catch_up()
    seen = [row["opportunity_id"] for row in await all_of(sales.manager, "/opportunities")]
    assert seen == sorted([*ids, crossed])
    touches = await all_of(sales.manager, "/touches")
    assert [row["grade"] for row in touches] == ["A", "A", "A", "D", "D"]
    assert {row["opportunity_id"] for row in touches[:3]} == set(ids[:3])
    assert len(await all_of(sales.stranger, "/touches")) == 1


async def test_whoever_covers_a_contact_of_their_own_customer_sees_it_once(sales: Sales) -> None:
    mine, theirs = await sales.customer(), await sales.customer(by=sales.stranger)
    ids = []
    for customer, by in ((mine, sales.rep), (theirs, sales.stranger), (mine, sales.rep)):
        answer = await by.post(f"/customers/{customer}/contacts", json={"name": f"某{sales.number()}"})
        ids.append(answer.json()["id"])
    assert (await sales.stranger.put(f"/contacts/{ids[1]}/coverage/li.wei")).status_code == 200
    await sales.serving.catch_up()
    assert [row["contact_id"] for row in await all_of(sales.rep, "/contacts")] == sorted(ids)
    assert [row["contact_id"] for row in await all_of(sales.stranger, "/contacts")] == [ids[1]]
