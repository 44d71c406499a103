"""What collections does on hearing of the others."""

from datetime import date
from decimal import Decimal
from uuid import UUID, uuid5

import msgspec

from keqing_collections.credit_file import CREDIT_FILE, CountPurchase, credit_file_of
from keqing_collections.invoice import INVOICE, Invoice
from keqing_collections.invoice.commands import IssueCreditNote
from keqing_collections.payment import PAYMENT, GrantCredit
from keqing_shared.directory import follow_directory
from keqing_shared.domain import Money
from keqing_shared.messaging import Event, Reactions, Within
from keqing_shared.privacy.destruction import carry_out_erasures

_CREDITS = UUID("5a0d6f0e-7a39-5b65-9d8f-3f0e4f8f2f10")
CREDITED = frozenset({"credit_note", "refund"})
"""Forms of settlement that give the customer money."""

reactions = Reactions()
follow_directory(reactions)
carry_out_erasures(reactions)


class DealWon(msgspec.Struct, frozen=True):
    opportunity_id: UUID
    amount: Money
    won_on: date


class ComplaintSettled(msgspec.Struct, frozen=True):
    complaint_id: UUID
    form: str
    amount: Money | None = None
    invoice_id: UUID | None = None


@reactions.on("pipeline", "DealWon", DealWon)
async def count_purchase(event: Event[DealWon], within: Within) -> None:
    """The first deal opens the customer's credit file."""
    if event.customer_id is None:
        return
    await within.execute(
        CREDIT_FILE,
        credit_file_of(event.customer_id),
        CountPurchase(
            customer_id=event.customer_id,
            opportunity_id=event.data.opportunity_id,
            amount=event.data.amount,
            on=event.data.won_on,
        ),
    )


@reactions.on("service-desk", "ComplaintSettled", ComplaintSettled)
async def credit(event: Event[ComplaintSettled], within: Within) -> None:
    """A credit note on the invoice named, as far as something is open on it; the rest, or all of it
    when the invoice cannot take it, is granted as credit on account, so that no promise is lost."""
    settled = event.data
    if event.customer_id is None or settled.form not in CREDITED or not settled.amount:
        return
    left = settled.amount
    reason = f"settlement of complaint {settled.complaint_id}"
    today = within.service.calendar.date_of(within.now)
    on = min(within.service.calendar.date_of(event.time), today)
    invoice = await _creditable(within, settled, event.customer_id)
    if invoice is not None and settled.invoice_id is not None:
        given = _given_before(invoice, event.id) or min(left, invoice.open, key=lambda money: money.amount)
        if given:
            await within.execute(
                INVOICE,
                settled.invoice_id,
                IssueCreditNote(
                    amount=given,
                    on=max(on, invoice.last_raised_on),
                    today=today,
                    reason=reason,
                    reference=event.id,
                ),
            )
        left -= given
    if left:
        await within.execute(
            PAYMENT,
            uuid5(_CREDITS, event.id),
            GrantCredit(customer_id=event.customer_id, amount=left, on=on, reason=reason, reference=event.id),
        )


async def _creditable(within: Within, settled: ComplaintSettled, customer_id: UUID) -> Invoice | None:
    if settled.invoice_id is None or settled.amount is None:
        return None
    invoice = (await within.load(INVOICE, settled.invoice_id)).state
    if (
        invoice is None
        or invoice.customer_id != customer_id
        or invoice.amount.currency != settled.amount.currency
    ):
        return None
    return invoice


def _given_before(invoice: Invoice, reference: str) -> Money | None:
    """What this settlement was credited here already, had the message come before."""
    amounts = [credit.amount.amount for credit in invoice.credits if credit.reference == reference]
    return Money(amount=sum(amounts, Decimal(0)), currency=invoice.amount.currency) if amounts else None
