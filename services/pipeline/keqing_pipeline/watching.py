"""Accounts looked after: warned when they may leave, told when their review is due, cared for tomorrow."""

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from keqing_pipeline.account.commands import NoteReviewDue, WatchDefection
from keqing_pipeline.account.defection import signs
from keqing_pipeline.account.rules import ACCOUNT
from keqing_pipeline.account.state import account_of
from keqing_pipeline.account.values import Sign
from keqing_pipeline.care.reminder import CARE_DAY, AnnounceCareDay, care_day_of
from keqing_pipeline.views.accounts import reviews_due
from keqing_pipeline.views.care_calendar import days_ahead
from keqing_pipeline.views.defection import situations, watched
from keqing_shared.clockwork import Duty

if TYPE_CHECKING:
    from keqing_shared.service import Service

WATCH_EVERY = 300.0
"""Seconds."""
DAILY_EVERY = 900.0
"""Seconds; what is due changes with the day."""
AT_ONCE = 500


async def signs_of(service: "Service", customers: list[UUID], today: date) -> dict[UUID, tuple[Sign, ...]]:
    """What tells today that each may leave; only of those who have bought."""
    policy = service.policy
    found = await situations(service.pool, customers, today)
    return {
        customer_id: signs(situation, today, policy.touch_every.won, policy.defection)
        for customer_id, situation in found.items()
    }


async def watch_defection(service: "Service", now: datetime) -> int:
    """A warning where enough signs have come together, its withdrawal where they have passed. Every
    account remembers whether it is warned: nothing is said twice."""
    today, said, after = service.calendar.date_of(now), 0, None
    needed = service.policy.defection.signs_needed
    while found := await watched(service.pool, after, AT_ONCE):
        shown = await signs_of(service, list(found), today)
        for customer_id, warned in found.items():
            tells = shown.get(customer_id, ())
            if warned == (len(tells) >= needed):
                continue
            command = WatchDefection(customer_id=customer_id, on=today, signs=tells)
            receipt = await service.execute(ACCOUNT, account_of(customer_id), command, who="clockwork")
            said += len(receipt.facts)
        after = max(found)
    return said


async def note_reviews(service: "Service", now: datetime) -> int:
    """A fact for each review of a key account on its due day."""
    today, noted, after = service.calendar.date_of(now), 0, None
    while due := await reviews_due(service.pool, today, after, AT_ONCE):
        for customer_id in due:
            command = NoteReviewDue(customer_id=customer_id, on=today)
            receipt = await service.execute(ACCOUNT, account_of(customer_id), command, who="clockwork")
            noted += len(receipt.facts)
        after = due[-1]
    return noted


async def announce_tomorrow(service: "Service", now: datetime) -> int:
    """To each owner, again when there is more: how many birthdays and anniversaries there are tomorrow, and
    which festivals."""
    tomorrow, told = service.calendar.date_of(now) + timedelta(days=1), 0
    festivals = tuple(one.code for one in service.policy.care.festivals if one.falls_on(tomorrow))
    for ahead in await days_ahead(service.pool, tomorrow):
        command = AnnounceCareDay(
            owner=ahead.owner,
            on=tomorrow,
            birthdays=ahead.birthdays,
            anniversaries=ahead.anniversaries,
            festivals=festivals,
        )
        receipt = await service.execute(
            CARE_DAY, care_day_of(ahead.owner, tomorrow), command, who="clockwork"
        )
        told += len(receipt.facts)
    return told


WATCHES = (
    Duty("defection", WATCH_EVERY, watch_defection),
    Duty("account reviews", DAILY_EVERY, note_reviews),
    Duty("care tomorrow", DAILY_EVERY, announce_tomorrow),
)
