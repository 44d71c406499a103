"""What can happen to the pursuit of a customer."""

from datetime import date
from uuid import UUID

from keqing_pipeline.tracking.removal import RemovalReason
from keqing_shared.domain import Fact, Personal


class CustomerTracked(Fact, topic="pipeline.customer-tracked.v1"):
    customer_id: UUID
    owner: str
    on: date
    opportunities: tuple[UUID, ...]


class OpportunityJoined(Fact, topic="pipeline.opportunity-joined.v1"):
    """Another opportunity that a tracked customer is pursued by."""

    opportunity_id: UUID


class OpportunityParted(Fact, topic="pipeline.opportunity-parted.v1"):
    """It is another customer's again, whose file had been part of this one's."""

    opportunity_id: UUID


class TrackingPassedOn(Fact, topic="pipeline.tracking-passed-on.v1"):
    """The customer changed hands, and went from list to list."""

    owner: str
    previous: str
    on: date


class TrackingEnded(Fact, topic="pipeline.tracking-ended.v1"):
    """None of its opportunities is open any more, or the customer was forgotten as a person."""

    owner: str
    on: date


class RemovalSuggested(Fact, topic="pipeline.removal-suggested.v1"):
    owner: str
    reason: RemovalReason
    contacts: int


class RemovedToPool(Fact, topic="pipeline.removed-to-pool.v1"):
    owner: str
    """Who had it on their list."""
    reason: RemovalReason
    on: date
    keeper: str
    """Who answers for the customer while it lies in the pool."""
    note: Personal[str | None] = None


class ClaimedFromPool(Fact, topic="pipeline.claimed-from-pool.v1"):
    owner: str
    previous: str
    on: date


class TakenOutOfPool(Fact, topic="pipeline.taken-out-of-pool.v1"):
    """A manager gave it to somebody by hand."""

    owner: str
    on: date


PursuitFact = (
    CustomerTracked
    | OpportunityJoined
    | OpportunityParted
    | TrackingPassedOn
    | TrackingEnded
    | RemovalSuggested
    | RemovedToPool
    | ClaimedFromPool
    | TakenOutOfPool
)
