"""The reading of a customer's history, itself a fact of every context."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

import msgspec

from keqing_shared.domain import Aggregate, Command, Fact


class HistoryRead(Fact, topic="audit.history-read.v1"):
    """Somebody, named in the envelope, looked at what is kept about the customer."""

    customer_id: UUID
    part: Literal["facts", "state"]
    since: datetime | None = None
    """For the state: since when it was compared."""
    until: datetime | None = None
    """For the state: as of when."""
    kinds: tuple[str, ...] = ()


class ReadHistory(Command):
    """As the fact."""

    customer_id: UUID
    part: Literal["facts", "state"]
    since: datetime | None = None
    until: datetime | None = None
    kinds: tuple[str, ...] = ()


class Reading(msgspec.Struct, frozen=True):
    """One look; every look is a stream of its own, so that readers never wait for each other."""

    customer_id: UUID


def _decide(command: ReadHistory, _state: Reading | None, _policy: Any) -> list[HistoryRead]:
    return [
        HistoryRead(
            customer_id=command.customer_id,
            part=command.part,
            since=command.since,
            until=command.until,
            kinds=command.kinds,
        )
    ]


def _evolve(_state: Reading | None, fact: HistoryRead) -> Reading:
    return Reading(fact.customer_id)


READING: Aggregate[Reading] = Aggregate(
    name="history-reading",
    facts=(HistoryRead,),
    decide=_decide,
    evolve=_evolve,
    customer_of=lambda _id, state: state.customer_id,
    state=Reading,
)
