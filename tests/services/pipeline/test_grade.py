"""Grade: how near in time, by the calendar."""

from datetime import date

import pytest

from keqing_pipeline.opportunity.grade import Grade, grade, months_after
from keqing_pipeline.policy import GradeMonths

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
