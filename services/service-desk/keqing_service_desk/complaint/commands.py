"""What can be asked of a complaint. ``at`` is the time of the command, ``by`` the login that asks."""

from datetime import date, datetime
from typing import TypeAlias
from uuid import UUID

from keqing_service_desk.complaint.values import (
    Category,
    Cause,
    Channel,
    Complainant,
    Level,
    Settlement,
    Severity,
    Side,
    Solution,
)
from keqing_shared.domain import Command, ExternalReference


class OpenComplaint(Command):
    customer_id: UUID
    category: Category
    severity: Severity
    what_happened: str
    at: datetime
    by: str
    received_at: datetime | None = None
    """None: now."""
    cause: Cause | None = None
    complainant: Complainant = Complainant()
    product: str | None = None
    issue: str | None = None
    channel: Channel | None = None
    invoices: tuple[UUID, ...] = ()
    external: ExternalReference | None = None
    assigned_to: str | None = None


class ImportComplaint(Command):
    customer_id: UUID
    external: ExternalReference
    category: Category
    severity: Severity
    received_on: date
    closed: bool
    today: date
    cause: Cause | None = None
    product: str | None = None
    sub_product: str | None = None
    issue: str | None = None
    sub_issue: str | None = None
    channel: Channel | None = None
    region: str | None = None
    what_happened: str | None = None
    forwarded_on: date | None = None
    response: str | None = None
    timely: bool | None = None
    disputed: bool | None = None


class Acknowledge(Command):
    apology: str
    heard_out: bool
    at: datetime
    by: str


class EstablishFacts(Command):
    evidence: str
    cause: Cause
    responsible_side: Side
    at: datetime
    by: str
    responsible_unit: str | None = None


class ProposeSolution(Command):
    solution: Solution
    at: datetime
    by: str


class AcceptSolution(Command):
    at: datetime
    by: str
    comment: str | None = None


class RejectSolution(Command):
    reason: str
    at: datetime
    by: str


class Settle(Command):
    settlement: Settlement
    at: datetime
    by: str
    roles: tuple[str, ...]


class ApproveSettlement(Command):
    at: datetime
    by: str
    roles: tuple[str, ...]


class DeclineSettlement(Command):
    reason: str
    at: datetime
    by: str
    roles: tuple[str, ...]


class FollowUpGoodwill(Command):
    contact: str
    suggestion: str
    at: datetime
    by: str


class CloseComplaint(Command):
    satisfaction: int
    at: datetime
    by: str
    comment: str | None = None


class ReopenComplaint(Command):
    reason: str
    at: datetime
    by: str


class Escalate(Command):
    to: Level
    reason: str
    at: datetime
    by: str


class Reassign(Command):
    to: str
    at: datetime
    by: str
    roles: tuple[str, ...]


class WaitForCustomer(Command):
    awaited: str
    at: datetime
    by: str


class ResumeWork(Command):
    at: datetime
    by: str


class CheckClocks(Command):
    """Has a clock run out unnoticed? Asked by the clockwork; says nothing twice."""

    at: datetime


StepCommand: TypeAlias = (
    Acknowledge
    | EstablishFacts
    | ProposeSolution
    | AcceptSolution
    | RejectSolution
    | Settle
    | ApproveSettlement
    | DeclineSettlement
    | FollowUpGoodwill
    | CloseComplaint
)
ComplaintCommand: TypeAlias = (
    OpenComplaint
    | ImportComplaint
    | StepCommand
    | ReopenComplaint
    | Escalate
    | Reassign
    | WaitForCustomer
    | ResumeWork
    | CheckClocks
)
