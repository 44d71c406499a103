"""What becomes due: events that waited for a customer or person whom the directory knows by now."""

from datetime import datetime, timedelta
from uuid import UUID

from keqing_notify import early
from keqing_notify.delivery import DELIVERY
from keqing_notify.notification import NOTIFICATION
from keqing_notify.policy import NotifyPolicy
from keqing_notify.reactions import plan_for
from keqing_notify.telling import Heard
from keqing_shared.clockwork import Duty
from keqing_shared.directory import Directory
from keqing_shared.service import Service

WHO = "clockwork"
_NAMES_A_RUN = 200
_EVENTS_A_RUN = 500


async def tell_early_events(service: Service, now: datetime) -> int:
    """Again, now that more is known; whoever was told already is not told twice."""
    policy: NotifyPolicy = service.policy
    made = 0
    for awaits in await early.awaited(service.pool, now, _NAMES_A_RUN):
        if await _knows(service.directory, awaits):
            for heard in await early.waiting_for(service.pool, awaits, _EVENTS_A_RUN):
                made += await _tell(service, policy, heard, now)
    await early.drop_older(service.pool, now, timedelta(seconds=policy.early_for))
    return made


async def _knows(directory: Directory, awaits: str) -> bool:
    kind, _, name = awaits.partition(":")
    if kind == "customer":
        return await directory.customer(UUID(name)) is not None
    return await directory.person(name) is not None


async def _tell(service: Service, policy: NotifyPolicy, heard: Heard, now: datetime) -> int:
    planned = await plan_for(heard, policy, service.directory, service.pool, now)
    made = 0
    for id, raising in planned.notifications:
        made += len((await service.execute(NOTIFICATION, id, raising, who=WHO)).facts)
    for id, queueing in planned.deliveries:
        made += len((await service.execute(DELIVERY, id, queueing, who=WHO)).facts)
    if planned.awaits is None:
        await early.drop(service.pool, heard.id)
    else:
        await early.keep(service.pool, heard, planned.awaits, now)
    return made


DUTIES = (Duty("early-events", every=2, run=tell_early_events),)
