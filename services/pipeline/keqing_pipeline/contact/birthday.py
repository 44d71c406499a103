"""Birthdays, solar or lunar (农历), and the day on which one is kept in a given year.

Two days are missing in some years: 29 February or a lunar 30th is then kept on the last day of the month,
and the day of a leap month (闰月) in the ordinary month of the same number. In a year that has the leap
month, whoever was born in it keeps the day in the leap month, and everybody else in the ordinary one.
So there is exactly one day in every solar or lunar year.
"""

from calendar import monthrange
from datetime import date
from enum import StrEnum
from functools import lru_cache
from typing import Annotated

from lunar_python import LunarYear, Solar
from pydantic import Field

from keqing_shared.domain import InvalidInput, value

_LEAP_YEAR = 2024
"""A solar year in which every month is as long as it can be."""
_LONGEST_LUNAR_MONTH = 30


class CalendarKind(StrEnum):
    SOLAR = "solar"
    LUNAR = "lunar"


@value
class Birthday:
    """Month and day in one of the calendars; the year may be left unsaid."""

    calendar: CalendarKind = CalendarKind.SOLAR
    year: Annotated[int, Field(ge=1900, le=2199)] | None = None
    """Of the same calendar: a lunar year begins at the spring festival."""
    month: Annotated[int, Field(ge=1, le=12)]
    day: Annotated[int, Field(ge=1, le=31)]
    leap_month: bool = False
    """Born in the leap month that follows the ordinary one of this number."""


class BirthdayImpossible(InvalidInput):
    """There is no such day in that calendar."""


def check_birthday(birthday: Birthday, today: date) -> None:
    """Refuse a day that never was: 31 April, the 31st of a lunar month, a leap month that the year lacks."""
    if birthday.calendar is CalendarKind.SOLAR:
        if birthday.leap_month:
            raise BirthdayImpossible("only the lunar calendar has leap months", field="birthday.leap_month")
        days = monthrange(birthday.year or _LEAP_YEAR, birthday.month)[1]
    elif birthday.year is None:
        days = _LONGEST_LUNAR_MONTH
    else:
        month = _lunar_month(birthday.year, birthday.month, birthday.leap_month)
        if month is None:
            raise BirthdayImpossible(
                "lunar {year} has no leap month {month}",
                field="birthday.leap_month",
                year=birthday.year,
                month=birthday.month,
            )
        days = month[1]
    if birthday.day > days:
        raise BirthdayImpossible("that month has {days} days", field="birthday.day", days=days)
    if birthday.year is not None and kept_in(birthday, birthday.year) > today:
        raise BirthdayImpossible(
            "nobody is born after today, {today}", field="birthday.year", today=today.isoformat()
        )


def kept_in(birthday: Birthday, year: int) -> date:
    """The solar day on which the birthday is kept in a year of its own calendar."""
    if birthday.calendar is CalendarKind.SOLAR:
        return date(year, birthday.month, min(birthday.day, monthrange(year, birthday.month)[1]))
    month = birthday.leap_month and _lunar_month(year, birthday.month, leap=True)
    first, days = month or _ordinary_month(year, birthday.month)
    return date.fromordinal(first.toordinal() + min(birthday.day, days) - 1)


def next_kept(birthday: Birthday, today: date) -> date:
    """The first day from today on, today included, on which the birthday is kept."""
    # The lunar year that a solar day lies in may be the one before.
    years = range(today.year - 1, today.year + 2)
    return min(day for year in years if (day := kept_in(birthday, year)) >= today)


def age_on(birthday: Birthday, day: date) -> int | None:
    """Full years by then, None when the year is not known; the years are those of its own calendar."""
    if birthday.year is None:
        return None
    years = range(day.year, birthday.year - 1, -1)
    return next((year - birthday.year for year in years if kept_in(birthday, year) <= day), None)


def _ordinary_month(year: int, month: int) -> tuple[date, int]:
    found = _lunar_month(year, month, leap=False)
    assert found is not None, "every lunar year has its twelve ordinary months"
    return found


@lru_cache(maxsize=4096)
def _lunar_month(year: int, month: int, leap: bool) -> tuple[date, int] | None:
    """Its first day and how many days it has; None for a leap month that the year does not have."""
    found = LunarYear.fromYear(year).getMonth(-month if leap else month)
    if found is None:
        return None
    first = Solar.fromJulianDay(found.getFirstJulianDay())
    return date(first.getYear(), first.getMonth(), first.getDay()), found.getDayCount()
