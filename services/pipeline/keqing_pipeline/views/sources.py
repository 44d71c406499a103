"""Source effectiveness: of the customers found in each way, how many were pursued and how many bought."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from keqing_pipeline.customer.file import LeadSource
from keqing_shared.domain import Money, value


@value
class SourceLine:
    source: LeadSource | None
    """None: nobody said."""
    customers: int
    pursued: int
    """With an opportunity."""
    bought: int
    """With one that was won."""
    conversion: float
    """Bought of the customers, 0 to 1."""
    opportunities: int
    won: int
    amounts: tuple[Money, ...]
    """Of what was won, by currency."""


async def source_effectiveness(
    db: Any,
    visible: Collection[str] | None,
    *,
    owner: str | None = None,
    since: datetime | None = None,
    before: datetime | None = None,
) -> list[SourceLine]:
    """By what was won of each source's customers; of the customers registered in that time."""
    found = """
        WITH found AS (
             SELECT customer_id, details->>'source' AS source FROM customer
              WHERE merged_into IS NULL
                AND ($1::text[] IS NULL OR owner = ANY ($1)) AND ($2::text IS NULL OR owner = $2)
                AND ($3::timestamptz IS NULL OR registered_at >= $3)
                AND ($4::timestamptz IS NULL OR registered_at < $4))"""
    given = (None if visible is None else list(visible), owner, since, before)
    counted = await db.fetch(
        found
        + """
        , tried AS (
             SELECT customer_id, count(*) AS opportunities, count(*) FILTER (WHERE outcome = 'won') AS won
               FROM opportunity JOIN found USING (customer_id) GROUP BY customer_id)
        SELECT source, count(*) AS customers, count(t.customer_id) AS pursued,
               count(*) FILTER (WHERE t.won > 0) AS bought,
               coalesce(sum(t.opportunities), 0)::bigint AS opportunities,
               coalesce(sum(t.won), 0)::bigint AS won
          FROM found LEFT JOIN tried t USING (customer_id) GROUP BY source
         ORDER BY bought DESC, customers DESC, source""",
        *given,
    )
    earned = await db.fetch(
        found
        + """
        SELECT source, o.won->>'currency' AS currency, sum((o.won->>'amount')::numeric) AS amount
          FROM found JOIN opportunity o USING (customer_id)
         WHERE o.outcome = 'won' GROUP BY source, o.won->>'currency' ORDER BY 2""",
        *given,
    )
    amounts: dict[str | None, list[Money]] = {}
    for record in earned:
        amount = Money(amount=record["amount"], currency=record["currency"])
        amounts.setdefault(record["source"], []).append(amount)
    return [
        SourceLine(
            **{**record, "source": None if record["source"] is None else LeadSource(record["source"])},
            conversion=round(record["bought"] / record["customers"], 4),
            amounts=tuple(amounts.get(record["source"], ())),
        )
        for record in counted
    ]
