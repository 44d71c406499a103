"""What becomes due in pipeline as time passes."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from keqing_pipeline.classing import MONTHLY_CLASSES
from keqing_pipeline.contact.team import ACCOUNT_TEAM, NoteImpressionsOverdue, team_id
from keqing_pipeline.customer.facts import Follower
from keqing_pipeline.customer.rules import CUSTOMER
from keqing_pipeline.merging import take_along
from keqing_pipeline.opportunity.commands import NoteGrade, NoteMissedTouch
from keqing_pipeline.opportunity.rules import OPPORTUNITY
from keqing_pipeline.pursuing import follow
from keqing_pipeline.tracking.pursuit import PURSUIT, pursuit_id
from keqing_pipeline.tracking.pursuit_commands import SuggestRemoval
from keqing_pipeline.views.grades import grades_crossed
from keqing_pipeline.views.left_behind import left_behind
from keqing_pipeline.views.team import impressions_overdue
from keqing_pipeline.views.touches import missed_touches
from keqing_pipeline.views.tracked import out_of_step, removals_to_suggest
from keqing_pipeline.watching import WATCHES
from keqing_shared.clockwork import Duty
from keqing_shared.domain import Command
from keqing_shared.log import Meta

if TYPE_CHECKING:
    from keqing_shared.service import Service

EVERY = 60.0
HOURLY = 3600.0
"""Seconds."""
AT_ONCE = 500
WHO = "clockwork"


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


async def suggest_removals(service: "Service", now: datetime) -> int:
    """A fact for each tracked customer whose effort speaks for giving it up; said once for a reason."""
    signs, made, after = service.policy.removal_signs, 0, None
    while found := await removals_to_suggest(service.pool, signs, after, AT_ONCE):
        for customer_id, effort in found:
            command = SuggestRemoval(effort=effort)
            receipt = await service.execute(PURSUIT, pursuit_id(customer_id), command, who=WHO)
            made += len(receipt.facts)
        after = found[-1][0]
    return made


async def keep_in_step(service: "Service", now: datetime) -> int:
    """Lists and pool follow what was written without looking at them: imports, merged files."""
    made, after = 0, None
    while found := await out_of_step(service.pool, after, AT_ONCE):
        for customer_id, opportunities in found:

            async def work(
                unit: Any, customer_id: UUID = customer_id, ids: Sequence[UUID] = opportunities
            ) -> None:
                await unit.load(CUSTOMER, customer_id)
                await follow(unit, customer_id, now, *ids)

            made += len((await service.streams.transact(work, Meta(who=WHO))).facts)
        after = found[-1][0]
    return made


async def take_along_what_was_left(service: "Service", now: datetime) -> int:
    """What was added to a file at the very moment of its merge follows it."""
    made, after = 0, None
    while found := await left_behind(service.pool, after, AT_ONCE):
        for one in found:

            async def work(unit: Any, one: Follower = one) -> None:
                await take_along(unit, one, now)

            made += len((await service.streams.transact(work, Meta(who=WHO))).facts)
        after = found[-1].id
    return made


async def note_impressions_overdue(service: "Service", now: datetime) -> int:
    """A fact for each newcomer whose first impressions have not come in time, said once."""
    today, made, after = service.calendar.date_of(now), 0, None
    while found := await impressions_overdue(service.pool, today, after, AT_ONCE):
        for customer_id in found:
            command = NoteImpressionsOverdue(today=today)
            receipt = await service.execute(ACCOUNT_TEAM, team_id(customer_id), command, who=WHO)
            made += len(receipt.facts)
        after = found[-1]
    return made


async def _each(
    service: "Service", due: Callable[[UUID | None], Awaitable[list[UUID]]], command: Command
) -> int:
    """The command to each opportunity that is due, page by page; how many facts it made."""
    noted, after = 0, None
    while found := await due(after):
        for opportunity_id in found:
            receipt = await service.execute(OPPORTUNITY, opportunity_id, command, who=WHO)
            noted += len(receipt.facts)
        after = found[-1]
    return noted


CLOCKWORK = (
    Duty("missed touches", EVERY, note_missed_touches),
    Duty("grades", HOURLY, note_grades),
    Duty("left behind", EVERY, take_along_what_was_left),
    Duty("lists in step", EVERY, keep_in_step),
    Duty("removals suggested", EVERY, suggest_removals),
    MONTHLY_CLASSES,
    *WATCHES,
    Duty("first impressions", EVERY, note_impressions_overdue),
)
