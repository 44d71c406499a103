"""An invoice: issued, paid, credited, disputed, settled, written off; one stream each."""

from uuid import UUID

from keqing_collections.invoice.decide import decide
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
from keqing_collections.invoice.state import Invoice, evolve
from keqing_shared.domain import Aggregate


def _customer(_: UUID, invoice: Invoice) -> UUID:
    return invoice.customer_id


INVOICE: Aggregate[Invoice] = Aggregate(
    name="invoice",
    facts=(
        InvoiceIssued,
        AllocationReceived,
        AllocationWithdrawn,
        CreditNoteIssued,
        InvoiceDisputed,
        DisputeResolved,
        InvoiceSettled,
        InvoiceReopened,
        InvoiceWrittenOff,
        InvoiceCancelled,
        PaymentOverdue,
    ),
    decide=decide,
    evolve=evolve,
    customer_of=_customer,
    state=Invoice,
)

__all__ = [
    "INVOICE",
    "AllocationReceived",
    "AllocationWithdrawn",
    "CreditNoteIssued",
    "DisputeResolved",
    "Invoice",
    "InvoiceCancelled",
    "InvoiceDisputed",
    "InvoiceFact",
    "InvoiceIssued",
    "InvoiceLine",
    "InvoiceReopened",
    "InvoiceSettled",
    "InvoiceWrittenOff",
    "PaymentOverdue",
]
