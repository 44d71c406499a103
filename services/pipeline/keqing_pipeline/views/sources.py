"""Source effectiveness: of the customers found in each way, how many were pursued and how many bought."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from keqing_pipeline.customer.file import LeadSource
from keqing_shared.domain import Money, value
from keqing_shared.views import Narrowed


@value
class SourceRow:
    """Of the sources as a sheet: a line for each currency, the counts on the first of a source only, so that
    they add up."""

    source: LeadSource | None
    customers: int | None = None
    pursued: int | None = None
    bought: int | None = None
    conversion: float | None = None
    opportunities: int | None = None
    won: int | None = None
    amount: Money | None = None


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

    def unrolled(self) -> list[SourceRow]:
        first, *further = self.amounts or (None,)
        return [
            SourceRow(
                source=self.source,
                customers=self.customers,
                pursued=self.pursued,
                bought=self.bought,
                conversion=self.conversion,
                opportunities=self.opportunities,
                won=self.won,
                amount=first,
            ),
            *(SourceRow(source=self.source, amount=amount) for amount in further),
        ]


async def source_effectiveness(
    db: Any,
    visible: Collection[str] | None,
    *,
    owner: str | None = None,
    since: datetime | None = None,
    before: datetime | None = None,
) -> list[SourceLine]:
    """By what was won of each source's customers; of the customers registered in that time, which begins and
    ends with a day."""
    counted = Narrowed()
    held = Narrowed("customer_id IS NOT NULL")
    for where, own, at in ((counted, "owner", "since"), (held, "customer_owner", "registered_at")):
        where.only(own + " = ANY ({})", None if visible is None else list(visible))
        where.only(own + " = {}", owner)
        where.only(at + " >= {}", since)
        where.only(at + " < {}", before)
    async with db.acquire() as connection, connection.transaction(isolation="repeatable_read"):
        customers = await connection.fetch(
            "SELECT nullif(source, '') AS source, sum(customers)::bigint AS customers"
            f" FROM customers_counted WHERE {counted} GROUP BY source",
            *counted.arguments,
        )
        pursued = await connection.fetch(
            f"""
            WITH tried AS (
                 SELECT source, count(*) AS opportunities, count(won) AS won
                   FROM held WHERE {held} GROUP BY source, customer_id)
            SELECT source, count(*) AS pursued, count(*) FILTER (WHERE won > 0) AS bought,
                   sum(opportunities)::bigint AS opportunities, sum(won)::bigint AS won
              FROM tried GROUP BY source
            """,
            *held.arguments,
        )
        earned = await connection.fetch(
            f"SELECT source, currency, sum(won) AS amount FROM held WHERE won IS NOT NULL AND {held}"
            " GROUP BY source, currency ORDER BY currency",
            *held.arguments,
        )
    tried = {record["source"]: record for record in pursued}
    amounts: dict[str | None, list[Money]] = {}
    for record in earned:
        amount = Money(amount=record["amount"], currency=record["currency"])
        amounts.setdefault(record["source"], []).append(amount)
    lines = [
        _line(record["source"], record["customers"], tried.get(record["source"]), amounts)
        for record in customers
    ]
    return sorted(lines, key=lambda line: (-line.bought, -line.customers, line.source is None, line.source))


def _line(
    source: str | None, customers: int, tried: Any, amounts: dict[str | None, list[Money]]
) -> SourceLine:
    bought = tried["bought"] if tried else 0
    return SourceLine(
        source=None if source is None else LeadSource(source),
        customers=customers,
        pursued=tried["pursued"] if tried else 0,
        bought=bought,
        conversion=round(bought / customers, 4),
        opportunities=tried["opportunities"] if tried else 0,
        won=tried["won"] if tried else 0,
        amounts=tuple(amounts.get(source, ())),
    )
