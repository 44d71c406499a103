"""What the others hear of the people at a customer: roles and days, never who."""

from datetime import date
from uuid import UUID

import pytest

from keqing_pipeline.contact.facts import (
    ContactAdded,
    ContactAmended,
    ContactCovered,
    ContactFollowed,
    ContactLeft,
    ContactReturned,
    ContactUncovered,
    ObservationMade,
)
from keqing_pipeline.contact.profile import BuyingRole, ContactProfile, Observation
from keqing_pipeline.contact.team import (
    FirstImpressionsNoted,
    FirstImpressionsOverdue,
    TeamJoined,
    TeamLeft,
)
from keqing_pipeline.customer.facts import (
    CustomerAbsorbed,
    CustomerMerged,
    CustomerReleased,
    MergeUndone,
)
from keqing_shared.domain import Fact

from .test_published import ID, told

ABOUT = {"contact_id": str(ID)}
DAY = date(2026, 3, 2)
CUSTOMER = UUID(int=1)
WANG = ContactProfile(name="王丽", roles=(BuyingRole.DECIDER,))


@pytest.mark.parametrize(
    ("fact", "data"),
    [
        (ContactAdded(customer_id=CUSTOMER, profile=WANG), {"roles": ["decider"], "came_from": None}),
        (ContactCovered(login="li.wei"), {"login": "li.wei"}),
        (ContactUncovered(login="li.wei"), {"login": "li.wei"}),
        (
            ContactLeft(roles=(BuyingRole.DECIDER,), on=DAY, moved_to=CUSTOMER, reason="被王丽挖走"),
            {"roles": ["decider"], "on": "2026-03-02", "moved_to": str(CUSTOMER)},
        ),
        (ContactReturned(on=DAY), {"on": "2026-03-02"}),
    ],
)
def test_what_travels_of_a_contact(fact: Fact, data: dict[str, object]) -> None:
    assert told(fact) == (type(fact).__name__, ABOUT | data)


def test_what_travels_of_an_account_team() -> None:
    joined = TeamJoined(customer_id=CUSTOMER, login="li.wei", on=DAY, impressions_due_on=DAY)
    assert told(joined) == ("TeamJoined", {"login": "li.wei", "impressions_due_on": "2026-03-02"})
    noted = FirstImpressionsNoted(login="li.wei", on=DAY, note="王丽说了算")
    assert told(noted) == ("FirstImpressionsNoted", {"login": "li.wei"})
    overdue = FirstImpressionsOverdue(login="li.wei", due_on=DAY)
    assert told(overdue) == ("FirstImpressionsOverdue", {"login": "li.wei", "due_on": "2026-03-02"})
    assert told(TeamLeft(login="li.wei", on=DAY)) is None


def test_what_travels_of_a_merge_and_of_its_undoing() -> None:
    other = UUID(int=1)
    assert told(CustomerMerged(into=other, reason="王丽说的")) == ("CustomerMerged", {"into": str(other)})
    assert told(MergeUndone(out_of=other, reason="王丽说的")) == ("MergeUndone", {"out_of": str(other)})
    assert told(CustomerAbsorbed(merged=other)) is None
    assert told(CustomerReleased(merged=other)) is None


@pytest.mark.parametrize(
    "fact",
    [
        ContactAmended(profile=WANG, changed=("title",)),
        ObservationMade(observation=Observation(happened="迟到", tells="很忙"), on=DAY, by="li.wei"),
        ContactFollowed(customer_id=CUSTOMER, previous=CUSTOMER),
    ],
)
def test_what_is_known_of_a_person_stays_here(fact: Fact) -> None:
    assert told(fact) is None
