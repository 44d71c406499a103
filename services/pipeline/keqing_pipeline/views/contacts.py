"""Contacts: every call and visit of an opportunity, the latest first."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from keqing_pipeline.opportunity.contact import ContactOutcome, Visit
from keqing_pipeline.opportunity.facts import CallLogged, VisitLogged
from keqing_shared.domain import Personal, Recorded, value
from keqing_shared.views import Index, Rows, Table, View


@value
class ContactRow:
    """A call or visit as it was logged."""

    opportunity_id: UUID
    position: int
    kind: Literal["call", "visit"]
    at: datetime
    by: str
    outcome: ContactOutcome
    effective: bool
    contact: Personal[Visit]
    """A call's has no steps done, no opening and no close."""


CONTACTS = Table(
    "contact",
    ContactRow,
    key=("opportunity_id", "position"),
    indexes=(Index(("opportunity_id", "at DESC", "position DESC")),),
)


class Contacts(View):
    name = "contacts"
    version = 1
    tables = (CONTACTS,)

    def touches(self, it: Recorded[Any]) -> Iterable[tuple[Any, ...]]:
        return ()

    def project(self, it: Recorded[Any], rows: Rows) -> None:
        if isinstance(it.fact, CallLogged | VisitLogged):
            rows.put(CONTACTS, _contact(it.originator_id, it.position, it.fact))


def _contact(opportunity_id: UUID, position: int, fact: CallLogged | VisitLogged) -> ContactRow:
    entered = fact.visit if isinstance(fact, VisitLogged) else fact.call
    return ContactRow(
        opportunity_id=opportunity_id,
        position=position,
        kind="visit" if isinstance(fact, VisitLogged) else "call",
        at=fact.at,
        by=fact.by,
        outcome=entered.outcome,
        effective=entered.outcome.effective,
        contact=Visit(**{**vars(entered), "at": fact.at}),
    )


async def contacts(
    db: Any, opportunity_id: UUID, *, before: tuple[datetime, int] | None = None, limit: int = 50
) -> list[ContactRow]:
    """The latest first."""
    records = await db.fetch(
        f"""
        SELECT {CONTACTS.columns} FROM contact
         WHERE opportunity_id = $1 AND ($2::timestamptz IS NULL OR (at, position) < ($2, $3))
         ORDER BY at DESC, position DESC LIMIT $4
        """,
        opportunity_id,
        *(before or (None, None)),
        limit,
    )
    return CONTACTS.rows(records)
