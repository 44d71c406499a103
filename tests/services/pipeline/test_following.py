"""What there is one of for each file follows to whom the file belongs, and takes nothing up meanwhile."""

from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from keqing_pipeline.account.commands import SetRelationshipLevel
from keqing_pipeline.account.facts import AccountFollowed, AccountOpened
from keqing_pipeline.account.rules import ACCOUNT
from keqing_pipeline.account.values import RelationshipLevel
from keqing_pipeline.care.commands import ApproveCare, SubmitCare, Surroundings
from keqing_pipeline.care.facts import CareApproved, CareFollowed, CareRequested
from keqing_pipeline.care.rules import CARE
from keqing_pipeline.care.values import CareKind, CareWish, Occasion
from keqing_pipeline.contact.team import ACCOUNT_TEAM, JoinTeam, TeamFollowed, TeamJoined
from keqing_pipeline.customer.commands import FollowCustomer
from keqing_pipeline.policy import PipelinePolicy
from keqing_pipeline.referral.rules import REFERRALS, AskReferral, ReferralAsked, ReferralsFollowed
from keqing_shared.domain import Aggregate, MergedAway, Money
from keqing_shared.testing import given

OWN, WHOLE, LARGER = UUID(int=1), UUID(int=2), UUID(int=3)
TODAY = date(2026, 3, 2)
MONEY = Money(amount=Decimal(100))
CALM = Surroundings(complaint_open=False, tender_open=False)
WISH = CareWish(
    contact_id=UUID(int=7), kind=CareKind.GIFT, occasion=Occasion.OTHER, on=TODAY, what="茶", budget=MONEY
)
REQUESTED = CareRequested(
    customer_id=OWN,
    request_id=UUID(int=8),
    contact_id=UUID(int=7),
    kind=CareKind.GIFT,
    occasion=Occasion.OTHER,
    on=TODAY,
    what="茶",
    budget=MONEY,
    requested_by="li.wei",
)
ADDING: dict[str, tuple[Aggregate[Any], Any, Any, Any]] = {
    "an account team": (
        ACCOUNT_TEAM,
        TeamJoined(customer_id=OWN, login="li.wei", on=TODAY),
        TeamFollowed,
        JoinTeam(customer_id=OWN, login="zhao.min", today=TODAY),
    ),
    "an account": (
        ACCOUNT,
        AccountOpened(customer_id=OWN),
        AccountFollowed,
        SetRelationshipLevel(customer_id=OWN, on=TODAY, level=RelationshipLevel.AWARE, evidence="认识"),
    ),
    "care": (
        CARE,
        REQUESTED,
        CareFollowed,
        SubmitCare(
            customer_id=OWN,
            request_id=UUID(int=9),
            wish=WISH,
            surroundings=CALM,
            today=TODAY,
            by="li.wei",
        ),
    ),
    "referrals": (
        REFERRALS,
        ReferralAsked(customer_id=OWN, on=TODAY, by="li.wei"),
        ReferralsFollowed,
        AskReferral(customer_id=OWN, purchases=1, on=TODAY, by="li.wei"),
    ),
}


@pytest.mark.parametrize("what", ADDING)
def test_it_follows_once_further_and_back_again(what: str) -> None:
    aggregate, begun, followed, _ = ADDING[what]

    def having(*facts: Any) -> Any:
        return given(aggregate, begun, *facts, policy=PipelinePolicy())

    there = followed(customer_id=WHOLE, previous=OWN)
    tried = having().when(FollowCustomer(customer_id=WHOLE))
    tried.then(there)
    assert (tried.state().whose, tried.state().customer_id) == (WHOLE, OWN)
    having(there).when(FollowCustomer(customer_id=WHOLE)).then()
    further = followed(customer_id=LARGER, previous=WHOLE)
    having(there).when(FollowCustomer(customer_id=LARGER)).then(further)
    back = having(there).when(FollowCustomer(customer_id=OWN))
    back.then(followed(customer_id=OWN, previous=WHOLE))
    assert back.state().whose == OWN


@pytest.mark.parametrize("what", ADDING)
def test_nothing_is_added_to_it_while_its_file_is_part_of_another(what: str) -> None:
    aggregate, begun, followed, adding = ADDING[what]
    there = followed(customer_id=WHOLE, previous=OWN)
    given(aggregate, begun, there, policy=PipelinePolicy()).when(adding).refused(
        MergedAway, survivor=str(WHOLE)
    )
    back = followed(customer_id=OWN, previous=WHOLE)
    assert given(aggregate, begun, there, back, policy=PipelinePolicy()).when(adding).outcome()


@pytest.mark.parametrize("what", ADDING)
def test_what_there_is_none_of_does_not_follow(what: str) -> None:
    given(ADDING[what][0], policy=PipelinePolicy()).when(FollowCustomer(customer_id=WHOLE)).then()


def test_what_was_asked_for_at_the_file_is_decided_upon_where_it_was_asked_for() -> None:
    there = CareFollowed(customer_id=WHOLE, previous=OWN)
    approving = ApproveCare(request_id=UUID(int=8), surroundings=CALM, today=TODAY, by="zhou.hong")
    approved = CareApproved(request_id=UUID(int=8), requested_by="li.wei", approved_by="zhou.hong")
    given(CARE, REQUESTED, there, policy=PipelinePolicy()).when(approving).then(approved)
