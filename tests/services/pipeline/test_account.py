"""Accounts: what is marked on them, who may be a key account, plans and reviews, relationship, warnings."""

from datetime import date
from typing import Any
from uuid import UUID

import pytest

from keqing_pipeline.account import refusals as no
from keqing_pipeline.account.commands import (
    AgreePlan,
    AppraiseAccount,
    ClassAccount,
    ClearComplaint,
    ClearCreditHold,
    DecideTender,
    EndKeyAccount,
    EndLateness,
    MarkComplaint,
    MarkCreditHold,
    MarkPaymentLate,
    NameKeyAccount,
    NoteReviewDue,
    OpenTender,
    ResumeLateness,
    ReviewAccount,
    SetRelationshipLevel,
    WatchDefection,
)
from keqing_pipeline.account.facts import (
    AccountAppraised,
    AccountClassed,
    AccountFact,
    AccountOpened,
    AccountReviewDue,
    AccountReviewed,
    ComplaintCleared,
    ComplaintMarked,
    CreditHoldCleared,
    CreditHoldMarked,
    DefectionWarned,
    DefectionWarningWithdrawn,
    KeyAccountEnded,
    KeyAccountNamed,
    LatenessEnded,
    PaymentLate,
    PlanAgreed,
    RelationshipLevelSet,
    TenderDecided,
    TenderOpened,
)
from keqing_pipeline.account.rules import ACCOUNT
from keqing_pipeline.account.values import (
    AbcClass,
    AccountPlan,
    Appraisal,
    KeyEnd,
    Objective,
    Promise,
    RelationshipLevel,
    Sign,
    Standard,
    TenderOutcome,
)
from keqing_pipeline.customer.man import Known
from keqing_pipeline.policy import PipelinePolicy
from keqing_shared.testing import Given, given

CUSTOMER, THING = UUID(int=1), UUID(int=2)
TODAY = date(2026, 3, 2)
OPENED = AccountOpened(customer_id=CUSTOMER)
ABOUT: dict[str, Any] = {"customer_id": CUSTOMER, "on": TODAY}
CLASS_A = AccountClassed(abc=AbcClass.A, as_of=TODAY)
NAMED = KeyAccountNamed(purchases=3, on=TODAY)
PLAN = AccountPlan(
    objectives=(Objective(what="两条产线都用我们的设备", by=date(2026, 12, 31)),),
    team=("li.wei", "zhao.min"),
    promises=(Promise(standard=Standard.FORETHOUGHT, what="每季度一次巡检"),),
)
AGREED = PlanAgreed(plan=PLAN, on=TODAY, review_due_on=date(2026, 6, 1))


def account(*facts: AccountFact) -> Given:
    return given(ACCOUNT, OPENED, *facts, policy=PipelinePolicy())


def appraised(profitable: Known = Known.YES, squeezing: Known = Known.NO) -> AccountAppraised:
    appraisal = Appraisal(profitable=profitable, squeezing=squeezing, evidence="去年毛利两成")
    return AccountAppraised(appraisal=appraisal, on=TODAY)


def test_the_first_thing_to_say_opens_the_account() -> None:
    given(ACCOUNT, policy=PipelinePolicy()).when(MarkComplaint(**ABOUT, complaint_id=THING)).then(
        OPENED, ComplaintMarked(complaint_id=THING, opened_on=TODAY)
    )


def test_nothing_to_say_opens_no_account() -> None:
    given(ACCOUNT, policy=PipelinePolicy()).when(ClearComplaint(**ABOUT, complaint_id=THING)).then()


MARKS = [
    (MarkComplaint(**ABOUT, complaint_id=THING), ComplaintMarked(complaint_id=THING, opened_on=TODAY)),
    (
        MarkPaymentLate(**ABOUT, invoice_id=THING, due_on=date(2026, 2, 1)),
        PaymentLate(invoice_id=THING, due_on=date(2026, 2, 1)),
    ),
    (MarkCreditHold(**ABOUT), CreditHoldMarked(on=TODAY)),
    (
        OpenTender(**ABOUT, tender_id=THING, title="泵站招标"),
        TenderOpened(tender_id=THING, title="泵站招标", on=TODAY),
    ),
]
CLEARS = [
    (ClearComplaint(**ABOUT, complaint_id=THING), ComplaintCleared(complaint_id=THING, on=TODAY)),
    (EndLateness(**ABOUT, invoice_id=THING), LatenessEnded(invoice_id=THING)),
    (ClearCreditHold(**ABOUT), CreditHoldCleared(on=TODAY)),
    (
        DecideTender(**ABOUT, tender_id=THING, outcome=TenderOutcome.WON),
        TenderDecided(tender_id=THING, outcome=TenderOutcome.WON, on=TODAY),
    ),
]


@pytest.mark.parametrize(("marking", "marked"), MARKS)
def test_what_happened_elsewhere_is_marked_once(marking: Any, marked: AccountFact) -> None:
    account().when(marking).then(marked)
    account(marked).when(marking).then()


