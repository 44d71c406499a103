"""What happens to an invoice besides payment: credit notes, disputes, write-off, cancellation."""

from uuid import UUID

from fastapi import APIRouter

from keqing_collections.invoice import INVOICE
from keqing_collections.invoice.commands import (
    CancelInvoice,
    DisputeInvoice,
    IssueCreditNote,
    ResolveDispute,
    WriteOffInvoice,
)
from keqing_collections.routes.sight import MAY_CREDIT, MAY_WORK, invoice_seen
from keqing_shared.domain import Day, Line, Money, value
from keqing_shared.http import Do, Receipt

router = APIRouter(tags=["invoices"])


@value
class CreditNote:
    """A credit note over a part of what is open."""

    amount: Money
    reason: Line
    on: Day | None = None
    """The business date it counts from; today unless said."""


@value
class Dispute:
    """The customer contests the invoice."""

    reason: Line
    on: Day | None = None
    """The business date it counts from; today unless said."""


@value
class Resolution:
    """How a dispute ended. Upheld: `credit` is credited, or whatever is open when it is left out."""

    upheld: bool
    note: Line
    credit: Money | None = None
    on: Day | None = None
    """The business date it counts from; today unless said."""


@value
class GivenUp:
    """The rest of an invoice is claimed no more."""

    reason: Line
    on: Day | None = None
    """The business date it counts from; today unless said."""


@router.post("/invoices/{invoice_id}/credit-notes", status_code=201, dependencies=[MAY_CREDIT])
async def credit(invoice_id: UUID, body: CreditNote, do: Do) -> Receipt:
    """Credit a part of what is open; never more than that."""
    await invoice_seen(do, invoice_id)
    return await do(
        INVOICE,
        invoice_id,
        IssueCreditNote(amount=body.amount, reason=body.reason, on=body.on or do.today, today=do.today),
    )


@router.post("/invoices/{invoice_id}/dispute", status_code=201, dependencies=[MAY_WORK])
async def dispute(invoice_id: UUID, body: Dispute, do: Do) -> Receipt:
    """Put an open invoice in dispute: it is shown apart, and outside of dunning, until resolved."""
    await invoice_seen(do, invoice_id)
    return await do(
        INVOICE, invoice_id, DisputeInvoice(reason=body.reason, on=body.on or do.today, today=do.today)
    )


@router.post("/invoices/{invoice_id}/dispute/resolution", status_code=201, dependencies=[MAY_WORK])
async def resolve(invoice_id: UUID, body: Resolution, do: Do) -> Receipt:
    """End a dispute. Upholding it issues a credit note and so needs a credit controller."""
    await invoice_seen(do, invoice_id)
    return await do(
        INVOICE,
        invoice_id,
        ResolveDispute(
            upheld=body.upheld,
            note=body.note,
            credit=body.credit,
            on=body.on or do.today,
            today=do.today,
            by_roles=do.user.roles,
        ),
    )


@router.post("/invoices/{invoice_id}/write-off", status_code=201, dependencies=[MAY_CREDIT])
async def write_off(invoice_id: UUID, body: GivenUp, do: Do) -> Receipt:
    """Write off whatever is open."""
    await invoice_seen(do, invoice_id)
    return await do(
        INVOICE, invoice_id, WriteOffInvoice(reason=body.reason, on=body.on or do.today, today=do.today)
    )


@router.post("/invoices/{invoice_id}/cancellation", status_code=201, dependencies=[MAY_WORK])
async def cancel(invoice_id: UUID, body: GivenUp, do: Do) -> Receipt:
    """Cancel an invoice that nothing is allocated to. Its number stays taken."""
    await invoice_seen(do, invoice_id)
    return await do(
        INVOICE, invoice_id, CancelInvoice(reason=body.reason, on=body.on or do.today, today=do.today)
    )
