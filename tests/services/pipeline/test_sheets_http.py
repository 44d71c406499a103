"""Questions whose answers hold lists are sheets that add up: a line for each value, nothing nested."""

import csv
import io
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from keqing_pipeline.app import CONTEXT
from tests.harness import serving

from .conftest import peopled
from .sales import Sales, at

CSV = {"Accept": "text/csv"}


@pytest.fixture
async def sales(database: str, tmp_path: Path) -> AsyncIterator[Sales]:
    async with serving(CONTEXT, database, tmp_path) as it:
        sales = await peopled(it)
        await it.set_clock(at(2))
        yield sales


async def sheet(client: httpx.AsyncClient, path: str, **query: Any) -> list[dict[str, str]]:
    answer = await client.get(path, params=query, headers=CSV)
    assert answer.status_code == 200, answer.text
    assert answer.headers["Content-Disposition"].startswith(f'attachment; filename="{path[1:]}-2026-03')
    assert not {"[", "{"} & set(answer.text), "a cell holds JSON"
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))


def cells(rows: list[dict[str, str]], *names: str) -> list[tuple[str, ...]]:
    return [tuple(row[name] for name in names) for row in rows]


async def sold(sales: Sales, amount: str, currency: str, **members: Any) -> None:
    id = await sales.opportunity(**members)
    body = {"amount": {"amount": amount, "currency": currency}}
    answer = await sales.rep.post(f"/opportunities/{id}/won", json=body)
    assert answer.status_code == 200, answer.text


async def dealt(sales: Sales) -> None:
    """Three open ones of 1000.25 and 500 yuan and 70 dollars, one won for 65 dollars, one lost."""
    for amount, currency in (("1000.25", "CNY"), ("500.00", "CNY"), ("70.00", "USD")):
        await sales.opportunity(amount={"amount": amount, "currency": currency})
    await sold(sales, "65.00", "USD")
    lost = await sales.opportunity()
    await sales.rep.post(f"/opportunities/{lost}/lost", json={"reason": "价格"})
    await sales.serving.catch_up()


async def test_the_board_has_a_line_for_each_currency_and_its_counts_add_up(sales: Sales) -> None:
    await dealt(sales)
    rows = await sheet(sales.rep, "/board")
    assert cells(rows, "place", "owner", "count", "overdue", "amount.amount", "amount.currency") == [
        ("0", "li.wei", "3", "0", "1500.25", "CNY"),
        ("0", "li.wei", "", "", "70.00", "USD"),
        ("won", "li.wei", "1", "0", "65.00", "USD"),
        ("lost", "li.wei", "1", "0", "", ""),
    ]


async def test_the_funnel_has_a_line_for_each_stage_and_each_outcome(sales: Sales) -> None:
    await dealt(sales)
    rows = await sheet(sales.rep, "/funnel", by="owner")
    names = ("of", "place", "count", "reached", "advanced", "win_rate", "amount.amount", "amount.currency")
    assert cells(rows, *names)[1:3] == [
        ("li.wei", "0", "3", "5", "1", "", "", ""),
        ("li.wei", "1", "0", "1", "1", "", "", ""),
    ]
    assert cells(rows, *names)[6:] == [
        ("li.wei", "open", "", "", "", "", "1500.25", "CNY"),
        ("li.wei", "open", "", "", "", "", "70.00", "USD"),
        ("li.wei", "won", "1", "", "", "0.5000", "65.00", "USD"),
        ("li.wei", "lost", "1", "", "", "", "", ""),
    ]
    assert [row["place"] for row in rows[:6]] == ["refused", "0", "1", "2", "3", "4"]
    assert sum(int(row["count"] or 0) for row in rows) == 5


async def test_the_sources_have_a_line_for_each_currency(sales: Sales) -> None:
    fair = await sales.customer(source="trade_show")
    await sold(sales, "300.50", "CNY", customer_id=fair)
    await sold(sales, "50.00", "USD", customer_id=fair)
    await sales.serving.catch_up()
    rows = [row for row in await sheet(sales.rep, "/sources") if row["source"] == "trade_show"]
    assert cells(rows, "customers", "bought", "won", "amount.amount", "amount.currency") == [
        ("1", "1", "2", "300.50", "CNY"),
        ("", "", "", "50.00", "USD"),
    ]


async def test_the_occupancy_has_a_line_for_each_band(sales: Sales) -> None:
    rows = await sheet(sales.rep, "/occupancy", owner="li.wei")
    bands = (await sales.rep.get("/occupancy", params={"owner": "li.wei"})).json()[0]["bands"]
    assert cells(rows, "owner", "band", "count", "capacity", "free") == [
        *(("li.wei", it["band"], "0", str(it["capacity"]), str(it["capacity"])) for it in bands),
        ("li.wei", "", "0", "", ""),
    ]


async def test_the_visit_route_is_a_sheet_of_its_stops_in_their_order(sales: Sales) -> None:
    async def placed(latitude: float | None) -> str:
        location = None if latitude is None else {"latitude": latitude, "longitude": 120}
        return await sales.customer(location=location)

    far, near, nowhere = await placed(32), await placed(30.5), await placed(None)
    await sales.serving.catch_up()
    asked = {"customer": [far, nowhere, near], "latitude": "30", "longitude": "120"}
    rows = await sheet(sales.rep, "/visit-route", **asked)
    assert cells(rows, "stop", "customer_id", "kilometres", "location.latitude") == [
        ("1", near, "55.6", "30.5"),
        ("2", far, "166.8", "32.0"),
        ("", nowhere, "", ""),
    ]