@pytest.mark.parametrize(
    ("clearing", "cleared", "marked"),
    [(*clear, mark[1]) for clear, mark in zip(CLEARS, MARKS, strict=True)],
)
def test_a_mark_is_cleared_once(clearing: Any, cleared: AccountFact, marked: AccountFact) -> None:
    account(marked).when(clearing).then(cleared)
    if not isinstance(clearing, DecideTender):
        account(marked, cleared).when(clearing).then()


def test_a_payment_that_was_late_is_late_again_when_it_went_back() -> None:
    late, ended = MARKS[1][1], CLEARS[1][1]
    again = ResumeLateness(**ABOUT, invoice_id=THING)
    account(late, ended).when(again).then(late)
    account(late).when(again).then()
    account().when(again).then()  # never late so far: collections says so when it is
    account(late, ended, late).when(CLEARS[1][0]).then(ended)


def test_a_tender_that_is_not_open_is_not_decided() -> None:
    account().when(CLEARS[3][0]).refused(no.TenderUnknown)


def test_a_complaint_that_is_reopened_is_marked_again() -> None:
    marked, cleared = MARKS[0][1], CLEARS[0][1]
    again = MarkComplaint(customer_id=CUSTOMER, on=date(2026, 3, 9), complaint_id=THING)
    account(marked, cleared).when(again).then(ComplaintMarked(complaint_id=THING, opened_on=date(2026, 3, 9)))


def test_a_class_is_said_when_it_changes() -> None:
    command = ClassAccount(**ABOUT, abc=AbcClass.A)
    account().when(command).then(CLASS_A)
    account(CLASS_A).when(command).then()
    account(CLASS_A).when(ClassAccount(**ABOUT, abc=AbcClass.B)).then(
        AccountClassed(abc=AbcClass.B, as_of=TODAY, previous=AbcClass.A)
    )


def test_a_profitable_modest_regular_buyer_of_class_a_is_a_key_account() -> None:
    account(CLASS_A, appraised()).when(NameKeyAccount(**ABOUT, purchases=3)).then(NAMED)


def test_a_customer_below_class_a_is_no_key_account() -> None:
    naming = NameKeyAccount(**ABOUT, purchases=9)
    classed = AccountClassed(abc=AbcClass.B, as_of=TODAY)
    account(classed, appraised()).when(naming).refused(no.NotClassA, abc=AbcClass.B)
    account(appraised()).when(naming).refused(no.NotClassA)


def test_a_one_off_bulk_buyer_is_no_key_account() -> None:
    account(CLASS_A, appraised()).when(NameKeyAccount(**ABOUT, purchases=2)).refused(
        no.BoughtTooSeldom, purchases=2, needed=3
    )


def test_a_large_unprofitable_customer_is_no_key_account() -> None:
    account(CLASS_A, appraised(profitable=Known.NO)).when(NameKeyAccount(**ABOUT, purchases=3)).refused(
        no.Unprofitable
    )


def test_a_customer_that_demands_ever_more_is_no_key_account() -> None:
    account(CLASS_A, appraised(squeezing=Known.YES)).when(NameKeyAccount(**ABOUT, purchases=3)).refused(
        no.Squeezing
    )


def test_what_nobody_has_judged_is_found_out_first() -> None:
    naming = NameKeyAccount(**ABOUT, purchases=3)
    account(CLASS_A).when(naming).refused(no.NotAppraised, unknown=["profitable", "squeezing"])
    account(CLASS_A, appraised(squeezing=Known.UNKNOWN)).when(naming).refused(
        no.NotAppraised, unknown=["squeezing"]
    )


def test_nobody_becomes_a_key_account_twice_but_after_it_ended() -> None:
    naming = NameKeyAccount(**ABOUT, purchases=3)
    account(CLASS_A, appraised(), NAMED).when(naming).refused(no.AlreadyKeyAccount)
    ended = KeyAccountEnded(on=TODAY, because=KeyEnd.BY_HAND, reason="合并")
    account(CLASS_A, appraised(), NAMED).when(EndKeyAccount(**ABOUT, reason="合并")).then(ended)
    account(CLASS_A, appraised(), NAMED, ended).when(naming).then(NAMED)


@pytest.mark.parametrize("abc", [AbcClass.B, AbcClass.C])
def test_a_key_account_that_falls_out_of_class_a_is_none_any_more(abc: AbcClass) -> None:
    fallen = AccountClassed(abc=abc, as_of=TODAY, previous=AbcClass.A)
    ended = KeyAccountEnded(on=TODAY, because=KeyEnd.NOT_CLASS_A)
    classing = ClassAccount(**ABOUT, abc=abc)
    tried = account(CLASS_A, appraised(), NAMED, AGREED).when(classing)
    tried.then(fallen, ended)
    assert (tried.state().key, tried.state().review_due_on) == (None, None)
    account(CLASS_A, appraised()).when(classing).then(fallen)


