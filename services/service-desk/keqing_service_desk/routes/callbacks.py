"""Callbacks: whom to call, and what came of it."""

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query

from keqing_service_desk.callback import CALLBACK, CallbackOutcome, RecordCallback
from keqing_service_desk.views.callbacks import CallbackItem, CallbackStatus, callbacks
from keqing_shared.domain import Day, Note, value
from keqing_shared.http import Ask, Do, Page, Paging, Receipt, allow

router = APIRouter(tags=["callbacks"])


@value
class CallbackResult:
    outcome: CallbackOutcome
    answers: Note | None = None
    """What the customer said; required of a dissatisfied one."""


@router.get("/callbacks", dependencies=[allow("agent", "supervisor", "rep", "sales_manager", "auditor")])
async def planned_callbacks(
    ask: Ask,
    paging: Paging,
    customer_id: Annotated[UUID | None, Query()] = None,
    status: Annotated[list[CallbackStatus] | None, Query(max_length=4)] = None,
    due_by: Annotated[Day | None, Query(description="due on this day or earlier")] = None,
) -> Page[CallbackItem]:
    """Callbacks in the order they are due: three days, three weeks and three months after a win."""
    rows = await callbacks(
        ask.db,
        customer_id=customer_id,
        statuses=status or (),
        due_by=due_by,
        owners=await ask.visible_owners(),
        after=paging.after(date, UUID),
        limit=paging.fetch,
    )
    return paging.page(rows, key=lambda row: (row.due_on, row.callback_id))


@router.post("/callbacks/{callback_id}/result", status_code=201, dependencies=[allow("agent", "supervisor")])
async def record_callback(callback_id: UUID, body: CallbackResult, do: Do) -> Receipt:
    """The callback has been made. A missed one may still be."""
    return await do(
        CALLBACK,
        callback_id,
        RecordCallback(outcome=body.outcome, answers=body.answers, at=do.now, by=do.user.login),
    )
