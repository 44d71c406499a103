"""The queue: what is open, which step is due, and which clock runs out next. Overdue first.

The table also keeps the closed ones, without a step, because a complaint may come back.
"""

from collections.abc import Collection
from dataclasses import replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from keqing_service_desk.complaint.facts import (
    ComplaintAcknowledged,
    ComplaintClosed,
    ComplaintEscalated,
    ComplaintFact,
    ComplaintImported,
    ComplaintOpened,
    ComplaintReassigned,
    ComplaintReopened,
    ComplaintSettled,
    FactsEstablished,
    GoodwillFollowedUp,
    ResponseOverdue,
    SettlementAwaitsApproval,
    SettlementDeclined,
    SolutionAccepted,
    SolutionOverdue,
    SolutionProposed,
    SolutionRejected,
    WaitingForCustomer,
    WorkResumed,
)
from keqing_service_desk.complaint.values import Category, Cause, Channel, Level, Severity, Step
from keqing_service_desk.views.pareto import REPEAT
from keqing_shared.directory import CUSTOMERS_NAME
from keqing_shared.domain import Recorded, value
from keqing_shared.views import Index, Rows, Table, View


@value
class Pending:
    """A complaint as the queue shows it."""

    complaint_id: UUID
    customer_id: UUID
    category: Category
    severity: Severity
    cause: Cause | None
    product: str | None
    channel: Channel | None
    received_on: date
    received_at: datetime | None
    """None for imported history, of which only the day is known."""
    step: Step | None
    """The step that is due; None: closed."""
    assigned_to: str | None
    escalated_to: Level | None = None
    needs: Level | None = None
    """Who must approve the settlement that waits."""
    response_due_at: datetime | None
    response_met_at: datetime | None = None
    response_missed: bool = False
    solution_due_at: datetime | None
    solution_met_at: datetime | None = None
    solution_missed: bool = False
    waiting_since: datetime | None = None
    """The clocks stand still since then."""
    deadline_at: datetime | None = None
    """The earliest deadline not met; None when there is none, or while we wait for the customer."""


@value
class QueueRow(Pending):
    runs_out_at: datetime | None = None
    """The earliest deadline that may still be missed."""
    acknowledged: bool = False
    established: bool = False


@value
class QueueItem(Pending):
    customer: str | None
    """Its name; None of an individual."""
    overdue: bool
    repeat: bool
    """The same cause for the same product was complained of shortly before."""


QUEUE = Table(
    "queue",
    QueueRow,
    key=("complaint_id",),
    indexes=(
        Index(("coalesce(deadline_at, 'infinity')", "complaint_id"), where="step IS NOT NULL"),
        Index(("runs_out_at",), where="runs_out_at IS NOT NULL"),
        Index(("customer_id",)),
    ),
)


class Queue(View):
    name = "queue"
    version = 1
    tables = (QUEUE,)

    def project(self, it: Recorded[Any], rows: Rows) -> None:
        match it.fact:
            case ComplaintOpened() as fact:
                row = QueueRow(
                    complaint_id=it.originator_id,
                    customer_id=fact.customer_id,
                    category=fact.category,
                    severity=fact.severity,
                    cause=fact.cause,
                    product=fact.product,
                    channel=fact.channel,
                    received_on=fact.received_on,
                    received_at=fact.received_at,
                    step=Step.ACKNOWLEDGEMENT,
                    assigned_to=fact.assigned_to,
                    response_due_at=fact.response_due_at,
                    solution_due_at=fact.solution_due_at,
                )
            case ComplaintImported() as fact:
                row = QueueRow(
                    complaint_id=it.originator_id,
                    customer_id=fact.customer_id,
                    category=fact.category,
                    severity=fact.severity,
                    cause=fact.cause,
                    product=fact.product,
                    channel=fact.channel,
                    received_on=fact.received_on,
                    received_at=None,
                    step=None if fact.closed else Step.ACKNOWLEDGEMENT,
                    assigned_to=None,
                    response_due_at=None,
                    solution_due_at=None,
                )
            case _:
                before = rows.get(QUEUE, it.originator_id)
                if before is None:  # a callback's fact
                    return
                row = _changed(before, it.fact)
        rows.put(QUEUE, _with_deadlines(row))


