"""Grade: how near in time, by the calendar."""

from datetime import date

import pytest
from msgspec.structs import replace

from keqing_pipeline.opportunity.commands import NoteGrade
from keqing_pipeline.opportunity.facts import DealLost, GradeChanged, OpportunityAmended
from keqing_pipeline.opportunity.grade import Grade, grade, months_after
from keqing_pipeline.policy import GradeMonths
from tests.services.pipeline.history import OPENED, having

TODAY = date(2026, 1, 31)


@pytest.mark.parametrize(
    ("expected", "is_grade"),
    [
        (date(2025, 12, 1), Grade.A),
        (date(2026, 2, 28), Grade.A),
        (date(2026, 3, 1), Grade.B),
        (date(2026, 3, 31), Grade.B),
        (date(2026, 4, 1), Grade.C),
        (date(2026, 4, 30), Grade.C),
        (date(2026, 5, 1), Grade.D),
        (None, Grade.D),
    ],
)
def test_seen_on_the_last_of_january(expected: date | None, is_grade: Grade) -> None:
    assert grade(expected, TODAY, GradeMonths()) is is_grade


def test_time_alone_raises_the_grade() -> None:
    close = date(2026, 5, 15)
    days = (date(2026, 1, 1), date(2026, 2, 15), date(2026, 3, 15), date(2026, 4, 15))
    assert [grade(close, day, GradeMonths()) for day in days] == ["D", "C", "B", "A"]


def test_a_month_on_from_a_long_one_is_the_last_of_the_shorter() -> None:
    assert months_after(date(2026, 1, 31), 1) == date(2026, 2, 28)
    assert months_after(date(2028, 1, 31), 1) == date(2028, 2, 29)
    assert months_after(date(2026, 12, 15), 1) == date(2027, 1, 15)
    assert months_after(date(2026, 11, 30), 3) == date(2027, 2, 28)


def test_the_first_three_grades_have_names() -> None:
    assert [each.urgency for each in Grade] == ["eager", "promising", "watching", None]


B_AT_FIRST = replace(OPENED, expected_close_on=date(2026, 4, 20))
"""Opened on the 2nd of March: within two months, and from the 20th of March on within one."""
CROSSED = GradeChanged(owner="li.wei", before=Grade.B, after=Grade.A, on=date(2026, 3, 20))


def test_a_grade_crossed_with_time_alone_is_said_on_that_day_and_once() -> None:
    having(B_AT_FIRST).when(NoteGrade(today=date(2026, 3, 19))).then()
    having(B_AT_FIRST).when(NoteGrade(today=date(2026, 3, 20))).then(CROSSED)
    having(B_AT_FIRST, CROSSED).when(NoteGrade(today=date(2026, 3, 20))).then()
    having(B_AT_FIRST, CROSSED).when(NoteGrade(today=date(2026, 4, 20))).then()


def test_crossings_that_nobody_watched_are_said_as_one() -> None:
    opened = replace(OPENED, expected_close_on=date(2026, 9, 1))
    having(opened).when(NoteGrade(today=date(2026, 8, 3))).then(
        GradeChanged(owner="li.wei", before=Grade.D, after=Grade.A, on=date(2026, 8, 3))
    )


def test_another_expectation_is_another_grade_too() -> None:
    later = OpportunityAmended(title="年度采购", expected_close_on=date(2026, 12, 1))
    having(B_AT_FIRST, later).when(NoteGrade(today=date(2026, 3, 3))).then(
        GradeChanged(owner="li.wei", before=Grade.B, after=Grade.D, on=date(2026, 3, 3))
    )


def test_what_is_decided_has_no_grade_to_cross() -> None:
    lost = DealLost(owner="li.wei", reason="price", lost_on=date(2026, 3, 3))
    having(B_AT_FIRST, lost).when(NoteGrade(today=date(2026, 3, 25))).then()