@pytest.mark.parametrize(
    ("profitable", "squeezing", "because"),
    [
        (Known.NO, Known.NO, KeyEnd.UNPROFITABLE),
        (Known.YES, Known.YES, KeyEnd.SQUEEZING),
        (Known.UNKNOWN, Known.UNKNOWN, None),
    ],
)
def test_a_key_account_that_costs_more_than_it_brings_is_none_any_more(
    profitable: Known, squeezing: Known, because: KeyEnd | None
) -> None:
    judged = appraised(profitable, squeezing)
    ended = [] if because is None else [KeyAccountEnded(on=TODAY, because=because)]
    appraising = AppraiseAccount(**ABOUT, appraisal=judged.appraisal)
    account(CLASS_A, appraised(), NAMED).when(appraising).then(judged, *ended)


def test_the_same_appraisal_says_nothing_new() -> None:
    known = appraised()
    account(known).when(AppraiseAccount(**ABOUT, appraisal=known.appraisal)).then()


def test_a_plan_is_reviewed_an_interval_later_on_a_working_day() -> None:
    # Ninety days after 2 March is Sunday, 31 May.
    account(NAMED).when(AgreePlan(**ABOUT, plan=PLAN)).then(AGREED)
    account(NAMED, AGREED).when(AgreePlan(**ABOUT, plan=PLAN)).then()


def test_only_a_key_account_has_a_plan_and_reviews() -> None:
    account().when(AgreePlan(**ABOUT, plan=PLAN)).refused(no.NotKeyAccount)
    account().when(ReviewAccount(**ABOUT, findings="都好")).refused(no.NotKeyAccount)
    account(NAMED).when(ReviewAccount(**ABOUT, findings="都好")).refused(no.PlanMissing)


def test_a_plan_promises_each_standard_once() -> None:
    twice = (PLAN.promises[0], Promise(standard=Standard.FORETHOUGHT, what="每月一次"))
    plan = AccountPlan(objectives=PLAN.objectives, team=PLAN.team, promises=twice)
    account(NAMED).when(AgreePlan(**ABOUT, plan=plan)).refused(no.PromiseTwice, standards=["forethought"])


def test_a_new_objective_lies_ahead_and_an_old_one_may_stay() -> None:
    late = date(2027, 1, 5)
    command = AgreePlan(customer_id=CUSTOMER, on=late, plan=PLAN)
    account(NAMED).when(command).refused(no.ObjectivePast, today="2027-01-05")
    more = AccountPlan(objectives=(*PLAN.objectives, Objective(what="年度框架协议")), team=PLAN.team)
    account(NAMED, AGREED).when(AgreePlan(customer_id=CUSTOMER, on=late, plan=more)).then(
        PlanAgreed(plan=more, on=late, review_due_on=date(2027, 4, 6))  # the 5th is Qingming
    )


def test_a_due_review_is_told_once_and_comes_again() -> None:
    due = AccountReviewDue(due_on=date(2026, 6, 1))
    account(NAMED, AGREED).when(NoteReviewDue(customer_id=CUSTOMER, on=date(2026, 5, 31))).then()
    account(NAMED, AGREED).when(NoteReviewDue(customer_id=CUSTOMER, on=date(2026, 6, 1))).then(due)
    account(NAMED, AGREED, due).when(NoteReviewDue(customer_id=CUSTOMER, on=date(2026, 6, 2))).then()
    reviewed = AccountReviewed(findings="目标过半", on=date(2026, 6, 3), next_due_on=date(2026, 9, 1))
    reviewing = ReviewAccount(customer_id=CUSTOMER, on=date(2026, 6, 3), findings="目标过半")
    account(NAMED, AGREED, due).when(reviewing).then(reviewed)
    account(NAMED, AGREED, due, reviewed).when(NoteReviewDue(customer_id=CUSTOMER, on=date(2026, 9, 2))).then(
        AccountReviewDue(due_on=date(2026, 9, 1))
    )


def test_the_plan_ends_with_the_key_account() -> None:
    ended = KeyAccountEnded(on=TODAY, because=KeyEnd.BY_HAND, reason="合并")
    account(NAMED, AGREED, ended).when(NoteReviewDue(customer_id=CUSTOMER, on=date(2026, 6, 1))).then()


def test_a_relationship_level_is_set_with_evidence() -> None:
    setting = SetRelationshipLevel(**ABOUT, level=RelationshipLevel.LEADING, evidence="总经理每月来访")
    shown = RelationshipLevelSet(level=RelationshipLevel.LEADING, evidence="总经理每月来访", on=TODAY)
    account().when(setting).then(shown)
    account(shown).when(setting).then()


SIGNS = (Sign.COMPLAINT, Sign.PAYMENT_LATE)


def test_two_signs_warn_once_until_they_pass() -> None:
    warned = DefectionWarned(signs=SIGNS, on=TODAY)
    account().when(WatchDefection(**ABOUT, signs=SIGNS[:1])).then()
    account().when(WatchDefection(**ABOUT, signs=SIGNS)).then(warned)
    account(warned).when(WatchDefection(**ABOUT, signs=(*SIGNS, Sign.CONTACT_GAP))).then()
    withdrawn = DefectionWarningWithdrawn(signs=SIGNS[:1], on=TODAY)
    account(warned).when(WatchDefection(**ABOUT, signs=SIGNS[:1])).then(withdrawn)
    account(warned, withdrawn).when(WatchDefection(**ABOUT, signs=SIGNS)).then(warned)
