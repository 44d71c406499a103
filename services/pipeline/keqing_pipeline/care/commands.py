"""What one may want of the care for a customer's people."""

from datetime import date
from uuid import UUID

from keqing_pipeline.care.values import CareRequest, CareWish
from keqing_pipeline.customer.commands import FollowCustomer
from keqing_shared.domain import Command, Money


class Surroundings(Command):
    """What else is known of the customer at the moment."""

    complaint_open: bool
    tender_open: bool
    elsewhere: tuple[CareRequest, ...] = ()
    """Requests of files that are the same customer's."""


class SubmitCare(Command):
    customer_id: UUID
    request_id: UUID
    wish: CareWish
    surroundings: Surroundings
    today: date
    by: str
    approver: str | None = None
    """Who leads the requester."""
    top_executive: bool = False
    """Whether the person's file says so."""
    title: str | None = None
    """The person's post; it may say so too."""


class ApproveCare(Command):
    request_id: UUID
    surroundings: Surroundings
    today: date
    by: str
    leader: str | None = None
    """Who leads the requester now; None: nobody does."""
    admin: bool = False
    """Whether it is an admin who decides, and no sales manager."""


class RejectCare(Command):
    request_id: UUID
    reason: str
    by: str
    leader: str | None = None
    admin: bool = False


class FinishCare(Command):
    request_id: UUID
    outcome: str
    cost: Money
    today: date
    by: str


class CancelCare(Command):
    request_id: UUID
    reason: str
    by: str
    leads: bool = False
    """Whether it is a manager who cancels somebody else's."""


CareCommand = SubmitCare | ApproveCare | RejectCare | FinishCare | CancelCare | FollowCustomer
