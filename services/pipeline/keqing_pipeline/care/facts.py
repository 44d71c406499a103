"""What happens to requests of care. What is given and why is personal; that it is and for how much is not."""

from datetime import date
from uuid import UUID

from keqing_pipeline.care.values import CareKind, Occasion
from keqing_shared.domain import Fact, Money, Personal


class CareRequested(Fact, topic="pipeline.care-requested.v1"):
    customer_id: UUID
    request_id: UUID
    contact_id: UUID
    kind: CareKind
    occasion: Occasion
    on: date
    what: Personal[str]
    budget: Money
    requested_by: str
    approver: str | None = None
    """Who leads the requester and is asked to decide; None: nobody does, an admin is asked."""
    festival: str | None = None
    top_executive: bool = False
    executive_reason: Personal[str | None] = None
    notes: Personal[str | None] = None


class CareApproved(Fact, topic="pipeline.care-approved.v1"):
    request_id: UUID
    requested_by: str
    approved_by: str


class CareRejected(Fact, topic="pipeline.care-rejected.v1"):
    request_id: UUID
    requested_by: str
    rejected_by: str
    reason: Personal[str]


class CareDone(Fact, topic="pipeline.care-done.v1"):
    request_id: UUID
    outcome: Personal[str]
    cost: Money
    done_by: str


class CareCancelled(Fact, topic="pipeline.care-cancelled.v1"):
    request_id: UUID
    reason: Personal[str]
    cancelled_by: str


class CareFollowed(Fact, topic="pipeline.care-followed.v1"):
    """The customer's file was merged into another, or came out of it: with whose care its own counts."""

    customer_id: UUID
    previous: UUID


CareFact = CareRequested | CareApproved | CareRejected | CareDone | CareCancelled | CareFollowed
"""What happens to requests, and to all of them together when the file is merged."""
