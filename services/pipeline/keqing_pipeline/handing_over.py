"""A customer given to somebody else, with the open opportunities that go along."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from keqing_pipeline.customer.commands import ReassignCustomer
from keqing_pipeline.opportunity.commands import HandOver
from keqing_pipeline.opportunity.rules import OPPORTUNITY
from keqing_pipeline.owning import owned
from keqing_pipeline.pursuing import follow


async def hand_customer_over(
    unit: Any,
    customer_id: UUID,
    owner: str,
    reason: str,
    opportunities: Sequence[UUID],
    at: datetime,
    today: date,
) -> None:
    """Nothing for who owns it already."""
    if not await owned(unit, customer_id, ReassignCustomer(owner=owner, reason=reason), today):
        return
    for opportunity_id in opportunities:
        await unit.execute(OPPORTUNITY, opportunity_id, HandOver(owner=owner, reason=reason))
    await follow(unit, customer_id, at)
