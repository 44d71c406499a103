"""The logbook of an opportunity: every call, visit and message, the latest first."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from keqing_pipeline.opportunity.contact import Channel, Contact, ContactOutcome, Visit
from keqing_pipeline.opportunity.facts import CallLogged, MessageLogged, VisitLogged
from keqing_shared.domain import Recorded, value
from keqing_shared.views import Index, Rows, Table, View


@value
class Entered(Visit):
    """What was entered, whatever the kind: a call has no steps done, no opening, no close and no channel."""

    channel: Channel | None = None


@value
class LogEntry:
    """A contact as it was logged."""

    opportunity_id: UUID
    position: int
    kind: Literal["call", "visit", "message"]
    at: datetime
    by: str
    outcome: ContactOutcome
    effective: bool
    entered: Entered


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
        match it.fact:
            case CallLogged(call=call):
                rows.put(LOGBOOK, _entry(it, "call", call))
            case VisitLogged(visit=visit):
                rows.put(LOGBOOK, _entry(it, "visit", visit))
            case MessageLogged(message=message):
                rows.put(LOGBOOK, _entry(it, "message", message))


def _entry(it: Recorded[Any], kind: Literal["call", "visit", "message"], entered: Contact) -> LogEntry:
    return LogEntry(
        opportunity_id=it.originator_id,
        position=it.position,
        kind=kind,
        at=it.fact.at,
        by=it.fact.by,
        outcome=entered.outcome,
        effective=entered.outcome.effective,
        entered=Entered(**{**vars(entered), "at": it.fact.at}),
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
