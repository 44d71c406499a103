"""An opportunity is seen by its owner and by its customer's, once by each, and by nobody else."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from keqing_pipeline.app import CONTEXT
from tests.harness import serving

from .conftest import peopled
from .sales import Sales, at


@pytest.fixture
async def sales(database: str, tmp_path: Path) -> AsyncIterator[Sales]:
    async with serving(CONTEXT, database, tmp_path) as it:
        sales = await peopled(it)
        await it.set_clock(at(2))
        yield sales


async def passed_on(sales: Sales, path: str, owner: str, **members: object) -> None:
    body = {"owner": owner, "reason": "调整", **members}
    answer = await sales.director.post(path, json=body)
    assert answer.status_code == 200, answer.text


async def shown_to(who: httpx.AsyncClient) -> list[int]:
    """How often: on the board, overdue there, in touches, opportunities, both funnels, the forecast."""

    async def got(path: str) -> list[dict[str, int]]:
        answer = (await who.get(path)).json()
        rows: list[dict[str, int]] = answer["items"] if isinstance(answer, dict) else answer
        return rows

    board = await got("/board")
    return [
        sum(cell["count"] for cell in board),
        sum(cell["overdue"] for cell in board),
        len(await got("/touches")),
        len(await got("/opportunities")),
        sum(line["opportunities"] for line in await got("/funnel")),
        sum(line["opportunities"] for line in await got("/funnel?by=owner")),
        sum(month["opportunities"] for month in await got("/forecast")),
    ]


async def seers(sales: Sales) -> set[str]:
    """Who is shown the one opportunity there is, everywhere alike."""
    await sales.serving.catch_up()
    found = set()
    for role in ("rep", "colleague", "stranger", "manager", "other_manager", "director", "auditor"):
        shown = await shown_to(getattr(sales, role))
        assert shown in ([1] * 7, [0] * 7), (role, shown)
        if shown[0]:
            found.add(role)
    return found


async def test_who_sees_it_changes_with_its_owner_and_with_its_customers(sales: Sales) -> None:
    customer = await sales.customer()
    amount = {"amount": "900.00", "currency": "CNY"}
    id = await sales.opportunity(customer_id=customer, amount=amount, expected_close_on="2026-04-20")
    await sales.serving.set_clock(at(30))  # its touch was due on the 17th
    above = {"director", "auditor"}
    assert await seers(sales) == {"rep", "manager", *above}
    await passed_on(sales, f"/opportunities/{id}/owner", "chen.bo")
    assert await seers(sales) == {"rep", "manager", "stranger", "other_manager", *above}
    await passed_on(sales, f"/customers/{customer}/owner", "zhao.min", with_opportunities=False)
    assert await seers(sales) == {"colleague", "manager", "stranger", "other_manager", *above}
    await passed_on(sales, f"/opportunities/{id}/owner", "zhao.min")
    assert await seers(sales) == {"colleague", "manager", *above}


async def test_it_follows_its_customers_file_into_another_and_back(sales: Sales) -> None:
    mine, yours = await sales.customer(), await sales.customer(by=sales.stranger)
    id = await sales.opportunity(
        customer_id=mine, amount={"amount": "900.00", "currency": "CNY"}, expected_close_on="2026-04-20"
    )
    await sales.serving.set_clock(at(30))
    await sales.serving.catch_up()
    above = {"director", "auditor"}
    merged = await sales.director.post(f"/customers/{mine}/merged", json={"into": yours, "reason": "同一家"})
    assert merged.status_code == 200, merged.text
    await passed_on(sales, f"/opportunities/{id}/owner", "zhao.min")
    assert await seers(sales) == {"colleague", "manager", "stranger", "other_manager", *above}
    parted = await sales.director.post(f"/customers/{mine}/parted", json={"reason": "看错了"})
    assert parted.status_code == 200, parted.text
    assert await seers(sales) == {"rep", "colleague", "manager", *above}
