"""Who may be a key account, what it has to be planned, and when it is none any more."""

from datetime import date

import pytest

from keqing_pipeline.account import refusals as no
from keqing_pipeline.account.commands import (
    AgreePlan,
    AppraiseAccount,
    ClassAccount,
    EndKeyAccount,
    NameKeyAccount,
    NoteReviewDue,
    ReviewAccount,
)
from keqing_pipeline.account.facts import (
    AccountClassed,
    AccountReviewDue,
    AccountReviewed,
    KeyAccountEnded,
    PlanAgreed,
)
from keqing_pipeline.account.values import AbcClass, AccountPlan, KeyEnd, Objective, Promise, Standard
from keqing_pipeline.customer.man import Known
from tests.services.pipeline.account_stream import (
    ABOUT,
    AGREED,
    CLASS_A,
    CUSTOMER,
    NAMED,
    PLAN,
    TODAY,
    account,
    appraised,
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
