"""Invoices of an older system come over HTTP as JSON lines."""

import asyncio
from collections import Counter
from datetime import date
from typing import Any
from uuid import UUID, uuid4

import pytest

from tests.json_lines import import_rows, outcomes
from tests.problem import problem
from tests.services.collections.desk import Desk


def row(number: str, customer: UUID | None = None, **further: Any) -> dict[str, Any]:
    named = {} if customer is None else {"customer_id": str(customer)}
    return {
        "number": number,
        "issued_on": "2024-01-02",
        "due_on": "2024-02-01",
        "amount": "55.94",
        "currency": "USD",
        **named,
        **further,
    }


async def send(desk: Desk, *rows: Any, dry_run: bool = False) -> dict[str, Any]:
    return await import_rows(desk.collector, "/imports/invoices", *rows, dry_run=dry_run)


def counts(report: dict[str, Any]) -> tuple[int, int, int]:
    return report["created"], report["unchanged"], report["refused"]


async def test_a_settled_invoice_comes_with_its_payment(desk: Desk) -> None:
    customer, number = await desk.customer(), desk.number()
    report = await send(desk, row(number, customer, settled_on="2024-01-15"))
    assert counts(report) == (1, 0, 0)
    invoice = await desk.invoice(report["rows"][0]["id"])
    assert (invoice["status"], invoice["settled_on"], invoice["imported"]) == ("settled", "2024-01-15", True)
    assert invoice["thresholds"] == []
    payment = await desk.payment(invoice["allocations"][0]["payment_id"])
    assert (payment["received_on"], payment["amount"], payment["unallocated"]["amount"]) == (
        "2024-01-15",
        {"amount": "55.94", "currency": "USD"},
        "0.00",
    )


async def test_a_customer_is_found_by_its_external_reference(desk: Desk) -> None:
    reference = uuid4().hex
    customer = await desk.customer(external=("ledger", reference))
    report = await send(
        desk,
        row(desk.number(), customer=None, customer_id=None)
        | {"customer": {"system": "ledger", "id": reference}},
    )
    invoice = await desk.invoice(report["rows"][0]["id"])
    assert invoice["customer_id"] == str(customer)


async def test_what_was_late_became_overdue_on_the_days_it_did(desk: Desk) -> None:
    customer, number = await desk.customer(), desk.number()
    # Due on 1 February, settled 45 days later: 1 and 30 days were passed, 60 were not.
    await send(desk, row(number, customer, settled_on="2024-03-17", disputed=True))
    overdue = [it for it in await desk.facts(customer) if type(it).__name__ == "PaymentOverdue"]
    assert [(it.threshold, it.on, it.disputed, it.historical) for it in overdue] == [
        (1, date(2024, 2, 2), True, True),
        (30, date(2024, 3, 2), True, True),
    ]


async def test_settled_the_day_after_due_was_late_settled_on_the_day_was_not(desk: Desk) -> None:
    customer = await desk.customer()
    late, punctual = desk.number(), desk.number()
    await send(
        desk, row(late, customer, settled_on="2024-02-02"), row(punctual, customer, settled_on="2024-02-01")
    )
    overdue = [it.number for it in await desk.facts(customer) if type(it).__name__ == "PaymentOverdue"]
    assert overdue == [late]


async def test_what_is_still_open_is_overdue_by_now(desk: Desk) -> None:
    customer, number = await desk.customer(), desk.number()
    report = await send(desk, row(number, customer))
    invoice = await desk.invoice(report["rows"][0]["id"])
    assert (invoice["status"], invoice["thresholds"]) == ("open", [1, 30, 60, 90])


async def test_the_same_rows_again_change_nothing(desk: Desk) -> None:
    customer = await desk.customer()
    rows = [
        row(desk.number(), customer, settled_on="2024-01-15"),
        row(desk.number(), customer, disputed=True),
        row(desk.number(), customer),
    ]
    assert counts(await send(desk, *rows)) == (3, 0, 0)
    head = await desk.serving.service.log.head()
    assert counts(await send(desk, *rows)) == (0, 3, 0)
    assert await desk.serving.service.log.head() == head


