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
from keqing_pipeline.customer.file import Importance, part_of
from keqing_pipeline.customer.name import normalised_name
from keqing_pipeline.views.customers import FEW
from keqing_shared.domain import Personal, Recorded, value
from keqing_shared.views import Index, Narrowed, Rows, Table, View


@value
class ContactRow:
    """A person at a customer, as known now."""

    contact_id: UUID
    customer_id: UUID
    name: Personal[str]
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
class KeyedContact(ContactRow):
    """With what it is found by, which nobody is shown."""

    name_key: Personal[str]
    """The name as it is compared."""


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
    KeyedContact,
    key=("contact_id",),
    indexes=(
        ("customer_id", "contact_id"),
        Index(("covered_by",), using="gin"),
        Index(("roles",), using="gin"),
        Index(("pairs_of(name_key)",), using="gin"),
        Index(("contact_id",), where="left_on IS NOT NULL"),
    ),
)
OBSERVATIONS = Table(
    "observation",
    ObservationRow,
    key=("contact_id", "position"),
    indexes=(Index(("contact_id", '"on" DESC', "position DESC")),),
)


@value
class Known:
    """The people at a customer who have not left, by how many of us cover them; those of us who have left us
    included: that somebody is covered by so many at the most."""

    customer_id: UUID
    decider: bool
    cover: int
    people: int


KNOWN = Table(
    "known",
    Known,
    key=("customer_id", "decider", "cover"),
    indexes=(Index(("cover", "customer_id"), where="decider"),),
    sums=("people",),
)


class Contacts(View):
    name = "contacts"
    version = 4
    tables = (CONTACTS, OBSERVATIONS, KNOWN)

    def touches(self, it: Recorded[Any]) -> Iterable[tuple[Any, ...]]:
        if isinstance(it.fact, LaterContactFact):
            yield CONTACTS, it.originator_id

    def project(self, it: Recorded[Any], rows: Rows) -> None:
        fact = it.fact
        if isinstance(fact, ContactAdded):
            added = _added(it.originator_id, fact)
            rows.put(CONTACTS, added)
            _know(added, 1, rows)
        elif isinstance(fact, LaterContactFact):
            row = rows.get(CONTACTS, it.originator_id)
            if row is None:
                return
            changed = replace(_changed(row, fact), version=it.originator_version)
            rows.put(CONTACTS, changed)
            _know(row, -1, rows)
            _know(changed, 1, rows)
            if isinstance(fact, ObservationMade):
                rows.put(OBSERVATIONS, _observed(row, it.position, fact))


def _know(row: ContactRow, people: int, rows: Rows) -> None:
    if row.left_on is None:
        decider = BuyingRole.DECIDER in row.roles
        known = Known(customer_id=row.customer_id, decider=decider, cover=len(row.covered_by), people=people)
        rows.add(KNOWN, known)


def _added(contact_id: UUID, fact: ContactAdded) -> KeyedContact:
    return KeyedContact(
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


def _changed(row: KeyedContact, fact: LaterContactFact) -> KeyedContact:
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
    return next(iter(_shown(records)), None)


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
    where = Narrowed()
    where.only("k.customer_id = {}", customer_id)
    where.only("k.roles ? {}", role)
    where.only("k.covered_by ? {}", covered_by)
    if name is not None:
        part = normalised_name(name)
        where.only("position({} in k.name_key) > 0", part)
        if len(part) > 1:
            where.only("pairs_of(k.name_key) @> pairs_of({})", part)
    if left is not None:
        where.only("k.left_on IS NOT NULL" if left else "k.left_on IS NULL")
    where.only("k.contact_id > {}", after)
    order = f"ORDER BY contact_id LIMIT {limit:d}"
    seen = f"SELECT k.* FROM contact k WHERE {where} {order}"
    if visible is not None:
        of_owners = f"SELECT k.* FROM customer c JOIN contact k USING (customer_id) WHERE {where}"
        if len(visible) <= FEW and (role, name) != (None, None):
            # Customer by customer: among everybody's, those of a few people may be met late or never.
            of_owners = f"""
                SELECT k.* FROM customer c CROSS JOIN LATERAL
                       (SELECT * FROM contact k WHERE k.customer_id = c.customer_id AND {where} OFFSET 0) k
                 WHERE true"""
        of_owners += f" AND c.owner = ANY ({where.place(list(visible))}) {order}"
        covered = f"SELECT k.* FROM contact k WHERE k.covered_by ? {where.place(asking)} AND {where} {order}"
        # Each contact is in a customer's hands and may be covered as well: one of the two rows is enough.
        seen = (
            f"SELECT DISTINCT ON (contact_id) * FROM (({of_owners}) UNION ALL ({covered})) both_ways {order}"
        )
    records = await db.fetch(f"SELECT {CONTACTS.columns} FROM ({seen}) k {order}", *where.arguments)
    return _shown(records)


def _shown(records: Any) -> list[ContactRow]:
    return [part_of(row, ContactRow) for row in CONTACTS.rows(records)]


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
