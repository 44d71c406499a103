"""Whatever happens over HTTP, the ageing of every day equals a recomputation from the facts.

The recomputation goes fact by fact, day by day, and shares nothing with the spans of the view.
"""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.services.collections.desk import TODAY, Desk, wishes

START = TODAY - timedelta(days=100)
days = st.integers(0, 100).map(lambda n: START + timedelta(days=n))
amounts = st.sampled_from(["50.00", "100.00", "100.00", "33.33"])
picks = st.integers(0, 9)
KINDS = ("issue", "pay", "pay-one", "reverse", "credit", "dispute", "quarrel", "quarrel", "write-off")
STEPS = st.tuples(st.sampled_from(KINDS), picks, amounts, days)


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(steps=st.lists(STEPS, min_size=8, max_size=25))
async def test_every_day_equals_a_recomputation(desk: Desk, steps: list[tuple[str, int, str, date]]) -> None:
    login = f"rep.{desk.number().lower()}"
    customer = await desk.customer(login)
    await play(desk, customer, steps)
    facts = [(it.originator_id, it.fact) for it in await desk.serving.service.log.customer(customer)]
    for day in (START + timedelta(days=n) for n in (*range(0, 100, 9), 100)):
        for basis in ("due", "invoice"):
            report = await desk.ageing(desk.rep(login), as_of=day.isoformat(), basis=basis, buckets="10,40")
            found = report["lines"][0]["aged"] if report["lines"] else None
            expected = recomputed(facts, day, basis)
            if found is None:
                assert expected == ([Decimal(0)] * 4, Decimal(0), Decimal(0))
            else:
                buckets = [Decimal(bucket["amount"]) for bucket in found["buckets"]]
                assert (buckets, Decimal(found["disputed"]), Decimal(found["unallocated"])) == expected
                assert Decimal(found["open"]) == sum(buckets) + Decimal(found["disputed"])
                assert min(buckets) >= 0


async def play(desk: Desk, customer: UUID, steps: list[tuple[str, int, str, date]]) -> None:
    """Tries every step; the rules refuse what they must."""
    invoices = [await desk.issue(customer, amount, START.isoformat()) for amount in ("100.00", "400.00")]
    payments: list[str] = []
    http = desk.controller
    for step, pick, amount, day in steps:
        on = day.isoformat()
        invoice = invoices[pick % len(invoices)]
        money = {"amount": amount, "currency": "CNY"}
        payment = {"customer_id": str(customer), "amount": money, "received_on": on}
        match step:
            case "issue":
                invoices.append(await desk.issue(customer, amount, on, terms_days=pick * 3))
            case "pay":
                payments.append((await http.post("/payments", json=payment)).json()["id"])
            case "pay-one":
                payment["allocations"] = wishes((invoice, amount))
                answer = await http.post("/payments", json=payment)
                payments += [answer.json()["id"]] if answer.status_code == 201 else []
            case "reverse" if payments:
                await http.post(
                    f"/payments/{payments[pick % len(payments)]}/reversal", json={"reason": "x", "on": on}
                )
            case "credit":
                note = {"amount": money, "reason": "x", "on": on}
                await http.post(f"/invoices/{invoice}/credit-notes", json=note)
            case "dispute" | "quarrel":
                await http.post(f"/invoices/{invoice}/dispute", json={"reason": "x", "on": on})
                if step == "quarrel":
                    later = min(day + timedelta(days=20), TODAY).isoformat()
                    credit = {"amount": "10.00", "currency": "CNY"} if pick % 2 else None
                    resolution = {"upheld": bool(credit), "credit": credit, "note": "x", "on": later}
                    await http.post(f"/invoices/{invoice}/dispute/resolution", json=resolution)
            case "write-off":
                await http.post(f"/invoices/{invoice}/write-off", json={"reason": "x", "on": on})


def recomputed(
    facts: list[tuple[UUID, Any]], day: date, basis: str
) -> tuple[list[Decimal], Decimal, Decimal]:
    """Buckets (current, 1-10, 11-40, >40), disputed and unallocated, at the end of that day."""
    buckets, disputed, unallocated = [Decimal(0)] * 4, Decimal(0), Decimal(0)
    for stream in dict.fromkeys(key for key, _ in facts):
        own = [fact for key, fact in facts if key == stream]
        names = [type(fact).__name__ for fact in own]
        if names[0] == "InvoiceIssued":
            issued = own[0]
            if issued.issued_on > day:
                continue
            open_ = issued.amount.amount
            in_dispute = False
            for name, fact in zip(names, own, strict=True):
                if getattr(fact, "on", date.max) > day:
                    continue
                if name in ("AllocationReceived", "CreditNoteIssued", "InvoiceWrittenOff"):
                    open_ -= fact.amount.amount
                elif name == "AllocationWithdrawn":
                    open_ += fact.amount.amount
                elif name in ("InvoiceDisputed", "DisputeResolved"):
                    in_dispute = name == "InvoiceDisputed"
            age = (day - (issued.due_on if basis == "due" else issued.issued_on)).days
            if in_dispute:
                disputed += open_
            else:
                buckets[0 if age < 1 else 1 if age <= 10 else 2 if age <= 40 else 3] += open_
        else:
            bounced = [fact.on for name, fact in zip(names, own, strict=True) if name == "PaymentReversed"]
            if own[0].received_on > day or any(on <= day for on in bounced):
                continue
            spent = [
                f.amount.amount
                for n, f in zip(names, own, strict=True)
                if n == "PaymentAllocated" and f.on <= day
            ]
            unallocated += own[0].amount.amount - sum(spent, Decimal(0))
    return buckets, disputed, unallocated
