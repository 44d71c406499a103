"""The working calendar: which days are worked, and when working time is over."""

from datetime import date, datetime, time, timedelta
from functools import cache
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import holidays
from pydantic import AfterValidator, Field

from keqing_shared.domain.worded import ValueRefused

DAY = timedelta(days=1)
LONGEST_REST = 60
"""Days in a row; a calendar without a working day in so many is a mistake of its maker."""

Hours = tuple[time, time]

COUNTRIES = tuple(sorted(holidays.list_supported_countries(include_aliases=False)))


def _with_holidays(country: str) -> str:
    if country not in COUNTRIES:
        raise ValueRefused("no country whose public holidays are known")
    return country


Country = Annotated[
    str,
    AfterValidator(_with_holidays),
    Field(description="ISO 3166-1", examples=["CN"], json_schema_extra={"enum": list(COUNTRIES)}),
]
TimeZone = Annotated[str, Field(min_length=1, max_length=64, examples=["Asia/Shanghai"])]
RestDays = Annotated[
    tuple[Annotated[int, Field(ge=0, le=6)], ...],
    Field(max_length=6, description="weekly; 0 is Monday, and at least one day is worked"),
]


class NeverWorked(ValueError):
    """The calendar has no working day, or no working hours."""


class WorkingCalendar:
    """Working hours, lunch, weekly rest days and public holidays of one place.

    China's make-up working days (a Saturday or Sunday worked for a longer holiday) count as worked.
    """

    def __init__(
        self,
        time_zone: str = "Asia/Shanghai",
        country: str | None = "CN",
        hours: Hours = (time(9), time(18)),
        lunch: Hours | None = (time(12), time(13)),
        rest_days: frozenset[int] = frozenset({5, 6}),
    ) -> None:
        """``rest_days``: weekdays, Monday is 0. Raises NeverWorked, and ValueError for hours out of order."""
        if hours[0] >= hours[1]:
            raise NeverWorked("working hours end after they begin")
        if lunch is not None and not hours[0] <= lunch[0] <= lunch[1] <= hours[1]:
            raise ValueError("lunch lies within the working hours")
        if rest_days >= frozenset(range(7)):
            raise NeverWorked("at least one weekday is worked")
        self.zone = ZoneInfo(time_zone)
        self._country = country
        self._rest_days = rest_days
        self._spans: list[Hours] = [hours]
        if lunch is not None:
            self._spans = [
                (start, end) for start, end in ((hours[0], lunch[0]), (lunch[1], hours[1])) if start < end
            ]
        if not self._spans:
            raise NeverWorked("lunch leaves no working hours")

    def date_of(self, moment: datetime) -> date:
        """The business date of a moment."""
        return moment.astimezone(self.zone).date()

    def is_working_day(self, day: date) -> bool:
        """Neither a weekly rest day nor a public holiday; or a make-up working day."""
        free, made_up = _public(self._country, day.year)
        if day in made_up:
            return True
        return day.weekday() not in self._rest_days and day not in free

    def next_working_day(self, day: date) -> date:
        """The day itself when it is one, else the next."""
        for _ in range(LONGEST_REST):
            if self.is_working_day(day):
                return day
            day += DAY
        raise NeverWorked(f"no working day in the {LONGEST_REST} days before {day}")

    def add_working_days(self, day: date, number: int) -> date:
        """The ``number``-th working day after ``day``, which itself does not count."""
        for _ in range(number):
            day = self.next_working_day(day + DAY)
        return day

    def add_working_time(self, start: datetime, span: timedelta) -> datetime:
        """When ``span`` of working time after ``start`` is over, in the zone of ``start``.

        Outside of working hours no time passes; nothing to add gives ``start`` itself.
        """
        left = span
        if left <= timedelta():
            return start
        at = start.astimezone(self.zone)
        day = at.date()
        while True:
            day = self.next_working_day(day)
            for begins, ends in self._spans:
                opening = max(at, datetime.combine(day, begins, self.zone))
                closing = datetime.combine(day, ends, self.zone)
                # In UTC, for a zone whose clocks are put forward within working hours.
                worked = closing.timestamp() - opening.timestamp()
                if worked <= 0:
                    continue
                if left.total_seconds() <= worked:
                    return datetime.fromtimestamp(opening.timestamp() + left.total_seconds(), start.tzinfo)
                left -= timedelta(seconds=worked)
            day += DAY


@cache
def _public(country: str | None, year: int) -> tuple[frozenset[date], frozenset[date]]:
    """A year's public holidays, and its make-up working days."""
    if country is None:
        return frozenset(), frozenset()
    # The first days of January may be made up for in the year before, so both years are read.
    known: Any = holidays.country_holidays(country, years=(year, year + 1))
    made_up = frozenset(day for day in getattr(known, "weekend_workdays", ()) if day.year == year)
    return frozenset(day for day in known if day.year == year), made_up
