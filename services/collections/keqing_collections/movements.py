"""What each fact moves: the open amount of an invoice, the unallocated rest of a payment."""

from collections.abc import Sequence

from keqing_collections.balance import Movement
from keqing_collections.invoice import (
    AllocationReceived,
    AllocationWithdrawn,
    CreditNoteIssued,
    InvoiceCancelled,
    InvoiceIssued,
    InvoiceWrittenOff,
)
from keqing_collections.payment import CreditGranted, PaymentAllocated, PaymentReceived, PaymentReversed
from keqing_shared.domain import Fact


def of_invoice(fact: Fact) -> Movement | None:
    """How the fact moves the open amount of its invoice, and from which day."""
    match fact:
        case InvoiceIssued(amount=amount, issued_on=on) | AllocationWithdrawn(amount=amount, on=on):
            return Movement(on=on, delta=amount.amount)
        case (
            AllocationReceived(amount=amount, on=on)
            | CreditNoteIssued(amount=amount, on=on)
            | InvoiceWrittenOff(amount=amount, on=on)
            | InvoiceCancelled(amount=amount, on=on)
        ):
            return Movement(on=on, delta=-amount.amount)
    return None


def of_payment(before: Sequence[Movement], fact: Fact) -> tuple[Movement, ...]:
    """How the fact moves the unallocated rest of its payment, whose movements so far are ``before``."""
    match fact:
        case PaymentReceived(amount=amount, received_on=on) | CreditGranted(amount=amount, on=on):
            return (Movement(on=on, delta=amount.amount),)
        case PaymentAllocated(amount=amount, on=on):
            return (Movement(on=on, delta=-amount.amount),)
        case PaymentReversed(on=on):
            # Whatever happened to it is undone from that day on; what counts from later never counts.
            return tuple(Movement(on=max(on, movement.on), delta=-movement.delta) for movement in before)
    return ()
