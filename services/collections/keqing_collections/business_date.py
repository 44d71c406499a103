"""Business dates: a fact says the day it counts from, which may lie before the day it was recorded."""

from datetime import date

from keqing_shared.domain import InvalidInput, Words


class DateInFuture(InvalidInput):
    """A business date may not lie in the future."""


class DateTooEarly(InvalidInput):
    """The date lies before what it depends on."""


def not_in_future(field: str, on: date, today: date) -> None:
    if on > today:
        raise DateInFuture("{field} {on} is after today, {latest}", field=field, latest=today, on=on)


def not_before(field: str, on: date, earliest: date, what: Words) -> None:
    """``what`` names the event of ``earliest`` in the refusal."""
    if on < earliest:
        raise DateTooEarly(
            "{field} {on} is before {what}, {earliest}", field=field, earliest=earliest, on=on, what=what
        )
