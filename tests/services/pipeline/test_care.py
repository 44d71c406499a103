"""Care for people at customers: every guard, in the words of the business. Today is Monday, 2 March 2026."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

import msgspec
import pytest

from keqing_pipeline.care import refusals as no
from keqing_pipeline.care.commands import (
    ApproveCare,
    CancelCare,
    CareCommand,
    FinishCare,
    RejectCare,
    SubmitCare,
    Surroundings,
)
from keqing_pipeline.care.facts import (
    CareApproved,
    CareCancelled,
    CareDone,
    CareFact,
    CareRejected,
    CareRequested,
)
from keqing_pipeline.care.guards import says_top_executive
from keqing_pipeline.care.policy import CarePolicy
from keqing_pipeline.care.rules import CARE
from keqing_pipeline.care.values import CareKind, CareWish, Occasion
from keqing_pipeline.policy import PipelinePolicy
from keqing_shared.domain import Money, RuleBroken
from keqing_shared.testing import Given, given

CUSTOMER, WANG, ZHOU = UUID(int=1), UUID(int=11), UUID(int=12)
TODAY = date(2026, 3, 2)
CALM = Surroundings(complaint_open=False, tender_open=False)


def yuan(amount: str | int) -> Money:
    return Money(amount=Decimal(amount))


def wish(kind: CareKind = CareKind.GIFT, **members: Any) -> CareWish:
    given_members: dict[str, Any] = {
        "contact_id": WANG,
        "kind": kind,
        "occasion": Occasion.BIRTHDAY,
        "on": date(2026, 3, 10),
        "what": "一盒茶叶",
        "budget": yuan(300),
        **members,
    }
    return CareWish(**given_members)


def submitting(
    wanted: CareWish, number: int = 99, surroundings: Surroundings = CALM, **members: Any
) -> SubmitCare:
    return SubmitCare(
        customer_id=CUSTOMER,
        request_id=UUID(int=number),
        wish=wanted,
        surroundings=surroundings,
        today=TODAY,
        by="li.wei",
        **members,
    )


def requested(number: int, kind: CareKind = CareKind.GIFT, **members: Any) -> CareRequested:
    given_members: dict[str, Any] = {
        "customer_id": CUSTOMER,
        "request_id": UUID(int=number),
        "contact_id": WANG,
        "kind": kind,
        "occasion": Occasion.BIRTHDAY,
        "on": date(2026, 3, 10),
        "what": "一盒茶叶",
        "budget": yuan(300),
        "requested_by": "li.wei",
        **members,
    }
    return CareRequested(**given_members)


def approved(number: int) -> CareApproved:
    return CareApproved(request_id=UUID(int=number), requested_by="li.wei", approved_by="zhou.hong")


def rejected(number: int) -> CareRejected:
    return CareRejected(
        request_id=UUID(int=number), requested_by="li.wei", rejected_by="zhou.hong", reason="太早"
    )


def approving(number: int, by: str = "zhou.hong", surroundings: Surroundings = CALM) -> ApproveCare:
    return ApproveCare(request_id=UUID(int=number), surroundings=surroundings, today=TODAY, by=by)


def care(*facts: CareFact, policy: PipelinePolicy | None = None) -> Given:
    return given(CARE, *facts, policy=policy or PipelinePolicy())


def test_a_gift_within_bounds_is_requested() -> None:
    care().when(submitting(wish(), 1, approver="zhou.hong")).then(requested(1, approver="zhou.hong"))


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


def test_a_manager_approves_what_the_guards_still_allow() -> None:
    care(requested(1)).when(approving(1)).then(approved(1))
    tight = PipelinePolicy(care=CarePolicy(gift_cap=yuan(299)))
    care(requested(1), policy=tight).when(approving(1)).refused(no.GiftOverCap, cap="299 CNY")
    tight = PipelinePolicy(care=CarePolicy(yearly_cap=yuan(599)))
    care(requested(1), requested(2), policy=tight).when(approving(1)).refused(no.YearlyCapReached)


def test_the_approver_is_never_the_requester() -> None:
    care(requested(1)).when(approving(1, by="li.wei")).refused(no.OwnRequest)
    care(requested(1)).when(RejectCare(request_id=UUID(int=1), reason="x", by="li.wei")).refused(
        no.OwnRequest
    )


@pytest.mark.parametrize("kind", [approving, lambda number, **by: rejecting(number, **by)])
def test_whoever_asks_is_told_whom_to_ask_to_decide(kind: Any) -> None:
    led = msgspec.structs.replace(kind(1, by="li.wei"), leader="zhou.hong")
    assert care(requested(1)).when(led).refused(no.OwnRequest, leader="zhou.hong").args == ("ask zhou.hong",)
    alone = care(requested(1)).when(kind(1, by="li.wei")).refused(no.OwnRequest)
    assert alone.args == ("nobody leads you: ask an admin",)


@pytest.mark.parametrize("kind", [approving, lambda number, **by: rejecting(number, **by)])
def test_an_admin_decides_only_for_whom_nobody_leads(kind: Any) -> None:
    admins = msgspec.structs.replace(kind(1, by="root"), admin=True)
    assert len(care(requested(1)).when(admins).outcome()) == 1
    led = msgspec.structs.replace(admins, leader="zhou.hong")
    care(requested(1)).when(led).refused(no.DecidedByLeader, leader="zhou.hong")


def rejecting(number: int, by: str) -> RejectCare:
    return RejectCare(request_id=UUID(int=number), reason="x", by=by)


def test_a_request_is_rejected_with_a_reason() -> None:
    care(requested(1)).when(RejectCare(request_id=UUID(int=1), reason="太早", by="zhou.hong")).then(
        rejected(1)
    )


@pytest.mark.parametrize("decided", [approved(1), rejected(1)])
def test_a_request_is_decided_upon_once(decided: CareFact) -> None:
    care(requested(1), decided).when(approving(1)).refused(no.AlreadyDecidedUpon)


def finishing(cost: Money, today: date = date(2026, 3, 10)) -> FinishCare:
    return FinishCare(request_id=UUID(int=1), outcome="很高兴", cost=cost, today=today, by="li.wei")


def test_what_was_approved_is_done_with_its_outcome_and_cost() -> None:
    care(requested(1), approved(1)).when(finishing(yuan(280))).then(
        CareDone(request_id=UUID(int=1), outcome="很高兴", cost=yuan(280), done_by="li.wei")
    )


def test_no_more_is_spent_than_was_approved() -> None:
    facts = (requested(1), approved(1))
    care(*facts).when(finishing(yuan("300.01"))).refused(no.CostBeyondBudget)
    care(*facts).when(finishing(Money(amount=Decimal(1), currency="USD"))).refused(no.CurrencyOfCaps)
    care(*facts).when(finishing(yuan(-1))).refused(no.BudgetNegative)


def test_only_what_was_approved_is_carried_out_and_not_before_its_day() -> None:
    care(requested(1)).when(finishing(yuan(1))).refused(no.NotApproved, standing="submitted")
    waiting = requested(1, approver="zhou.hong")
    care(waiting).when(finishing(yuan(1))).refused(no.NotApproved, standing="submitted", approver="zhou.hong")
    care(waiting, rejected(1)).when(finishing(yuan(1))).refused(no.NotApproved, standing="rejected")
    care(requested(1), approved(1)).when(finishing(yuan(1), date(2026, 3, 9))).refused(
        no.NotYetDue, day="2026-03-10"
    )


def test_a_request_is_cancelled_by_whoever_made_it_or_a_manager() -> None:
    def cancelling(by: str, leads: bool = False) -> CancelCare:
        return CancelCare(request_id=UUID(int=1), reason="改期", by=by, leads=leads)

    care(requested(1)).when(cancelling("zhao.min")).refused(no.NotYourRequest)
    for facts in ((requested(1),), (requested(1), approved(1))):
        for by, leads in (("li.wei", False), ("zhou.hong", True)):
            care(*facts).when(cancelling(by, leads)).then(
                CareCancelled(request_id=UUID(int=1), reason="改期", cancelled_by=by)
            )
    care(requested(1), rejected(1)).when(cancelling("li.wei")).refused(no.CareOver, standing="rejected")


def test_a_request_that_was_never_made_is_unknown() -> None:
    care().when(approving(1)).refused(no.CareUnknown)
    care(requested(2)).when(approving(1)).refused(no.CareUnknown)


def decided(history: list[CareFact], command: CareCommand, policy: PipelinePolicy) -> list[CareFact]:
    """What follows; nothing when a rule refuses."""
    try:
        return given(CARE, *history, policy=policy).when(command).outcome()
    except RuleBroken:
        return []
