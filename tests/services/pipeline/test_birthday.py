"""On which day a birthday is kept, solar or lunar, leap months and short months included."""

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keqing_pipeline.contact.birthday import (
    Birthday,
    BirthdayImpossible,
    CalendarKind,
    age_on,
    check_birthday,
    kept_in,
    next_kept,
)

TODAY = date(2026, 3, 2)


def solar(month: int, day: int, year: int | None = None) -> Birthday:
    return Birthday(month=month, day=day, year=year)


def lunar(month: int, day: int, year: int | None = None, *, leap: bool = False) -> Birthday:
    return Birthday(calendar=CalendarKind.LUNAR, month=month, day=day, year=year, leap_month=leap)


@pytest.mark.parametrize(
    ("birthday", "year", "day"),
    [
        (solar(3, 2), 2026, date(2026, 3, 2)),
        # 29 February is kept on the last day of the month.
        (solar(2, 29), 2024, date(2024, 2, 29)),
        (solar(2, 29), 2026, date(2026, 2, 28)),
        # The spring festival of 2026, and the mid-autumn festival of 2025, after the leap sixth month.
        (lunar(1, 1), 2026, date(2026, 2, 17)),
        (lunar(8, 15), 2025, date(2025, 10, 6)),
        # The twelfth month of lunar 2024 ended with its 29th day, on 28 January 2025; that of 2025 as well.
        (lunar(12, 30), 2024, date(2025, 1, 28)),
        (lunar(12, 30), 2023, date(2024, 2, 9)),
        # 2025 has a leap sixth month, which began on 25 July; 2026 has none.
        (lunar(6, 10, leap=True), 2025, date(2025, 8, 3)),
        (lunar(6, 10), 2025, date(2025, 7, 4)),
        (lunar(6, 10, leap=True), 2026, date(2026, 7, 23)),
        (lunar(6, 10), 2026, date(2026, 7, 23)),
        # 2023 had a leap second month of 29 days.
        (lunar(2, 30, leap=True), 2023, date(2023, 4, 19)),
    ],
)
def test_a_birthday_is_kept_on_one_day_of_every_year(birthday: Birthday, year: int, day: date) -> None:
    assert kept_in(birthday, year) == day


@pytest.mark.parametrize(
    ("birthday", "next_day"),
    [
        (solar(3, 2), TODAY),
        (solar(3, 1), date(2027, 3, 1)),
        (solar(2, 29), date(2027, 2, 28)),
        # The last day of lunar 2025 was 16 February 2026; of lunar 2026 it is 5 February 2027.
        (lunar(12, 29), date(2027, 2, 5)),
        (lunar(1, 14), date(2026, 3, 2)),
        (lunar(1, 13), date(2027, 2, 18)),
    ],
)
def test_the_next_birthday_is_today_or_later(birthday: Birthday, next_day: date) -> None:
    assert next_kept(birthday, TODAY) == next_day


def test_in_january_the_twelfth_lunar_month_of_the_year_before_is_still_to_come() -> None:
    assert next_kept(lunar(12, 8), date(2026, 1, 20)) == date(2026, 1, 26)


def test_the_age_counts_the_birthdays_since_birth() -> None:
    assert age_on(solar(3, 2, 1980), date(2026, 3, 1)) == 45
    assert age_on(solar(3, 2, 1980), date(2026, 3, 2)) == 46
    assert age_on(lunar(1, 14, 1980), date(2026, 3, 2)) == 46
    assert age_on(solar(3, 2), TODAY) is None
    assert age_on(solar(3, 2, 2030), TODAY) is None


@pytest.mark.parametrize(
    ("birthday", "field"),
    [
        (solar(4, 31), "day"),
        (solar(2, 30), "day"),
        (solar(2, 29, 1981), "day"),
        (Birthday(month=6, day=1, leap_month=True), "leap_month"),
        (lunar(5, 31), "day"),
        # Lunar 2024 has no leap month; its twelfth month has 29 days.
        (lunar(6, 10, 2024, leap=True), "leap_month"),
        (lunar(12, 30, 2024), "day"),
        (solar(3, 3, 2026), "year"),
        (lunar(1, 15, 2026), "year"),
    ],
)
def test_a_day_that_never_was_is_refused(birthday: Birthday, field: str) -> None:
    with pytest.raises(BirthdayImpossible) as refused:
        check_birthday(birthday, TODAY)
    assert refused.value.members["field"] == f"birthday.{field}"


def test_days_that_some_years_have_are_taken() -> None:
    for birthday in (
        solar(2, 29),
        solar(2, 29, 1980),
        lunar(12, 30),
        lunar(6, 10, 2025, leap=True),
        lunar(4, 30),
    ):
        check_birthday(birthday, TODAY)


@settings(max_examples=200, deadline=None)
@given(
    st.builds(
        Birthday,
        calendar=st.sampled_from(CalendarKind),
        month=st.integers(1, 12),
        day=st.integers(1, 30),
        leap_month=st.booleans(),
    ),
    st.dates(date(1901, 1, 1), date(2198, 12, 31)),
)
def test_the_next_birthday_is_never_further_than_a_year_and_a_month(birthday: Birthday, today: date) -> None:
    """A lunar year has 13 months at the most, of 30 days; a day that falls back one does the rest."""
    day = next_kept(birthday, today)
    assert today <= day <= today + timedelta(days=415)
    assert next_kept(birthday, day) == day
