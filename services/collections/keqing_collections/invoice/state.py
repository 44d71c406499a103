"""An invoice as its facts left it."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from functools import reduce
from typing import Literal
from uuid import UUID

import msgspec
from msgspec.structs import replace

from keqing_collections.invoice.facts import (
    AllocationReceived,
    AllocationWithdrawn,
    CreditNoteIssued,
    DisputeResolved,
    InvoiceCancelled,
    InvoiceDisputed,
    InvoiceFact,
    InvoiceIssued,
    InvoiceLine,
    InvoiceReopened,
    InvoiceSettled,
    InvoiceWrittenOff,
    PaymentOverdue,
)
from keqing_shared.domain import Money, Personal, Words, value

Status = Literal["open", "settled", "written_off", "cancelled"]
IN_WORDS: dict[Status, Words] = {
    "open": Words("open"),
    "settled": Words("settled"),
    "written_off": Words("written off"),
    "cancelled": Words("cancelled"),
}


@value
class Allocated:
    """A share of a payment set against the invoice."""

    payment_id: UUID
    amount: Money
    on: date


@value
class Credit:
    """A credit note on the invoice."""

    number: str
    amount: Money
    on: date
    reason: Personal[str]
    reference: str | None = None


class Invoice(msgspec.Struct, frozen=True, kw_only=True):
    """open = amount - allocated - credited - written_off - cancelled, and never below nothing."""

    customer_id: UUID
    number: str
    amount: Money
    tax: Decimal
    issued_on: date
    due_on: date
    lines: tuple[InvoiceLine, ...] = ()
    imported: bool = False
    status: Status = "open"
    allocations: tuple[Allocated, ...] = ()
    credits: tuple[Credit, ...] = ()
    written_off: Decimal = Decimal(0)
    cancelled: Decimal = Decimal(0)
    disputed_on: date | None = None
    dispute_reason: Personal[str | None] = None
    dispute_resolved_on: date | None = None
    thresholds: frozenset[int] = frozenset()
    """Overdue thresholds raised so far."""
    settled_on: date | None = None
    last_lowered_on: date
    """The latest business date on which the open amount fell; the issue date before that."""
    last_raised_on: date
    """The latest business date on which the open amount rose: by issue or by a reversal."""
    reopened_on: date | None = None

    @property
    def open(self) -> Money:
        left = self.amount.amount - self.written_off - self.cancelled
        for share in self.allocations:
            left -= share.amount.amount
        for credit in self.credits:
            left -= credit.amount.amount
        return Money(amount=left, currency=self.amount.currency)

    @property
    def disputed(self) -> bool:
        return self.disputed_on is not None

    def paid_by(self, payment_id: UUID) -> tuple[Allocated, ...]:
        return tuple(a for a in self.allocations if a.payment_id == payment_id)


def evolve(invoice: Invoice | None, fact: InvoiceFact) -> Invoice | None:
    if isinstance(fact, InvoiceIssued):
        return Invoice(
            customer_id=fact.customer_id,
            number=fact.number,
            amount=fact.amount,
            tax=fact.tax,
            issued_on=fact.issued_on,
            due_on=fact.due_on,
            lines=fact.lines,
            imported=fact.imported,
            last_lowered_on=fact.issued_on,
            last_raised_on=fact.issued_on,
        )
    if invoice is None:
        return None
    match fact:
        case AllocationReceived(payment_id=payment_id, amount=amount, on=on):
            share = Allocated(payment_id=payment_id, amount=amount, on=on)
            return _lowered(replace(invoice, allocations=(*invoice.allocations, share)), on)
        case AllocationWithdrawn(payment_id=payment_id, amount=amount, on=on):
            return replace(
                invoice,
                allocations=_without_one(invoice.allocations, payment_id, amount),
                last_raised_on=max(invoice.last_raised_on, on),
            )
        case CreditNoteIssued(number=number, amount=amount, on=on, reason=reason, reference=reference):
            credit = Credit(number=number, amount=amount, on=on, reason=reason, reference=reference)
            return _lowered(replace(invoice, credits=(*invoice.credits, credit)), on)
        case InvoiceDisputed(on=on, reason=reason):
            return replace(invoice, disputed_on=on, dispute_reason=reason)
        case DisputeResolved(on=on):
            return replace(invoice, disputed_on=None, dispute_reason=None, dispute_resolved_on=on)
        case InvoiceSettled(settled_on=on):
            return replace(invoice, status="settled", settled_on=on)
        case InvoiceReopened(on=on):
            return replace(invoice, status="open", settled_on=None, reopened_on=on)
        case InvoiceWrittenOff(amount=amount, on=on):
            written_off = invoice.written_off + amount.amount
            return _lowered(replace(invoice, status="written_off", written_off=written_off), on)
        case InvoiceCancelled(amount=amount, on=on):
            return _lowered(replace(invoice, status="cancelled", cancelled=amount.amount), on)
        case PaymentOverdue(threshold=threshold):
            return replace(invoice, thresholds=invoice.thresholds | {threshold})


def after(invoice: Invoice | None, facts: Iterable[InvoiceFact]) -> Invoice | None:
    """The state once these facts have happened."""
    return reduce(evolve, facts, invoice)


def _lowered(invoice: Invoice, on: date) -> Invoice:
    return replace(invoice, last_lowered_on=max(invoice.last_lowered_on, on))


def _without_one(shares: tuple[Allocated, ...], payment_id: UUID, amount: Money) -> tuple[Allocated, ...]:
    for index, share in enumerate(shares):
        if share.payment_id == payment_id and share.amount == amount:
            return (*shares[:index], *shares[index + 1 :])
    return shares
