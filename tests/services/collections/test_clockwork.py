"""Late payments are noticed by the business date of Shanghai, once per threshold."""

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest

from tests.services.collections.desk import NOON, Desk, done, read


@pytest.fixture(autouse=True)
async def noon(desk: Desk) -> AsyncIterator[None]:
    await desk.serving.set_clock(NOON)
    yield
    await desk.serving.set_clock(NOON)


async def overdue(desk: Desk, customer: UUID) -> list[tuple[int, date]]:
    return [
        (it.threshold, it.on) for it in await desk.facts(customer) if type(it).__name__ == "PaymentOverdue"
    ]


def shanghai(month: int, day: int, hour: int) -> datetime:
    return datetime(2026, month, day, hour - 8, tzinfo=UTC) if hour >= 8 else _before_eight(month, day, hour)


def _before_eight(month: int, day: int, hour: int) -> datetime:
    return datetime(2026, month, day - 1, hour + 16, tzinfo=UTC)


async def test_the_day_after_due_begins_at_midnight_in_shanghai(desk: Desk) -> None:
    customer = await desk.customer()
    await desk.issue(customer, due_on="2026-04-25")
    await desk.serving.set_clock(shanghai(4, 25, 23))
    await desk.serving.tick()
    assert await overdue(desk, customer) == []
    await desk.serving.set_clock(shanghai(4, 26, 0))
    await desk.serving.tick()
    assert await overdue(desk, customer) == [(1, date(2026, 4, 26))]
    await desk.serving.tick()
    assert await overdue(desk, customer) == [(1, date(2026, 4, 26))]


async def test_every_threshold_is_raised_once_as_time_goes_by(desk: Desk) -> None:
    customer = await desk.customer()
    invoice = await desk.issue(customer, due_on="2026-04-21")
    for month, day in ((4, 22), (4, 23), (5, 21), (6, 20), (7, 20), (8, 20)):
        await desk.serving.set_clock(shanghai(month, day, 9))
        await desk.serving.tick()
    assert await overdue(desk, customer) == [
        (1, date(2026, 4, 22)),
        (30, date(2026, 5, 21)),
        (60, date(2026, 6, 20)),
        (90, date(2026, 7, 20)),
    ]
    assert (await desk.invoice(invoice))["thresholds"] == [1, 30, 60, 90]


async def test_paid_and_written_off_invoices_are_left_alone(desk: Desk) -> None:
    customer = await desk.customer()
    paid, lost = await desk.issue(customer, "10.00"), await desk.issue(customer, "20.00")
    await desk.pay(customer, "10.00", allocations=[(paid, "10.00")])
    done(await desk.controller.post(f"/invoices/{lost}/write-off", json={"reason": "bankrupt"}))
    await desk.serving.set_clock(shanghai(9, 1, 9))
    await desk.serving.tick()
    assert await overdue(desk, customer) == []


async def test_a_disputed_invoice_is_overdue_and_says_so(desk: Desk) -> None:
    customer = await desk.customer()
    invoice = await desk.issue(customer, due_on="2026-04-21")
    done(await desk.collector.post(f"/invoices/{invoice}/dispute", json={"reason": "wrong goods"}))
    await desk.serving.set_clock(shanghai(4, 22, 9))
    await desk.serving.tick()
    [fact] = [it for it in await desk.facts(customer) if type(it).__name__ == "PaymentOverdue"]
    assert fact.disputed


async def test_more_invoices_than_a_batch_are_all_found(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("keqing_collections.clockwork.BATCH", 3)
    customer = await desk.customer()
    for _ in range(10):
        await desk.issue(customer, "1.00", due_on="2026-04-21")
    await desk.serving.set_clock(shanghai(4, 22, 9))
    assert await desk.serving.tick() >= 10
    assert await overdue(desk, customer) == [(1, date(2026, 4, 22))] * 10
    listed: dict[str, Any] = read(
        await desk.collector.get("/invoices", params={"customer_id": str(customer), "overdue": True})
    )
    assert [row["threshold"] for row in listed["items"]] == [1] * 10
