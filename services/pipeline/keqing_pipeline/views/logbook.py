"""The logbook of an opportunity: every call and visit, the latest first."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from keqing_pipeline.opportunity.contact import ContactOutcome, Visit
from keqing_pipeline.opportunity.facts import CallLogged, VisitLogged
from keqing_shared.domain import Personal, Recorded, value
from keqing_shared.views import Index, Rows, Table, View


@value
class LogEntry:
    """A call or visit as it was logged."""

    opportunity_id: UUID
    position: int
    kind: Literal["call", "visit"]
    at: datetime
    by: str
    outcome: ContactOutcome
    effective: bool
    entered: Personal[Visit]
    """A call's has no steps done, no opening and no close."""


LOGBOOK = Table(
    "logbook",
    LogEntry,
    key=("opportunity_id", "position"),
    indexes=(Index(("opportunity_id", "at DESC", "position DESC")),),
)


class Logbook(View):
    name = "logbook"
    version = 1
    tables = (LOGBOOK,)

    def touches(self, it: Recorded[Any]) -> Iterable[tuple[Any, ...]]:
        return ()

    def project(self, it: Recorded[Any], rows: Rows) -> None:
        if isinstance(it.fact, CallLogged | VisitLogged):
            rows.put(LOGBOOK, _entry(it.originator_id, it.position, it.fact))


def _entry(opportunity_id: UUID, position: int, fact: CallLogged | VisitLogged) -> LogEntry:
    entered = fact.visit if isinstance(fact, VisitLogged) else fact.call
    return LogEntry(
        opportunity_id=opportunity_id,
        position=position,
        kind="visit" if isinstance(fact, VisitLogged) else "call",
        at=fact.at,
        by=fact.by,
        outcome=entered.outcome,
        effective=entered.outcome.effective,
        entered=Visit(**{**vars(entered), "at": fact.at}),
    )


async def logbook(
    db: Any, opportunity_id: UUID, *, before: tuple[datetime, int] | None = None, limit: int = 50
) -> list[LogEntry]:
    """The latest first."""
    records = await db.fetch(
        f"""
        SELECT {LOGBOOK.columns} FROM logbook
         WHERE opportunity_id = $1 AND ($2::timestamptz IS NULL OR (at, position) < ($2, $3))
         ORDER BY at DESC, position DESC LIMIT $4
        """,
        opportunity_id,
        *(before or (None, None)),
        limit,
    )
    return LOGBOOK.rows(records)
