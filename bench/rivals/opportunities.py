"""An opportunity and its calls in the eventsourcing library's own way: its decorated aggregate, its
JSON transcoder, its Application."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from eventsourcing.application import Application
from eventsourcing.domain import Aggregate, event

from bench.rivals.call import Call

A_CALL: Mapping[str, Any] = {
    "at": "2026-03-02T09:30:00+08:00",
    "minutes": 12,
    "outcome": "interactive",
    "signals": ["asks_basics", "asks_results"],
    "note": "Wants to know what it does for a workshop of forty people, and who else has it.",
    "next_step": "send the comparison sheet",
    "next_on": "2026-03-17",
}
AT_ONCE = 200
"""Facts in one save: its recorder's pipeline takes no thousands."""


class Opportunity(Aggregate):
    class Opened(Aggregate.Created):
        title: str

    class CallLogged(Aggregate.Event):
        at: str
        minutes: int
        outcome: str
        signals: list[str]
        note: str
        next_step: str
        next_on: str

    @event(Opened)
    def __init__(self, title: str) -> None:
        self.title = title
        self.calls = 0
        self.next_on = ""

    @event(CallLogged)
    def log_call(
        self, at: str, minutes: int, outcome: str, signals: list[str], note: str, next_step: str, next_on: str
    ) -> None:
        self.calls += 1
        self.next_on = next_on


class Opportunities(Application[UUID]):
    def open(self) -> UUID:
        opportunity = Opportunity("bench")
        self.save(opportunity)
        return opportunity.id

    def log_call(self, opportunity_id: UUID, call: Call) -> int:
        opportunity: Opportunity = self.repository.get(opportunity_id)
        opportunity.log_call(
            at=call.at.isoformat(),
            minutes=call.minutes,
            outcome=call.outcome,
            signals=call.signals,
            note=call.note,
            next_step=call.next_step,
            next_on=str(call.next_on),
        )
        self.save(opportunity)
        return opportunity.version

    def grown(self, facts: int) -> UUID:
        """An opportunity of so many facts."""
        opportunity = Opportunity("bench")
        for number in range(1, facts):
            if number % AT_ONCE == 0:
                self.save(opportunity)
            opportunity.log_call(**A_CALL)
        self.save(opportunity)
        return opportunity.id


class SnapshottedOpportunities(Opportunities):
    """With a snapshot every 200 facts, as ours."""

    snapshotting_intervals = {Opportunity: 200}  # noqa: RUF012 - the library's own way
