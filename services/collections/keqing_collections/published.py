"""What the others hear of collections: ids, numbers, amounts and dates, never a word anybody said."""

from typing import Any

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
from keqing_shared.domain import Recorded
from keqing_shared.messaging import Published


def publish(it: Recorded[Any]) -> Published | None:
    """Each fact under its own name; an allocation is told once, from the payment's side."""
    data = _told(it)
    return None if data is None else Published(name=type(it.fact).__name__, data=data)


def _told(it: Recorded[Any]) -> dict[str, Any] | None:
    match it.fact:
        case AllocationReceived() | AllocationWithdrawn() | PurchaseCounted():
            return None
        case PaymentOverdue(historical=True) | InvoiceDisputed(historical=True):
            return None
        case CreditFileOpened():
            return {}
        case PaymentReceived() | CreditGranted() | PaymentAllocated() | PaymentReversed():
            return {"payment_id": it.originator_id, **_of_payment(it.fact)}
        case _:
            told = _of_invoice(it.fact)
            return None if told is None else {"invoice_id": it.originator_id, **told}


def _of_payment(fact: Any) -> dict[str, Any]:
    match fact:
        case PaymentReceived():
            return {"amount": fact.amount, "received_on": fact.received_on}
        case PaymentAllocated():
            return {"invoice_id": fact.invoice_id, "amount": fact.amount, "on": fact.on}
        case _:
            return {"amount": fact.amount, "on": fact.on}


def _of_invoice(fact: Any) -> dict[str, Any] | None:
    match fact:
        case InvoiceIssued():
            return {
                "number": fact.number,
                "amount": fact.amount,
                "issued_on": fact.issued_on,
                "due_on": fact.due_on,
            }
        case CreditNoteIssued():
            return {"number": fact.number, "amount": fact.amount, "on": fact.on}
        case InvoiceDisputed():
            return {"on": fact.on}
        case DisputeResolved():
            return {"on": fact.on, "upheld": fact.upheld}
        case InvoiceSettled():
            return {"settled_on": fact.settled_on}
        case InvoiceReopened():
            return {"on": fact.on, "open": fact.open}
        case InvoiceWrittenOff() | InvoiceCancelled():
            return {"amount": fact.amount, "on": fact.on}
        case PaymentOverdue():
            return {
                "number": fact.number,
                "threshold": fact.threshold,
                "days_overdue": fact.days_overdue,
                "on": fact.on,
                "due_on": fact.due_on,
                "open": fact.open,
                "disputed": fact.disputed,
            }
    return None
