"""What happens with a person at a customer. Whose customer it is stands in the envelope as well."""

from datetime import date
from typing import Any
from uuid import UUID

from keqing_pipeline.contact.profile import BuyingRole, ContactProfile, Observation
from keqing_shared.domain import Fact, Personal


class ContactAdded(Fact, topic="pipeline.contact-added.v2"):
    customer_id: UUID
    profile: ContactProfile
    came_from: UUID | None = None
    """The contact that this person was at another customer."""
    import_digest: Personal[str | None] = None
    """SHA-256 of the imported row, to know it again."""

    @staticmethod
    def upcast_v1_v2(state: dict[str, Any]) -> None:
        """Rows were not known again before: each had its say every time it came."""


class ContactAmended(Fact, topic="pipeline.contact-amended.v2"):
    """The whole profile as it now stands; ``changed`` names the members that differ."""

    profile: ContactProfile
    changed: tuple[str, ...]
    import_digest: Personal[str | None] = None

    @staticmethod
    def upcast_v1_v2(state: dict[str, Any]) -> None:
        """As of ``ContactAdded``."""


class ContactCovered(Fact, topic="pipeline.contact-covered.v1"):
    """Somebody of ours keeps in touch with this person."""

    login: str


class ContactUncovered(Fact, topic="pipeline.contact-uncovered.v1"):
    login: str


class ContactLeft(Fact, topic="pipeline.contact-left.v1"):
    """No longer at the customer; a decider's leaving counts towards a defection."""

    roles: tuple[BuyingRole, ...]
    """Those the person played there."""
    on: date
    moved_to: UUID | None = None
    """The customer where this person is now, when it is one of ours."""
    moved_as: UUID | None = None
    """The contact that this person is there."""
    reason: Personal[str | None] = None


class ContactReturned(Fact, topic="pipeline.contact-returned.v1"):
    """There again, or never gone."""

    on: date


class ObservationMade(Fact, topic="pipeline.observation-made.v1"):
    observation: Observation
    on: date
    by: str


class ContactFollowed(Fact, topic="pipeline.contact-followed.v1"):
    """The person's customer was merged into another, or came out of it again."""

    customer_id: UUID
    previous: UUID


LaterContactFact = (
    ContactAmended
    | ContactCovered
    | ContactUncovered
    | ContactLeft
    | ContactReturned
    | ObservationMade
    | ContactFollowed
)
"""All but the one that a contact begins with."""

ContactFact = ContactAdded | LaterContactFact
