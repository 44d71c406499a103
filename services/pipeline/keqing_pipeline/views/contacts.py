"""Contacts: the people at the customers, found by role, name and whoever covers them."""

from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

from keqing_pipeline.contact.facts import (
    ContactAdded,
    ContactAmended,
    ContactCovered,
    ContactFollowed,
    ContactLeft,
    ContactReturned,
    ContactUncovered,
    LaterContactFact,
    ObservationMade,
)
from keqing_pipeline.contact.profile import BuyingRole, ContactProfile
from keqing_pipeline.customer.file import Importance
from keqing_pipeline.customer.name import normalised_name
from keqing_shared.domain import Personal, Recorded, value
from keqing_shared.views import Index, Rows, Table, View


@value
class ContactRow:
    """A person at a customer, as known now."""

    contact_id: UUID
    customer_id: UUID
    name: Personal[str]
    name_key: Personal[str]
    """The name as it is compared."""
    roles: tuple[BuyingRole, ...]
    importance: Importance
    profile: ContactProfile
    covered_by: tuple[str, ...]
    left_on: date | None
    moved_to: UUID | None
    """The customer where they are now."""
    moved_as: UUID | None
    """The contact they are there."""
    came_from: UUID | None
    """The contact they were elsewhere."""
    observations: int
    version: int


@value
class ObservationRow:
    contact_id: UUID
    position: int
    customer_id: UUID
    """Whose contact it was then."""
    on: date
    by: str
    happened: Personal[str]
    tells: Personal[str]


CONTACTS = Table(
    "contact",
    ContactRow,
    key=("contact_id",),
    indexes=(("customer_id", "contact_id"), Index(("covered_by",), using="gin")),
)
OBSERVATIONS = Table(
    "observation",
    ObservationRow,
    key=("contact_id", "position"),
    indexes=(Index(("contact_id", '"on" DESC', "position DESC")),),
)


class Contacts(View):
    name = "contacts"
    version = 1
    tables = (CONTACTS, OBSERVATIONS)

    def touches(self, it: Recorded[Any]) -> Iterable[tuple[Any, ...]]:
        if isinstance(it.fact, LaterContactFact):
            yield CONTACTS, it.originator_id

    def project(self, it: Recorded[Any], rows: Rows) -> None:
        fact = it.fact
        if isinstance(fact, ContactAdded):
            rows.put(CONTACTS, _added(it.originator_id, fact))
        elif isinstance(fact, LaterContactFact):
            row = rows.get(CONTACTS, it.originator_id)
            if row is None:
                return
            rows.put(CONTACTS, replace(_changed(row, fact), version=it.originator_version))
            if isinstance(fact, ObservationMade):
                rows.put(OBSERVATIONS, _observed(row, it.position, fact))


def _added(contact_id: UUID, fact: ContactAdded) -> ContactRow:
    return ContactRow(
        contact_id=contact_id,
        customer_id=fact.customer_id,
        covered_by=(),
        left_on=None,
        moved_to=None,
        moved_as=None,
        came_from=fact.came_from,
        observations=0,
        version=1,
        **_profiled(fact.profile),
    )


def _profiled(profile: ContactProfile) -> dict[str, Any]:
    return {
        "name": profile.name,
        "name_key": normalised_name(profile.name),
        "roles": profile.roles,
        "importance": profile.importance,
        "profile": profile,
    }


def _observed(row: ContactRow, position: int, fact: ObservationMade) -> ObservationRow:
    return ObservationRow(
        contact_id=row.contact_id,
        position=position,
        customer_id=row.customer_id,
        on=fact.on,
        by=fact.by,
        happened=fact.observation.happened,
        tells=fact.observation.tells,
    )


def _changed(row: ContactRow, fact: LaterContactFact) -> ContactRow:
    match fact:
        case ContactAmended(profile=profile):
            return replace(row, **_profiled(profile))
        case ContactCovered(login=login):
            return replace(row, covered_by=(*row.covered_by, login))
        case ContactUncovered(login=login):
            return replace(row, covered_by=tuple(one for one in row.covered_by if one != login))
        case ContactLeft(on=on, moved_to=moved_to, moved_as=moved_as):
            return replace(row, left_on=on, moved_to=moved_to, moved_as=moved_as)
        case ContactReturned():
            return replace(row, left_on=None, moved_to=None, moved_as=None)
        case ContactFollowed(customer_id=customer_id):
            return replace(row, customer_id=customer_id)
        case ObservationMade():
            return replace(row, observations=row.observations + 1)


async def contact(db: Any, contact_id: UUID) -> ContactRow | None:
    records = await db.fetch(f"SELECT {CONTACTS.columns} FROM contact WHERE contact_id = $1", contact_id)
    return next(iter(CONTACTS.rows(records)), None)


async def contacts(
    db: Any,
    visible: Collection[str] | None,
    asking: str,
    *,
    customer_id: UUID | None = None,
    role: BuyingRole | None = None,
    covered_by: str | None = None,
    name: str | None = None,
    left: bool | None = None,
    after: UUID | None = None,
    limit: int = 50,
) -> list[ContactRow]:
    """Of the owners' customers, and those that ``asking`` covers, in the order of their ids.
    ``name``: a part of it; ``left``: only who has left, or only who has not."""
    # Looked up from the few customers of an owner: a walk over everybody's contacts takes too long.
    seen = (
        ""
        if visible is None
        else """
        JOIN (SELECT k.contact_id FROM customer c JOIN contact k USING (customer_id) WHERE c.owner = ANY ($8)
              UNION SELECT contact_id FROM contact WHERE covered_by ? $9) seen USING (contact_id)"""
    )
    records = await db.fetch(
        f"""
        SELECT {CONTACTS.columns} FROM contact {seen}
         WHERE ($1::uuid IS NULL OR customer_id = $1)
           AND ($2::text IS NULL OR roles ? $2)
           AND ($3::text IS NULL OR covered_by ? $3)
           AND ($4::text IS NULL OR position($4 in name_key) > 0)
           AND ($5::bool IS NULL OR (left_on IS NOT NULL) = $5)
           AND ($6::uuid IS NULL OR contact_id > $6)
         ORDER BY contact_id LIMIT $7
        """,
        customer_id,
        role,
        covered_by,
        None if name is None else normalised_name(name),
        left,
        after,
        limit,
        *(() if visible is None else (list(visible), asking)),
    )
    return CONTACTS.rows(records)


async def all_of(db: Any, customer_id: UUID) -> list[UUID]:
    """Every contact of a customer, those who have left as well."""
    records = await db.fetch("SELECT contact_id FROM contact WHERE customer_id = $1", customer_id)
    return [record["contact_id"] for record in records]


async def observations(
    db: Any, contact_id: UUID, *, before: tuple[date, int] | None = None, limit: int = 50
) -> list[ObservationRow]:
    """The latest first."""
    records = await db.fetch(
        f"""
        SELECT {OBSERVATIONS.columns} FROM observation
         WHERE contact_id = $1 AND ($2::date IS NULL OR ("on", position) < ($2, $3))
         ORDER BY "on" DESC, position DESC LIMIT $4
        """,
        contact_id,
        *(before or (None, None)),
        limit,
    )
    return OBSERVATIONS.rows(records)
