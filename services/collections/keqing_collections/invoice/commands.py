"""What may be done with an invoice. ``on`` is the wished business date, ``today`` the current one."""

from datetime import date
from decimal import Decimal
from uuid import UUID

from keqing_collections.invoice.facts import InvoiceLine
from keqing_shared.domain import Command, Money


class IssueInvoice(Command):
    """Due on ``due_on``, or ``terms_days`` after issue, or by the policy's terms."""

    customer_id: UUID
    number: str
    amount: Money
    issued_on: date
    today: date
    tax: Decimal = Decimal(0)
    due_on: date | None = None
    terms_days: int | None = None
    lines: tuple[InvoiceLine, ...] = ()
    imported: bool = False


class TakeAllocation(Command):
    """Set a share of a payment of ``customer_id`` against the invoice."""

    payment_id: UUID
    customer_id: UUID
    amount: Money
    on: date


class WithdrawAllocations(Command):
    """Give back whatever ``payment_id`` paid, because it was reversed ``on``."""

    payment_id: UUID
    on: date
    reason: str


class IssueCreditNote(Command):
    amount: Money
    on: date
    today: date
    reason: str
    reference: str | None = None


class DisputeInvoice(Command):
    """``historical``: the older system settled the invoice since; nobody is told."""

    on: date
    today: date
    reason: str
    historical: bool = False


class ResolveDispute(Command):
    """``credit`` None and upheld: whatever is open is credited."""

    upheld: bool
    on: date
    today: date
    note: str
    by_roles: frozenset[str]
    credit: Money | None = None


class WriteOffInvoice(Command):
    on: date
    today: date
    reason: str


class CancelInvoice(Command):
    on: date
    today: date
    reason: str


class NoteOverdue(Command):
    """Raise every threshold passed by ``today`` and not raised before."""

    today: date
    historical: bool = False


InvoiceCommand = (
    IssueInvoice
    | TakeAllocation
    | WithdrawAllocations
    | IssueCreditNote
    | DisputeInvoice
    | ResolveDispute
    | WriteOffInvoice
    | CancelInvoice
    | NoteOverdue
)
