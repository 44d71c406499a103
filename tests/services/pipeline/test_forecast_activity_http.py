"""The forecast and what each rep does, on facts with results worked out by hand; databases of their own."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from keqing_pipeline.app import CONTEXT
from tests.harness import serving
from tests.problem import problem

from .conftest import peopled
from .sales import Sales, at

SIGNALS = {"1": "converses", "2": "asks_basics", "3": "asks_price", "4": "agrees_but_away"}


@pytest.fixture
async def sales(database: str, tmp_path: Path) -> AsyncIterator[Sales]:
    async with serving(CONTEXT, database, tmp_path) as it:
        sales = await peopled(it)
        await it.set_clock(at(2))
        yield sales


async def staged(sales: Sales, id: str, to: str, by: httpx.AsyncClient | None = None) -> None:
    client = by or sales.rep
    call = {"outcome": "interactive", "signals": [SIGNALS[to]]}
    assert (await client.post(f"/opportunities/{id}/calls", json=call)).status_code == 201
    answer = await client.post(f"/opportunities/{id}/stage", json={"to": to})
    assert answer.status_code == 200, answer.text


async def lost(sales: Sales, id: str) -> None:
    answer = await sales.rep.post(f"/opportunities/{id}/lost", json={"reason": "价格"})
    assert answer.status_code == 200


async def won(sales: Sales, id: str) -> None:
    body = {"amount": {"amount": "9", "currency": "CNY"}}
    assert (await sales.rep.post(f"/opportunities/{id}/won", json=body)).status_code == 200


def worth(amount: str, close_on: str | None = None, currency: str = "CNY") -> dict[str, object]:
    return {"amount": {"amount": amount, "currency": currency}, "expected_close_on": close_on}


async def test_the_forecast_is_amount_times_probability_by_close_month(sales: Sales) -> None:
    third = await sales.opportunity(**worth("1000.00", "2026-04-10"))
    await staged(sales, third, "3")  # 50 %
    await sales.opportunity(**worth("300.10", "2026-04-30"))  # stage 0: 5 %
    fourth = await sales.opportunity(**worth("70.00", "2026-04-01", "USD"))
    await staged(sales, fourth, "4")  # 90 %
    await sales.opportunity(**worth("10.00", "2026-05-01"))
    await sales.opportunity(**worth("20.00"))
    await sales.opportunity()  # says no amount
    decided = await sales.opportunity(**worth("5000.00", "2026-04-10"))
    await lost(sales, decided)
    pooled = await sales.customer()
    await sales.opportunity(customer_id=pooled, **worth("7777.00", "2026-04-10"))
    await sales.rep.post("/tracking-list", json={"customer_id": pooled})
    assert (
        await sales.rep.post(f"/tracking-list/{pooled}/removal", json={"reason": "blunder"})
    ).status_code == 200
    await sales.opportunity(by=sales.stranger, **worth("9999.00", "2026-04-10"))
    await sales.serving.catch_up()
    lines = (await sales.rep.get("/forecast")).json()
    assert [
        (line["month"], line["opportunities"], line["amount"], line["expected"]["amount"]) for line in lines
    ] == [
        ("2026-04", 2, {"amount": "1300.10", "currency": "CNY"}, "515.01"),  # 500.00 and 15.005
        ("2026-04", 1, {"amount": "70.00", "currency": "USD"}, "63.00"),
        ("2026-05", 1, {"amount": "10.00", "currency": "CNY"}, "0.50"),
        (None, 1, {"amount": "20.00", "currency": "CNY"}, "1.00"),
    ]
    everybody = (await sales.auditor.get("/forecast")).json()
    assert everybody[0]["amount"]["amount"] == "11299.10"
    hers = (await sales.auditor.get("/forecast", params={"owner": "chen.bo"})).json()
    assert [line["amount"]["amount"] for line in hers] == ["9999.00"]


async def test_what_each_rep_did_is_counted_by_business_days(sales: Sales) -> None:
    id = await sales.opportunity()
    path = f"/opportunities/{id}"
    for outcome in ("no_answer", "brief", "interactive", "appointment"):
        await sales.rep.post(f"{path}/calls", json={"outcome": outcome})
    await sales.rep.post(f"{path}/calls", json={"outcome": "brief", "at": "2026-02-28T23:59:00+08:00"})
    await sales.rep.post(f"{path}/visits", json={"outcome": "interactive"})
    await sales.manager.post(f"{path}/messages", json={"outcome": "brief"})
    await staged(sales, id, "3")
    await sales.rep.post(f"{path}/stage", json={"to": "1", "reason": "预算"})  # no rise
    await sales.serving.catch_up()

    async def shown(client: httpx.AsyncClient, **params: str) -> list[tuple[object, ...]]:
        rows = (await client.get("/activity", params=params)).json()
        names = ("login", "calls", "effective_calls", "visits", "messages", "rises")
        return [tuple(row[name] for name in names) for row in rows]

    mine, managers = ("li.wei", 5, 3, 1, 0, 1), ("zhou.hong", 0, 0, 0, 1, 0)
    assert await shown(sales.rep) == [mine]
    assert await shown(sales.manager) == [mine, managers]
    assert await shown(sales.auditor, owner="zhou.hong") == [managers]
    assert await shown(sales.rep, since="2026-02-01", until="2026-02-28") == [("li.wei", 1, 0, 0, 0, 0)]
    assert await shown(sales.stranger) == []
    refused = await sales.rep.get("/activity", params={"since": "2026-03-02", "until": "2026-03-01"})
    problem(refused, 422, "period-empty")


async def test_a_judgement_that_the_outcome_contradicts_counts_against_its_judge(sales: Sales) -> None:
    # li.wei: 4 and lost is wrong, 3 and won is right, 1 and lost is right.
    sure = await sales.opportunity()
    await staged(sales, sure, "4")
    await lost(sales, sure)
    right = await sales.opportunity()
    await staged(sales, right, "3")
    await won(sales, right)
    modest = await sales.opportunity()
    await staged(sales, modest, "1")
    await lost(sales, modest)
    # Won while his "2" stood: wrong.
    doubted = await sales.opportunity()
    await staged(sales, doubted, "2")
    await won(sales, doubted)
    # His "1" was raised by the manager, and it was won: nothing of his, right for her.
    raised = await sales.opportunity()
    await staged(sales, raised, "1")
    await staged(sales, raised, "3", by=sales.manager)
    await won(sales, raised)
    # His "4" was taken back by the manager, and it was lost: wrong for him, right for her.
    taken_back = await sales.opportunity()
    await staged(sales, taken_back, "4")
    await sales.manager.post(f"/opportunities/{taken_back}/stage", json={"to": "0", "reason": "没有预算"})
    await lost(sales, taken_back)
    # Still open, and decided but open again: no verdict. Never judged: none either.
    await staged(sales, await sales.opportunity(), "4")
    again = await sales.opportunity()
    await staged(sales, again, "4")
    await lost(sales, again)
    await sales.rep.post(f"/opportunities/{again}/reopened", json={"reason": "又来了"})
    await lost(sales, await sales.opportunity())
    await sales.serving.catch_up()
    rows = {row["login"]: row for row in (await sales.manager.get("/activity")).json()}
    verdicts = {login: (row["upheld"], row["contradicted"], row["accuracy"]) for login, row in rows.items()}
    assert verdicts == {"li.wei": (2, 3, "0.4000"), "zhou.hong": (2, 0, "1.0000")}
    nothing = (await sales.manager.get("/activity", params={"until": "2026-02-28"})).json()
    assert nothing == []
