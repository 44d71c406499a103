"""Which invoices a payment is set against, by how much, counting from which day."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from uuid import UUID

from keqing_collections.invoice import Invoice
from keqing_collections.payment import Share
from keqing_shared.domain import Money, value


@value
class Wish:
    """An explicit allocation, as somebody asked for it."""

    invoice_id: UUID
    amount: Money


def oldest_due_first(left: Money, on: date, invoices: Iterable[tuple[UUID, Invoice]]) -> tuple[Share, ...]:
    """What is left, spent on the invoices of its currency, oldest due first, each up to what is open."""
    rest = left.amount
    shares: list[Share] = []
    candidates = [(key, invoice) for key, invoice in invoices if invoice.amount.currency == left.currency]
    for key, invoice in sorted(candidates, key=lambda it: (it[1].due_on, it[1].issued_on, it[1].number)):
        part = min(rest, invoice.open.amount)
        if part > Decimal(0):
            shares.append(share_of(key, invoice, Money(amount=part, currency=left.currency), on))
            rest -= part
    return tuple(shares)


def share_of(invoice_id: UUID, invoice: Invoice, amount: Money, on: date) -> Share:
    """A share counts from the wished day, but never from before there was something to pay: not
    before the invoice's issue, nor before its latest reopening."""
    return Share(invoice_id=invoice_id, amount=amount, on=max(on, invoice.last_raised_on))
