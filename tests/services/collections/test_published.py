"""What the others hear: every fact of business under its name, with the members that were agreed."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import msgspec
import pytest

from keqing_collections.app import CONTEXT
from keqing_collections.credit_file import CreditFileOpened, PurchaseCounted
from keqing_collections.invoice import (
    AllocationReceived,
    AllocationWithdrawn,
    CreditNoteIssued,
    DisputeResolved,
    InvoiceCancelled,
    InvoiceDisputed,
    InvoiceIssued,
    InvoiceReopened,
    InvoiceSettled,
    InvoiceWrittenOff,
    PaymentOverdue,
)
from keqing_collections.payment import CreditGranted, PaymentAllocated, PaymentReceived, PaymentReversed
from keqing_collections.published import publish
from keqing_shared.domain import Fact, Money, Recorded
from keqing_shared.history import HistoryRead

CUSTOMER, STREAM, OTHER = UUID(int=1), UUID(int=2), UUID(int=3)
ON = date(2026, 4, 1)
FIVE = Money(amount=Decimal("5.00"), currency="CNY")
MONEY = {"amount": "5.00", "currency": "CNY"}
INVOICE = {"invoice_id": str(STREAM)}
PAYMENT = {"payment_id": str(STREAM)}
OVERDUE = PaymentOverdue(
    number="I-1", threshold=1, days_overdue=1, on=ON, due_on=date(2026, 3, 31), open=FIVE, disputed=False
)

TOLD: list[tuple[Fact, dict[str, Any] | None]] = [
    (
        InvoiceIssued(
            customer_id=CUSTOMER, number="I-1", amount=FIVE, tax=Decimal(0), issued_on=ON, due_on=ON
        ),
        {**INVOICE, "number": "I-1", "amount": MONEY, "issued_on": "2026-04-01", "due_on": "2026-04-01"},
    ),
    (AllocationReceived(payment_id=OTHER, amount=FIVE, on=ON), None),
    (AllocationWithdrawn(payment_id=OTHER, amount=FIVE, on=ON, reason="bounced"), None),
    (
        CreditNoteIssued(number="I-1-C1", amount=FIVE, on=ON, reason="Mr Li was cross"),
        {**INVOICE, "number": "I-1-C1", "amount": MONEY, "on": "2026-04-01"},
    ),
    (InvoiceDisputed(on=ON, reason="Mr Li was cross"), {**INVOICE, "on": "2026-04-01"}),
    (DisputeResolved(on=ON, upheld=True, note="x"), {**INVOICE, "on": "2026-04-01", "upheld": True}),
    (InvoiceSettled(settled_on=ON), {**INVOICE, "settled_on": "2026-04-01"}),
    (InvoiceReopened(on=ON, open=FIVE), {**INVOICE, "on": "2026-04-01", "open": MONEY}),
    (InvoiceWrittenOff(amount=FIVE, on=ON, reason="x"), {**INVOICE, "amount": MONEY, "on": "2026-04-01"}),
    (InvoiceCancelled(amount=FIVE, on=ON, reason="x"), {**INVOICE, "amount": MONEY, "on": "2026-04-01"}),
    (
        OVERDUE,
        {
            **INVOICE,
            "number": "I-1",
            "threshold": 1,
            "days_overdue": 1,
            "on": "2026-04-01",
            "due_on": "2026-03-31",
            "open": MONEY,
            "disputed": False,
        },
    ),
    (msgspec.structs.replace(OVERDUE, historical=True), None),
    (
        PaymentReceived(customer_id=CUSTOMER, amount=FIVE, received_on=ON, reference="Mr Li"),
        {**PAYMENT, "amount": MONEY, "received_on": "2026-04-01"},
    ),
    (
        CreditGranted(customer_id=CUSTOMER, amount=FIVE, on=ON, reason="x", reference="service-desk:7"),
        {**PAYMENT, "amount": MONEY, "on": "2026-04-01"},
    ),
    (
        PaymentAllocated(invoice_id=OTHER, amount=FIVE, on=ON),
        {**PAYMENT, "invoice_id": str(OTHER), "amount": MONEY, "on": "2026-04-01"},
    ),
    (PaymentReversed(amount=FIVE, on=ON, reason="x"), {**PAYMENT, "amount": MONEY, "on": "2026-04-01"}),
    (CreditFileOpened(customer_id=CUSTOMER, on=ON), {}),
    (PurchaseCounted(opportunity_id=OTHER, amount=FIVE, on=ON), None),
    (HistoryRead(customer_id=CUSTOMER, part="facts"), None),
]


@pytest.mark.parametrize(("fact", "data"), TOLD, ids=lambda it: type(it).__name__)
def test_a_fact_is_told_with_its_members(fact: Fact, data: dict[str, Any] | None) -> None:
    told = publish(
        Recorded(
            fact=fact,
            originator_id=STREAM,
            originator_version=1,
            position=1,
            customer_id=CUSTOMER,
            recorded_at=datetime(2026, 4, 1, tzinfo=UTC),
            who="li.wei",
            why=None,
            command_id=uuid4(),
            correlation_id="c",
            causation_id=None,
        )
    )
    if data is None:
        assert told is None
    else:
        assert told is not None
        assert told.name == type(fact).__name__
        assert msgspec.to_builtins(told.data) == data


def test_every_fact_of_the_context_has_been_thought_of() -> None:
    own = {fact for aggregate in CONTEXT.aggregates for fact in aggregate.facts}
    assert {type(fact) for fact, _ in TOLD} == own | {HistoryRead}
