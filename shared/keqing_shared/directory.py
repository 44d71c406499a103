"""The directory: which customers there are and whose, which people there are and whom they answer to.

Pipeline knows; the other contexts keep a copy in two tables that follows pipeline's events. Nothing is
cached: one indexed row costs less than being wrong about who may see whom.
"""

from typing import Any, Protocol
from uuid import UUID

import msgspec

from keqing_shared.domain import ExternalReference
from keqing_shared.messaging import Event, Reactions, Within

CUSTOMERS_NAME = "(SELECT name FROM directory_customers d WHERE d.customer_id = {of}.customer_id) AS customer"
"""For the list of what a query selects: null of an individual, whose name stays in pipeline."""

DIRECTORY_TABLES = """
CREATE TABLE IF NOT EXISTS directory_people (
    login text PRIMARY KEY,
    name text NOT NULL,
    roles text[] NOT NULL,
    team text,
    manager text,
    language text NOT NULL,
    active boolean NOT NULL
);
CREATE INDEX IF NOT EXISTS directory_people_manager ON directory_people (manager);

CREATE TABLE IF NOT EXISTS directory_customers (
    customer_id uuid PRIMARY KEY,
    kind text NOT NULL,
    name text,
    owner text,
    importance text,
    external jsonb NOT NULL
);
ALTER TABLE directory_customers ADD COLUMN IF NOT EXISTS erased boolean NOT NULL DEFAULT false;
ALTER TABLE directory_customers ADD COLUMN IF NOT EXISTS merged_into uuid;
CREATE INDEX IF NOT EXISTS directory_customers_merged_into
    ON directory_customers (merged_into) WHERE merged_into IS NOT NULL;
CREATE INDEX IF NOT EXISTS directory_customers_owner ON directory_customers (owner);
CREATE INDEX IF NOT EXISTS directory_customers_external
    ON directory_customers USING gin (external jsonb_path_ops);
CREATE OR REPLACE FUNCTION directory_whole(part uuid) RETURNS uuid
LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE AS $$
DECLARE
    larger uuid;
BEGIN
    LOOP
        SELECT merged_into INTO larger FROM directory_customers WHERE customer_id = part;
        EXIT WHEN larger IS NULL;
        part := larger;
    END LOOP;
    RETURN part;
END
$$;
COMMENT ON FUNCTION directory_whole IS 'the customer that stands for this one, however often merged';
COMMENT ON COLUMN directory_customers.name IS 'null for an individual: personal data does not travel';
COMMENT ON COLUMN directory_customers.external IS 'array of {"system": ..., "id": ...}';
"""


class CustomerEntry(msgspec.Struct, frozen=True, kw_only=True):
    """What every context knows of a customer."""

    customer_id: UUID
    kind: str
    name: str | None
    """None for an individual, except in pipeline."""
    owner: str | None
    """Login of the one who answers for the customer, or for the one that it is part of now."""
    importance: str | None
    external: tuple[tuple[str, str], ...] = ()
    """(system, id) of each reference elsewhere."""
    erased: bool = False
    """Whether the customer's personal data was erased."""
    merged_into: UUID | None = None
    """The customer that this one is part of now."""


class Person(msgspec.Struct, frozen=True, kw_only=True):
    """A user of the system."""

    login: str
    name: str
    roles: tuple[str, ...]
    team: str | None
    manager: str | None
    """Login."""
    language: str
    active: bool


class Directory(Protocol):
    """Who is who."""

    async def customer(self, customer_id: UUID) -> CustomerEntry | None: ...

    async def person(self, login: str) -> Person | None: ...

    async def people(self, role: str | None = None) -> list[Person]:
        """By login; those who have left as well (``active`` tells)."""
        ...


async def survivor(directory: Directory, customer_id: UUID) -> CustomerEntry | None:
    """The customer, or the one that it has become part of by now."""
    entry = await directory.customer(customer_id)
    while entry is not None and entry.merged_into is not None:
        entry = await directory.customer(entry.merged_into)
    return entry


async def files_of(db: Any, customer_id: UUID) -> list[UUID]:
    """The customer and every other that is part of it by now, as the tables have it: what is told of one of
    them is told of all."""
    records = await db.fetch(
        "WITH RECURSIVE part AS (SELECT $1::uuid AS customer_id UNION"
        " SELECT d.customer_id FROM directory_customers d JOIN part p ON d.merged_into = p.customer_id)"
        " SELECT customer_id FROM part",
        customer_id,
    )
    return [record["customer_id"] for record in records]


_PERSON = "login, name, roles, team, manager, language, active"