async def test_the_same_rows_sent_twice_at_once_are_brought_over_once(desk: Desk) -> None:
    customer = await desk.customer()
    rows = [row(desk.number(), customer, settled_on="2024-03-17") for _ in range(60)]
    reports = await asyncio.gather(*(send(desk, *rows) for _ in range(3)))
    assert sum(report["created"] for report in reports) == 60
    assert sum(report["unchanged"] for report in reports) == 120
    names = Counter(type(it).__name__ for it in await desk.facts(customer))
    assert (names["InvoiceIssued"], names["PaymentReceived"], names["InvoiceSettled"]) == (60, 60, 60)


async def test_a_row_that_says_something_else_is_refused(desk: Desk) -> None:
    customer, number = await desk.customer(), desk.number()
    await send(desk, row(number, customer))
    report = await send(desk, row(number, customer, amount="55.95", settled_on="2024-02-02"))
    assert outcomes(report) == ["row-differs"]
    assert report["rows"][0]["problem"]["fields"] == ["amount", "settled_on"]


async def test_a_row_repeated_within_a_request_meets_the_first(desk: Desk) -> None:
    customer, number = await desk.customer(), desk.number()
    rows = [row(number, customer), row(number, customer), row(number, customer, amount="1.00")]
    for dry_run in (True, False):
        report = await send(desk, *rows, dry_run=dry_run)
        assert outcomes(report) == ["created", "unchanged", "row-differs"]


async def test_a_dry_run_changes_nothing(desk: Desk) -> None:
    customer, number = await desk.customer(), desk.number()
    head = await desk.serving.service.log.head()
    report = await send(desk, row(number, customer, settled_on="2024-03-17"), dry_run=True)
    assert (counts(report), report["dry_run"]) == ((1, 0, 0), True)
    assert await desk.serving.service.log.head() == head
    problem(await desk.collector.get(f"/invoices/{report['rows'][0]['id']}"), 404, "invoice-unknown")
    assert counts(await send(desk, row(number, customer, settled_on="2024-03-17"))) == (1, 0, 0)


@pytest.mark.parametrize("dry_run", [True, False])
async def test_each_bad_row_is_refused_alone_and_says_why(desk: Desk, dry_run: bool) -> None:
    customer, good = await desk.customer(), desk.number()
    report = await send(
        desk,
        row(good, customer),
        "not json",
        "",
        row(desk.number(), uuid4()),
        row(desk.number()),
        row(desk.number(), customer, amount="-1"),
        row(desk.number(), customer, issued_on="2026-04-21", due_on="2026-05-01"),
        row(desk.number(), customer, due_on="2024-01-01"),
        row(desk.number(), customer, settled_on="2024-01-01"),
        row(desk.number(), customer, settled_on="2026-04-21"),
        row(desk.number(), customer, currency="yuan"),
        dry_run=dry_run,
    )
    assert counts(report) == (1, 0, 9)
    assert [it["line"] for it in report["rows"]] == [1, 2, 4, 5, 6, 7, 8, 9, 10, 11]
    assert outcomes(report) == [
        "created",
        "row-invalid",
        "customer-unknown",
        "customer-unnamed",
        "amount-not-positive",
        "date-in-future",
        "due-date-invalid",
        "date-too-early",
        "date-in-future",
        "row-invalid",
    ]


async def test_amounts_are_read_as_strictly_as_anywhere(desk: Desk) -> None:
    customer = await desk.customer()
    report = await send(
        desk,
        row(desk.number(), customer, amount="1E+3"),
        row(desk.number(), customer, amount=1234567890123456.78),
        row(desk.number(), customer, currency="XXX"),
        row(desk.number(), customer, currency="JPY"),
        row(desk.number(), customer, currency="JPY", amount="55.00"),
    )
    assert outcomes(report) == ["row-invalid"] * 4 + ["created"]


async def test_an_invoice_issued_by_hand_is_not_overwritten(desk: Desk) -> None:
    customer = await desk.customer()
    invoice = await desk.issue(customer, "10.00")
    number = (await desk.invoice(invoice))["number"]
    report = await send(desk, row(number, customer))
    assert outcomes(report) == ["row-differs"]
