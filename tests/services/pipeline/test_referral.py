"""Referrals: asked of whoever has bought, given once, linked both ways."""

from datetime import date
from uuid import UUID

from keqing_pipeline.referral.rules import (
    REFERRALS,
    AskReferral,
    CustomerReferred,
    GiveReferral,
    LinkBack,
    NotBoughtYet,
    ReferralAsked,
    ReferralGiven,
    ReferredItself,
)
from keqing_shared.testing import given

OLD, NEW, TODAY = UUID(int=1), UUID(int=2), date(2026, 3, 2)
GIVEN = ReferralGiven(customer_id=OLD, referred_id=NEW, on=TODAY, by="li.wei", note="同一个园区")
GIVING = GiveReferral(customer_id=OLD, referred_id=NEW, on=TODAY, by="li.wei", note="同一个园区")
BACK = CustomerReferred(customer_id=NEW, referrer_id=OLD, on=TODAY)


def test_a_customer_who_has_bought_is_asked_again_and_again() -> None:
    asking = AskReferral(customer_id=OLD, purchases=1, on=TODAY, by="li.wei")
    asked = ReferralAsked(customer_id=OLD, on=TODAY, by="li.wei")
    given(REFERRALS).when(asking).then(asked)
    given(REFERRALS, asked).when(asking).then(asked)


def test_who_has_not_bought_is_not_asked() -> None:
    given(REFERRALS).when(AskReferral(customer_id=OLD, purchases=0, on=TODAY, by="li.wei")).refused(
        NotBoughtYet
    )


def test_a_referral_is_given_once() -> None:
    given(REFERRALS).when(GIVING).then(GIVEN)
    given(REFERRALS, GIVEN).when(GIVING).then()


def test_nobody_refers_themselves() -> None:
    command = GiveReferral(customer_id=OLD, referred_id=OLD, on=TODAY, by="li.wei")
    given(REFERRALS).when(command).refused(ReferredItself)


def test_a_customer_is_linked_back_to_whoever_named_it_first() -> None:
    given(REFERRALS).when(LinkBack(customer_id=NEW, referrer_id=OLD, on=TODAY)).then(BACK)
    given(REFERRALS, BACK).when(LinkBack(customer_id=NEW, referrer_id=UUID(int=3), on=TODAY)).then()
