"""What happens to a complaint. Times are business times, UTC; free words are personal data.

``assigned_to`` is whoever handled the complaint at that time, for those who are told of the fact.
"""

from datetime import date, datetime
from typing import TypeAlias
from uuid import UUID

from keqing_service_desk.complaint.values import (
    Category,
    Cause,
    Channel,
    EscalationCause,
    Form,
    Level,
    Manner,
    Mood,
    Seeks,
    Severity,
    Side,
)
from keqing_shared.domain import ExternalReference, Fact, Money, Personal


class ComplaintOpened(Fact, topic="service-desk.complaint-opened.v1"):
    customer_id: UUID
    category: Category
    severity: Severity
    what_happened: Personal[str]
    received_at: datetime
    received_on: date
    """The business date of it."""
    opened_by: str
    response_due_at: datetime
    solution_due_at: datetime
    cause: Cause | None = None
    complainant_name: Personal[str | None] = None
    manner: Manner | None = None
    seeks: Seeks | None = None
    mood: Mood | None = None
    product: str | None = None
    issue: str | None = None
    channel: Channel | None = None
    invoices: tuple[UUID, ...] = ()
    external: ExternalReference | None = None
    assigned_to: str | None = None


class ComplaintImported(Fact, topic="service-desk.complaint-imported.v1"):
    """A complaint of the time before Keqing, with the dates and the answer it had then."""

    customer_id: UUID
    external: ExternalReference
    category: Category
    severity: Severity
    received_on: date
    closed: bool
    cause: Cause | None = None
    product: str | None = None
    sub_product: str | None = None
    issue: str | None = None
    sub_issue: str | None = None
    channel: Channel | None = None
    region: str | None = None
    what_happened: Personal[str | None] = None
    forwarded_on: date | None = None
    response: str | None = None
    timely: bool | None = None
    disputed: bool | None = None
    """Whether the customer disputed the response; unknown: None."""


class ComplaintAcknowledged(Fact, topic="service-desk.complaint-acknowledged.v1"):
    """We apologised, and the story was heard out: the first response."""

    apology: Personal[str]
    at: datetime
    by: str
    assigned_to: str | None = None


class FactsEstablished(Fact, topic="service-desk.facts-established.v1"):
    evidence: Personal[str]
    cause: Cause
    responsible_side: Side
    at: datetime
    by: str
    responsible_unit: str | None = None
    assigned_to: str | None = None


class SolutionProposed(Fact, topic="service-desk.solution-proposed.v1"):
    description: Personal[str]
    at: datetime
    by: str
    form: Form | None = None
    amount: Money | None = None
    assigned_to: str | None = None


class SolutionAccepted(Fact, topic="service-desk.solution-accepted.v1"):
    at: datetime
    by: str
    comment: Personal[str | None] = None
    assigned_to: str | None = None


class SolutionRejected(Fact, topic="service-desk.solution-rejected.v1"):
    """The customer refused; a new proposal is due."""

    reason: Personal[str]
    at: datetime
    by: str
    assigned_to: str | None = None


class SettlementAwaitsApproval(Fact, topic="service-desk.settlement-awaits-approval.v1"):
    """Beyond the proposer's authority."""

    form: Form
    needs: Level
    proposed_by: str
    at: datetime
    amount: Money | None = None
    invoice_id: UUID | None = None
    note: Personal[str | None] = None
    assigned_to: str | None = None


class SettlementApproved(Fact, topic="service-desk.settlement-approved.v1"):
    at: datetime
    by: str


class SettlementDeclined(Fact, topic="service-desk.settlement-declined.v1"):
    """What was promised will not be given; another solution is due."""

    reason: Personal[str]
    at: datetime
    by: str
    assigned_to: str | None = None


class ComplaintSettled(Fact, topic="service-desk.complaint-settled.v1"):
    form: Form
    proposed_by: str
    at: datetime
    by: str
    """Who gave it: the proposer, or whoever approved."""
    amount: Money | None = None
    invoice_id: UUID | None = None
    note: Personal[str | None] = None


class GoodwillFollowedUp(Fact, topic="service-desk.goodwill-followed-up.v1"):
    """We got in touch afterwards and made a suggestion."""

    contact: Personal[str]
    suggestion: Personal[str]
    at: datetime
    by: str


class ComplaintClosed(Fact, topic="service-desk.complaint-closed.v1"):
    satisfaction: int
    """1 to 5, the customer's own."""
    at: datetime
    by: str
    comment: Personal[str | None] = None


class ComplaintReopened(Fact, topic="service-desk.complaint-reopened.v1"):
    reason: Personal[str]
    solution_due_at: datetime
    at: datetime
    by: str
    assigned_to: str | None = None


class ComplaintEscalated(Fact, topic="service-desk.complaint-escalated.v1"):
    to: Level
    cause: EscalationCause
    at: datetime
    by: str
    reason: Personal[str | None] = None
    assigned_to: str | None = None


class ComplaintReassigned(Fact, topic="service-desk.complaint-reassigned.v1"):
    assigned_to: str
    previous: str | None
    at: datetime
    by: str


class WaitingForCustomer(Fact, topic="service-desk.waiting-for-customer.v1"):
    """The clocks stand still from here on."""

    at: datetime
    by: str
    awaited: Personal[str | None] = None
    """What we wait for; None: the answer to our proposal."""


class WorkResumed(Fact, topic="service-desk.work-resumed.v1"):
    """The clocks go on, with what was left of them when they stopped; a clock already met has None."""

    at: datetime
    by: str
    response_due_at: datetime | None = None
    solution_due_at: datetime | None = None


class ResponseOverdue(Fact, topic="service-desk.response-overdue.v1"):
    due_at: datetime
    at: datetime
    assigned_to: str | None = None


class SolutionOverdue(Fact, topic="service-desk.solution-overdue.v1"):
    due_at: datetime
    at: datetime
    assigned_to: str | None = None


ComplaintFact: TypeAlias = (
    ComplaintOpened
    | ComplaintImported
    | ComplaintAcknowledged
    | FactsEstablished
    | SolutionProposed
    | SolutionAccepted
    | SolutionRejected
    | SettlementAwaitsApproval
    | SettlementApproved
    | SettlementDeclined
    | ComplaintSettled
    | GoodwillFollowedUp
    | ComplaintClosed
    | ComplaintReopened
    | ComplaintEscalated
    | ComplaintReassigned
    | WaitingForCustomer
    | WorkResumed
    | ResponseOverdue
    | SolutionOverdue
)
