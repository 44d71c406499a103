"""Complaints of an older system, brought over as JSON lines. The same row again changes nothing."""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID, uuid5

import msgspec
from fastapi import APIRouter, Query
from pydantic import TypeAdapter, ValidationError

from keqing_service_desk.complaint import COMPLAINT
from keqing_service_desk.complaint.commands import ImportComplaint
from keqing_service_desk.complaint.values import Category, Cause, Channel, Reference, Severity
from keqing_shared.domain import Day, InvalidInput, Line, Note, RuleBroken, value
from keqing_shared.http import CustomerUnknown, Do, Doing, allow
from keqing_shared.http.problem import BodyTooLarge, MediaTypeUnsupported
from keqing_shared.log import Claim, Conflict, Meta, Receipt, Taken
from keqing_shared.streams import Unit, Work

router = APIRouter(tags=["imports"])

COMPLAINTS = UUID("c4f6f0d2-6c0a-5b0e-8d86-8a4d0f5c2b11")
"""Namespace of imported complaints' ids: the same reference is the same complaint."""
MOST_ROWS = 1_000
MOST_BYTES = 16 * 1024 * 1024
MEDIA_TYPE = "application/x-ndjson"
PROBLEM = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}


class TooManyRows(InvalidInput):
    """Send fewer rows at a time"""


class CustomerUnnamed(InvalidInput):
    """Name the customer by id or by reference, one of the two"""


class RowInvalid(InvalidInput):
    """The row does not read as it should"""


@value
class ComplaintRow:
    """One complaint of the older system; one JSON object on one line."""

    external: Reference
    """Its name there: what makes the import repeatable."""
    customer_id: UUID | None = None
    customer: Reference | None = None
    """The customer's external reference, in place of the id."""
    category: Category
    severity: Severity = Severity.MINOR
    received_on: Day
    closed: bool = True
    cause: Cause | None = None
    product: Line | None = None
    sub_product: Line | None = None
    issue: Line | None = None
    """What it was about, in the words of the older system."""
    sub_issue: Line | None = None
    channel: Channel | None = None
    region: Line | None = None
    what_happened: Note | None = None
    forwarded_on: Day | None = None
    """When it was passed on to whoever had to answer."""
    response: Line | None = None
    timely: bool | None = None
    disputed: bool | None = None
    """Whether the customer disputed the response."""


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
    lines = _lines(await _body(do))
    results: dict[int, RowResult] = {}
    read: dict[int, ComplaintRow] = {}
    for number, line in lines:
        try:
            read[number] = _ROW.validate_json(line, strict=True)
        except ValidationError as invalid:
            results[number] = _refused(number, _problem_of(invalid))
    known = await _customers(do, list(read.values()))
    commands: dict[int, ImportComplaint] = {}
    for number, row in read.items():
        try:
            commands[number] = _command(row, _customer_of(row, known), do)
        except RuleBroken as broken:
            results[number] = _refused(number, broken)
    outcomes = await (_rehearse if dry_run else _perform)(do, list(commands.values()))
    for number, command, outcome in zip(commands, commands.values(), outcomes, strict=True):
        if isinstance(outcome, RuleBroken):
            results[number] = _refused(number, outcome)
        elif isinstance(outcome, Exception):
            raise outcome
        else:
            results[number] = RowResult(
                line=number,
                outcome=Outcome.CREATED if outcome else Outcome.UNCHANGED,
                id=_id(command),
            )
    rows = tuple(results[number] for number in sorted(results))
    return ImportReport(
        created=sum(row.outcome is Outcome.CREATED for row in rows),
        unchanged=sum(row.outcome is Outcome.UNCHANGED for row in rows),
        refused=sum(row.outcome is Outcome.REFUSED for row in rows),
        dry_run=dry_run,
        rows=rows,
    )


_ROW = TypeAdapter(ComplaintRow)


async def _body(do: Doing) -> bytes:
    given = do.request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if given != MEDIA_TYPE:
        raise MediaTypeUnsupported(f"send {MEDIA_TYPE}")
    body = bytearray()
    async for chunk in do.request.stream():
        body += chunk
        if len(body) > MOST_BYTES:
            raise BodyTooLarge(f"up to {MOST_BYTES} bytes", most=MOST_BYTES)
    return bytes(body)


def _lines(body: bytes) -> list[tuple[int, bytes]]:
    lines = [(number, line) for number, line in enumerate(body.split(b"\n"), 1) if line.strip()]
    if len(lines) > MOST_ROWS:
        raise TooManyRows(f"up to {MOST_ROWS}, not {len(lines)}", most=MOST_ROWS)
    return lines


async def _customers(do: Doing, rows: Sequence[ComplaintRow]) -> dict[UUID | tuple[str, str], UUID]:
    """Those of the named customers that pipeline has told of, by id and by reference."""
    references = {(row.customer.system, row.customer.id) for row in rows if row.customer is not None}
    ids = {row.customer_id for row in rows if row.customer_id is not None}
    records = await do.db.fetch(
        "SELECT r.system, r.id, c.customer_id FROM unnest($1::text[], $2::text[]) AS r(system, id)"
        " JOIN directory_customers c ON c.external"
        " @> jsonb_build_array(jsonb_build_object('system', r.system, 'id', r.id))",
        [system for system, _ in references],
        [id for _, id in references],
    )
    known: dict[UUID | tuple[str, str], UUID] = {
        (record["system"], record["id"]): record["customer_id"] for record in records
    }
    by_id = await do.db.fetch(
        "SELECT customer_id FROM directory_customers WHERE customer_id = ANY($1::uuid[])", list(ids)
    )
    return known | {record["customer_id"]: record["customer_id"] for record in by_id}


def _customer_of(row: ComplaintRow, known: Mapping[UUID | tuple[str, str], UUID]) -> UUID:
    if (row.customer is None) == (row.customer_id is None):
        raise CustomerUnnamed
    named = row.customer_id if row.customer is None else (row.customer.system, row.customer.id)
    customer_id = None if named is None else known.get(named)
    if customer_id is None:
        raise CustomerUnknown(f"no customer {row.customer.key if row.customer else row.customer_id}")
    return customer_id


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


def _problem_of(invalid: ValidationError) -> RowInvalid:
    errors = [
        {"field": ".".join(str(part) for part in error["loc"]), "message": error["msg"]}
        for error in invalid.errors(include_url=False, include_input=False, include_context=False)
    ]
    return RowInvalid(errors=errors)
