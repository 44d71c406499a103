"""Every view names the whole customer, and the file again after parting."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from tests.answer import read

from .accounts import bought
from .care_requests import person
from .sales import Sales
from .two_files import merge, part, two_files


async def touches(sales: Sales) -> Any:
    due = read(await sales.manager.get("/touches", params={"day": "2026-12-31", "limit": "200"}))["items"]
    return sorted((one["opportunity_id"], one["customer_id"], one["customer"]) for one in due)


async def coverage(sales: Sales) -> Any:
    lines = read(await sales.manager.get("/coverage", params={"limit": "200"}))["items"]
    return sorted((one["customer_id"], one["contacts"]) for one in lines)


async def calendar(sales: Sales) -> Any:
    days = read(await sales.manager.get("/care-calendar", params={"days": "92", "limit": "200"}))["items"]
    return [(one["customer_id"], one["contact_id"]) for one in days if one["kind"] == "birthday"]


async def pareto(sales: Sales) -> Any:
    lines = read(await sales.manager.get("/pareto", params={"currency": "HUF"}))["items"]
    return [(one["customer_id"], one["customer"], one["bought"]["amount"]) for one in lines]


async def purchases(sales: Sales) -> Any:
    cards = read(await sales.manager.get("/customers", params={"limit": "200"}))["items"]
    found = {}
    for one in cards:
        card = read(await sales.manager.get(f"/customers/{one['customer_id']}"))
        if card["purchases"]:
            found[one["customer_id"]] = (card["won"], card["purchases"])
    return found


VIEWS: dict[str, Callable[[Sales], Awaitable[Any]]] = {
    "touches": touches,
    "coverage": coverage,
    "calendar": calendar,
    "pareto": pareto,
    "purchases": purchases,
}


@pytest.mark.parametrize("name", VIEWS)
async def test_every_view_names_the_whole_customer_and_the_file_again_after_parting(
    sales: Sales, name: str
) -> None:
    look = VIEWS[name]
    gone, kept = await two_files(sales)
    await sales.opportunity(customer_id=gone)
    await bought(sales, gone, 100, "HUF")
    await person(sales, gone, birthday={"month": 4, "day": 1}, roles=["decider"])
    await sales.serving.catch_up()
    before = await look(sales)
    assert gone in repr(before)
    assert kept not in repr(before)
    await merge(sales, gone, kept)
    whole = await look(sales)
    assert kept in repr(whole)
    assert gone not in repr(whole)
    await part(sales, gone)
    assert await look(sales) == before
