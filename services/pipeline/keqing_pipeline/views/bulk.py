"""What a bulk action finds to do, in the tables of customers and opportunities."""

from collections.abc import Collection
from datetime import date
from typing import Any
from uuid import UUID


async def customers_of(db: Any, owner: str, *, after: UUID | None, limit: int) -> list[UUID]:
    """Those that this person owns, by id."""
    records = await db.fetch(
        "SELECT customer_id FROM customer WHERE owner = $1 AND ($2::uuid IS NULL OR customer_id > $2)"
        " ORDER BY customer_id LIMIT $3",
        owner,
        after,
        limit,
    )
    return [record["customer_id"] for record in records]


async def open_of_customers(db: Any, customer_ids: Collection[UUID], owner: str) -> dict[UUID, list[UUID]]:
    """By customer, the open opportunities that this person owns."""
    records = await db.fetch(
        "SELECT customer_id, array_agg(opportunity_id) AS ids FROM opportunity"
        " WHERE customer_id = ANY ($1) AND owner = $2 AND outcome = 'open' GROUP BY customer_id",
        list(customer_ids),
        owner,
    )
    return {record["customer_id"]: record["ids"] for record in records}


async def open_of_person(db: Any, owner: str, *, after: UUID | None, limit: int) -> list[UUID]:
    """Open opportunities of this person, by id."""
    records = await db.fetch(
        "SELECT opportunity_id FROM opportunity WHERE owner = $1 AND outcome = 'open'"
        " AND ($2::uuid IS NULL OR opportunity_id > $2) ORDER BY opportunity_id LIMIT $3",
        owner,
        after,
        limit,
    )
    return [record["opportunity_id"] for record in records]


async def stale(
    db: Any, owners: Collection[str] | None, untouched_since: date, *, after: UUID | None, limit: int
) -> list[UUID]:
    """Open opportunities last contacted, or else opened, before the day; by id."""
    records = await db.fetch(
        "SELECT opportunity_id FROM opportunity WHERE ($1::text[] IS NULL OR owner = ANY ($1))"
        " AND outcome = 'open' AND COALESCE(last_contact_on, opened_on) < $2"
        " AND ($3::uuid IS NULL OR opportunity_id > $3) ORDER BY opportunity_id LIMIT $4",
        None if owners is None else list(owners),
        untouched_since,
        after,
        limit,
    )
    return [record["opportunity_id"] for record in records]
