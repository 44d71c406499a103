"""Invoices of an older system, brought over as JSON lines. The same row again changes nothing."""

from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

import msgspec
from fastapi import APIRouter, Query

from keqing_collections.importing import ImportedInvoice, steps, unchanged
from keqing_collections.invoice import INVOICE
from keqing_collections.invoice.rules import InvoiceUnknown
from keqing_collections.payment import PAYMENT
from keqing_collections.routes.import_rows import (
    MEDIA_TYPE,
    MOST_BYTES,
    MOST_ROWS,
    InvoiceRow,
    RowInvalid,
    customers_named,
    read_rows,
    with_customer,
)
from keqing_shared.domain import RuleBroken, value
from keqing_shared.http import Do, Doing, allow
from keqing_shared.log import Conflict, Meta
from keqing_shared.streams import Unit, Work

router = APIRouter(tags=["imports"])

PROBLEM = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}


class Outcome(StrEnum):
    CREATED = "created"
    UNCHANGED = "unchanged"
    REFUSED = "refused"


@value
class RowResult:
    line: int
    """From 1; blank lines count."""
    outcome: Outcome
    id: UUID | None = None
    """Of the invoice."""
    problem: dict[str, Any] | None = None
    """As application/problem+json would say it."""


@value
class ImportReport:
    created: int
    unchanged: int
    refused: int
    dry_run: bool
    rows: tuple[RowResult, ...]


@router.post(
    "/imports/invoices",
    dependencies=[allow("admin", "collector", "credit_controller")],
    responses={
        413: {"description": f"More than {MOST_BYTES} bytes", "content": PROBLEM},
        415: {"description": f"The body is not {MEDIA_TYPE}", "content": PROBLEM},
    },
    openapi_extra={
        "requestBody": {
            "required": True,
            "description": f"Up to {MOST_ROWS} rows, one JSON object on each line.",
            "content": {MEDIA_TYPE: {"schema": {"type": "string"}}},
        }
    },
)
async def import_invoices(
    do: Do,
    dry_run: Annotated[bool, Query(description="say what would happen, change nothing")] = False,
) -> ImportReport:
    """Bring over invoices of an older system, settled or not, with the dates they had there.

    Each line is one JSON object: `number` (unique; what makes the import repeatable), `customer_id` or
    `customer` {system, id} (its external reference), `issued_on`, `due_on`, `amount` (a decimal, as text
    or number), `currency` (default CNY), `disputed` (default false: since its issue), `settled_on` (a
    payment in full of that day is recorded and allocated). Every row succeeds or is refused alone, by the
    rules that everything else goes by; a row seen before is `unchanged`, one that says something else
    than the invoice with its number is refused. What was late becomes overdue on the days it did, and
    nobody is told of what was settled since. Sending the same again is safe without an Idempotency-Key.
    """
    results: dict[int, RowResult] = {}
    read = await read_rows(do.request)
    known = await customers_named(do.db, (row for row in read.values() if isinstance(row, InvoiceRow)))
    rows: dict[int, ImportedInvoice] = {}
    for line, row in read.items():
        try:
            if isinstance(row, RowInvalid):
                raise row
            rows[line] = with_customer(row, known)
        except RuleBroken as refusal:
            results[line] = _refused(line, refusal)
    if dry_run:
        await _rehearse(do, rows, results)
    else:
        for part in _without_repetition(rows):
            await _perform(do, part, results)
    return _report(results, dry_run)


def _without_repetition(rows: Mapping[int, ImportedInvoice]) -> list[dict[int, ImportedInvoice]]:
    """Parts in which no number comes twice: a row repeated in one request meets what came of the first."""
    parts: list[dict[int, ImportedInvoice]] = []
    seen: dict[str, int] = {}
    for line, row in rows.items():
        turn = seen.get(row.number, 0)
        seen[row.number] = turn + 1
        if turn == len(parts):
            parts.append({})
        parts[turn][line] = row
    return parts


