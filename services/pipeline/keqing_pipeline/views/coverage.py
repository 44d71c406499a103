"""The coverage map: of each customer, by how many of us its people are known, the deciders above all."""

from collections.abc import Collection, Sequence
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


_COUNTED = """
    SELECT count(*) AS contacts,
           count(*) FILTER (WHERE k.cover = 0) AS uncovered,
           count(*) FILTER (WHERE k.roles ? 'decider') AS deciders,
           min(k.cover) FILTER (WHERE k.roles ? 'decider') AS decider_cover,
           (SELECT coalesce(array_agg(DISTINCT by.login ORDER BY by.login), '{{}}')
              FROM contact o CROSS JOIN jsonb_array_elements_text(o.covered_by) AS by(login)
             WHERE o.customer_id = c.customer_id AND o.left_on IS NULL AND by.login <> ALL ({leavers})
           ) AS covered_by
      FROM (SELECT o.roles,
                   (SELECT count(*) FROM jsonb_array_elements_text(o.covered_by) AS by(login)
                     WHERE by.login <> ALL ({leavers})) AS cover
              FROM contact o WHERE o.customer_id = c.customer_id AND o.left_on IS NULL) k
"""
"""Of the customer ``c``."""


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
    leavers = [one["login"] for one in await db.fetch("SELECT login FROM person WHERE NOT active")]
    seen = None if visible is None else list(visible)
    where = Narrowed("c.merged_into IS NULL")
    where.only("c.owner = ANY ({})", seen)
    where.only("c.owner = {}", owner)
    where.only("c.customer_id = {}", customer_id)
    where.only("c.customer_id > {}", after)
    known = "SELECT FROM known k WHERE k.customer_id = c.customer_id"
    if flagged is not None:
        few = f"{known} AND k.decider AND k.cover < {where.place(least)}"
        thin = await _thin_without(db, leavers, least, seen) if leavers else ()
        if thin:
            either = where.place(thin)
            few = f"({few}) OR c.customer_id = ANY ({either})"
            few = f"SELECT WHERE EXISTS {few}"
        where.only(f"{'' if flagged else 'NOT '}EXISTS ({few})")
    records = await db.fetch(
        f"""
        SELECT c.customer_id, c.name AS customer, c.owner, m.*,
               coalesce(m.decider_cover < {where.place(least)}, false) AS flagged
          FROM (SELECT c.customer_id FROM customer c WHERE {where} AND EXISTS ({known})
                 ORDER BY c.customer_id LIMIT {limit:d}
               ) shown JOIN customer c USING (customer_id)
               CROSS JOIN LATERAL ({_COUNTED.format(leavers=where.place(leavers))}) m
         ORDER BY c.customer_id
        """,
        *where.arguments,
    )
    return [Coverage(**{**record, "covered_by": tuple(record["covered_by"])}) for record in records]


async def _thin_without(
    db: Any, leavers: Sequence[str], least: int, owners: Sequence[str] | None
) -> list[UUID]:
    """Customers whose deciders are covered by enough only as long as one counts those who have left us."""
    where = Narrowed("c.merged_into IS NULL")
    gone = where.place(leavers)
    where.only("c.owner = ANY ({})", owners)
    records = await db.fetch(
        f"""
        SELECT c.customer_id
          FROM (SELECT DISTINCT customer_id FROM contact WHERE left_on IS NULL AND covered_by ?| {gone}) k
          JOIN customer c USING (customer_id) CROSS JOIN LATERAL ({_COUNTED.format(leavers=gone)}) m
         WHERE {where} AND m.decider_cover < {where.place(least)}
        """,
        *where.arguments,
    )
    return [record["customer_id"] for record in records]
