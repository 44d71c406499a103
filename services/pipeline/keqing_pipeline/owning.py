"""Whoever becomes a customer's owner is a newcomer to it, in whatever way: the one place that says so."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from keqing_pipeline.customer.commands import CorrectCustomer, ImportCustomer, ReassignCustomer
from keqing_pipeline.customer.facts import OwnerChanged
from keqing_pipeline.customer.rules import CUSTOMER
from keqing_pipeline.teaming import joined
from keqing_shared.domain import Fact
from keqing_shared.log import Claim


async def owned(
    unit: Any,
    customer_id: UUID,
    command: ReassignCustomer | ImportCustomer | CorrectCustomer,
    today: date,
    *,
    claims: Sequence[Claim] = (),
    releases: Sequence[Claim] = (),
) -> list[Fact]:
    """Executes it; a new owner joins the account team and owes first impressions, unless on the team already.
    Who only keeps a customer that lies in the open pool is no owner in this sense."""
    facts: list[Fact] = await unit.execute(CUSTOMER, customer_id, command, claims=claims, releases=releases)
    for fact in facts:
        if isinstance(fact, OwnerChanged):
            await joined(unit, customer_id, fact.owner, today)
    return facts
