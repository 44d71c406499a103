"""The forecast: what open opportunities may bring, by the month in which they are expected to close."""

from collections.abc import Collection
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from keqing_pipeline.opportunity.stage import Stage
from keqing_pipeline.policy import StageProbabilities
from keqing_pipeline.views.held import seen
from keqing_shared.domain import Money, value
from keqing_shared.domain.currency import WITHOUT_DECIMALS
from keqing_shared.views import Narrowed


@value
class ForecastMonth:
    month: str | None
    """``2026-04``; None: nobody said when."""
    opportunities: int
    amount: Money
    """All of it."""
    expected: Money
    """Each amount times the probability of its stage."""


async def forecast(
    db: Any, visible: Collection[str] | None, probabilities: StageProbabilities, owner: str | None = None
) -> list[ForecastMonth]:
    """A line for each month and currency, in this order. What says no amount and what lies in the open pool
    brings nothing."""
    where = Narrowed("o.outcome = 'open' AND o.amount IS NOT NULL")
    where.only("o.owner = {}", owner)
    records = await db.fetch(
        f"""
        SELECT to_char(o.expected_close_on, 'YYYY-MM') AS month, o.amount->>'currency' AS currency, o.stage,
               count(*) AS count, sum((o.amount->>'amount')::numeric) AS amount
          FROM {seen("opportunity", visible, where)} o
         WHERE NOT EXISTS (SELECT FROM tracked t
                            WHERE t.customer_id = o.customer_id AND t.standing = 'pooled')
         GROUP BY month, currency, o.stage ORDER BY month NULLS LAST, currency
        """,
        *where.arguments,
    )
    lines: dict[tuple[str | None, str], list[Any]] = {}
    for record in records:
        lines.setdefault((record["month"], record["currency"]), []).append(record)
    return [_line(month, currency, parts, probabilities) for (month, currency), parts in lines.items()]


def _line(
    month: str | None, currency: str, parts: list[Any], probabilities: StageProbabilities
) -> ForecastMonth:
    expected = sum(
        (part["amount"] * probabilities.percent(Stage(part["stage"])) / 100 for part in parts), Decimal(0)
    )
    smallest = Decimal(1) if currency in WITHOUT_DECIMALS else Decimal("0.01")
    return ForecastMonth(
        month=month,
        opportunities=sum(part["count"] for part in parts),
        amount=Money(amount=sum((part["amount"] for part in parts), Decimal(0)), currency=currency),
        expected=Money(amount=expected.quantize(smallest, ROUND_HALF_UP), currency=currency),
    )
