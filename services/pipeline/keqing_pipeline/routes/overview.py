"""The board, today's touches, the funnel, the forecast and what each rep does, over HTTP."""

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query

from keqing_pipeline.views.activity import RepActivity, activity
from keqing_pipeline.views.board import BoardCell, board
from keqing_pipeline.views.forecast import ForecastMonth, forecast
from keqing_pipeline.views.funnel import By, funnel
from keqing_pipeline.views.funnel_line import FunnelLine
from keqing_pipeline.views.touches import DueTouch, due_touches
from keqing_shared.domain import Day, Login
from keqing_shared.http import Ask, Page, Paging, allow, check_period

router = APIRouter(tags=["overview"])

READERS = allow("rep", "sales_manager", "auditor", "admin")
Owner = Annotated[Login | None, Query(description="only what this person owns")]


@router.get("/board", dependencies=[READERS])
async def show_board(ask: Ask, owner: Owner = None) -> list[BoardCell]:
    """Stage by owner: how many, for how much in each currency, how many overdue."""
    return await board(ask.db, await ask.visible_owners(), ask.today, owner)


@router.get("/touches", dependencies=[READERS])
async def touches(
    ask: Ask,
    paging: Paging,
    owner: Owner = None,
    day: Annotated[Day | None, Query(description="left out: today")] = None,
) -> Page[DueTouch]:
    """Whom to contact: by grade, then stage, then the longest overdue."""
    rows = await due_touches(
        ask.db,
        await ask.visible_owners(),
        day or ask.today,
        ask.policy,
        owner=owner,
        after=paging.after(int, int, date, UUID),
        limit=paging.fetch,
    )
    return paging.page(rows, key=DueTouch.key)


@router.get("/funnel", dependencies=[READERS])
async def show_funnel(
    ask: Ask,
    by: Annotated[By, Query(description="one line in all, or for each owner or manager")] = "all",
    owner: Owner = None,
) -> list[FunnelLine]:
    """How many reached each stage and went on, how long they stayed, what was won and lost."""
    return await funnel(ask.db, await ask.visible_owners(), by, owner)


@router.get("/forecast", dependencies=[READERS])
async def show_forecast(ask: Ask, owner: Owner = None) -> list[ForecastMonth]:
    """Open amounts times the probability of their stage, by the month in which they are expected to close."""
    return await forecast(ask.db, await ask.visible_owners(), ask.policy.stage_probability, owner)


@router.get("/activity", dependencies=[READERS])
async def show_activity(
    ask: Ask,
    owner: Annotated[Login | None, Query(description="only what this person did")] = None,
    since: Annotated[Day | None, Query(description="left out: the first of the month of until")] = None,
    until: Annotated[Day | None, Query(description="left out: today")] = None,
) -> list[RepActivity]:
    """Calls, effective calls, visits, messages, rises, and how often a judgement of the stage held."""
    last = until or ask.today
    first = since or last.replace(day=1)
    check_period(first, last)
    return await activity(
        ask.db, await ask.visible_owners(), first, last, ask.policy.confident_from_stage, owner
    )
