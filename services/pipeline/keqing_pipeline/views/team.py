"""Account teams: who is on them, and who owes first impressions."""

from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

from keqing_pipeline.contact.team import (
    FirstImpressionsNoted,
    FirstImpressionsOverdue,
    TeamFact,
    TeamJoined,
    TeamLeft,
)
from keqing_pipeline.views.parts import parts_of, whose
from keqing_shared.domain import Personal, Recorded, value
from keqing_shared.views import Index, Rows, Table, View

_OWED = "noted_on IS NULL AND impressions_due_on IS NOT NULL"


@value
class TeamMember:
    customer_id: UUID
    login: str
    joined_on: date
    impressions_due_on: date | None
    """None: owes none."""
    noted_on: date | None
    note: Personal[str | None]
    """The first impressions."""
    overdue: bool


TEAM = Table(
    "team_member",
    TeamMember,
    key=("customer_id", "login"),
    indexes=(Index(("impressions_due_on", "customer_id", "login"), where=_OWED),),
)


class Teams(View):
    name = "teams"
    version = 1
    tables = (TEAM,)

    def touches(self, it: Recorded[Any]) -> Iterable[tuple[Any, ...]]:
        if isinstance(it.fact, FirstImpressionsNoted | FirstImpressionsOverdue):
            yield TEAM, it.customer_id, it.fact.login

    def project(self, it: Recorded[Any], rows: Rows) -> None:
        if isinstance(it.fact, TeamFact) and it.customer_id is not None:
            _project(it.fact, it.customer_id, rows)


def _project(fact: TeamFact, customer_id: UUID, rows: Rows) -> None:
    match fact:
        case TeamJoined():
            member = TeamMember(
                customer_id=customer_id,
                login=fact.login,
                joined_on=fact.on,
                impressions_due_on=fact.impressions_due_on,
                noted_on=None,
                note=None,
                overdue=False,
            )
            rows.put(TEAM, member)
        case TeamLeft(login=login):
            rows.drop(TEAM, customer_id, login)
        case FirstImpressionsNoted(login=login, on=on, note=note):
            if (known := rows.get(TEAM, customer_id, login)) is not None:
                rows.put(TEAM, replace(known, noted_on=on, note=note))
        case FirstImpressionsOverdue(login=login):
            if (known := rows.get(TEAM, customer_id, login)) is not None:
                rows.put(TEAM, replace(known, overdue=True))


async def team(db: Any, customer_id: UUID) -> list[TeamMember]:
    """By the day they joined; who is on the teams of several files is shown with what is still owed."""
    files = await parts_of(db, [customer_id])
    records = await db.fetch(
        f"""
        SELECT * FROM (
            SELECT DISTINCT ON (login) {TEAM.columns} FROM team_member WHERE customer_id = ANY ($1)
             ORDER BY login, ({_OWED}) DESC, joined_on, customer_id
        ) members ORDER BY joined_on, login
        """,
        list(files),
    )
    return [replace(row, customer_id=customer_id) for row in TEAM.rows(records)]


async def owed_impressions(
    db: Any,
    visible: Collection[str] | None,
    *,
    login: str | None = None,
    after: tuple[date, UUID, str] | None = None,
    limit: int = 50,
) -> list[TeamMember]:
    """Notes that are still to come, the longest due first, of people one may see."""
    join, whole = whose("t")
    records = await db.fetch(
        f"""
        SELECT {", ".join(f"t.{column.quoted}" for column in TEAM.fields)}, {whole} AS whole
          FROM team_member t {join}
         WHERE {_OWED}
           AND ($1::text[] IS NULL OR login = ANY ($1))
           AND ($2::text IS NULL OR login = $2)
           AND ($3::date IS NULL OR (impressions_due_on, {whole}, login) > ($3, $4, $5))
         ORDER BY impressions_due_on, whole, login LIMIT $6
        """,
        None if visible is None else list(visible),
        login,
        *(after or (None, None, None)),
        limit,
    )
    rows = zip(TEAM.rows(records), records, strict=True)
    return [replace(row, customer_id=record["whole"]) for row, record in rows]


async def impressions_overdue(db: Any, today: date, after: UUID | None, limit: int) -> list[UUID]:
    """Files of whose team somebody who is still with us has let the day pass, each once, by id."""
    records = await db.fetch(
        f"""
        SELECT DISTINCT t.customer_id
          FROM team_member t JOIN person p ON p.login = t.login AND p.active
         WHERE {_OWED} AND NOT t.overdue AND t.impressions_due_on < $1
           AND ($2::uuid IS NULL OR t.customer_id > $2)
         ORDER BY t.customer_id LIMIT $3
        """,
        today,
        after,
        limit,
    )
    return [record["customer_id"] for record in records]
