"""Business dates: a fact says the day it counts from, which may lie before the day it was recorded."""

from datetime import date

from keqing_shared.domain import InvalidInput


class DateInFuture(InvalidInput):
    """A business date may not lie in the future."""


class DateTooEarly(InvalidInput):
    """The date lies before what it depends on."""


def not_in_future(field: str, on: date, today: date) -> None:
    if on > today:
        raise DateInFuture(f"{field} {on} is after today, {today}", field=field, latest=today)


def not_before(field: str, on: date, earliest: date, what: str) -> None:
    """``what`` names the event of ``earliest`` in the refusal."""
    if on < earliest:
        raise DateTooEarly(f"{field} {on} is before {what}, {earliest}", field=field, earliest=earliest)
