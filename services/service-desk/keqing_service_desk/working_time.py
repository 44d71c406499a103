"""When the service desk works; the clocks of a complaint run then only."""

from datetime import datetime, time, timedelta
from functools import lru_cache
from typing import Annotated

from pydantic import Field

from keqing_shared.calendar import DAY, Country, RestDays, TimeZone, WorkingCalendar
from keqing_shared.domain import ValueRefused, together, value
from keqing_shared.domain.shape import shape
from keqing_shared.domain.worded import Words
from keqing_shared.policy import FromEnvironment

Hour = Annotated[
    str,
    Field(
        pattern=shape(
            r"^([01][0-9]|2[0-3]):[0-5][0-9]$", Words("an hour and minute of the day, as in 09:00")
        ),
        examples=["09:00"],
    ),
]


@value
class WorkingTime:
    time_zone: FromEnvironment[TimeZone] = "Asia/Shanghai"
    country: Country | None = "CN"
    """Whose public holidays and make-up working days count."""
    opens: Hour = "09:00"
    lunch_from: Hour = "12:00"
    lunch_to: Hour = "13:00"
    closes: Hour = "18:00"
    rest_days: RestDays = (5, 6)

    @together
    def _in_order(self) -> None:
        if not self.opens < self.lunch_from <= self.lunch_to < self.closes:
            raise ValueRefused("opens, lunch_from, lunch_to and closes follow each other")

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
                for begins, ends in (self.morning, self.afternoon):
                    opening = max(start, datetime.combine(day, begins, zone))
                    closing = min(end, datetime.combine(day, ends, zone))
                    # As timestamps, for a zone whose clocks are put forward within working hours.
                    worked += max(timedelta(), timedelta(seconds=closing.timestamp() - opening.timestamp()))
            day += DAY
        return worked

    @property
    def morning(self) -> tuple[time, time]:
        return time.fromisoformat(self.opens), time.fromisoformat(self.lunch_from)

    @property
    def afternoon(self) -> tuple[time, time]:
        return time.fromisoformat(self.lunch_to), time.fromisoformat(self.closes)

    @property
    def calendar(self) -> WorkingCalendar:
        return _calendar(self)


@lru_cache(maxsize=16)
def _calendar(given: WorkingTime) -> WorkingCalendar:
    return WorkingCalendar(
        time_zone=given.time_zone,
        country=given.country,
        hours=(given.morning[0], given.afternoon[1]),
        lunch=(given.morning[1], given.afternoon[0]),
        rest_days=frozenset(given.rest_days),
    )
