"""The rules of a contact: added, covered, observed, gone."""

from dataclasses import fields
from datetime import date
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from keqing_pipeline.contact import refusals as no
from keqing_pipeline.contact.birthday import check_birthday
from keqing_pipeline.contact.commands import (
    AddContact,
    AmendContact,
    ContactCommand,
    CoverContact,
    LeaveCustomer,
    MakeObservation,
    ReturnToCustomer,
    UncoverContact,
)
from keqing_pipeline.contact.facts import (
    ContactAdded,
    ContactAmended,
    ContactCovered,
    ContactFact,
    ContactFollowed,
    ContactLeft,
    ContactReturned,
    ContactUncovered,
    ObservationMade,
)
from keqing_pipeline.contact.profile import ContactProfile
from keqing_pipeline.customer.commands import FollowCustomer
from keqing_pipeline.policy import PipelinePolicy
from keqing_shared.domain import Aggregate, Personal


class Contact(Struct, frozen=True, kw_only=True):
    customer_id: UUID
    profile: ContactProfile
    covered_by: tuple[str, ...] = ()
    left_on: date | None = None
    moved_to: UUID | None = None
    import_digest: Personal[str | None] = None
    """Of the row that last had a say."""

    @property
    def whose(self) -> UUID:
        """The customer's whom it follows."""
        return self.customer_id


def decide(command: ContactCommand, contact: Contact | None, policy: PipelinePolicy) -> list[ContactFact]:
    match command:
        case AddContact(profile=profile) if contact is None:
            _check(profile, command.today)
            return [
                ContactAdded(
                    customer_id=command.customer_id,
                    profile=profile,
                    came_from=command.came_from,
                    import_digest=command.import_digest,
                )
            ]
        case AddContact():
            raise no.ContactKnown
    if contact is None:
        raise no.ContactUnknown
    match command:
        case AmendContact():
            return _amended(contact, command)
        case CoverContact(login=login):
            _check_there(contact)
            return [] if login in contact.covered_by else [ContactCovered(login=login)]
        case UncoverContact(login=login):
            return [ContactUncovered(login=login)] if login in contact.covered_by else []
        case LeaveCustomer():
            return _left(contact, command)
        case ReturnToCustomer(today=today):
            return [] if contact.left_on is None else [ContactReturned(on=today)]
        case MakeObservation(observation=observation, today=today, by=by):
            on = _past(observation.on or today, today)
            return [ObservationMade(observation=observation, on=on, by=by)]
        case FollowCustomer(customer_id=customer_id):
            if customer_id == contact.customer_id:
                return []
            return [ContactFollowed(customer_id=customer_id, previous=contact.customer_id)]


def _check(profile: ContactProfile, today: date) -> None:
    if profile.birthday is not None:
        check_birthday(profile.birthday, today)


def _amended(contact: Contact, command: AmendContact) -> list[ContactFact]:
    """A row that came before unchanged says nothing new, whatever people have done since."""
    profile, present, digest = command.profile, contact.profile, command.import_digest
    if digest is not None and digest == contact.import_digest:
        return []
    _check(profile, command.today)
    changed = tuple(f.name for f in fields(profile) if getattr(profile, f.name) != getattr(present, f.name))
    if not changed and (digest is None or contact.import_digest is None):
        return []
    return [ContactAmended(profile=profile, changed=changed, import_digest=digest)]


def _left(contact: Contact, command: LeaveCustomer) -> list[ContactFact]:
    _check_there(contact)
    if command.moved_to == contact.customer_id:
        raise no.MovedNowhere("name the customer where they are now", field="customer_id")
    return [
        ContactLeft(
            roles=contact.profile.roles,
            on=_past(command.on or command.today, command.today),
            moved_to=command.moved_to,
            moved_as=command.moved_as,
            reason=command.reason,
        )
    ]


def _check_there(contact: Contact) -> None:
    if contact.left_on is not None:
        raise no.ContactGone(
            "left on {left_on}; say first that they are back", left_on=contact.left_on.isoformat()
        )


def _past(day: date, today: date) -> date:
    if day > today:
        raise no.DayToCome("today is {today}", field="on", today=today.isoformat())
    return day


def evolve(contact: Contact | None, fact: ContactFact) -> Contact | None:
    if isinstance(fact, ContactAdded):
        return Contact(customer_id=fact.customer_id, profile=fact.profile, import_digest=fact.import_digest)
    if contact is None:
        return None
    match fact:
        case ContactAmended(profile=profile, import_digest=digest):
            return replace(contact, profile=profile, import_digest=digest or contact.import_digest)
        case ContactCovered(login=login):
            return replace(contact, covered_by=(*contact.covered_by, login))
        case ContactUncovered(login=login):
            return replace(contact, covered_by=tuple(one for one in contact.covered_by if one != login))
        case ContactLeft(on=on, moved_to=moved_to):
            return replace(contact, left_on=on, moved_to=moved_to)
        case ContactReturned():
            return replace(contact, left_on=None, moved_to=None)
        case ContactFollowed(customer_id=customer_id):
            return replace(contact, customer_id=customer_id)
        case ObservationMade():
            return contact


def _of_its_customer(contact_id: UUID, contact: Contact) -> UUID:
    return contact.customer_id


CONTACT: Aggregate[Contact] = Aggregate(
    name="contact",
    facts=(
        ContactAdded,
        ContactAmended,
        ContactCovered,
        ContactUncovered,
        ContactLeft,
        ContactReturned,
        ObservationMade,
        ContactFollowed,
    ),
    decide=decide,
    evolve=evolve,
    customer_of=_of_its_customer,
    state=Contact,
)
