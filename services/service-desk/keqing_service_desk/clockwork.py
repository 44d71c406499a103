"""What becomes due at the service desk: clocks that run out, callbacks whose day has come."""

from datetime import datetime

from keqing_service_desk.callback import CALLBACK, CheckCallback
from keqing_service_desk.complaint import COMPLAINT
from keqing_service_desk.complaint.clocks import CLOCKWORK
from keqing_service_desk.complaint.commands import CheckClocks
from keqing_service_desk.views.callbacks import to_check
from keqing_service_desk.views.queue import run_out
from keqing_shared.clockwork import Duty
from keqing_shared.service import Service


async def tell_of_missed_clocks(service: Service, now: datetime) -> int:
    """A row may lag behind its stream: the complaint itself knows whether there is anything to tell."""
    told = 0
    for complaint_id in await run_out(service.pool, now):
        receipt = await service.execute(COMPLAINT, complaint_id, CheckClocks(at=now), who=CLOCKWORK)
        told += len(receipt.facts)
    return told


async def tell_of_callbacks(service: Service, now: datetime) -> int:
    today = service.policy.working_time.calendar.date_of(now)
    told = 0
    for callback_id in await to_check(service.pool, today, service.policy.callback_grace_days):
        receipt = await service.execute(CALLBACK, callback_id, CheckCallback(today=today), who=CLOCKWORK)
        told += len(receipt.facts)
    return told


DUTIES = (
    Duty("complaint clocks", every=15, run=tell_of_missed_clocks),
    Duty("callbacks", every=60, run=tell_of_callbacks),
)
