"""Purchases: every deal won, by customer and day; imported history counts like what was won here."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from keqing_pipeline.opportunity.facts import CustomerNamed, DealWon, OpportunityReopened
from keqing_shared.domain import Money, Recorded, value
from keqing_shared.views import Index, Rows, Table, View


@value
class Purchase:
    opportunity_id: UUID
    customer_id: UUID | None
    amount: Decimal
    currency: str
    won_on: date


PURCHASES = Table(
    "purchase",
    Purchase,
    key=("opportunity_id",),
    indexes=(("customer_id", "won_on"), Index(("won_on",))),
)


class Purchases(View):
    name = "purchases"
    version = 1
    tables = (PURCHASES,)

    def touches(self, it: Recorded[Any]) -> Iterable[tuple[Any, ...]]:
        if isinstance(it.fact, CustomerNamed):
            yield PURCHASES, it.originator_id

    def project(self, it: Recorded[Any], rows: Rows) -> None:
        match it.fact:
            case DealWon(amount=amount, won_on=won_on):
                purchase = Purchase(
                    opportunity_id=it.originator_id,
                    customer_id=it.customer_id,
                    amount=amount.amount,
                    currency=amount.currency,
                    won_on=won_on,
                )
                rows.put(PURCHASES, purchase)
            case OpportunityReopened():
                rows.drop(PURCHASES, it.originator_id)
            case CustomerNamed(customer_id=customer_id):
                known = rows.get(PURCHASES, it.originator_id)
                if known is not None:
                    rows.put(PURCHASES, replace(known, customer_id=customer_id))


async def times_bought(db: Any, customer_id: UUID) -> int:
    """How often the customer has bought, ever."""
    count: int = await db.fetchval("SELECT count(*) FROM purchase WHERE customer_id = $1", customer_id)
    return count


async def bought_between(db: Any, after: date, until: date) -> list[tuple[UUID, Money]]:
    """What each customer bought after one day and until another, one entry per currency."""
    records = await db.fetch(
        """
        SELECT customer_id, currency, sum(amount) AS amount FROM purchase
         WHERE won_on > $1 AND won_on <= $2 AND customer_id IS NOT NULL GROUP BY customer_id, currency
        """,
        after,
        until,
    )
    return [
        (record["customer_id"], Money(amount=record["amount"], currency=record["currency"]))
        for record in records
    ]
