"""What becomes due in pipeline as time passes."""

from datetime import datetime
from typing import TYPE_CHECKING

from keqing_pipeline.opportunity.commands import NoteMissedTouch
from keqing_pipeline.opportunity.rules import OPPORTUNITY
from keqing_pipeline.views.touches import missed_touches
from keqing_shared.clockwork import Duty

if TYPE_CHECKING:
    from keqing_shared.service import Service

EVERY = 60.0
"""Seconds."""
AT_ONCE = 500


async def note_missed_touches(service: "Service", now: datetime) -> int:
    """A fact for each touch whose due date has passed; the view may lag, the rules say it once."""
    today, noted, after = service.calendar.date_of(now), 0, None
    while due := await missed_touches(service.pool, today, after, AT_ONCE):
        for opportunity_id in due:
            command = NoteMissedTouch(today=today)
            receipt = await service.execute(OPPORTUNITY, opportunity_id, command, who="clockwork")
            noted += len(receipt.facts)
        after = due[-1]
    return noted


CLOCKWORK = (Duty("missed touches", EVERY, note_missed_touches),)
