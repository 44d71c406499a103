"""The same endpoint on FastAPI with the eventsourcing library's own Application on PostgreSQL.

Its recorder, its decorated aggregate, its JSON transcoder, in the mode that its settings choose
(locking by default; POSTGRES_ENABLE_DB_FUNCTIONS for its function mode). Its calls block, so the
endpoint is a plain ``def`` that FastAPI runs in its thread pool.
"""

from uuid import UUID

from eventsourcing.application import Application
from eventsourcing.domain import Aggregate, event
from fastapi import FastAPI

from bench.rivals.call import Call, Logged


class Opportunity(Aggregate):
    @event("Opened")
    def __init__(self, title: str) -> None:
        self.title = title
        self.calls = 0
        self.next_on = ""

    @event("CallLogged")
    def log_call(
        self, at: str, minutes: int, outcome: str, signals: list[str], note: str, next_step: str, next_on: str
    ) -> None:
        self.calls += 1
        self.next_on = next_on


class Opportunities(Application[UUID]):
    snapshotting_intervals = {Opportunity: 200}  # noqa: RUF012 - the library's own way

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


opportunities = Opportunities()
app = FastAPI()


@app.post("/opportunities", status_code=201)
def open_opportunity() -> Logged:
    """A fresh stream to write to."""
    return Logged(id=opportunities.open(), version=1)


@app.post("/opportunities/{opportunity_id}/calls", status_code=201)
def log_call(opportunity_id: UUID, body: Call) -> Logged:
    """Load, apply, save."""
    return Logged(id=opportunity_id, version=opportunities.log_call(opportunity_id, body))
