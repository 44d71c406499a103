"""Whoever becomes a customer's owner owes first impressions within seven days, whatever the way."""

from typing import Any

import pytest

from tests.answer import read
from tests.json_lines import outcomes

from .accounts import facts
from .import_rows import customer, send
from .sales import Sales, at

OWES = [("zhao.min", "2026-03-19")]
"""Seven days after Thursday, 12 March 2026."""


async def newcomers(sales: Sales, customer_id: str) -> list[tuple[str, str]]:
    """Who owes first impressions, and until when."""
    await sales.serving.catch_up()
    members = read(await sales.auditor.get(f"/customers/{customer_id}/team"))
    return [(one["login"], one["impressions_due_on"]) for one in members if one["impressions_due_on"]]


async def pooled(sales: Sales) -> str:
    """Given up by li.wei on 2 March, kept by zhou.hong."""
    customer_id = await sales.customer()
    await sales.opportunity(customer_id=customer_id)
    await sales.serving.catch_up()
    read(await sales.rep.post("/tracking-list", json={"customer_id": customer_id}), 201)
    read(await sales.rep.post(f"/tracking-list/{customer_id}/removal", json={"reason": "blunder"}))
    return customer_id


async def by_hand(sales: Sales, customer_id: str) -> None:
    body = {"owner": "zhao.min", "reason": "调整"}
    read(await sales.manager.post(f"/customers/{customer_id}/owner", json=body))


async def by_claim(sales: Sales, customer_id: str) -> None:
    read(await sales.colleague.post(f"/open-pool/{customer_id}/claim", json={}))


async def in_bulk(sales: Sales, customer_id: str) -> None:
    body = {"previous": "li.wei", "owner": "zhao.min", "reason": "离职", "most": 1000}
    receipt = read(await sales.manager.post("/bulk/customers/owner", json=body))
    assert receipt["next"] is None


@pytest.mark.parametrize("way", [by_hand, in_bulk], ids=["by hand", "in bulk"])
async def test_a_customer_is_passed_on(sales: Sales, way: Any) -> None:
    customer_id = await sales.customer()
    await sales.serving.set_clock(at(12))
    await way(sales, customer_id)
    assert await newcomers(sales, customer_id) == OWES
    assert len(await facts(sales, customer_id, "TeamJoined")) == 1


@pytest.mark.parametrize("way", [by_hand, by_claim], ids=["by hand", "by claim"])
async def test_a_customer_comes_out_of_the_open_pool(sales: Sales, way: Any) -> None:
    customer_id = await pooled(sales)
    assert await newcomers(sales, customer_id) == []  # zhou.hong only keeps it
    await sales.serving.set_clock(at(12))
    await way(sales, customer_id)
    assert await newcomers(sales, customer_id) == OWES


async def test_an_import_changes_the_owner(sales: Sales) -> None:
    row = customer(f"owned-{sales.number()}", f"进口{sales.number()}号", owner="li.wei")
    [created] = (await send(sales.admin, "customers", row))["rows"]
    assert await newcomers(sales, created["id"]) == []  # the first owner is no newcomer
    await sales.serving.set_clock(at(12))
    tried = await send(sales.admin, "customers", row | {"owner": "zhao.min"}, dry_run=True)
    assert outcomes(tried) == ["amended"]
    assert await newcomers(sales, created["id"]) == []
    for outcome in ("amended", "unchanged"):
        assert outcomes(await send(sales.admin, "customers", row | {"owner": "zhao.min"})) == [outcome]
        assert await newcomers(sales, created["id"]) == OWES


async def test_who_has_worked_with_the_customer_before_owes_none(sales: Sales) -> None:
    customer_id = await sales.customer()
    person = {"name": "王丽"}
    contact = read(await sales.rep.post(f"/customers/{customer_id}/contacts", json=person), 201)["id"]
    read(await sales.rep.put(f"/contacts/{contact}/coverage/zhao.min"))
    assert await newcomers(sales, customer_id) == [("zhao.min", "2026-03-09")]
    await sales.serving.set_clock(at(12))
    await by_hand(sales, customer_id)
    assert await newcomers(sales, customer_id) == [("zhao.min", "2026-03-09")]
