"""What becomes due in pipeline as time passes."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from keqing_pipeline.opportunity.commands import NoteGrade, NoteMissedTouch
from keqing_pipeline.opportunity.rules import OPPORTUNITY
from keqing_pipeline.views.grades import grades_crossed
from keqing_pipeline.views.touches import missed_touches
from keqing_shared.clockwork import Duty
from keqing_shared.domain import Command

if TYPE_CHECKING:
    from keqing_shared.service import Service

EVERY = 60.0
HOURLY = 3600.0
"""Seconds."""
AT_ONCE = 500


async def note_missed_touches(service: "Service", now: datetime) -> int:
    """A fact for each touch whose due date has passed; the view may lag, the rules say it once."""
    today = service.calendar.date_of(now)
    return await _each(
        service,
        lambda after: missed_touches(service.pool, today, after, AT_ONCE),
        NoteMissedTouch(today=today),
    )


async def note_grades(service: "Service", now: datetime) -> int:
    """A fact for each opportunity that has come nearer or is expected otherwise since it was last graded."""
    today, within = service.calendar.date_of(now), service.policy.grade_within
    return await _each(
        service,
        lambda after: grades_crossed(service.pool, today, within, after, AT_ONCE),
        NoteGrade(today=today),
    )


async def _each(
    service: "Service", due: Callable[[UUID | None], Awaitable[list[UUID]]], command: Command
) -> int:
    """The command to each opportunity that is due, page by page; how many facts it made."""
    noted, after = 0, None
    while found := await due(after):
        for opportunity_id in found:
            receipt = await service.execute(OPPORTUNITY, opportunity_id, command, who="clockwork")
            noted += len(receipt.facts)
        after = found[-1]
    return noted


CLOCKWORK = (
    Duty("missed touches", EVERY, note_missed_touches),
    Duty("grades", HOURLY, note_grades),
)
