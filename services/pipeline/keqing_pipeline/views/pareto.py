"""Pareto: who bought how much of the whole, the largest first. The whole is what the asker may see."""

from collections.abc import Collection
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from keqing_pipeline.account.values import AbcClass
from keqing_shared.domain import Money, Personal, value


@value
class ParetoLine:
    customer_id: UUID
    customer: Personal[str]
    """Its name."""
    owner: str
    bought: Money
    purchases: int
    rank: int
    """Those who bought the same share a rank."""
    percent: Decimal
    """Of what all of them bought, to a tenth."""
    cumulative_percent: Decimal
    """Together with everybody who bought as much or more."""
    abc: AbcClass | None
    """As last computed, over all customers; None: not yet."""


async def pareto(
    db: Any,
    visible: Collection[str] | None,
    bought_after: date,
    bought_until: date,
    currency: str,
    *,
    after: tuple[int, UUID] | None = None,
    limit: int = 50,
) -> list[ParetoLine]:
    """In one currency, because amounts of different ones are never added."""
    records = await db.fetch(
        """
        WITH bought AS (
            SELECT p.customer_id, c.name AS customer, c.owner, sum(p.amount) AS amount, count(*) AS purchases
              FROM purchase p JOIN customer c USING (customer_id)
             WHERE p.won_on > $2 AND p.won_on <= $3 AND p.currency = $4
               AND ($1::text[] IS NULL OR c.owner = ANY ($1))
             GROUP BY p.customer_id, c.name, c.owner
        ), ranked AS (
            SELECT *, rank() OVER largest AS rank, sum(amount) OVER () AS total,
                   sum(amount) OVER largest AS cumulative
              FROM bought WINDOW largest AS (ORDER BY amount DESC RANGE UNBOUNDED PRECEDING)
        )
        SELECT ranked.*, a.abc FROM ranked LEFT JOIN account a USING (customer_id)
         WHERE $5::bigint IS NULL OR (ranked.rank, ranked.customer_id) > ($5, $6)
         ORDER BY ranked.rank, ranked.customer_id LIMIT $7
        """,
        None if visible is None else list(visible),
        bought_after,
        bought_until,
        currency,
        *(after or (None, None)),
        limit,
    )
    return [
        ParetoLine(
            customer_id=record["customer_id"],
            customer=record["customer"],
            owner=record["owner"],
            bought=Money(amount=record["amount"], currency=currency),
            purchases=record["purchases"],
            rank=record["rank"],
            percent=_percent(record["amount"], record["total"]),
            cumulative_percent=_percent(record["cumulative"], record["total"]),
            abc=record["abc"] and AbcClass(record["abc"]),
        )
        for record in records
    ]


def _percent(part: Decimal, whole: Decimal) -> Decimal:
    return (part * 100 / whole).quantize(Decimal("0.1"))