async def _perform(do: Doing, rows: Mapping[int, ImportedInvoice], results: dict[int, RowResult]) -> None:
    """Brings over those that are new, each alone, in few round trips."""
    streams = do.service.streams
    fresh: dict[int, ImportedInvoice] = {}
    await streams.preload(_names(rows.values()))
    for line, row in rows.items():
        if (await streams.current(INVOICE, row.invoice_id, fresh=False)).state is None:
            fresh[line] = row
        else:
            results[line] = await _compared(line, row, Unit(streams, None, fresh=False))

    def work(row: ImportedInvoice) -> Work:
        async def bring_over(unit: Unit) -> None:
            for aggregate, key, command in steps(row, do.today):
                await unit.execute(aggregate, key, command)

        return bring_over

    def meta(_: int) -> Meta:
        return Meta(who=do.user.login, why=do.why, correlation_id=do.correlation_id)

    outcomes = await streams.transact_many([work(row) for row in fresh.values()], meta)
    for (line, row), outcome in zip(fresh.items(), outcomes, strict=True):
        if isinstance(outcome, RuleBroken | Conflict):
            results[line] = await _compared(line, row, Unit(streams, None, fresh=True), outcome)
        elif isinstance(outcome, Exception):
            raise outcome
        else:
            results[line] = RowResult(line=line, outcome=Outcome.CREATED, id=row.invoice_id)
    do.response.headers["Keqing-Position"] = f"{do.service.context.name}:{do.service.log.position}"


async def _rehearse(do: Doing, rows: Mapping[int, ImportedInvoice], results: dict[int, RowResult]) -> None:
    """The same rules on the same states, in one unit that is never appended."""
    streams = do.service.streams
    await streams.preload(_names(rows.values()))
    unit = Unit(streams, None, fresh=False)
    for line, row in rows.items():
        if (await unit.load(INVOICE, row.invoice_id)).state is not None:
            results[line] = await _compared(line, row, unit)
            continue
        try:
            for aggregate, key, command in steps(row, do.today):
                await unit.execute(aggregate, key, command)
            results[line] = RowResult(line=line, outcome=Outcome.CREATED, id=row.invoice_id)
        except RuleBroken as refusal:
            results[line] = _refused(line, refusal)


async def _compared(
    line: int, row: ImportedInvoice, unit: Unit, refusal: Exception | None = None
) -> RowResult:
    """A row whose invoice is here, maybe since a moment: unchanged, or refused for the difference.
    One whose invoice is not here was refused for something else."""
    invoice = (await unit.load(INVOICE, row.invoice_id)).state
    try:
        if invoice is None:
            raise refusal or InvoiceUnknown
        unchanged(row, invoice)
    except RuleBroken as broken:
        return _refused(line, broken)
    return RowResult(line=line, outcome=Outcome.UNCHANGED, id=row.invoice_id)


def _names(rows: Iterable[ImportedInvoice]) -> list[tuple[Any, UUID]]:
    return [name for row in rows for name in ((INVOICE, row.invoice_id), (PAYMENT, row.payment_id))]


def _report(results: Mapping[int, RowResult], dry_run: bool) -> ImportReport:
    rows: Sequence[RowResult] = [results[line] for line in sorted(results)]
    return ImportReport(
        created=sum(row.outcome is Outcome.CREATED for row in rows),
        unchanged=sum(row.outcome is Outcome.UNCHANGED for row in rows),
        refused=sum(row.outcome is Outcome.REFUSED for row in rows),
        dry_run=dry_run,
        rows=tuple(rows),
    )


def _refused(line: int, broken: RuleBroken) -> RowResult:
    problem: dict[str, Any] = {
        **broken.members,
        "type": f"/problems/{broken.slug()}",
        "title": broken.title(),
        "status": broken.status,
    }
    if broken.detail:
        problem["detail"] = broken.detail
    return RowResult(line=line, outcome=Outcome.REFUSED, problem=msgspec.to_builtins(problem))
