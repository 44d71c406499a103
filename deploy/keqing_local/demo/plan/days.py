"""The demo company's calendar: its working days, and the moments of a day at which things are done."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

from keqing_shared.calendar import DAY, WorkingCalendar

CLOSES = time(17, 10)
"""Nothing is done later on the last day."""


class Days:
    """A year, or another number of weeks, that ends on the last working day before ``until``."""

    def __init__(self, until: date, weeks: int, time_zone: str) -> None:
        self._calendar = WorkingCalendar(time_zone)
        self.zone: ZoneInfo = self._calendar.zone
        self.first = self.working(until - timedelta(weeks=weeks))
        self.last = until - DAY
        while not self._calendar.is_working_day(self.last):
            self.last -= DAY
        self.ends = datetime.combine(self.last, CLOSES, self.zone)

    def working(self, day: date) -> date:
        """The day itself when it is worked, else the next that is."""
        return self._calendar.next_working_day(day)

    def after(self, day: date, days: int) -> date:
        """So many calendar days later, moved to a working day."""
        return self.working(day + timedelta(days=days))

    def at(self, day: date, hour: int, minute: int = 0) -> datetime:
        return datetime.combine(day, time(hour, minute), self.zone)

    def sometime(self, day: date, dice: Random) -> datetime:
        """A moment of the day between the morning and the end of work, lunch left out."""
        hour = dice.choice((9, 10, 10, 11, 13, 14, 14, 15, 15, 16))
        return self.at(day, hour, dice.randrange(5, 58))

    def later(self, at: datetime, hours: float) -> datetime:
        """So much working time later."""
        return self._calendar.add_working_time(at, timedelta(hours=hours)).astimezone(self.zone)

    def all(self) -> Iterator[date]:
        """Every working day, in order."""
        day = self.first
        while day <= self.last:
            yield day
            day = self.working(day + DAY)
