"""What happens to an invoice, in the words of its tests."""

from datetime import date
from decimal import Decimal
from uuid import UUID

from keqing_collections.invoice import AllocationReceived, AllocationWithdrawn, InvoiceDisputed, InvoiceIssued
from keqing_collections.invoice.commands import TakeAllocation
from keqing_shared.domain import Money

ACME = UUID(int=1)
RIVAL = UUID(int=2)
PAID = UUID(int=11)
PAID_LATER = UUID(int=12)
MARCH_2 = date(2026, 3, 2)
DUE = date(2026, 4, 1)
TODAY = date(2026, 3, 20)


def cny(amount: str) -> Money:
    return Money(amount=Decimal(amount), currency="CNY")


ISSUED = InvoiceIssued(
    customer_id=ACME, number="INV-1", amount=cny("1000.00"), tax=Decimal(0), issued_on=MARCH_2, due_on=DUE
)


def paid(amount: str, on: date, payment: UUID = PAID) -> AllocationReceived:
    return AllocationReceived(payment_id=payment, amount=cny(amount), on=on)


def withdrawn(amount: str, on: date, payment: UUID = PAID) -> AllocationWithdrawn:
    return AllocationWithdrawn(payment_id=payment, amount=cny(amount), on=on, reason="bounced")


def take(amount: Money, on: date = TODAY, customer: UUID = ACME) -> TakeAllocation:
    return TakeAllocation(payment_id=PAID, customer_id=customer, amount=amount, on=on)


DISPUTED = InvoiceDisputed(on=date(2026, 3, 10), reason="wrong goods")
