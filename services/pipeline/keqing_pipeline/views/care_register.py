"""The register of care: every request with what was decided and what came of it, for whoever audits it."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from keqing_pipeline.care.facts import (
    CareApproved,
    CareCancelled,
    CareDone,
    CareRejected,
    CareRequested,
)
from keqing_pipeline.care.values import CareKind, CareStatus, Occasion
from keqing_pipeline.views.parts import parts_of, whose
from keqing_shared.domain import Money, Personal, Recorded, value
from keqing_shared.views import Narrowed, Rows, Table, View


@value
class CareEntry:
    request_id: UUID
    customer_id: UUID
    contact_id: UUID
    kind: CareKind
    occasion: Occasion
    festival: str | None
    on: date
    what: Personal[str]
    budget: Money
    cost: Money | None
    """What it cost in the end."""
    status: CareStatus
    requested_by: str
    requested_at: datetime
    approver: str | None
    """Who was asked to decide."""
    top_executive: bool
    executive_reason: Personal[str | None]
    notes: Personal[str | None]
    decided_by: str | None = None
    decided_at: datetime | None = None
    ended_by: str | None = None
    """Who carried it out or cancelled it."""
    ended_at: datetime | None = None
    reason: Personal[str | None] = None
    """Why it was rejected or cancelled."""
    outcome: Personal[str | None] = None


CARE_REQUESTS = Table(
    "care_request",
    CareEntry,
    key=("request_id",),
    indexes=(
        ("on", "request_id"),
        ("customer_id", "on"),
        ("status", "on", "request_id"),
        ("kind", "on", "request_id"),
        ("requested_by", "on", "request_id"),
        ("contact_id",),
    ),
)


class CareRegister(View):
    name = "care_register"
    version = 1
    tables = (CARE_REQUESTS,)

    def touches(self, it: Recorded[Any]) -> Iterable[tuple[Any, ...]]:
        if isinstance(it.fact, CareApproved | CareRejected | CareDone | CareCancelled):
            yield CARE_REQUESTS, it.fact.request_id

    def project(self, it: Recorded[Any], rows: Rows) -> None:
        fact = it.fact
        if isinstance(fact, CareRequested):
            rows.put(CARE_REQUESTS, _entered(fact, it.recorded_at))
        elif isinstance(fact, CareApproved | CareRejected | CareDone | CareCancelled):
            entry = rows.get(CARE_REQUESTS, fact.request_id)
            if entry is not None:
                rows.put(CARE_REQUESTS, _changed(entry, fact, it.recorded_at))


def _entered(fact: CareRequested, at: datetime) -> CareEntry:
    return CareEntry(
        request_id=fact.request_id,
        customer_id=fact.customer_id,
        contact_id=fact.contact_id,
        kind=fact.kind,
        occasion=fact.occasion,
        festival=fact.festival,
        on=fact.on,
        what=fact.what,
        budget=fact.budget,
        cost=None,
        status=CareStatus.SUBMITTED,
        requested_by=fact.requested_by,
        requested_at=at,
        approver=fact.approver,
        top_executive=fact.top_executive,
        executive_reason=fact.executive_reason,
        notes=fact.notes,
    )


def _changed(
    entry: CareEntry, fact: CareApproved | CareRejected | CareDone | CareCancelled, at: datetime
) -> CareEntry:
    match fact:
        case CareApproved(approved_by=by):
            return replace(entry, status=CareStatus.APPROVED, decided_by=by, decided_at=at)
        case CareRejected(rejected_by=by, reason=reason):
            return replace(entry, status=CareStatus.REJECTED, decided_by=by, decided_at=at, reason=reason)
        case CareDone(done_by=by, outcome=outcome, cost=cost):
            done = CareStatus.DONE
            return replace(entry, status=done, ended_by=by, ended_at=at, outcome=outcome, cost=cost)
        case CareCancelled(cancelled_by=by, reason=reason):
            return replace(entry, status=CareStatus.CANCELLED, ended_by=by, ended_at=at, reason=reason)


@value
class RegisterLine(CareEntry):
    """An entry, and whom it is about."""

    customer: Personal[str | None]
    contact: Personal[str | None]


_JOIN, _WHOLE = whose("r")
_LINES = f"""
    SELECT {", ".join(f"r.{column.quoted}" for column in CARE_REQUESTS.fields)},
           c.customer_id AS whole, c.name AS customer, k.name AS contact, c.owner
      FROM care_request r {_JOIN} JOIN customer c ON c.customer_id = {_WHOLE}
      LEFT JOIN contact k ON k.contact_id = r.contact_id
"""


def _lines(records: Sequence[Any]) -> list[RegisterLine]:
    entries = zip(CARE_REQUESTS.rows(records), records, strict=True)
    return [
        RegisterLine(
            **vars(entry) | {"customer_id": record["whole"]},
            customer=record["customer"],
            contact=record["contact"],
        )
        for entry, record in entries
    ]


async def care_request(db: Any, request_id: UUID) -> RegisterLine | None:
    records = await db.fetch(f"{_LINES} WHERE r.request_id = $1", request_id)
    return next(iter(_lines(records)), None)


async def care_register(
    db: Any,
    visible: Collection[str] | None,
    *,
    status: CareStatus | None = None,
    kind: CareKind | None = None,
    customer_id: UUID | None = None,
    contact_id: UUID | None = None,
    requested_by: str | None = None,
    since: date | None = None,
    until: date | None = None,
    after: tuple[date, UUID] | None = None,
    limit: int = 50,
) -> list[RegisterLine]:
    """The latest day first; of customers whose owner may be seen."""
    where = Narrowed()
    where.only("c.owner = ANY ({})", None if visible is None else list(visible))
    where.only("r.status = {}", status)
    where.only("r.kind = {}", kind)
    if customer_id is not None:
        where.only("r.customer_id = ANY ({})", list(await parts_of(db, [customer_id])))
    where.only("r.contact_id = {}", contact_id)
    where.only("r.requested_by = {}", requested_by)
    where.only('r."on" >= {}', since)
    where.only('r."on" <= {}', until)
    if after is not None:
        where.only('(r."on", r.request_id) < ({}, {})', *after)
    records = await db.fetch(
        f'{_LINES} WHERE {where} ORDER BY r."on" DESC, r.request_id DESC LIMIT {limit:d}', *where.arguments
    )
    return _lines(records)