def _changed(row: QueueRow, fact: ComplaintFact) -> QueueRow:
    match fact:
        case ComplaintAcknowledged(at=at):
            return replace(row, step=Step.FACTS, response_met_at=at, acknowledged=True)
        case FactsEstablished(cause=cause):
            return replace(row, step=Step.SOLUTION, cause=cause, established=True)
        case SolutionProposed():
            return replace(row, step=Step.ANSWER)
        case SolutionAccepted():
            return replace(row, step=Step.SETTLEMENT)
        case SolutionRejected():
            return replace(row, step=Step.SOLUTION)
        case SettlementAwaitsApproval(needs=needs):
            return replace(row, step=Step.APPROVAL, needs=needs)
        case SettlementDeclined():
            return replace(row, step=Step.SOLUTION, needs=None)
        case ComplaintSettled(at=at):
            return replace(row, step=Step.GOODWILL, needs=None, solution_met_at=at)
        case GoodwillFollowedUp():
            return replace(row, step=Step.CLOSING)
        case ComplaintClosed():
            return replace(row, step=None, waiting_since=None)
        case ComplaintReopened(solution_due_at=due_at):
            first = Step.SOLUTION if row.established else Step.FACTS
            return replace(
                row,
                step=first if row.acknowledged else Step.ACKNOWLEDGEMENT,
                solution_due_at=due_at,
                solution_met_at=None,
                solution_missed=False,
                waiting_since=None,
            )
        case ComplaintEscalated(to=to):
            return replace(row, escalated_to=to)
        case ComplaintReassigned(assigned_to=assigned_to):
            return replace(row, assigned_to=assigned_to)
        case WaitingForCustomer(at=at):
            return replace(row, waiting_since=at)
        case WorkResumed(response_due_at=response, solution_due_at=solution):
            return replace(
                row,
                waiting_since=None,
                response_due_at=response or row.response_due_at,
                solution_due_at=solution or row.solution_due_at,
            )
        case ResponseOverdue():
            return replace(row, response_missed=True)
        case SolutionOverdue():
            return replace(row, solution_missed=True)
    return row


def _with_deadlines(row: QueueRow) -> QueueRow:
    clocks = (
        (row.response_due_at, row.response_met_at, row.response_missed),
        (row.solution_due_at, row.solution_met_at, row.solution_missed),
    )
    unmet = [(due_at, missed) for due_at, met_at, missed in clocks if due_at is not None and met_at is None]
    if row.step is None:
        unmet = []
    elif row.waiting_since is not None:
        unmet = [(due_at, missed) for due_at, missed in unmet if missed]
    return replace(
        row,
        deadline_at=min((due_at for due_at, _ in unmet), default=None),
        runs_out_at=min((due_at for due_at, missed in unmet if not missed), default=None),
    )


async def queue(
    db: Any,
    now: datetime,
    *,
    repeat_days: int,
    customer_id: UUID | None,
    assigned_to: str | None,
    unassigned: bool,
    severities: Collection[Severity],
    steps: Collection[Step],
    overdue: bool | None,
    owners: frozenset[str] | None,
    after: tuple[Any, ...] | None,
    limit: int,
) -> list[QueueItem]:
    """Open complaints, the earliest deadline first, those without one last; of customers of these
    owners (None: all). Empty ``severities`` and ``steps``: any."""
    deadline_at, complaint_id = after or (None, None)
    records = await db.fetch(
        f"SELECT {QUEUE.columns}, {CUSTOMERS_NAME.format(of='q')},"
        " q.deadline_at IS NOT NULL AND q.deadline_at < $1 AS overdue,"
        f" {REPEAT.format(row='q', days='$2')} AS repeat"
        " FROM queue q WHERE q.step IS NOT NULL AND ($3::uuid IS NULL OR q.customer_id = $3)"
        " AND ($4::text IS NULL OR q.assigned_to = $4) AND (NOT $5 OR q.assigned_to IS NULL)"
        " AND (cardinality($6::text[]) = 0 OR q.severity = ANY($6))"
        " AND (cardinality($7::text[]) = 0 OR q.step = ANY($7))"
        " AND ($8::boolean IS NULL OR coalesce(q.deadline_at < $1, false) = $8)"
        " AND ($9::text[] IS NULL OR q.customer_id IN (SELECT d.customer_id FROM directory_customers d"
        " WHERE d.owner = ANY($9)))"
        " AND ($11::uuid IS NULL"
        " OR (coalesce(q.deadline_at, 'infinity'), q.complaint_id)"
        " > (coalesce($10::timestamptz, 'infinity'), $11))"
        " ORDER BY coalesce(q.deadline_at, 'infinity'), q.complaint_id LIMIT $12",
        now,
        repeat_days,
        customer_id,
        assigned_to,
        unassigned,
        list(severities),
        list(steps),
        overdue,
        None if owners is None else list(owners),
        deadline_at,
        complaint_id,
        limit,
    )
    return QUEUE.items(QueueItem, records)


async def run_out(db: Any, now: datetime) -> list[UUID]:
    """Complaints of which a clock has run out without a fact saying so."""
    records = await db.fetch(
        "SELECT complaint_id FROM queue WHERE runs_out_at < $1 ORDER BY runs_out_at LIMIT 1000", now
    )
    return [record["complaint_id"] for record in records]
