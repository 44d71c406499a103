"""The people at a customer: added, covered, observed, gone, and gone elsewhere."""

from dataclasses import replace
from datetime import date
from uuid import UUID

from keqing_pipeline.contact import refusals as no
from keqing_pipeline.contact.birthday import Birthday, BirthdayImpossible
from keqing_pipeline.contact.commands import (
    AddContact,
    AmendContact,
    CoverContact,
    FollowCustomer,
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
from keqing_pipeline.contact.profile import BuyingRole, ContactProfile, Observation
from keqing_pipeline.contact.rules import CONTACT
from keqing_pipeline.policy import PipelinePolicy
from keqing_shared.testing import Given, given

CUSTOMER_ID, OTHER_ID = UUID(int=1), UUID(int=2)
TODAY = date(2026, 3, 2)
WANG = ContactProfile(
    name="王丽",
    title="采购总监",
    roles=(BuyingRole.DECIDER, BuyingRole.PAYER),
    birthday=Birthday(month=5, day=1),
)
ADDED = ContactAdded(customer_id=CUSTOMER_ID, profile=WANG)
LEFT = ContactLeft(roles=WANG.roles, on=date(2026, 2, 27))


def having(*facts: ContactFact) -> Given:
    return given(CONTACT, *facts, policy=PipelinePolicy())


def test_a_person_is_added_once() -> None:
    command = AddContact(customer_id=CUSTOMER_ID, profile=WANG, today=TODAY)
    having().when(command).then(ADDED)
    having(ADDED).when(command).refused(no.ContactKnown)


def test_nobody_is_born_on_a_day_that_never_was() -> None:
    wrong = replace(WANG, birthday=Birthday(month=4, day=31))
    adding = AddContact(customer_id=CUSTOMER_ID, profile=wrong, today=TODAY)
    having().when(adding).refused(BirthdayImpossible, field="birthday.day", days=30)
    having(ADDED).when(AmendContact(profile=wrong, today=TODAY)).refused(BirthdayImpossible)


def test_amending_names_what_changed() -> None:
    changed = replace(WANG, title="总经理", donts="不谈政治")
    having(ADDED).when(AmendContact(profile=changed, today=TODAY)).then(
        ContactAmended(profile=changed, changed=("title", "donts"))
    )
    having(ADDED).when(AmendContact(profile=WANG, today=TODAY)).then()


def test_a_person_is_covered_by_several_each_once() -> None:
    covered = ContactCovered(login="li.wei")
    having(ADDED).when(CoverContact(login="li.wei")).then(covered)
    having(ADDED, covered).when(CoverContact(login="li.wei")).then()
    both = having(ADDED, covered).when(CoverContact(login="zhao.min")).state()
    assert both.covered_by == ("li.wei", "zhao.min")
    having(ADDED, covered).when(UncoverContact(login="li.wei")).then(ContactUncovered(login="li.wei"))
    having(ADDED).when(UncoverContact(login="li.wei")).then()


def test_whoever_leaves_is_said_to_have_left_in_the_roles_they_played() -> None:
    leaving = LeaveCustomer(today=TODAY, on=date(2026, 2, 27), reason="退休")
    having(ADDED).when(leaving).then(
        ContactLeft(
            roles=(BuyingRole.DECIDER, BuyingRole.PAYER), on=date(2026, 2, 27), moved_to=None, reason="退休"
        )
    )
    having(ADDED, LEFT).when(leaving).refused(no.ContactGone, left_on="2026-02-27")
    having(ADDED).when(LeaveCustomer(today=TODAY, on=date(2026, 3, 3))).refused(no.DayToCome, field="on")


def test_whoever_moves_is_with_another_customer_afterwards() -> None:
    moved = having(ADDED).when(LeaveCustomer(today=TODAY, moved_to=OTHER_ID)).state()
    assert (moved.left_on, moved.moved_to) == (TODAY, OTHER_ID)
    having(ADDED).when(LeaveCustomer(today=TODAY, moved_to=CUSTOMER_ID)).refused(no.MovedNowhere)


def test_nobody_covers_a_person_who_has_left_until_they_are_back() -> None:
    having(ADDED, LEFT).when(CoverContact(login="li.wei")).refused(no.ContactGone)
    returned = ContactReturned(on=TODAY)
    having(ADDED, LEFT).when(ReturnToCustomer(today=TODAY)).then(returned)
    having(ADDED).when(ReturnToCustomer(today=TODAY)).then()
    having(ADDED, LEFT, returned).when(CoverContact(login="li.wei")).then(ContactCovered(login="li.wei"))


def test_an_observation_says_what_happened_and_what_it_tells() -> None:
    seen = Observation(happened="谈到预算时看了一眼财务经理", tells="预算由财务经理定")
    having(ADDED).when(MakeObservation(observation=seen, today=TODAY, by="li.wei")).then(
        ObservationMade(observation=seen, on=TODAY, by="li.wei")
    )
    early = MakeObservation(observation=replace(seen, on=date(2026, 3, 3)), today=TODAY, by="li.wei")
    having(ADDED).when(early).refused(no.DayToCome, field="on")


def test_a_contact_follows_its_customer_into_another_file_and_out_again() -> None:
    followed = ContactFollowed(customer_id=OTHER_ID, previous=CUSTOMER_ID)
    having(ADDED).when(FollowCustomer(customer_id=OTHER_ID)).then(followed)
    having(ADDED).when(FollowCustomer(customer_id=CUSTOMER_ID)).then()
    back = having(ADDED, followed).when(FollowCustomer(customer_id=CUSTOMER_ID))
    assert back.state() == having(ADDED).when(FollowCustomer(customer_id=CUSTOMER_ID)).state()
    assert CONTACT.customer_of(UUID(int=9), back.state()) == CUSTOMER_ID


def test_a_contact_that_is_not_there_is_not_found() -> None:
    for command in (
        AmendContact(profile=WANG, today=TODAY),
        CoverContact(login="li.wei"),
        LeaveCustomer(today=TODAY),
    ):
        having().when(command).refused(no.ContactUnknown)
