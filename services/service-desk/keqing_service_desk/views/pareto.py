"""Pareto: which categories, causes, products … make up most of the complaints; and which come again."""

from dataclasses import replace
from datetime import date
from typing import Any, Literal
from uuid import UUID

from keqing_service_desk.complaint.facts import (
    ComplaintImported,
    ComplaintOpened,
    ComplaintSettled,
    FactsEstablished,
    ResponseOverdue,
    SolutionOverdue,
)
from keqing_service_desk.complaint.values import Category, Cause, Channel, Severity
from keqing_shared.domain import Recorded, value
from keqing_shared.views import Rows, Table, View

Dimension = Literal[
    "category", "cause", "product", "issue", "severity", "channel", "region", "response", "timely", "customer"
]


@value
class ParetoRow:
    """One complaint, by all it can be counted by."""

    complaint_id: UUID
    customer: UUID
    received_on: date
    category: Category
    cause: Cause | None
    product: str | None
    issue: str | None
    severity: Severity
    channel: Channel | None
    region: str | None = None
    response: str | None = None
    """Of imported history: the answer given then, in the words of its source."""
    timely: bool | None = None
    """No clock missed until the settlement; of imported history: as its source says."""


PARETO = Table(
    "pareto",
    ParetoRow,
    key=("complaint_id",),
    indexes=(("received_on",), ("product", "cause", "received_on")),
)


class Pareto(View):
    name = "pareto"
    version = 1
    tables = (PARETO,)

    def project(self, it: Recorded[Any], rows: Rows) -> None:
        match it.fact:
            case ComplaintOpened() as fact:
                rows.put(
                    PARETO,
                    ParetoRow(
                        complaint_id=it.originator_id,
                        customer=fact.customer_id,
                        received_on=fact.received_on,
                        category=fact.category,
                        cause=fact.cause,
                        product=fact.product,
                        issue=fact.issue,
                        severity=fact.severity,
                        channel=fact.channel,
                    ),
                )
            case ComplaintImported() as fact:
                rows.put(
                    PARETO,
                    ParetoRow(
                        complaint_id=it.originator_id,
                        customer=fact.customer_id,
                        received_on=fact.received_on,
                        category=fact.category,
                        cause=fact.cause,
                        product=fact.product,
                        issue=fact.issue,
                        severity=fact.severity,
                        channel=fact.channel,
                        region=fact.region,
                        response=fact.response,
                        timely=fact.timely,
                    ),
                )
            case FactsEstablished(cause=cause):
                _change(it, rows, cause=cause)
            case ResponseOverdue() | SolutionOverdue():
                _change(it, rows, timely=False)
            case ComplaintSettled():
                row = rows.get(PARETO, it.originator_id)
                if row is not None and row.timely is None:
                    _change(it, rows, timely=True)


def _change(it: Recorded[Any], rows: Rows, **changes: Any) -> None:
    row = rows.get(PARETO, it.originator_id)
    if row is not None:
        rows.put(PARETO, replace(row, **changes))


@value
class ParetoLine:
    keys: tuple[str | None, ...]
    """One for each dimension asked for, in that order; null: not known."""
    count: int
    share: float
    """Of all complaints counted, 0 to 1."""
    cumulative: float
    """Of this line and those above it."""


@value
class ParetoSheetLine:
    """Those of the dimensions that were asked for are filled in."""

    category: str | None = None
    cause: str | None = None
    product: str | None = None
    issue: str | None = None
    severity: str | None = None
    channel: str | None = None
    region: str | None = None
    response: str | None = None
    timely: str | None = None
    customer: str | None = None
    count: int
    share: float
    cumulative: float


@value
class ParetoChart:
    by: tuple[Dimension, ...]
    total: int
    lines: tuple[ParetoLine, ...]
    """The most frequent first; equal ones in the order of their keys."""

    def unrolled(self) -> list[ParetoSheetLine]:
        return [
            ParetoSheetLine(
                **dict(zip(self.by, line.keys, strict=True)),
                count=line.count,
                share=line.share,
                cumulative=line.cumulative,
            )
            for line in self.lines
        ]


async def pareto(
    db: Any,
    by: tuple[Dimension, ...],
    since: date | None,
    until: date | None,
    owners: frozenset[str] | None,
    limit: int,
) -> ParetoChart:
    """Of complaints received in these days (both included), of customers of these owners (None: all)."""
    keys = ", ".join(f"p.{dimension}::text" for dimension in by)
    ordinals = ", ".join(f"{number} NULLS LAST" for number in range(1, len(by) + 1))
    records = await db.fetch(
        f"SELECT {keys}, count(*) AS counted, sum(count(*)) OVER ()::bigint AS total,"
        f" sum(count(*)) OVER (ORDER BY count(*) DESC, {keys} ROWS UNBOUNDED PRECEDING)::bigint AS so_far"
        f" FROM pareto p WHERE ($1::date IS NULL OR p.received_on >= $1)"
        " AND ($2::date IS NULL OR p.received_on <= $2)"
        " AND ($3::text[] IS NULL OR p.customer IN (SELECT d.customer_id FROM directory_customers d"
        " WHERE d.owner = ANY($3)))"
        f" GROUP BY {keys} ORDER BY counted DESC, {ordinals} LIMIT $4",
        since,
        until,
        None if owners is None else list(owners),
        limit,
    )
    total = records[0]["total"] if records else 0
    return ParetoChart(
        by=by,
        total=total,
        lines=tuple(
            ParetoLine(
                keys=tuple(record[index] for index in range(len(by))),
                count=record["counted"],
                share=round(record["counted"] / total, 6),
                cumulative=round(record["so_far"] / total, 6),
            )
            for record in records
        ),
    )


REPEAT = (
    "EXISTS (SELECT FROM pareto e WHERE e.product = {row}.product AND e.cause = {row}.cause"
    " AND (e.received_on, e.complaint_id) < ({row}.received_on, {row}.complaint_id)"
    " AND e.received_on >= {row}.received_on - {days}::int)"
)
"""Whether a row (with product, cause, received_on, complaint_id) repeats an earlier complaint."""


async def repeats(db: Any, complaint_id: UUID, days: int, owners: frozenset[str] | None) -> list[UUID]:
    """Earlier complaints of the same cause for the same product, within so many days; the latest first; of
    customers of these owners (None: all)."""
    records = await db.fetch(
        "SELECT e.complaint_id FROM pareto r JOIN pareto e ON e.product = r.product AND e.cause = r.cause"
        " AND (e.received_on, e.complaint_id) < (r.received_on, r.complaint_id)"
        " AND e.received_on >= r.received_on - $2::int"
        " WHERE r.complaint_id = $1 AND ($3::text[] IS NULL OR e.customer IN (SELECT d.customer_id"
        " FROM directory_customers d WHERE d.owner = ANY($3)))"
        " ORDER BY e.received_on DESC, e.complaint_id DESC LIMIT 20",
        complaint_id,
        days,
        None if owners is None else list(owners),
    )
    return [record["complaint_id"] for record in records]
