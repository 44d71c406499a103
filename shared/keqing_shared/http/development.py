"""In development only: the clock that can be set. Anywhere else these routes do not exist."""

from datetime import datetime

from fastapi import APIRouter

from keqing_shared.domain import Moment, value
from keqing_shared.http.access import allow
from keqing_shared.http.ask import Ask

router = APIRouter(tags=["development"])


@value
class ClockSetting:
    """The moment it shall be now; null: real time again."""

    now: Moment | None


@value
class ClockState:
    """What time it is for the rules, and how far that is ahead of real time."""

    now: datetime
    ahead_seconds: float


@router.get("/development/clock", dependencies=[allow("admin")])
async def clock(ask: Ask) -> ClockState:
    """The time the rules go by."""
    return ClockState(now=ask.now, ahead_seconds=ask.service.clock.offset.total_seconds())


@router.put("/development/clock", dependencies=[allow("admin")])
async def set_clock(ask: Ask, body: ClockSetting) -> ClockState:
    """Sets it, for every process on this database; what becomes due by it is done at once."""
    clock = ask.service.clock
    await clock.set(body.now)
    return ClockState(now=clock.now(), ahead_seconds=clock.offset.total_seconds())
