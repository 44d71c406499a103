"""The complaint card: everything about one complaint, read from its own stream.

So the customer's words are in no table but the log's, and erasing them there is enough.
"""

from datetime import date, datetime
from typing import Any, TypeVar
from uuid import UUID

import msgspec

from keqing_service_desk.advice import ADVICE, Advice
from keqing_service_desk.complaint.clocks import runs_out_at
from keqing_service_desk.complaint.state import Complaint
from keqing_service_desk.complaint.values import (
    Category,
    Cause,
    Channel,
    Complainant,
    Form,
    Level,
    Severity,
    Side,
    Step,
)
from keqing_shared.domain import ExternalReference, Money, value

_T = TypeVar("_T")


@value
class Clock:
    due_at: datetime
    met_at: datetime | None
    missed: bool


@value
class Acknowledgement:
    apology: str
    at: datetime
    by: str


@value
class EstablishedFacts:
    evidence: str
    cause: Cause
    responsible_side: Side
    responsible_unit: str | None
    at: datetime
    by: str


@value
class Proposal:
    description: str
    form: Form | None
    amount: Money | None
    at: datetime
    by: str


@value
class Acceptance:
    comment: str | None
    at: datetime
    by: str


@value
class Refusal:
    """A rejection by the customer, or of a settlement by whoever had to approve it; or a reopening."""

    reason: str
    at: datetime
    by: str


@value
class AwaitedApproval:
    form: Form
    amount: Money | None
    invoice_id: UUID | None
    note: str | None
    needs: Level
    proposed_by: str
    at: datetime


@value
class GivenSettlement:
    form: Form
    amount: Money | None
    invoice_id: UUID | None
    note: str | None
    proposed_by: str
    at: datetime
    by: str


@value
class Goodwill:
    contact: str
    suggestion: str
    at: datetime
    by: str


@value
class Closing:
    satisfaction: int
    comment: str | None
    at: datetime
    by: str


@value
class History:
    """What an older system said of it."""

    sub_product: str | None
    sub_issue: str | None
    region: str | None
    forwarded_on: date | None
    response: str | None
    timely: bool | None
    disputed: bool | None
    closed: bool


@value
class ComplaintCard:
    complaint_id: UUID
    version: int
    customer_id: UUID
    step: Step | None
    """The step that is due; null: closed."""
    category: Category
    severity: Severity
    cause: Cause | None
    product: str | None
    issue: str | None
    channel: Channel | None
    invoices: tuple[UUID, ...]
    external: ExternalReference | None
    received_on: date
    received_at: datetime | None
    opened_by: str | None
    what_happened: str | None
    complainant: Complainant
    advice: Advice | None
    """How to meet a complainant of this manner."""
    assigned_to: str | None
    escalated_to: Level | None
    response: Clock | None
    """Until the acknowledgement."""
    solution: Clock | None
    """Until the settlement."""
    waiting_since: datetime | None
    awaited: str | None
    runs_out_at: datetime | None
    """The deadline that runs now."""
    overdue: bool
    acknowledgement: Acknowledgement | None
    facts: EstablishedFacts | None
    proposals: tuple[Proposal, ...]
    rejections: tuple[Refusal, ...]
    acceptance: Acceptance | None
    awaits_approval: AwaitedApproval | None
    declined: tuple[Refusal, ...]
    settlement: GivenSettlement | None
    goodwill: Goodwill | None
    closing: Closing | None
    reopenings: tuple[Refusal, ...]
    history: History | None
    repeats: tuple[UUID, ...]
    """Earlier complaints of the same cause for the same product, shortly before; the latest first. Of
    customers that the reader may see."""


def card(
    complaint_id: UUID, version: int, it: Complaint, now: datetime, repeats: list[UUID]
) -> ComplaintCard:
    opened, imported = it.opened, it.imported
    told: Any = opened or imported
    manner = opened.manner if opened else None
    runs_out = runs_out_at(it)
    clocks = [clock for clock in (it.response, it.solution) if clock and clock.met_at is None]
    missed = it.due is not None and any(clock.missed for clock in clocks)
    return ComplaintCard(
        complaint_id=complaint_id,
        version=version,
        customer_id=it.customer_id,
        step=it.due,
        category=it.category,
        severity=it.severity,
        cause=it.cause,
        product=it.product,
        issue=told.issue,
        channel=told.channel,
        invoices=it.invoices,
        external=told.external,
        received_on=it.received_on,
        received_at=opened.received_at if opened else None,
        opened_by=opened.opened_by if opened else None,
        what_happened=told.what_happened,
        complainant=Complainant(
            name=opened.complainant_name if opened else None,
            manner=manner,
            seeks=opened.seeks if opened else None,
            mood=opened.mood if opened else None,
        ),
        advice=ADVICE[manner] if manner else None,
        assigned_to=it.assigned_to,
        escalated_to=it.escalated_to,
        response=_shown(it.response, Clock),
        solution=_shown(it.solution, Clock),
        waiting_since=it.waiting_since,
        awaited=it.awaited,
        runs_out_at=runs_out,
        overdue=missed or (runs_out is not None and runs_out < now),
        acknowledgement=_shown(it.acknowledged, Acknowledgement),
        facts=_shown(it.established, EstablishedFacts),
        proposals=_all(it.proposed, Proposal),
        rejections=_all(it.rejections, Refusal),
        acceptance=_shown(it.accepted, Acceptance),
        awaits_approval=_shown(it.pending, AwaitedApproval),
        declined=_all(it.declined, Refusal),
        settlement=_shown(it.settled, GivenSettlement),
        goodwill=_shown(it.goodwill, Goodwill),
        closing=_shown(it.closed, Closing),
        reopenings=_all(it.reopened, Refusal),
        history=_shown(imported, History),
        repeats=tuple(repeats),
    )


def _shown(fact: msgspec.Struct | None, kind: type[_T]) -> _T | None:
    return None if fact is None else msgspec.convert(fact, kind, from_attributes=True)


def _all(facts: tuple[msgspec.Struct, ...], kind: type[_T]) -> tuple[_T, ...]:
    return tuple(msgspec.convert(fact, kind, from_attributes=True) for fact in facts)
