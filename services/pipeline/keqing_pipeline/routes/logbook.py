"""The logbook of an opportunity over HTTP: calls, visits and messages."""

from datetime import datetime
from uuid import UUID

from fastapi import APIRouter

from keqing_pipeline.opportunity.commands import LogCall, LogMessage, LogVisit
from keqing_pipeline.opportunity.contact import Call, Message, Visit
from keqing_pipeline.opportunity.rules import OPPORTUNITY
from keqing_pipeline.ownership import see_opportunity
from keqing_pipeline.routes.opportunities import READERS, SALES, on_ones_own
from keqing_pipeline.views.logbook import LogEntry, logbook
from keqing_shared.http import Ask, Do, Page, Paging, Receipt

router = APIRouter(tags=["opportunities"])


@router.get("/opportunities/{opportunity_id}/logbook", dependencies=[READERS])
async def history(opportunity_id: UUID, ask: Ask, paging: Paging) -> Page[LogEntry]:
    """Every call, visit and message, the latest first."""
    await see_opportunity(ask, (await ask.service.streams.load(OPPORTUNITY, opportunity_id)).state)
    rows = await logbook(ask.db, opportunity_id, before=paging.after(datetime, int), limit=paging.fetch)
    return paging.page(rows, key=lambda row: (row.at, row.position))


@router.post("/opportunities/{opportunity_id}/calls", status_code=201, dependencies=[SALES])
async def log_call(opportunity_id: UUID, body: Call, do: Do) -> Receipt:
    """Log a call: its outcome, the signals seen, and when the next touch was promised."""
    return await on_ones_own(do, opportunity_id, LogCall(call=body, at=do.now, by=do.user.login))


@router.post("/opportunities/{opportunity_id}/visits", status_code=201, dependencies=[SALES])
async def log_visit(opportunity_id: UUID, body: Visit, do: Do) -> Receipt:
    """Log a visit with its eight steps."""
    return await on_ones_own(do, opportunity_id, LogVisit(visit=body, at=do.now, by=do.user.login))


@router.post("/opportunities/{opportunity_id}/messages", status_code=201, dependencies=[SALES])
async def log_message(opportunity_id: UUID, body: Message, do: Do) -> Receipt:
    """Log a message that was sent, and what came back. A stage needs more: a call or a visit."""
    return await on_ones_own(do, opportunity_id, LogMessage(message=body, at=do.now, by=do.user.login))
