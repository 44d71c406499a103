"""Which invoices are there, and what is open on them: the list, and what a payment can go to."""

from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any, Literal
from uuid import UUID

from keqing_collections.invoice import (
    INVOICE,
    DisputeResolved,
    InvoiceCancelled,
    InvoiceDisputed,
    InvoiceIssued,
    InvoiceReopened,
    InvoiceSettled,
    InvoiceWrittenOff,
    PaymentOverdue,
)
from keqing_collections.movements import of_invoice
from keqing_shared.directory import CUSTOMERS_NAME
from keqing_shared.domain import Recorded, value
from keqing_shared.views import Index, RowKey, Rows, Table, View

Status = Literal["open", "settled", "written_off", "cancelled"]


@value
class InvoiceRow:
    """An invoice in a list."""

    invoice_id: UUID
    customer_id: UUID
    number: str
    currency: str
    amount: Decimal
    open: Decimal
    issued_on: date
    due_on: date
    status: Status = "open"
    disputed: bool = False
    threshold: int = 0
    """The highest overdue threshold raised, in days."""
    settled_on: date | None = None


@value
class InvoiceItem(InvoiceRow):
    customer: str | None
    """Its name; None of an individual."""


_CHANGES = tuple(fact for fact in INVOICE.facts if fact is not InvoiceIssued)

INVOICES = Table(
    "invoices",
    InvoiceRow,
    key=("invoice_id",),
    indexes=(
        ("due_on", "invoice_id"),
        ("customer_id", "due_on"),
        Index(("due_on", "invoice_id"), where="status = 'open'"),
    ),
)


class Invoices(View):
    """One row an invoice."""

    name = "invoices"
    tables = (INVOICES,)

    def touches(self, it: Recorded[Any]) -> Iterable[RowKey]:
        if isinstance(it.fact, _CHANGES):
            yield INVOICES, it.originator_id

    def project(self, it: Recorded[Any], rows: Rows) -> None:
        fact = it.fact
        if isinstance(fact, InvoiceIssued):
            rows.put(
                INVOICES,
                InvoiceRow(
                    invoice_id=it.originator_id,
                    customer_id=fact.customer_id,
                    number=fact.number,
                    currency=fact.amount.currency,
                    amount=fact.amount.amount,
                    open=fact.amount.amount,
                    issued_on=fact.issued_on,
                    due_on=fact.due_on,
                ),
            )
            return
        if not isinstance(fact, _CHANGES):
            return
        row = rows.get(INVOICES, it.originator_id)
        if row is None:
            return
        if movement := of_invoice(fact):
            row = replace(row, open=row.open + movement.delta)
        match fact:
            case InvoiceDisputed():
                row = replace(row, disputed=True)
            case DisputeResolved():
                row = replace(row, disputed=False)
            case InvoiceSettled(settled_on=on):
                row = replace(row, status="settled", settled_on=on)
            case InvoiceReopened():
                row = replace(row, status="open", settled_on=None)
            case InvoiceWrittenOff():
                row = replace(row, status="written_off")
            case InvoiceCancelled():
                row = replace(row, status="cancelled")
            case PaymentOverdue(threshold=threshold):
                row = replace(row, threshold=max(row.threshold, threshold))
        rows.put(INVOICES, row)


async def invoices(
    db: Any,
    today: date,
    *,
    customers: Collection[UUID] | None = None,
    status: Status | None = None,
    overdue: bool | None = None,
    disputed: bool | None = None,
    owners: Collection[str] | None = None,
    after: tuple[date, UUID] | None = None,
    limit: int = 200,
) -> list[InvoiceItem]:
    """In the order of due dates; ``customers``: of these only, ``owners``: of these people's only."""
    due_on, invoice_id = after or (None, None)
    records = await db.fetch(
        f"""
        SELECT {INVOICES.columns}, {CUSTOMERS_NAME.format(of="i")} FROM invoices i
        WHERE ($1::uuid[] IS NULL OR customer_id = ANY ($1))
          AND ($2::text IS NULL OR status = $2)
          AND ($3::bool IS NULL OR (status = 'open' AND due_on < $4) = $3)
          AND ($5::bool IS NULL OR disputed = $5)
          AND ($6::text[] IS NULL OR EXISTS (
                SELECT FROM directory_customers d WHERE d.customer_id = i.customer_id AND d.owner = ANY ($6)))
          AND ($7::date IS NULL OR (due_on, invoice_id) > ($7, $8::uuid))
        ORDER BY due_on, invoice_id LIMIT $9
        """,
        None if customers is None else list(customers),
        status,
        overdue,
        today,
        disputed,
        None if owners is None else list(owners),
        due_on,
        invoice_id,
        limit,
    )
    return INVOICES.items(InvoiceItem, records)


@value
class Owed:
    """What a customer owes in one currency."""

    currency: str
    open: Decimal
    overdue: Decimal
    disputed: Decimal


async def owed(db: Any, customers: Collection[UUID], today: date) -> list[Owed]:
    """By these together, in every currency with something open; overdue and disputed are parts of it and may
    overlap."""
    records = await db.fetch(
        """
        SELECT currency, sum(open) AS open,
               coalesce(sum(open) FILTER (WHERE due_on < $2), 0) AS overdue,
               coalesce(sum(open) FILTER (WHERE disputed), 0) AS disputed
        FROM invoices WHERE customer_id = ANY ($1) AND status = 'open' GROUP BY currency ORDER BY currency
        """,
        list(customers),
        today,
    )
    return [Owed(**record) for record in records]


async def oldest_due(db: Any, customers: Collection[UUID], currency: str) -> list[UUID]:
    """These customers' invoices with something open, in the order in which payments go to them."""
    records = await db.fetch(
        "SELECT invoice_id FROM invoices WHERE customer_id = ANY ($1) AND currency = $2 AND status = 'open'"
        " ORDER BY due_on, issued_on, number",
        list(customers),
        currency,
    )
    return [record["invoice_id"] for record in records]


async def overdue_beyond(
    db: Any, due_on_or_before: date, threshold: int, after: UUID | None, limit: int
) -> list[UUID]:
    """Open invoices due by then for which this threshold has not been raised, by their ids."""
    records = await db.fetch(
        "SELECT invoice_id FROM invoices WHERE status = 'open' AND due_on <= $1 AND threshold < $2"
        " AND ($3::uuid IS NULL OR invoice_id > $3) ORDER BY invoice_id LIMIT $4",
        due_on_or_before,
        threshold,
        after,
        limit,
    )
    return [record["invoice_id"] for record in records]
