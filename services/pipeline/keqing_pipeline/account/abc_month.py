"""That the classes were computed in a month: the clockwork computes them once in each."""

from datetime import date
from uuid import NAMESPACE_URL, UUID, uuid5

import msgspec

from keqing_shared.domain import Aggregate, Command, Fact


class AbcMonthComputed(Fact, topic="pipeline.abc-month-computed.v1"):
    on: date


class NoteAbcMonth(Command):
    on: date


class AbcMonth(msgspec.Struct, frozen=True, kw_only=True):
    computed_on: date


def abc_month(day: date) -> UUID:
    """One month, one stream."""
    return uuid5(NAMESPACE_URL, f"keqing:abc:{day:%Y-%m}")


def decide(command: NoteAbcMonth, month: AbcMonth | None, policy: object = None) -> list[AbcMonthComputed]:
    return [] if month else [AbcMonthComputed(on=command.on)]


def evolve(month: AbcMonth | None, fact: AbcMonthComputed) -> AbcMonth:
    return AbcMonth(computed_on=fact.on)


def _nobodys(month_id: UUID, month: AbcMonth) -> None:
    return None


ABC_MONTH: Aggregate[AbcMonth] = Aggregate(
    name="abc-month",
    facts=(AbcMonthComputed,),
    decide=decide,
    evolve=evolve,
    customer_of=_nobodys,
    state=AbcMonth,
)
