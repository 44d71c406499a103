"""What happens to an invoice. ``on`` is the business date from which a fact counts."""

from datetime import date
from decimal import Decimal
from typing import Annotated
from uuid import UUID

from pydantic import BeforeValidator, Field, WithJsonSchema

from keqing_shared.domain import Fact, Line, Money, Personal, value
from keqing_shared.domain.money import Amount
from keqing_shared.domain.plain import Plain

_QUANTITY = Plain(whole=10, decimals=4)
_UNIT_PRICE = Plain(whole=14, decimals=4)


@value
class InvoiceLine:
    """One position of an invoice, net of tax, in the invoice's currency."""

    description: Line
    quantity: Annotated[
        Decimal,
        Field(gt=0, max_digits=14, decimal_places=4),
        BeforeValidator(_QUANTITY),
        WithJsonSchema(_QUANTITY.schema("more than nothing, up to four decimals", "2"), mode="validation"),
    ]
    unit_price: Annotated[
        Decimal,
        Field(max_digits=18, decimal_places=4),
        BeforeValidator(_UNIT_PRICE),
        WithJsonSchema(_UNIT_PRICE.schema("up to four decimals", "600.00"), mode="validation"),
    ]
    amount: Amount


class InvoiceIssued(Fact, topic="collections.invoice-issued.v1"):
    customer_id: UUID
    number: str
    amount: Money
    """Gross: lines and tax together."""
    tax: Decimal
    issued_on: date
    due_on: date
    lines: tuple[InvoiceLine, ...] = ()
    imported: bool = False
    """Brought from another system; its dates lie before it was recorded."""


class AllocationReceived(Fact, topic="collections.allocation-received.v1"):
    """A payment, or a share of one, was set against this invoice."""

    payment_id: UUID
    amount: Money
    on: date


class AllocationWithdrawn(Fact, topic="collections.allocation-withdrawn.v1"):
    """The payment behind an allocation was reversed."""

    payment_id: UUID
    amount: Money
    on: date
    reason: Personal[str]


class CreditNoteIssued(Fact, topic="collections.credit-note-issued.v1"):
    number: str
    amount: Money
    on: date
    reason: Personal[str]
    reference: str | None = None
    """What asked for it, once: a complaint's settlement."""


class InvoiceDisputed(Fact, topic="collections.invoice-disputed.v1"):
    on: date
    reason: Personal[str]
    historical: bool = False
    """Brought from another system, where the invoice had been settled by then: no news to anybody."""


class DisputeResolved(Fact, topic="collections.dispute-resolved.v1"):
    on: date
    upheld: bool
    """The customer was right; a credit note follows for what is credited."""
    note: Personal[str]


class InvoiceSettled(Fact, topic="collections.invoice-settled.v1"):
    """Nothing is open any more, by payments and credit notes."""

    settled_on: date


class InvoiceReopened(Fact, topic="collections.invoice-reopened.v1"):
    """A reversal made something open again where nothing was."""

    on: date
    open: Money


class InvoiceWrittenOff(Fact, topic="collections.invoice-written-off.v1"):
    amount: Money
    on: date
    reason: Personal[str]


class InvoiceCancelled(Fact, topic="collections.invoice-cancelled.v1"):
    amount: Money
    """What was open and is claimed no more."""
    on: date
    reason: Personal[str]


class PaymentOverdue(Fact, topic="collections.payment-overdue.v1"):
    """Unpaid at a threshold; raised for a disputed invoice too, which says so."""

    number: str
    threshold: int
    """Days beyond due (plus grace) that were reached."""
    days_overdue: int
    """Days from due to ``on``."""
    on: date
    due_on: date
    open: Money
    disputed: bool
    historical: bool = False
    """Brought from another system, where it had been settled by then: no news to anybody."""


InvoiceFact = (
    InvoiceIssued
    | AllocationReceived
    | AllocationWithdrawn
    | CreditNoteIssued
    | InvoiceDisputed
    | DisputeResolved
    | InvoiceSettled
    | InvoiceReopened
    | InvoiceWrittenOff
    | InvoiceCancelled
    | PaymentOverdue
)
