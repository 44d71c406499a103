"""What may be asked of the pursuit of a customer."""

from datetime import datetime
from uuid import UUID

from keqing_pipeline.tracking.removal import Effort, RemovalReason
from keqing_shared.domain import Command


class TrackCustomer(Command):
    customer_id: UUID
    owner: str
    opportunities: tuple[UUID, ...]
    at: datetime


class JoinOpportunity(Command):
    opportunity_id: UUID


class PartOpportunity(Command):
    """It went back to the customer whose it was."""

    opportunity_id: UUID


class PassOn(Command):
    """The customer is somebody else's now."""

    owner: str
    at: datetime


class EndTracking(Command):
    at: datetime


class SuggestRemoval(Command):
    """The clockwork's: the effort may speak for it."""

    effort: Effort


class RemoveToPool(Command):
    reason: RemovalReason
    keeper: str
    at: datetime
    effort: Effort
    note: str | None = None


class ClaimFromPool(Command):
    by: str
    at: datetime
    manages: bool = False
    """A manager need not let it cool off."""


PursuitCommand = (
    TrackCustomer
    | JoinOpportunity
    | PartOpportunity
    | PassOn
    | EndTracking
    | SuggestRemoval
    | RemoveToPool
    | ClaimFromPool
)
