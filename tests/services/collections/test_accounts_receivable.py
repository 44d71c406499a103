"""2,466 real invoices of 100 customers: what the CSV says is what the product says, on any day.

The recomputation reads the CSV with the csv module and shares no code with the product.
"""

from collections import Counter
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from tests.data_sets import needs_data_sets, read_csv, us_day
from tests.json_lines import import_all
from tests.services.collections.desk import Desk, read

pytestmark = needs_data_sets


def invoices() -> list[dict[str, Any]]:
    return [
        {
            "customer": row["customerID"],
            "number": row["invoiceNumber"],
            "issued": us_day(row["InvoiceDate"]),
            "due": us_day(row["DueDate"]),
            "settled": us_day(row["SettledDate"]),
            "amount": Decimal(row["InvoiceAmount"]),
            "disputed": row["Disputed"] == "Yes",
        }
        for row in read_csv("accounts-receivable.csv")
    ]


@pytest.fixture(scope="module")
async def imported(desk: Desk) -> dict[str, Any]:
    customers = {}
    for name in sorted({it["customer"] for it in invoices()}):
        customers[name] = await desk.customer(external=("accounts-receivable", name))
    rows = [
        {
            "number": it["number"],
            "customer": {"system": "accounts-receivable", "id": it["customer"]},
            "issued_on": it["issued"].isoformat(),
            "due_on": it["due"].isoformat(),
            "amount": str(it["amount"]),
            "currency": "USD",
            "disputed": it["disputed"],
            "settled_on": it["settled"].isoformat(),
        }
        for it in invoices()
    ]
    reports = [await import_all(desk.collector, "/imports/invoices", rows) for _ in range(2)]
    await desk.serving.catch_up()
    return {"customers": customers, "reports": reports}


def expected(as_of: date, basis: str) -> tuple[dict[str, tuple[Decimal, int]], tuple[Decimal, int]]:
    """Undisputed by bucket and disputed: amount and count."""
    buckets: dict[str, tuple[Decimal, int]] = {}
    disputed = (Decimal(0), 0)
    for it in invoices_read():
        if not it["issued"] <= as_of < it["settled"]:
            continue
        if it["disputed"]:
            disputed = (disputed[0] + it["amount"], disputed[1] + 1)
            continue
        age = (as_of - it["due" if basis == "due" else "issued"]).days
        label = (
            "current"
            if age <= 0
            else "1-30"
            if age <= 30
            else "31-60"
            if age <= 60
            else "61-90"
            if age <= 90
            else ">90"
        )
        amount, count = buckets.get(label, (Decimal(0), 0))
        buckets[label] = (amount + it["amount"], count + 1)
    return buckets, disputed


_READ: list[dict[str, Any]] = []


def invoices_read() -> list[dict[str, Any]]:
    if not _READ:
        _READ.extend(invoices())
    return _READ


async def test_every_row_is_imported_once(imported: dict[str, Any]) -> None:
    first, again = imported["reports"]
    assert first == Counter(created=2466)
    assert again == Counter(unchanged=2466)


async def test_877_were_late_and_got_payment_overdue_on_the_day_after_due(
    desk: Desk, imported: dict[str, Any]
) -> None:
    log = desk.serving.service.log
    facts = [
        it.fact
        for customer in imported["customers"].values()
        for it in await log.customer(customer, limit=10_000)
    ]
    overdue = [fact for fact in facts if type(fact).__name__ == "PaymentOverdue"]
    first = {fact.number: fact.on for fact in overdue if fact.threshold == 1}
    assert len(first) == 877
    assert first == {
        it["number"]: it["due"] + timedelta(days=1) for it in invoices_read() if it["settled"] > it["due"]
    }
    beyond_30 = {fact.number for fact in overdue if fact.threshold == 30}
    assert beyond_30 == {it["number"] for it in invoices_read() if (it["settled"] - it["due"]).days >= 30}
    disputed = [fact for fact in facts if type(fact).__name__ == "InvoiceDisputed"]
    assert len(disputed) == 561


@pytest.mark.timeout(240)
async def test_the_ageing_of_every_day_of_2012_and_2013_is_that_of_the_file(
    desk: Desk, imported: dict[str, Any]
) -> None:
    most_disputed = 0
    for n in range(731):
        as_of = date(2012, 1, 1) + timedelta(days=n)
        basis = "invoice" if n % 2 else "due"
        answer = read(
            await desk.collector.get(
                "/ageing", params={"as_of": as_of.isoformat(), "basis": basis, "by": "currency"}
            )
        )
        buckets, disputed = expected(as_of, basis)
        found = (
            answer["totals"][0]
            if answer["totals"]
            else {"buckets": [], "disputed": "0", "disputed_invoices": 0}
        )
        shown = {
            it["label"]: (Decimal(it["amount"]), it["invoices"]) for it in found["buckets"] if it["invoices"]
        }
        assert shown == buckets, as_of
        assert (Decimal(found["disputed"]), found["disputed_invoices"]) == disputed, as_of
        most_disputed = max(most_disputed, disputed[1])
    assert most_disputed > 20


async def test_the_ageing_by_customer_is_that_of_the_file(desk: Desk, imported: dict[str, Any]) -> None:
    for as_of in (date(2012, 6, 30), date(2013, 2, 28), date(2013, 12, 31)):
        lines: dict[str, Decimal] = {}
        query: dict[str, Any] = {"as_of": as_of.isoformat(), "by": "customer", "limit": 40}
        while True:
            answer = read(await desk.collector.get("/ageing", params=query))
            lines |= {line["key"]: Decimal(line["aged"]["open"]) for line in answer["lines"]}
            if answer["next"] is None:
                break
            query["after"] = answer["next"]
        told: Counter[str] = Counter()
        for it in invoices_read():
            if it["issued"] <= as_of < it["settled"]:
                told[str(imported["customers"][it["customer"]])] += it["amount"]  # type: ignore[assignment]
        assert lines == dict(told)
