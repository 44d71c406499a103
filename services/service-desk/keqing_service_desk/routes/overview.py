"""The queue, the Pareto and the policy."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query

from keqing_service_desk.complaint.values import Severity, Step
from keqing_service_desk.views.pareto import Dimension, ParetoChart, pareto
from keqing_service_desk.views.queue import QueueItem, queue
from keqing_shared.domain import Day, InvalidInput, Login
from keqing_shared.http import Ask, Page, Paging, allow, check_period

router = APIRouter(tags=["overview"])


class DimensionTwice(InvalidInput):
    """A dimension is named twice."""


@router.get("/queue", dependencies=[allow("agent", "supervisor", "rep", "sales_manager", "auditor")])
async def open_complaints(
    ask: Ask,
    paging: Paging,
    assigned_to: Annotated[Login | None, Query()] = None,
    unassigned: Annotated[bool, Query(description="only those assigned to nobody")] = False,
    severity: Annotated[list[Severity] | None, Query(max_length=3)] = None,
    step: Annotated[list[Step] | None, Query(max_length=8, description="the step that is due")] = None,
    overdue: Annotated[bool | None, Query()] = None,
    customer_id: Annotated[UUID | None, Query()] = None,
) -> Page[QueueItem]:
    """Open complaints with their clocks: the earliest deadline first, those without one last."""
    items = await queue(
        ask.db,
        ask.now,
        repeat_days=ask.policy.repeat_days,
        customer_id=customer_id,
        assigned_to=assigned_to,
        unassigned=unassigned,
        severities=severity or (),
        steps=step or (),
        overdue=overdue,
        owners=await ask.visible_owners(),
        after=paging.after(datetime | None, UUID),
        limit=paging.fetch,
    )
    return paging.page(items, key=lambda item: (item.deadline_at, item.complaint_id))


@router.get("/pareto", dependencies=[allow("agent", "supervisor", "rep", "sales_manager", "auditor")])
async def most_frequent(
    ask: Ask,
    by: Annotated[
        list[Dimension], Query(min_length=1, max_length=3, description="one to three, counted together")
    ],
    since: Annotated[Day | None, Query(alias="from", description="received on this day or later")] = None,
    until: Annotated[Day | None, Query(alias="to", description="received on this day or earlier")] = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 200,
) -> ParetoChart:
    """Complaints counted by category, cause, product …, the most frequent first, with cumulative shares."""
    check_period(since, until, "to")
    if len(set(by)) < len(by):
        raise DimensionTwice(field="by")
    return await pareto(ask.db, tuple(by), since, until, await ask.visible_owners(), limit)
