"""What one may want of a contact."""

from datetime import date
from uuid import UUID

from keqing_pipeline.contact.profile import ContactProfile, Observation
from keqing_pipeline.customer.commands import FollowCustomer
from keqing_shared.domain import Command


class AddContact(Command):
    customer_id: UUID
    profile: ContactProfile
    today: date
    came_from: UUID | None = None
    import_digest: str | None = None
    """Of the row that says so; None: somebody does by hand."""


class AmendContact(Command):
    profile: ContactProfile
    today: date
    import_digest: str | None = None


class CoverContact(Command):
    login: str


class UncoverContact(Command):
    login: str


class LeaveCustomer(Command):
    """The person is no longer there, but with another customer where that one is named."""

    today: date
    on: date | None = None
    moved_to: UUID | None = None
    moved_as: UUID | None = None
    reason: str | None = None


class ReturnToCustomer(Command):
    today: date


class MakeObservation(Command):
    observation: Observation
    today: date
    by: str


ContactCommand = (
    AddContact
    | AmendContact
    | CoverContact
    | UncoverContact
    | LeaveCustomer
    | ReturnToCustomer
    | MakeObservation
    | FollowCustomer
)
