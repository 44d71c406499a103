"""The open amount through time: movements by business date become spans of days with one balance."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from itertools import pairwise

from keqing_shared.domain import value

FOR_EVER = date(9999, 12, 31)
ZERO = Decimal(0)


@value
class Movement:
    """The open amount changed by ``delta`` on ``on``."""

    on: date
    delta: Decimal


@value
class Period:
    """From a day on, until another (excluded) or for ever."""

    since: date
    until: date = FOR_EVER


@value
class Span:
    """From ``since`` until the day before ``until`` this much was open, in dispute or not."""

    since: date
    until: date
    open: Decimal
    disputed: bool = False


def spans(movements: Iterable[Movement], disputes: Iterable[Period] = ()) -> tuple[Span, ...]:
    """The spans in which something was open, in order; days with nothing open are left out."""
    deltas: dict[date, Decimal] = {}
    for movement in movements:
        deltas[movement.on] = deltas.get(movement.on, ZERO) + movement.delta
    periods = [period for period in disputes if period.since < period.until]
    days = sorted({*deltas, *(p.since for p in periods), *(p.until for p in periods)})
    found: list[Span] = []
    balance = ZERO
    for since, until in pairwise([*days, FOR_EVER]):
        balance += deltas.get(since, ZERO)
        disputed = any(p.since <= since < p.until for p in periods)
        if balance == 0 or since == until:
            continue
        last = found[-1] if found else None
        if last and last.until == since and (last.open, last.disputed) == (balance, disputed):
            found[-1] = Span(since=last.since, until=until, open=balance, disputed=disputed)
        else:
            found.append(Span(since=since, until=until, open=balance, disputed=disputed))
    return tuple(found)
