"""Callbacks (回访): three days, three weeks and three months after the win."""

from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest

from keqing_service_desk.callback import (
    CALLBACK,
    AlreadyDone,
    AnswersMissing,
    CallbackDone,
    CallbackDue,
    CallbackMissed,
    CallbackOutcome,
    CallbackPlanned,
    CheckCallback,
    NoSuchCallback,
    PlanCallback,
    RecordCallback,
    callback_id,
)
from keqing_service_desk.policy import CallbackKind, ServiceDeskPolicy
from keqing_shared.testing import Given, given

CUSTOMER, DEAL = UUID(int=1), UUID(int=2)
NOW = datetime(2026, 3, 5, 2, tzinfo=UTC)


def plan(kind: CallbackKind, won_on: date, today: date | None = None) -> PlanCallback:
    return PlanCallback(
        customer_id=CUSTOMER, opportunity_id=DEAL, kind=kind, won_on=won_on, today=today or won_on
    )


def planned(kind: CallbackKind, won_on: date, due_on: date) -> CallbackPlanned:
    return CallbackPlanned(customer_id=CUSTOMER, opportunity_id=DEAL, kind=kind, won_on=won_on, due_on=due_on)


PLANNED = planned("three_days", date(2026, 3, 2), date(2026, 3, 5))


def callback(*facts: Any) -> Given:
    return given(CALLBACK, *facts, policy=ServiceDeskPolicy())


@pytest.mark.parametrize(
    ("kind", "won_on", "due_on"),
    [
        ("three_days", date(2026, 3, 2), date(2026, 3, 5)),
        ("three_weeks", date(2026, 3, 2), date(2026, 3, 23)),
        ("three_months", date(2026, 3, 2), date(2026, 6, 2)),
        ("three_months", date(2025, 11, 30), date(2026, 2, 28)),  # no 30 February
        ("three_months", date(2025, 12, 31), date(2026, 3, 31)),
    ],
)
def test_a_win_plans_its_callbacks(kind: CallbackKind, won_on: date, due_on: date) -> None:
    callback().when(plan(kind, won_on)).then(planned(kind, won_on, due_on))


def test_a_callback_is_planned_once() -> None:
    callback(PLANNED).when(plan("three_days", date(2026, 3, 2))).then()


def test_a_win_of_long_ago_plans_only_what_can_still_be_done() -> None:
    won_on = date(2026, 3, 2)
    week_over = date(2026, 3, 13)  # due on the 5th, and the week of grace ended on the 12th
    callback().when(plan("three_days", won_on, today=week_over)).then()
    callback().when(plan("three_weeks", won_on, today=week_over)).then(
        planned("three_weeks", won_on, date(2026, 3, 23))
    )


def test_the_same_win_has_the_same_callbacks_and_a_second_win_others() -> None:
    first = callback_id(DEAL, date(2026, 3, 2), "three_days")
    assert first == callback_id(DEAL, date(2026, 3, 2), "three_days")
    assert first != callback_id(DEAL, date(2026, 9, 2), "three_days")
    assert first != callback_id(DEAL, date(2026, 3, 2), "three_weeks")


def test_a_callback_becomes_due_once_and_missed_after_a_week() -> None:
    callback(PLANNED).when(CheckCallback(today=date(2026, 3, 4))).then()
    callback(PLANNED).when(CheckCallback(today=date(2026, 3, 5))).then(CallbackDue(on=date(2026, 3, 5)))
    announced = callback(PLANNED, CallbackDue(on=date(2026, 3, 5)))
    announced.when(CheckCallback(today=date(2026, 3, 12))).then()
    missed = CallbackMissed(on=date(2026, 3, 13))
    announced.when(CheckCallback(today=date(2026, 3, 13))).then(missed)
    callback(PLANNED, missed).when(CheckCallback(today=date(2026, 3, 20))).then()


def record(outcome: CallbackOutcome, answers: str | None = None) -> RecordCallback:
    return RecordCallback(outcome=outcome, answers=answers, at=NOW, by="zhao.min")


def test_a_callback_is_made_once_even_late() -> None:
    done = CallbackDone(outcome=CallbackOutcome.SATISFIED, at=NOW, by="zhao.min")
    callback(PLANNED).when(record(CallbackOutcome.SATISFIED)).then(done)
    callback(PLANNED, CallbackMissed(on=date(2026, 3, 13))).when(record(CallbackOutcome.SATISFIED)).then(done)
    callback(PLANNED, done).when(record(CallbackOutcome.SATISFIED)).refused(AlreadyDone)
    callback(PLANNED, done).when(CheckCallback(today=date(2026, 3, 13))).then()


def test_a_dissatisfied_customer_is_quoted() -> None:
    callback(PLANNED).when(record(CallbackOutcome.UNSATISFIED)).refused(AnswersMissing, field="answers")
    assert callback(PLANNED).when(record(CallbackOutcome.UNSATISFIED, "It is loud.")).outcome()


def test_nothing_is_recorded_of_a_callback_that_is_not_there() -> None:
    callback().when(record(CallbackOutcome.SATISFIED)).refused(NoSuchCallback)
