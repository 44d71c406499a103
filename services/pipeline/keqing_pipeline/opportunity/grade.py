"""Grade (客户等级): how near in time a deal is expected; changes with the calendar alone."""

import calendar
from datetime import date
from enum import StrEnum

from keqing_pipeline.policy import GradeMonths


class Urgency(StrEnum):
    """What the first three grades are called: 渴望, 有望, 观望."""

    EAGER = "eager"
    PROMISING = "promising"
    WATCHING = "watching"


class Grade(StrEnum):
    A = "A"
    B = "B"
    C = "C"
    D = "D"

    @property
    def urgency(self) -> Urgency | None:
        """None for D."""
        match self:
            case Grade.A:
                return Urgency.EAGER
            case Grade.B:
                return Urgency.PROMISING
            case Grade.C:
                return Urgency.WATCHING
            case Grade.D:
                return None


def months_after(day: date, months: int) -> date:
    """The same day so many calendar months later, the last one of a shorter month: 31 Jan + 1 is 28 Feb."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def grade(expected_close_on: date | None, today: date | None, within: GradeMonths) -> Grade:
    """A within one month (or overdue), B within two, C within three, D later or unknown."""
    if expected_close_on is None or today is None:
        return Grade.D
    for name, months in ((Grade.A, within.a), (Grade.B, within.b), (Grade.C, within.c)):
        if expected_close_on <= months_after(today, months):
            return name
    return Grade.D