class TableDirectory:
    """The tables that ``follow_directory`` keeps; ``db`` is a pool, or the connection of a transaction
    that is to see its own changes."""

    def __init__(self, db: Any) -> None:
        self._db = db

    async def customer(self, customer_id: UUID) -> CustomerEntry | None:
        row = await self._db.fetchrow(
            "SELECT customer_id, kind, name, owner, importance, external::text, erased, merged_into"
            " FROM directory_customers WHERE customer_id = $1",
            customer_id,
        )
        if row is None:
            return None
        references = msgspec.json.decode(row["external"], type=tuple[ExternalReference, ...])
        return CustomerEntry(**{**row, "external": tuple((it.system, it.id) for it in references)})

    async def person(self, login: str) -> Person | None:
        row = await self._db.fetchrow(f"SELECT {_PERSON} FROM directory_people WHERE login = $1", login)
        return None if row is None else _person(row)

    async def people(self, role: str | None = None) -> list[Person]:
        rows = await self._db.fetch(
            f"SELECT {_PERSON} FROM directory_people"
            " WHERE $1::text IS NULL OR $1 = ANY(roles) ORDER BY login",
            role,
        )
        return [_person(row) for row in rows]

    async def team_of(self, manager: str) -> list[Person]:
        """Those who answer to the manager, directly or through others, by login; never the manager."""
        rows = await self._db.fetch(
            "WITH RECURSIVE team AS ("
            " SELECT login FROM directory_people WHERE manager = $1 AND login <> $1"
            " UNION SELECT p.login FROM directory_people p JOIN team t ON p.manager = t.login"
            " WHERE p.login <> $1)"
            f" SELECT {_PERSON} FROM directory_people WHERE login IN (SELECT login FROM team) ORDER BY login",
            manager,
        )
        return [_person(row) for row in rows]


def _person(row: Any) -> Person:
    return Person(**{**row, "roles": tuple(row["roles"])})


class CustomerTold(msgspec.Struct, frozen=True):
    """``CustomerRegistered`` and ``CustomerAmended``."""

    kind: str
    name: str | None = None
    owner: str | None = None
    importance: str | None = None
    external: tuple[ExternalReference, ...] = ()


class MergedTold(msgspec.Struct, frozen=True):
    """``CustomerMerged``."""

    into: UUID


class OwnerTold(msgspec.Struct, frozen=True):
    """``OwnerChanged``."""

    owner: str | None


class ErasedTold(msgspec.Struct, frozen=True):
    """``CustomerErased``: nothing is said but whom it is about."""


class PersonTold(msgspec.Struct, frozen=True):
    """``UserEnrolled``, ``UserAmended`` and ``UserDeactivated``."""

    login: str
    name: str
    roles: tuple[str, ...]
    language: str
    active: bool
    team: str | None = None
    manager: str | None = None


def follow_directory(reactions: Reactions) -> None:
    """Keeps the tables as pipeline tells, in the consumer's transaction. Register it before what reads
    the directory, so that an event finds its own customer there."""
    for name in ("CustomerRegistered", "CustomerAmended"):
        reactions.on("pipeline", name, CustomerTold)(_keep_customer)
    reactions.on("pipeline", "OwnerChanged", OwnerTold)(_keep_owner)
    reactions.on("pipeline", "CustomerErased", ErasedTold)(_keep_erased)
    reactions.on("pipeline", "CustomerMerged", MergedTold)(_keep_merged)
    for name in ("UserEnrolled", "UserAmended", "UserDeactivated"):
        reactions.on("pipeline", name, PersonTold)(_keep_person)


async def _keep_customer(event: Event[CustomerTold], within: Within) -> None:
    told = event.data
    await within.db.execute(
        "INSERT INTO directory_customers (customer_id, kind, name, owner, importance, external)"
        " VALUES ($1, $2, $3, $4, $5, $6::text::jsonb)"
        " ON CONFLICT (customer_id) DO UPDATE SET kind = excluded.kind, name = excluded.name,"
        " owner = excluded.owner, importance = excluded.importance, external = excluded.external,"
        " merged_into = NULL",  # nothing is told of a customer while it is part of another
        event.customer_id,
        told.kind,
        told.name,
        told.owner,
        told.importance,
        msgspec.json.encode(told.external).decode(),
    )
    await _pass_on(within, event.customer_id, told.owner)


async def _keep_owner(event: Event[OwnerTold], within: Within) -> None:
    await _pass_on(within, event.customer_id, event.data.owner)


async def _keep_merged(event: Event[MergedTold], within: Within) -> None:
    """Its references lead to the other from now on, and whoever answers for the other answers for it."""
    await within.db.execute(
        "UPDATE directory_customers SET merged_into = $2, external = '[]' WHERE customer_id = $1",
        event.customer_id,
        event.data.into,
    )
    into = await TableDirectory(within.db).customer(event.data.into)
    if into is not None:
        await _pass_on(within, event.customer_id, into.owner)


async def _pass_on(within: Within, customer_id: UUID | None, owner: str | None) -> None:
    """Of the customer and of all that are part of it."""
    await within.db.execute(
        "WITH RECURSIVE part AS (SELECT $1::uuid AS customer_id UNION"
        " SELECT d.customer_id FROM directory_customers d JOIN part p ON d.merged_into = p.customer_id)"
        " UPDATE directory_customers SET owner = $2 WHERE customer_id IN (SELECT customer_id FROM part)",
        customer_id,
        owner,
    )


async def _keep_erased(event: Event[ErasedTold], within: Within) -> None:
    await within.db.execute(
        "UPDATE directory_customers SET erased = true WHERE customer_id = $1", event.customer_id
    )


async def _keep_person(event: Event[PersonTold], within: Within) -> None:
    told = event.data
    await within.db.execute(
        f"INSERT INTO directory_people ({_PERSON}) VALUES ($1, $2, $3, $4, $5, $6, $7)"
        " ON CONFLICT (login) DO UPDATE SET name = excluded.name, roles = excluded.roles,"
        " team = excluded.team, manager = excluded.manager, language = excluded.language,"
        " active = excluded.active",
        told.login,
        told.name,
        list(told.roles),
        told.team,
        told.manager,
        told.language,
        told.active,
    )
