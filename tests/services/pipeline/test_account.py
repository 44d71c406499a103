"""Accounts: what is marked on them, their class and level, and the signs of a defection."""

from datetime import date
from typing import Any

import pytest

from keqing_pipeline.account import refusals as no
from keqing_pipeline.account.commands import (
    ClassAccount,
    ClearComplaint,
    ClearCreditHold,
    DecideTender,
    EndLateness,
    MarkComplaint,
    MarkCreditHold,
    MarkPaymentLate,
    OpenTender,
    ResumeLateness,
    SetRelationshipLevel,
    WatchDefection,
)
from keqing_pipeline.account.facts import (
    AccountClassed,
    AccountFact,
    ComplaintCleared,
    ComplaintMarked,
    CreditHoldCleared,
    CreditHoldMarked,
    DefectionWarned,
    DefectionWarningWithdrawn,
    LatenessEnded,
    PaymentLate,
    RelationshipLevelSet,
    TenderDecided,
    TenderOpened,
)
from keqing_pipeline.account.rules import ACCOUNT
from keqing_pipeline.account.values import AbcClass, RelationshipLevel, Sign, TenderOutcome
from keqing_pipeline.policy import PipelinePolicy
from keqing_shared.testing import given
from tests.services.pipeline.account_stream import ABOUT, CLASS_A, CUSTOMER, OPENED, THING, TODAY, account


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
