"""The coverage map: of each customer, by how many of us its people are known, the deciders above all."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from keqing_shared.domain import Personal, value
from keqing_shared.views import Narrowed


@value
class Coverage:
    customer_id: UUID
    customer: Personal[str]
    """Its name."""
    owner: str
    contacts: int
    """Who have not left."""
    uncovered: int
    """Of those, covered by nobody who is still with us."""
    deciders: int
    decider_cover: int | None
    """By how many the least covered decider is; None without a decider."""
    covered_by: tuple[str, ...]
    """Everybody still with us who covers somebody there."""
    flagged: bool
    """Whether a decider is covered by fewer than policy wants: with one of us a decider would be lost."""


async def coverage_of(db: Any, customer_id: UUID, least: int) -> Coverage | None:
    """None while no contact of the customer is known."""
    return next(iter(await coverage_map(db, None, least, customer_id=customer_id, limit=1)), None)


async def coverage_map(
    db: Any,
    visible: Collection[str] | None,
    least: int,
    *,
    owner: str | None = None,
    flagged: bool | None = None,
    customer_id: UUID | None = None,
    after: UUID | None = None,
    limit: int = 50,
) -> list[Coverage]:
    """By customer id; only customers of whom a contact is known. ``least``: how many cover each decider."""
    where = Narrowed()
    few = where.place(least)
    # By what is counted of each customer, without asking who is still with us: few are looked at in vain.
    known = Narrowed()
    known.arguments = where.arguments
    known.only("customer_id = {}", customer_id)
    known.only("customer_id > {}", after)
    maybe = f"SELECT customer_id FROM known WHERE {known}"
    flagging = f"{maybe} AND decider AND cover < {few}"
    if flagged:
        maybe = f"""{flagging}
            UNION SELECT customer_id FROM contact WHERE {known} AND left_on IS NULL
                     AND covered_by ?| ARRAY(SELECT login FROM person WHERE NOT active)"""
    elif flagged is False:
        where.only(f"NOT EXISTS ({flagging} AND known.customer_id = c.customer_id)")
    if flagged is not None:
        where.only(f"coalesce(m.decider_cover < {few}, false) = {{}}", flagged)
    where.only("c.owner = {}", owner)
    where.only("c.owner = ANY ({})", None if visible is None else list(visible))
    records = await db.fetch(
        f"""
        SELECT c.customer_id, c.name AS customer, c.owner, m.contacts, m.uncovered, m.deciders,
               m.decider_cover, m.covered_by, coalesce(m.decider_cover < {few}, false) AS flagged
          FROM (SELECT DISTINCT customer_id FROM ({maybe}) maybe) maybe JOIN customer c USING (customer_id)
               CROSS JOIN LATERAL (
               SELECT count(*) AS contacts,
                      count(*) FILTER (WHERE k.cover = 0) AS uncovered,
                      count(*) FILTER (WHERE k.roles ? 'decider') AS deciders,
                      min(k.cover) FILTER (WHERE k.roles ? 'decider') AS decider_cover,
                      (SELECT coalesce(array_agg(DISTINCT p.login ORDER BY p.login), '{{}}')
                         FROM contact o CROSS JOIN jsonb_array_elements_text(o.covered_by) AS by(login)
                         JOIN person p USING (login)
                        WHERE o.customer_id = c.customer_id AND o.left_on IS NULL AND p.active) AS covered_by
                 FROM (SELECT o.roles,
                              (SELECT count(*) FROM jsonb_array_elements_text(o.covered_by) AS by(login)
                                 JOIN person p USING (login) WHERE p.active) AS cover
                         FROM contact o WHERE o.customer_id = c.customer_id AND o.left_on IS NULL) k
               ) m
         WHERE c.merged_into IS NULL AND m.contacts > 0 AND {where}
         ORDER BY c.customer_id LIMIT {limit:d}
        """,
        *where.arguments,
    )
    return [Coverage(**{**record, "covered_by": tuple(record["covered_by"])}) for record in records]
