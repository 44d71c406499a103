"""Complaints of an older system, brought over as JSON lines. The same row again changes nothing."""

from collections.abc import Sequence
from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID, uuid5

import msgspec
from fastapi import APIRouter, Query

from keqing_service_desk.complaint import COMPLAINT
from keqing_service_desk.complaint.commands import ImportComplaint
from keqing_service_desk.routes.import_rows import (
    MEDIA_TYPE,
    MOST_BYTES,
    MOST_ROWS,
    ComplaintRow,
    RowInvalid,
    body_of,
    customer_of,
    customers_named,
    lines_of,
    read_row,
)
from keqing_shared.domain import RuleBroken, value
from keqing_shared.http import Do, Doing, allow
from keqing_shared.http.problem import Contended
from keqing_shared.log import Claim, Conflict, Meta, Receipt, Taken
from keqing_shared.streams import Unit, Work

router = APIRouter(tags=["imports"])

COMPLAINTS = UUID("c4f6f0d2-6c0a-5b0e-8d86-8a4d0f5c2b11")
"""Namespace of imported complaints' ids: the same reference is the same complaint."""
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
    "/imports/complaints",
    dependencies=[allow("admin", "supervisor")],
    responses={
        413: {"description": f"More than {MOST_BYTES} bytes", "content": PROBLEM},
        415: {"description": f"The body is not {MEDIA_TYPE}", "content": PROBLEM},
    },
    openapi_extra={
        "requestBody": {
            "required": True,
            "description": f"Up to {MOST_ROWS} rows, one JSON object (ComplaintRow) on each line.",
            "content": {MEDIA_TYPE: {"schema": {"type": "string"}}},
        }
    },
)
async def import_complaints(
    do: Do,
    dry_run: Annotated[bool, Query(description="say what would happen, change nothing")] = False,
) -> ImportReport:
    """Bring over complaints of an older system, with the dates, response and timeliness they had there.

    Each line is one JSON object: `external` {system, id} (its name there), `customer_id` or `customer`
    {system, id}, `category`, `severity` (default minor), `received_on`, `closed` (default true), `cause`,
    `product`, `sub_product`, `issue`, `sub_issue`, `channel`, `region`, `what_happened`, `forwarded_on`,
    `response`, `timely`, `disputed`. Every row succeeds or is refused alone, through the same rules as
    everything else; a row seen before is `unchanged`, one that has changed since is refused.
    Nobody is notified, and no clock starts. Sending the same again is safe without an Idempotency-Key.
    """
    lines = lines_of(await body_of(do))
    results: dict[int, RowResult] = {}
    read: dict[int, ComplaintRow] = {}
    for number, line in lines:
        try:
            read[number] = read_row(line)
        except RowInvalid as broken:
            results[number] = _refused(number, broken)
    known = await customers_named(do, list(read.values()))
    commands: dict[int, ImportComplaint] = {}
    for number, row in read.items():
        try:
            commands[number] = _command(row, customer_of(row, known), do)
        except RuleBroken as broken:
            results[number] = _refused(number, broken)
    outcomes = await (_rehearse if dry_run else _perform)(do, list(commands.values()))
    for number, command, outcome in zip(commands, commands.values(), outcomes, strict=True):
        if isinstance(outcome, Conflict):
            results[number] = _refused(number, Contended(str(outcome)))
        elif isinstance(outcome, RuleBroken):
            results[number] = _refused(number, outcome)
        elif isinstance(outcome, Exception):
            raise outcome
        else:
            results[number] = RowResult(
                line=number,
                outcome=Outcome.CREATED if outcome else Outcome.UNCHANGED,
                id=_id(command),
            )
    do.response.headers["Keqing-Position"] = f"{do.service.context.name}:{do.service.log.position}"
    rows = tuple(results[number] for number in sorted(results))
    return ImportReport(
        created=sum(row.outcome is Outcome.CREATED for row in rows),
        unchanged=sum(row.outcome is Outcome.UNCHANGED for row in rows),
        refused=sum(row.outcome is Outcome.REFUSED for row in rows),
        dry_run=dry_run,
        rows=rows,
    )


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


def _id(command: ImportComplaint) -> UUID:
    return uuid5(COMPLAINTS, command.external.key)


def _claim(command: ImportComplaint) -> Claim:
    return Claim("external", command.external.key)


async def _perform(do: Doing, commands: Sequence[ImportComplaint]) -> list[bool | Exception]:
    """Whether each said something new."""

    def work(command: ImportComplaint) -> Work:
        async def one(unit: Unit) -> None:
            await unit.execute(COMPLAINT, _id(command), command, claims=(_claim(command),))

        return one

    def meta(_: int) -> Meta:
        return Meta(who=do.user.login, why=do.why, correlation_id=do.correlation_id)

    outcomes = await do.service.streams.transact_many(
        [work(command) for command in commands],
        meta,
        preload=[(COMPLAINT, _id(command)) for command in commands],
    )
    return [bool(outcome.facts) if isinstance(outcome, Receipt) else outcome for outcome in outcomes]


async def _rehearse(do: Doing, commands: Sequence[ImportComplaint]) -> list[bool | Exception]:
    """The same rules on the same states, in one unit that is never appended."""
    streams = do.service.streams
    await streams.preload([(COMPLAINT, _id(command)) for command in commands])
    claims = [_claim(command) for command in commands]
    held = await do.service.log.claimed_many([(claim.scope, claim.key) for claim in claims])
    unit = Unit(streams, None, fresh=False)
    outcomes: list[bool | Exception] = []
    for command, claim in zip(commands, claims, strict=True):
        holder = held.get((claim.scope, claim.key), _id(command))
        try:
            if holder != _id(command):
                raise Taken(claim.scope, claim.key, holder)
            outcomes.append(bool(await unit.execute(COMPLAINT, _id(command), command)))
        except (RuleBroken, Conflict) as refusal:
            outcomes.append(refusal)
    return outcomes


def _refused(number: int, broken: RuleBroken) -> RowResult:
    problem: dict[str, Any] = {
        **broken.members,
        "type": f"/problems/{broken.slug()}",
        "title": broken.title(),
        "status": broken.status,
    }
    if broken.detail:
        problem["detail"] = broken.detail
    return RowResult(line=number, outcome=Outcome.REFUSED, problem=msgspec.to_builtins(problem))
