"""What was open on any day: every invoice's open amount, and every payment's rest, as spans of days.

A span says how much was open from a day on until another, and whether it was in dispute then. So the
state of any day is what is in the spans over that day: no history is added up when somebody asks.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from keqing_collections.balance import Movement, Period, Span, spans
from keqing_collections.invoice import INVOICE, DisputeResolved, InvoiceDisputed, InvoiceIssued
from keqing_collections.movements import of_invoice, of_payment
from keqing_collections.payment import CreditGranted, PaymentAllocated, PaymentReceived, PaymentReversed
from keqing_shared.domain import Recorded, value
from keqing_shared.views import RowKey, Rows, Table, View


@value
class AgeingInvoice:
    """What an invoice's spans are made of."""

    invoice_id: UUID
    customer_id: UUID
    currency: str
    issued_on: date
    due_on: date
    movements: tuple[Movement, ...]
    disputes: tuple[Period, ...] = ()


@value
class OpenSpan:
    """From ``since`` until the day before ``until`` this much of the invoice was open."""

    invoice_id: UUID
    since: date
    until: date
    customer_id: UUID
    currency: str
    issued_on: date
    due_on: date
    open: Decimal
    disputed: bool


@value
class AgeingPayment:
    """What a payment's spans are made of."""

    payment_id: UUID
    customer_id: UUID
    currency: str
    movements: tuple[Movement, ...]


@value
class UnallocatedSpan:
    """From ``since`` until the day before ``until`` this much of the payment was not allocated."""

    payment_id: UUID
    since: date
    until: date
    customer_id: UUID
    currency: str
    unallocated: Decimal


AGEING_INVOICES = Table("ageing_invoices", AgeingInvoice, key=("invoice_id",))
OPEN_SPANS = Table(
    "ageing_open", OpenSpan, key=("invoice_id", "since"), indexes=(("until", "since"), ("since",))
)
AGEING_PAYMENTS = Table("ageing_payments", AgeingPayment, key=("payment_id",))
UNALLOCATED_SPANS = Table(
    "ageing_unallocated",
    UnallocatedSpan,
    key=("payment_id", "since"),
    indexes=(("until", "since"), ("since",)),
)

_INVOICE_CHANGES = tuple(fact for fact in INVOICE.facts if fact is not InvoiceIssued)
_PAYMENT_CHANGES = (PaymentAllocated, PaymentReversed)


class Ageing(View):
    """Spans of open invoices and of unallocated payments, by business date."""

    name = "ageing"
    tables = (AGEING_INVOICES, OPEN_SPANS, AGEING_PAYMENTS, UNALLOCATED_SPANS)

    def touches(self, it: Recorded[Any]) -> Iterable[RowKey]:
        if isinstance(it.fact, _INVOICE_CHANGES):
            yield AGEING_INVOICES, it.originator_id
        elif isinstance(it.fact, _PAYMENT_CHANGES):
            yield AGEING_PAYMENTS, it.originator_id

    def project(self, it: Recorded[Any], rows: Rows) -> None:
        match it.fact:
            case InvoiceIssued() as fact:
                issued = AgeingInvoice(
                    invoice_id=it.originator_id,
                    customer_id=fact.customer_id,
                    currency=fact.amount.currency,
                    issued_on=fact.issued_on,
                    due_on=fact.due_on,
                    movements=(),
                )
                _put_invoice(rows, issued, _moved(issued, fact))
            case (
                PaymentReceived(customer_id=customer_id, amount=amount)
                | CreditGranted(customer_id=customer_id, amount=amount)
            ):
                payment = AgeingPayment(
                    payment_id=it.originator_id,
                    customer_id=customer_id,
                    currency=amount.currency,
                    movements=(),
                )
                _put_payment(rows, payment, it.fact)
            case fact if isinstance(fact, _INVOICE_CHANGES):
                if invoice := rows.get(AGEING_INVOICES, it.originator_id):
                    _put_invoice(rows, invoice, _moved(invoice, fact))
            case fact if isinstance(fact, _PAYMENT_CHANGES):
                if known := rows.get(AGEING_PAYMENTS, it.originator_id):
                    _put_payment(rows, known, fact)


def _moved(invoice: AgeingInvoice, fact: Any) -> AgeingInvoice:
    match fact:
        case InvoiceDisputed(on=on):
            return replace(invoice, disputes=(*invoice.disputes, Period(since=on)))
        case DisputeResolved(on=on) if invoice.disputes:
            *earlier, last = invoice.disputes
            return replace(invoice, disputes=(*earlier, Period(since=last.since, until=on)))
    movement = of_invoice(fact)
    return invoice if movement is None else replace(invoice, movements=(*invoice.movements, movement))


def _put_invoice(rows: Rows, before: AgeingInvoice, invoice: AgeingInvoice) -> None:
    if invoice is before:
        return
    rows.put(AGEING_INVOICES, invoice)
    now = spans(invoice.movements, invoice.disputes)
    for since in _starts(spans(before.movements, before.disputes)) - _starts(now):
        rows.drop(OPEN_SPANS, invoice.invoice_id, since)
    for span in now:
        rows.put(
            OPEN_SPANS,
            OpenSpan(
                invoice_id=invoice.invoice_id,
                since=span.since,
                until=span.until,
                customer_id=invoice.customer_id,
                currency=invoice.currency,
                issued_on=invoice.issued_on,
                due_on=invoice.due_on,
                open=span.open,
                disputed=span.disputed,
            ),
        )


def _put_payment(rows: Rows, before: AgeingPayment, fact: Any) -> None:
    moved = (*before.movements, *of_payment(before.movements, fact))
    payment = replace(before, movements=moved)
    rows.put(AGEING_PAYMENTS, payment)
    now = spans(payment.movements)
    for since in _starts(spans(before.movements)) - _starts(now):
        rows.drop(UNALLOCATED_SPANS, payment.payment_id, since)
    for span in now:
        rows.put(
            UNALLOCATED_SPANS,
            UnallocatedSpan(
                payment_id=payment.payment_id,
                since=span.since,
                until=span.until,
                customer_id=payment.customer_id,
                currency=payment.currency,
                unallocated=span.open,
            ),
        )


def _starts(found: Sequence[Span]) -> set[date]:
    return {span.since for span in found}
