"""Complaints of an older system, brought over as JSON lines. The same row again changes nothing."""

from collections.abc import Mapping
from uuid import UUID, uuid5

from fastapi import APIRouter

from keqing_service_desk.complaint import COMPLAINT
from keqing_service_desk.complaint.commands import ImportComplaint
from keqing_service_desk.complaint.facts import ComplaintImported
from keqing_service_desk.routes.import_rows import ComplaintRow
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
from keqing_shared.log import Claim, Taken
from keqing_shared.streams import Unit

router = APIRouter(tags=["imports"])

ROWS = RowFile(ComplaintRow)
COMPLAINTS = UUID("c4f6f0d2-6c0a-5b0e-8d86-8a4d0f5c2b11")
"""Namespace of imported complaints' ids: the same reference is the same complaint."""


@router.post(
    "/imports/complaints",
    dependencies=[allow("admin", "supervisor")],
    responses=REFUSALS,
    openapi_extra=ROWS.documented,
)
async def import_complaints(do: Do, dry_run: DryRun = False) -> ImportReport:
    """Bring over complaints of an older system, with the dates, response and timeliness they had there.

    Each line is one JSON object: `external` {system, id} (its name there), `customer_id` or `customer`
    {system, id}, `category`, `severity` (default minor), `received_on`, `closed` (default true), `cause`,
    `product`, `sub_product`, `issue`, `sub_issue`, `channel`, `region`, `what_happened`, `forwarded_on`,
    `response`, `timely`, `disputed`. Every row succeeds or is refused alone, through the same rules as
    everything else; a row seen before is `unchanged`, one that has changed since is refused.
    Nobody is notified, and no clock starts. Sending the same again is safe without an Idempotency-Key.
    """
    rows = await ROWS.read(do.request)
    known = await CustomersNamed.by(rows.good.values(), do.db)
    commands: dict[int, ImportComplaint] = {}
    for line, row in rows.good.items():
        try:
            commands[line] = _command(row, known.of(row), do)
        except RuleBroken as refusal:
            rows.bad.append(refused(line, refusal, str(row.external)))
    claims = {line: Claim("external", str(command.external)) for line, command in commands.items()}
    held = await do.service.log.claimed_many([(claim.scope, claim.key) for claim in claims.values()])
    pieces = {line: _piece(command, claims[line], held) for line, command in commands.items()}
    results = await Carrying(do, ComplaintImported, dry_run=dry_run).carry(pieces)
    return report(do, rows.bad + results, dry_run=dry_run)


def _piece(command: ImportComplaint, claim: Claim, held: Mapping[tuple[str, str], UUID]) -> Piece:
    id = uuid5(COMPLAINTS, claim.key)
    holder = held.get((claim.scope, claim.key), id)

    async def work(unit: Unit) -> list[Fact]:
        if holder != id:
            raise Taken(claim.scope, claim.key, holder)
        return await unit.execute(COMPLAINT, id, command, claims=(claim,))

    return Piece(work, id, claim.key, ((COMPLAINT, id),))


def _command(row: ComplaintRow, customer_id: UUID, do: Doing) -> ImportComplaint:
    return ImportComplaint(
        customer_id=customer_id,
        external=row.external,
        category=row.category,
        severity=row.severity,
        received_on=row.received_on,
        closed=row.closed,
        cause=row.cause,
        product=row.product,
        sub_product=row.sub_product,
        issue=row.issue,
        sub_issue=row.sub_issue,
        channel=row.channel,
        region=row.region,
        what_happened=row.what_happened,
        forwarded_on=row.forwarded_on,
        response=row.response,
        timely=row.timely,
        disputed=row.disputed,
        today=do.today,
    )
