"""The people directory: who there is, in which roles, under whom."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from keqing_pipeline.user import (
    Language,
    Profile,
    Role,
    UserAmended,
    UserDeactivated,
    UserEnrolled,
)
from keqing_shared.domain import Recorded, value
from keqing_shared.views import Rows, Table, View


@value
class PersonRow:
    login: str
    name: str
    roles: tuple[Role, ...]
    team: str | None
    manager: str | None
    language: Language
    active: bool
    version: int
    """For If-Match."""


PEOPLE = Table("person", PersonRow, key=("login",), indexes=(("manager",),))


class People(View):
    name = "people"
    version = 1
    tables = (PEOPLE,)

    def touches(self, it: Recorded[Any]) -> Iterable[tuple[Any, ...]]:
        if isinstance(it.fact, UserDeactivated):
            yield PEOPLE, it.fact.login

    def project(self, it: Recorded[Any], rows: Rows) -> None:
        match it.fact:
            case UserEnrolled(login=login, profile=profile) | UserAmended(login=login, profile=profile):
                rows.put(PEOPLE, person_row(login, profile, it.originator_version))
            case UserDeactivated(login=login):
                person = rows.get(PEOPLE, login)
                if person is not None:
                    rows.put(PEOPLE, replace(person, active=False, version=it.originator_version))


def person_row(login: str, profile: Profile, version: int, *, active: bool = True) -> PersonRow:
    return PersonRow(
        login=login,
        name=profile.name,
        roles=profile.roles,
        team=profile.team,
        manager=profile.manager,
        language=profile.language,
        active=active,
        version=version,
    )


async def people(
    db: Any, *, role: str | None = None, after: str | None = None, limit: int | None = None
) -> list[PersonRow]:
    """By login, those who have left included; ``role``: only who has it."""
    records = await db.fetch(
        f"""
        SELECT {PEOPLE.columns} FROM person
         WHERE ($1::text IS NULL OR roles ? $1) AND ($2::text IS NULL OR login > $2)
         ORDER BY login LIMIT $3
        """,
        role,
        after,
        limit,
    )
    return PEOPLE.rows(records)


async def people_as_of(db: Any) -> tuple[int, int]:
    """Another with every change of a row."""
    record = await db.fetchrow(
        "SELECT count(*) AS people, COALESCE(sum(version), 0)::bigint AS changes FROM person"
    )
    return record["people"], record["changes"]
