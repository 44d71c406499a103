"""Duplicates over HTTP: who there is already, asked before a customer is registered."""

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import AfterValidator, Field

from keqing_pipeline.customer.likeness import Marks
from keqing_pipeline.customer.sameness import EXTERNAL, MOST_SHOWN, Candidate, holding, together
from keqing_pipeline.duplicates import as_seen, near_to
from keqing_pipeline.phone import e164
from keqing_shared.domain import Line
from keqing_shared.http import Ask, allow

router = APIRouter(tags=["customers"])


@router.get("/duplicates", dependencies=[allow("rep", "sales_manager", "admin")])
async def duplicates(
    ask: Ask,
    name: Annotated[Line | None, Query()] = None,
    phone: Annotated[Annotated[str, Field(max_length=40), AfterValidator(e164)] | None, Query()] = None,
    external: Annotated[Line | None, Query(description="system:id")] = None,
) -> list[Candidate]:
    """Customers that may be the one with this name, phone or reference, the most alike first; of those
    that you may not see only whom to ask."""
    marks = Marks(name=name, phones=() if phone is None else (phone,))
    near = await near_to(ask, {0: marks}, score=ask.policy.duplicates.shown_from)
    holder = None if external is None else await ask.service.streams.claimed(EXTERNAL, external)
    holders = () if holder is None else (holding(holder, [EXTERNAL]),)
    return [*await as_seen(ask, together(*holders, *near.get(0, ()))[:MOST_SHOWN])]
