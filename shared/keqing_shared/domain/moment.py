"""Days and moments as they come from outside: unmistakable, and far from the ends of the calendar."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, time
from typing import Annotated, Any, TypeVar

from pydantic import BeforeValidator, Field, WithJsonSchema

from keqing_shared.domain.worded import ValueRefused

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_MOMENT = re.compile(
    r"\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?([Zz]|[+-]\d{2}:?\d{2})", re.ASCII
)
_HOUR = re.compile(r"^([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9])?$", re.ASCII)
_YEARS = range(1900, 2200)

T = TypeVar("T")


def _in_calendar(read: Callable[[str], T], text: str) -> T:
    try:
        return read(text)
    except ValueError:
        raise ValueRefused("there is no such day or time: February has 28 days, in leap years 29") from None


def _day(given: Any) -> date:
    # Read here, because pydantic would also take a number, or digits, for seconds since 1970.
    if isinstance(given, str) and _DAY.fullmatch(given):
        given = _in_calendar(date.fromisoformat, given)
    if type(given) is not date:
        raise ValueRefused("a day reads YYYY-MM-DD")
    if given.year not in _YEARS:
        raise ValueRefused(
            "a day lies in the years {first} to {last}", first=_YEARS.start, last=_YEARS.stop - 1
        )
    return given


def _moment(given: Any) -> datetime:
    if isinstance(given, str) and _MOMENT.fullmatch(given):
        given = _in_calendar(datetime.fromisoformat, given.upper())
    if not isinstance(given, datetime) or given.tzinfo is None:
        raise ValueRefused("a moment reads YYYY-MM-DDThh:mm:ss with its offset from UTC, +08:00 or Z")
    if given.year not in _YEARS:
        raise ValueRefused(
            "a moment lies in the years {first} to {last}", first=_YEARS.start, last=_YEARS.stop - 1
        )
    return given.astimezone(UTC)


def _hour(given: Any) -> time:
    if isinstance(given, str) and _HOUR.fullmatch(given):
        given = time.fromisoformat(given)
    if not isinstance(given, time):
        raise ValueRefused("a time of day reads hh:mm")
    return given


Day = Annotated[date, BeforeValidator(_day), Field(description="YYYY-MM-DD", examples=["2026-03-02"])]
"""A date of the business calendar, 1900 to 2199."""

Moment = Annotated[
    datetime,
    BeforeValidator(_moment),
    Field(description="RFC 3339, with its offset from UTC", examples=["2026-03-02T09:30:00+08:00"]),
]
"""A point in time, kept in UTC; its offset must be given."""

TimeOfDay = Annotated[
    time,
    BeforeValidator(_hour),
    WithJsonSchema(
        {"type": "string", "pattern": _HOUR.pattern, "description": "hh:mm", "examples": ["16:00"]}
    ),
]
"""By the clock of the business."""
