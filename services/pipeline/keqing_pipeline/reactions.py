"""What pipeline does on hearing of the others: it marks the customer's account, and notes what was erased."""

from datetime import date
from typing import Any
from uuid import UUID

import msgspec

from keqing_pipeline.account.commands import (
    AccountCommand,
    ClearComplaint,
    ClearCreditHold,
    EndLateness,
    MarkComplaint,
    MarkCreditHold,
    MarkPaymentLate,
    ResumeLateness,
)
from keqing_pipeline.account.payment import CUSTOMER_PAYMENT, CountPayment, TakePaymentBack
from keqing_pipeline.account.rules import ACCOUNT
from keqing_pipeline.account.state import account_of
from keqing_pipeline.customer.erasure import OTHERS, ConfirmErasure
from keqing_pipeline.customer.rules import CUSTOMER
from keqing_shared.domain import Money
from keqing_shared.messaging import Event, Reactions, Within

reactions = Reactions()


class Complaint(msgspec.Struct, frozen=True):
    complaint_id: UUID


class Invoice(msgspec.Struct, frozen=True):
    invoice_id: UUID


class LateInvoice(msgspec.Struct, frozen=True):
    invoice_id: UUID
    due_on: date


class CreditHold(msgspec.Struct, frozen=True):
    """That there is one says it all."""


class Payment(msgspec.Struct, frozen=True):
    payment_id: UUID
    amount: Money
    received_on: date


class Reversal(msgspec.Struct, frozen=True):
    payment_id: UUID
    on: date


class PersonalDataErased(msgspec.Struct, frozen=True):
    """Nothing is said but where, and whom it is about."""


@reactions.on("service-desk", "ComplaintOpened", Complaint)
@reactions.on("service-desk", "ComplaintReopened", Complaint)
async def mark_complaint(event: Event[Complaint], within: Within) -> None:
    """On the customer's card; no gifts meanwhile."""
    if event.customer_id is not None:
        complaint_id, on = event.data.complaint_id, _day(event, within)
        await _tell(within, MarkComplaint(customer_id=event.customer_id, on=on, complaint_id=complaint_id))


@reactions.on("service-desk", "ComplaintClosed", Complaint)
async def clear_complaint(event: Event[Complaint], within: Within) -> None:
    if event.customer_id is not None:
        complaint_id, on = event.data.complaint_id, _day(event, within)
        await _tell(within, ClearComplaint(customer_id=event.customer_id, on=on, complaint_id=complaint_id))


@reactions.on("collections", "PaymentOverdue", LateInvoice)
async def mark_late(event: Event[LateInvoice], within: Within) -> None:
    """A warning on the card, and a sign of defection."""
    if event.customer_id is not None:
        late = event.data
        await _tell(
            within,
            MarkPaymentLate(
                customer_id=event.customer_id,
                on=_day(event, within),
                invoice_id=late.invoice_id,
                due_on=late.due_on,
            ),
        )


@reactions.on("collections", "InvoiceSettled", Invoice)
@reactions.on("collections", "InvoiceCancelled", Invoice)
@reactions.on("collections", "InvoiceWrittenOff", Invoice)
async def end_lateness(event: Event[Invoice], within: Within) -> None:
    """Nobody waits for this money any more."""
    if event.customer_id is not None:
        invoice_id, on = event.data.invoice_id, _day(event, within)
        await _tell(within, EndLateness(customer_id=event.customer_id, on=on, invoice_id=invoice_id))


@reactions.on("collections", "InvoiceReopened", Invoice)
async def resume_lateness(event: Event[Invoice], within: Within) -> None:
    """A payment went back. Of an invoice that was late before collections says no second time that it is."""
    if event.customer_id is not None:
        invoice_id, on = event.data.invoice_id, _day(event, within)
        await _tell(within, ResumeLateness(customer_id=event.customer_id, on=on, invoice_id=invoice_id))


@reactions.on("collections", "CreditHeld", CreditHold)
async def mark_hold(event: Event[CreditHold], within: Within) -> None:
    if event.customer_id is not None:
        await _tell(within, MarkCreditHold(customer_id=event.customer_id, on=_day(event, within)))


@reactions.on("collections", "CreditReleased", CreditHold)
async def clear_hold(event: Event[CreditHold], within: Within) -> None:
    if event.customer_id is not None:
        await _tell(within, ClearCreditHold(customer_id=event.customer_id, on=_day(event, within)))


@reactions.on("collections", "PaymentReceived", Payment)
async def count_payment(event: Event[Payment], within: Within) -> None:
    """Toward what the customer has paid."""
    if event.customer_id is not None:
        paid = event.data
        command = CountPayment(customer_id=event.customer_id, amount=paid.amount, on=paid.received_on)
        await within.execute(CUSTOMER_PAYMENT, paid.payment_id, command)


@reactions.on("collections", "PaymentReversed", Reversal)
async def take_back(event: Event[Reversal], within: Within) -> None:
    await within.execute(CUSTOMER_PAYMENT, event.data.payment_id, TakePaymentBack(on=event.data.on))


async def confirm_erasure(event: Event[PersonalDataErased], within: Within) -> None:
    """One context more has carried the erasure out."""
    if event.customer_id is not None:
        command = ConfirmErasure(context=event.source, at=event.time)
        await within.execute(CUSTOMER, event.customer_id, command)


for context in OTHERS:
    reactions.on(context, "PersonalDataErased", PersonalDataErased)(confirm_erasure)


async def _tell(within: Within, command: AccountCommand) -> None:
    await within.execute(ACCOUNT, account_of(command.customer_id), command)


def _day(event: Event[Any], within: Within) -> date:
    day: date = within.policy.day_of(event.time)
    return day
