"""Issuing invoices and looking at them."""

from datetime import date
from decimal import Decimal
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import Field

from keqing_collections.invoice import INVOICE, Invoice, InvoiceLine
from keqing_collections.invoice.commands import IssueInvoice
from keqing_collections.invoice.number import invoice_of
from keqing_collections.invoice.state import Allocated, Credit, Status
from keqing_collections.routes.sight import MAY_READ, MAY_WORK, invoice_seen
from keqing_collections.views.invoices import InvoiceItem, invoices
from keqing_shared.directory import files_of
from keqing_shared.domain import Code, Day, Money, value
from keqing_shared.domain.money import Amount
from keqing_shared.http import Ask, Do, Page, Paging, Receipt

router = APIRouter(tags=["invoices"])


@value
class NewInvoice:
    """An invoice to be issued; due on `due_on`, or `terms_days` after issue, or by the policy's terms."""

    customer_id: UUID
    number: Code
    """Unique among all invoices."""
    amount: Money
    """Gross: lines and tax together."""
    issued_on: Day
    due_on: Day | None = None
    terms_days: Annotated[int, Field(ge=0, le=3650)] | None = None
    tax: Amount = Decimal(0)
    """In the invoice's currency."""
    lines: Annotated[tuple[InvoiceLine, ...], Field(max_length=500)] = ()


@value
class InvoiceShown:
    """An invoice: open = amount - allocations - credits - written off - cancelled."""

    invoice_id: UUID
    customer_id: UUID
    number: str
    amount: Money
    tax: Decimal
    open: Money
    issued_on: date
    due_on: date
    status: Status
    disputed_on: date | None
    dispute_reason: str | None
    settled_on: date | None
    written_off: Decimal
    cancelled: Decimal
    thresholds: tuple[int, ...]
    """Days overdue that were raised."""
    imported: bool
    lines: tuple[InvoiceLine, ...]
    allocations: tuple[Allocated, ...]
    credits: tuple[Credit, ...]


@router.post("/invoices", status_code=201, dependencies=[MAY_WORK])
async def issue(body: NewInvoice, do: Do) -> Receipt:
    """Issue an invoice. Its number is taken once and for all: 409 when it has been issued before."""
    await do.see_customer(body.customer_id)
    return await do(
        INVOICE,
        invoice_of(body.number),
        IssueInvoice(
            customer_id=body.customer_id,
            number=body.number,
            amount=body.amount,
            tax=body.tax,
            issued_on=body.issued_on,
            due_on=body.due_on,
            terms_days=body.terms_days,
            lines=body.lines,
            today=do.today,
        ),
    )


@router.get("/invoices", dependencies=[MAY_READ])
async def list_invoices(
    ask: Ask,
    paging: Paging,
    customer_id: Annotated[UUID | None, Query()] = None,
    status: Annotated[Status | None, Query()] = None,
    overdue: Annotated[bool | None, Query(description="open and past due today, or not")] = None,
    disputed: Annotated[bool | None, Query()] = None,
) -> Page[InvoiceItem]:
    """Invoices in the order of their due dates; of the customers that the user sees. A customer's are also
    those of the files that are part of it."""
    rows = await invoices(
        ask.db,
        ask.today,
        customers=None if customer_id is None else await files_of(ask.db, customer_id),
        status=status,
        overdue=overdue,
        disputed=disputed,
        owners=await ask.visible_owners(),
        after=paging.after(date, UUID),
        limit=paging.fetch,
    )
    return paging.page(rows, key=lambda row: (row.due_on, row.invoice_id))


@router.get("/invoices/{invoice_id}", dependencies=[MAY_READ])
async def one_invoice(invoice_id: UUID, ask: Ask) -> InvoiceShown:
    """An invoice with what was allocated and credited."""
    invoice, version = await invoice_seen(ask, invoice_id)
    ask.etag(version)
    return _shown(invoice_id, invoice)


def _shown(invoice_id: UUID, invoice: Invoice) -> InvoiceShown:
    return InvoiceShown(
        invoice_id=invoice_id,
        customer_id=invoice.customer_id,
        number=invoice.number,
        amount=invoice.amount,
        tax=invoice.tax,
        open=invoice.open,
        issued_on=invoice.issued_on,
        due_on=invoice.due_on,
        status=invoice.status,
        disputed_on=invoice.disputed_on,
        dispute_reason=invoice.dispute_reason,
        settled_on=invoice.settled_on,
        written_off=invoice.written_off,
        cancelled=invoice.cancelled,
        thresholds=tuple(sorted(invoice.thresholds)),
        imported=invoice.imported,
        lines=invoice.lines,
        allocations=invoice.allocations,
        credits=invoice.credits,
    )
