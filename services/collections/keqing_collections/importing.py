"""An invoice of an older system: what its row says, and which commands it stands for."""

from collections.abc import Iterator
from datetime import date
from typing import Any
from uuid import UUID, uuid5

from keqing_collections.business_date import not_before, not_in_future
from keqing_collections.invoice import INVOICE, Invoice
from keqing_collections.invoice.commands import DisputeInvoice, IssueInvoice, NoteOverdue, TakeAllocation
from keqing_collections.payment import PAYMENT, ReceivePayment, Share
from keqing_shared.domain import Aggregate, Command, Money, RuleBroken, Words, value

_PAYMENTS = UUID("7f0a2f0e-51f7-5d0c-9d3f-6b1b0c1f6a35")
DISPUTED = "in dispute in the older system"


class RowDiffers(RuleBroken):
    """The invoice is here already, and says something else"""


@value
class ImportedInvoice:
    """A row, its customer found."""

    invoice_id: UUID
    payment_id: UUID
    """Of the payment in full that settled it."""
    customer_id: UUID
    number: str
    amount: Money
    issued_on: date
    due_on: date
    disputed: bool
    settled_on: date | None


def payment_of(number: str) -> UUID:
    """The id of the payment in full that settled the imported invoice of this number."""
    return uuid5(_PAYMENTS, number)


Step = tuple[Aggregate[Any], UUID, Command]


def steps(row: ImportedInvoice, today: date) -> Iterator[Step]:
    """The commands that the row stands for, in order. Raises DateInFuture, DateTooEarly.

    In dispute means from its issue on: the row does not say since when. What was late became overdue
    on the days it did, the last of them at the latest the day it was settled.
    """
    invoice_id, settled_on = row.invoice_id, row.settled_on
    if settled_on is not None:
        not_in_future("settled_on", settled_on, today)
        not_before("settled_on", settled_on, row.issued_on, Words("the invoice's issue"))
    issue = IssueInvoice(
        customer_id=row.customer_id,
        number=row.number,
        amount=row.amount,
        issued_on=row.issued_on,
        due_on=row.due_on,
        today=today,
        imported=True,
    )
    yield INVOICE, invoice_id, issue
    if row.disputed:
        dispute = DisputeInvoice(
            on=row.issued_on, today=today, reason=DISPUTED, historical=settled_on is not None
        )
        yield INVOICE, invoice_id, dispute
    yield INVOICE, invoice_id, NoteOverdue(today=settled_on or today, historical=settled_on is not None)
    if settled_on is None:
        return
    share = Share(invoice_id=invoice_id, amount=row.amount, on=settled_on)
    payment = ReceivePayment(
        customer_id=row.customer_id,
        amount=row.amount,
        received_on=settled_on,
        today=today,
        reference=row.number,
        shares=(share,),
        imported=True,
    )
    yield PAYMENT, row.payment_id, payment
    take = TakeAllocation(
        payment_id=row.payment_id, customer_id=row.customer_id, amount=row.amount, on=settled_on
    )
    yield INVOICE, invoice_id, take


def unchanged(row: ImportedInvoice, invoice: Invoice) -> None:
    """Raises RowDiffers, naming the members, when the invoice is not what the row says."""
    said = {
        "customer_id": (row.customer_id, invoice.customer_id),
        "amount": (row.amount, invoice.amount),
        "issued_on": (row.issued_on, invoice.issued_on),
        "due_on": (row.due_on, invoice.due_on),
    }
    if row.settled_on is not None:
        said["settled_on"] = (row.settled_on, invoice.settled_on)
    if row.disputed:
        said["disputed"] = (True, invoice.disputed or invoice.dispute_resolved_on is not None)
    fields = [name for name, (given, known) in said.items() if given != known]
    if fields:
        raise RowDiffers(
            "{number} differs in {fields}", fields=fields, invoice_id=str(row.invoice_id), number=row.number
        )
