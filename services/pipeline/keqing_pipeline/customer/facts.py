"""What happens to a customer's file."""

from typing import Any
from uuid import UUID

from keqing_pipeline.customer.erasure import CustomerErased, ErasureConfirmed
from keqing_pipeline.customer.file import CustomerDetails, Kind
from keqing_shared.domain import ExternalReference, Fact, Personal, value


class CustomerRegistered(Fact, topic="pipeline.customer-registered.v2"):
    kind: Kind
    owner: str
    details: CustomerDetails
    name: str | None = None
    """An enterprise's name."""
    person_name: Personal[str | None] = None
    """An individual's name."""
    distinct_because: Personal[str | None] = None
    """Why this is another customer than the ones it resembles."""
    resembles: tuple[UUID, ...] = ()
    import_digest: Personal[str | None] = None
    """SHA-256 of the imported row, to know it again; whoever could try would find the name by it."""

    @staticmethod
    def upcast_v1_v2(state: dict[str, Any]) -> None:
        """Since v2 a file may hold where the customer is found; before, nobody knew."""


class CustomerAmended(Fact, topic="pipeline.customer-amended.v2"):
    """The whole file as it now stands; ``changed`` names the members that differ."""

    kind: Kind
    owner: str
    changed: tuple[str, ...]
    details: CustomerDetails
    name: str | None = None
    person_name: Personal[str | None] = None
    distinct_because: Personal[str | None] = None
    import_digest: Personal[str | None] = None

    @staticmethod
    def upcast_v1_v2(state: dict[str, Any]) -> None:
        """As of ``CustomerRegistered``."""


class OwnerChanged(Fact, topic="pipeline.owner-changed.v1"):
    owner: str
    previous: str
    reason: Personal[str]


class CustomerMerged(Fact, topic="pipeline.customer-merged.v1"):
    """This file is part of another from now on; it stays as it was, with its history."""

    into: UUID
    reason: Personal[str]


class MergeUndone(Fact, topic="pipeline.merge-undone.v1"):
    """This file is one of its own again."""

    out_of: UUID
    reason: Personal[str]


@value
class Follower:
    """Something that goes with its customer into another file, and back."""

    kind: str
    """The aggregate's name."""
    id: UUID


class CustomerAbsorbed(Fact, topic="pipeline.customer-absorbed.v1"):
    """Another file is part of this one from now on, with what this one did not have."""

    merged: UUID
    external: tuple[ExternalReference, ...] = ()
    followers: tuple[Follower, ...] = ()
    phones: Personal[tuple[str, ...]] = ()


class TakenAlong(Fact, topic="pipeline.taken-along.v1"):
    """Something that was added to the other file at the moment of its merge has come after it."""

    merged: UUID
    followers: tuple[Follower, ...]


class CustomerReleased(Fact, topic="pipeline.customer-released.v1"):
    """The other file is no part of this one any more, and has taken with it what had come with it."""

    merged: UUID


LaterCustomerFact = (
    CustomerAmended
    | OwnerChanged
    | CustomerMerged
    | MergeUndone
    | CustomerAbsorbed
    | TakenAlong
    | CustomerReleased
    | CustomerErased
    | ErasureConfirmed
)
"""All but the one that a customer begins with."""

CustomerFact = CustomerRegistered | LaterCustomerFact
