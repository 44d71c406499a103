"""When the service desk works; the clocks of a complaint run then only."""

from datetime import datetime, time, timedelta
from functools import lru_cache
from typing import Annotated

from pydantic import Field

from keqing_shared.calendar import DAY, WorkingCalendar
from keqing_shared.domain import value

Weekday = Annotated[int, Field(ge=0, le=6, description="0 Monday … 6 Sunday")]


@value
class WorkingTime:
    time_zone: str = "Asia/Shanghai"
    country: str | None = "CN"
    """Whose public holidays and make-up working days count."""
    opens: time = time(9)
    lunch_from: time = time(12)
    lunch_to: time = time(13)
    closes: time = time(18)
    rest_days: tuple[Weekday, ...] = (5, 6)

    def after(self, start: datetime, span: timedelta) -> datetime:
        """When so much working time after ``start`` is over."""
        return self.calendar.add_working_time(start, span)

    def between(self, start: datetime, end: datetime) -> timedelta:
        """How much working time lies between two moments; none when ``end`` is not later."""
        zone = self.calendar.zone
        worked = timedelta()
        day, last = self.calendar.date_of(start), self.calendar.date_of(end)
        while day <= last:
            if self.calendar.is_working_day(day):
                for begins, ends in ((self.opens, self.lunch_from), (self.lunch_to, self.closes)):
                    opening = max(start, datetime.combine(day, begins, zone))
                    closing = min(end, datetime.combine(day, ends, zone))
                    # As timestamps, for a zone whose clocks are put forward within working hours.
                    worked += max(timedelta(), timedelta(seconds=closing.timestamp() - opening.timestamp()))
            day += DAY
        return worked

    @property
    def calendar(self) -> WorkingCalendar:
        return _calendar(self)


@lru_cache(maxsize=16)
def _calendar(given: WorkingTime) -> WorkingCalendar:
    return WorkingCalendar(
        time_zone=given.time_zone,
        country=given.country,
        hours=(given.opens, given.closes),
        lunch=(given.lunch_from, given.lunch_to),
        rest_days=frozenset(given.rest_days),
    )
