"""Invoices of an older system, brought over as JSON lines. The same row again changes nothing."""

from fastapi import APIRouter

from keqing_collections.importing import ImportedInvoice, steps, unchanged
from keqing_collections.invoice import INVOICE
from keqing_collections.invoice.facts import InvoiceIssued
from keqing_collections.payment import PAYMENT
from keqing_collections.routes.import_rows import InvoiceRow, with_customer
from keqing_shared.domain import Fact, RuleBroken
from keqing_shared.http import Do, Doing, allow
from keqing_shared.imports import (
    REFUSALS,
    Carrying,
    CustomersNamed,
    DryRun,
    ImportReport,
    Piece,
    RowFile,
    refused,
    report,
)
from keqing_shared.streams import Unit

router = APIRouter(tags=["imports"])

ROWS = RowFile(InvoiceRow)


@router.post(
    "/imports/invoices",
    dependencies=[allow("admin", "collector", "credit_controller")],
    responses=REFUSALS,
    openapi_extra=ROWS.documented,
)
async def import_invoices(do: Do, dry_run: DryRun = False) -> ImportReport:
    """Bring over invoices of an older system, settled or not, with the dates they had there.

    Each line is one JSON object: `number` (unique; what makes the import repeatable), `customer_id` or
    `customer` {system, id} (its external reference), `issued_on`, `due_on`, `amount` (a decimal, as text
    or number), `currency` (default CNY), `disputed` (default false: since its issue), `settled_on` (a
    payment in full of that day is recorded and allocated). Every row succeeds or is refused alone, by the
    rules that everything else goes by; a row seen before is `unchanged`, one that says something else
    than the invoice with its number is refused. What was late becomes overdue on the days it did, and
    nobody is told of what was settled since. Sending the same again is safe without an Idempotency-Key.
    """
    rows = await ROWS.read(do.request)
    known = await CustomersNamed.by(rows.good.values(), do.db)
    pieces: dict[int, Piece] = {}
    for line, row in rows.good.items():
        try:
            pieces[line] = _piece(do, with_customer(row, known))
        except RuleBroken as refusal:
            rows.bad.append(refused(line, refusal, row.number))
    results = await Carrying(do, InvoiceIssued, dry_run=dry_run).carry(pieces)
    return report(do, rows.bad + results, dry_run=dry_run)


def _piece(do: Doing, row: ImportedInvoice) -> Piece:
    async def work(unit: Unit) -> list[Fact]:
        invoice = (await unit.load(INVOICE, row.invoice_id)).state
        if invoice is not None:
            unchanged(row, invoice)
            return []
        return [
            fact
            for aggregate, key, command in steps(row, do.today)
            for fact in await unit.execute(aggregate, key, command)
        ]

    streams = ((INVOICE, row.invoice_id), (PAYMENT, row.payment_id))
    return Piece(work, row.invoice_id, row.number, streams)
