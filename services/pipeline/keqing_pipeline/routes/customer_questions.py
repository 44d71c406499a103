"""Questions about customers over HTTP: which sources pay, and in which order to visit."""

from datetime import datetime, time, timedelta
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query

from keqing_pipeline.customer.file import Location
from keqing_pipeline.views.sources import SourceLine, source_effectiveness
from keqing_pipeline.views.touches import due_touches
from keqing_pipeline.views.visit_route import VisitRoute, visit_route
from keqing_shared.domain import Day, InvalidInput, Login
from keqing_shared.http import Ask, Asking, allow, check_period

router = APIRouter(tags=["overview"])

READERS = allow("rep", "sales_manager", "auditor", "admin")
MOST_STOPS = 30
"""Of one day; the order of more would take too long to find."""


class StartHalfGiven(InvalidInput):
    """A start has a latitude and a longitude."""


@router.get("/sources", dependencies=[READERS])
async def sources(
    ask: Ask,
    owner: Annotated[Login | None, Query(description="only what this person owns")] = None,
    since: Annotated[Day | None, Query(description="registered on this day or later")] = None,
    until: Annotated[Day | None, Query(description="registered on this day or earlier")] = None,
) -> list[SourceLine]:
    """Of the customers found in each way: how many were pursued, how many bought, and for how much."""
    check_period(since, until)
    zone = ask.service.calendar.zone
    return await source_effectiveness(
        ask.db,
        await ask.visible_owners(),
        owner=owner,
        since=None if since is None else datetime.combine(since, time(), zone),
        before=None if until is None else datetime.combine(until + timedelta(days=1), time(), zone),
    )


@router.get("/visit-route", dependencies=[READERS])
async def route(
    ask: Ask,
    owner: Annotated[Login | None, Query(description="whose touches; left out: your own")] = None,
    day: Annotated[Day | None, Query(description="left out: today")] = None,
    customer: Annotated[
        list[UUID] | None, Query(max_length=MOST_STOPS, description="these, in place of those who are due")
    ] = None,
    latitude: Annotated[float | None, Query(ge=-90, le=90, description="of the start")] = None,
    longitude: Annotated[float | None, Query(ge=-180, le=180, description="of the start")] = None,
) -> VisitRoute:
    """Whom to visit on a day, in the order of the way: those whose touches are due by then, up to thirty, the
    most promising, or the ones named. Without a start it begins with the most promising of them; those of
    whom nobody knows where they are stand apart."""
    if (latitude is None) != (longitude is None):
        raise StartHalfGiven("give both or none", field="latitude" if latitude is None else "longitude")
    start = None
    if latitude is not None and longitude is not None:
        start = Location(latitude=latitude, longitude=longitude)
    wanted = customer or await _due(ask, owner or ask.user.login, day)
    return await visit_route(ask.db, await ask.visible_owners(), wanted, start)


async def _due(ask: Asking, owner: str, day: Day | None) -> list[UUID]:
    touches = await due_touches(
        ask.db, await ask.visible_owners(), day or ask.today, ask.policy, owner=owner, limit=200
    )
    due = dict.fromkeys(touch.customer_id for touch in touches if touch.customer_id is not None)
    return list(due)[:MOST_STOPS]
