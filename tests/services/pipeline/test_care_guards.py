"""What keeps care clean: every guard, in the words of the business."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from uuid import UUID

import pytest

from keqing_pipeline.care import refusals as no
from keqing_pipeline.care.commands import Surroundings
from keqing_pipeline.care.facts import CareCancelled, CareDone
from keqing_pipeline.care.guards import says_top_executive
from keqing_pipeline.care.policy import CarePolicy
from keqing_pipeline.care.values import CareKind, Occasion
from keqing_shared.domain import Money
from tests.services.pipeline.care_stream import (
    TODAY,
    ZHOU,
    approved,
    approving,
    care,
    rejected,
    requested,
    submitting,
    wish,
    yuan,
)


def test_a_festival_is_named_with_the_occasion_festival_only() -> None:
    festive = wish(occasion=Occasion.FESTIVAL, festival="mid_autumn_festival")
    assert care().when(submitting(festive)).outcome()
    care().when(submitting(replace(festive, festival=None))).refused(no.FestivalUnclear)
    care().when(submitting(replace(festive, festival="mid_winter"))).refused(no.FestivalUnclear)
    care().when(submitting(wish(festival="mid_autumn_festival"))).refused(no.FestivalUnclear)


@pytest.mark.parametrize(
    "what",
    [
        "现金",
        "一个大红包",
        "京东购物卡",
        "红 包",
        "A Gift Card",
        "gift\tcard",
        "ＣＡＳＨ",
        "voucher",
        "cash-back",
        "vouchers",
        # Traditional characters.
        "紅包",
        "現金",
        "禮金",
        "轉賬 200",
        # By another name, or written otherwise.
        "微信转帐",
        "京东E卡",
        "京东 E 卡",
        "超市购物券",
        "购物券",
        "提货券",
        "中石化油卡",
        "金条",
        "红\u200b包",
        "红-包",
        "gift-card",
        "giftcard",
        "Gift_Cards",
        "prepaid card",
        "hongbao",
        "Hong Bao",
        "wire transfer",
        "coupons",
    ],
)
def test_cash_and_what_is_as_good_as_cash_is_refused_always(what: str) -> None:
    care().when(submitting(wish(what=what, budget=yuan(1)))).refused(no.CashRefused, field="what")
    noted = wish(CareKind.ACTIVITY, notes=f"另备：{what}")
    care().when(submitting(noted)).refused(no.CashRefused, field="notes")


@pytest.mark.parametrize(
    "what",
    [
        "羊绒围巾 cashmere",
        "腰果 cashew nuts",
        "一盒茶叶",
        "Moneypenny 的书",
        "贺卡",
        "Nike卡包",
        "cryptography 教材",
        "赠卡片：gift, card",
    ],
)
def test_what_only_sounds_like_cash_is_not_refused(what: str) -> None:
    assert care().when(submitting(wish(what=what))).outcome()


def test_care_is_not_aimed_at_the_top_executive_without_a_reason() -> None:
    care().when(submitting(wish(), top_executive=True)).refused(no.ExecutiveWithoutReason)
    care().when(submitting(wish(), title="总经理")).refused(no.ExecutiveWithoutReason)
    [fact] = (
        care().when(submitting(wish(executive_reason="二十周年，双方总经理互赠"), title="总经理")).outcome()
    )
    assert fact.top_executive


@pytest.mark.parametrize(
    ("title", "top"),
    [
        ("总经理", True),
        ("董事长兼党委书记", True),
        ("CEO", True),
        ("Managing Director, Asia", True),
        ("副总经理", False),
        ("副董事长", False),
        ("总经理助理", False),
        ("Vice President", False),
        ("Deputy Managing Director", False),
        ("Assistant to the CEO", False),
        ("采购总监", False),
        ("董事長", True),
        ("總經理", True),
        ("老板", True),
        ("老闆", True),
        ("法人代表", True),
        ("董事局主席", True),
        ("创始人", True),
        ("Owner", True),
        ("Co-Founder", True),
        ("Proprietor", True),
        ("General Manager", True),
        ("副總經理", False),
        ("總經理秘書", False),
        ("Product Owner", False),
        ("Deputy General Manager", False),
        (None, False),
    ],
)
def test_who_is_the_top_executive_by_title(title: str | None, top: bool) -> None:
    assert says_top_executive(title, CarePolicy()) is top


def test_no_gift_is_given_while_a_tender_is_open() -> None:
    tender = Surroundings(complaint_open=False, tender_open=True)
    care().when(submitting(wish(), surroundings=tender)).refused(no.GiftDuringTender)
    assert care().when(submitting(wish(CareKind.MEAL), surroundings=tender)).outcome()


def test_no_gift_is_given_while_a_complaint_is_being_settled() -> None:
    complaint = Surroundings(complaint_open=True, tender_open=False)
    care().when(submitting(wish(), surroundings=complaint)).refused(no.GiftDuringComplaint)
    care(requested(1)).when(approving(1, surroundings=complaint)).refused(no.GiftDuringComplaint)


def test_a_gift_stays_within_the_cap_for_one_gift() -> None:
    assert care().when(submitting(wish(budget=yuan("500.00")))).outcome()
    care().when(submitting(wish(budget=yuan("500.01")))).refused(no.GiftOverCap, cap="500 CNY")
    assert care().when(submitting(wish(CareKind.ACTIVITY, budget=yuan(501)))).outcome()


def test_a_person_gets_no_more_in_a_year_than_the_yearly_cap() -> None:
    spent = [requested(number, CareKind.ACTIVITY, budget=yuan(900)) for number in (1, 2)]
    assert care(*spent).when(submitting(wish(budget=yuan(200)))).outcome()
    care(*spent).when(submitting(wish(budget=yuan(201)))).refused(no.YearlyCapReached, left="200 CNY")
    assert care(*spent).when(submitting(wish(contact_id=ZHOU, budget=yuan(500)))).outcome()
    assert care(*spent).when(submitting(wish(on=date(2027, 1, 2), budget=yuan(500)))).outcome()


def test_what_was_rejected_or_cancelled_counts_toward_no_cap() -> None:
    spent = [requested(number, CareKind.ACTIVITY, budget=yuan(1000)) for number in (1, 2)]
    cancelled = CareCancelled(request_id=UUID(int=2), reason="改期", cancelled_by="li.wei")
    care(*spent).when(submitting(wish())).refused(no.YearlyCapReached, left="0 CNY")
    assert care(*spent, rejected(1)).when(submitting(wish())).outcome()
    assert care(*spent, cancelled).when(submitting(wish())).outcome()


def test_what_was_done_counts_with_what_it_cost() -> None:
    done = CareDone(request_id=UUID(int=1), outcome="很高兴", cost=yuan(1600), done_by="li.wei")
    spent = (requested(1, CareKind.ACTIVITY, budget=yuan(2000)), approved(1))
    care(*spent).when(submitting(wish(budget=yuan(400)))).refused(no.YearlyCapReached)
    assert care(*spent, done).when(submitting(wish(budget=yuan(400)))).outcome()
    care(*spent, done).when(submitting(wish(budget=yuan(401)))).refused(no.YearlyCapReached, left="400 CNY")


def test_care_is_budgeted_in_the_currency_of_its_caps() -> None:
    dollars = Money(amount=Decimal(10), currency="USD")
    care().when(submitting(wish(budget=dollars))).refused(no.CurrencyOfCaps, currency="CNY")
    care().when(submitting(wish(CareKind.MEAL, budget=dollars))).refused(no.CurrencyOfCaps)
    care().when(submitting(wish(budget=yuan(-1)))).refused(no.BudgetNegative)


@pytest.mark.parametrize("day", [4, 5, 10, 15, 16])
def test_a_customer_is_invited_to_one_meal_in_seven_days(day: int) -> None:
    """Whoever is invited, and whether the other meal is approved yet or not."""
    meal = requested(1, CareKind.MEAL, contact_id=ZHOU)
    asked = submitting(wish(CareKind.MEAL, on=date(2026, 3, day)))
    care(meal).when(asked).refused(no.MealTooSoon, other="2026-03-10", days=7)
    care(meal, approved(1)).when(asked).refused(no.MealTooSoon)
    assert care(meal, rejected(1)).when(asked).outcome()


@pytest.mark.parametrize("day", [3, 17])
def test_seven_days_lie_between_two_meals(day: int) -> None:
    meal = requested(1, CareKind.MEAL)
    assert care(meal).when(submitting(wish(CareKind.MEAL, on=date(2026, 3, day)))).outcome()


def test_gifts_are_not_meals() -> None:
    assert care(requested(1)).when(submitting(wish(CareKind.MEAL))).outcome()
    assert care(requested(1, CareKind.MEAL)).when(submitting(wish())).outcome()


def test_care_is_asked_for_before_it_is_given() -> None:
    assert care().when(submitting(wish(on=TODAY))).outcome()
    care().when(submitting(wish(on=date(2026, 3, 1)))).refused(no.CareInPast, today="2026-03-02")
    care(requested(1, on=date(2026, 3, 1))).when(approving(1)).refused(no.CareInPast)
