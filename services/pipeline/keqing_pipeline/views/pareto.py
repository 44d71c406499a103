"""Pareto: who bought how much of the whole, the largest first. The whole is what the asker may see."""

from collections.abc import Collection
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from keqing_pipeline.account.values import AbcClass
from keqing_shared.domain import Money, Personal, value
from keqing_shared.views import Narrowed


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
    where = Narrowed()
    where.only("p.won_on > {}", bought_after)
    where.only("p.won_on <= {}", bought_until)
    where.only("p.currency = {}", currency)
    purchases = "purchase p"
    if visible is not None:
        purchases = "held h JOIN purchase p USING (opportunity_id)"
        where.only("h.customer_owner = ANY ({})", list(visible))
    beyond = Narrowed()
    beyond.arguments = where.arguments
    if after is not None:
        beyond.only("(rank, customer_id) > ({}, {})", *after)
    records = await db.fetch(
        f"""
        WITH bought AS (
            SELECT p.customer_id, sum(p.amount) AS amount, count(*) AS purchases
              FROM {purchases} WHERE p.customer_id IS NOT NULL AND {where} GROUP BY p.customer_id
        ), ranked AS (
            SELECT *, rank() OVER largest AS rank, sum(amount) OVER () AS total,
                   sum(amount) OVER largest AS cumulative
              FROM bought WINDOW largest AS (ORDER BY amount DESC RANGE UNBOUNDED PRECEDING)
        ), shown AS (
            SELECT * FROM ranked WHERE {beyond} ORDER BY rank, customer_id LIMIT {limit:d}
        )
        SELECT shown.*, c.name AS customer, c.owner, a.abc
          FROM shown JOIN customer c USING (customer_id) LEFT JOIN account a USING (customer_id)
         ORDER BY shown.rank, customer_id
        """,
        *where.arguments,
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
