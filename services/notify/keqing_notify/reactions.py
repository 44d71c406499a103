"""Whatever happens elsewhere: notify learns of it over NATS and tells whom it concerns."""

from datetime import datetime
from typing import Any

from keqing_notify import early
from keqing_notify.delivery import DELIVERY
from keqing_notify.notification import NOTIFICATION
from keqing_notify.policy import NotifyPolicy
from keqing_notify.telling import Heard, Known, Plan, concerns, plan
from keqing_notify.views.webhooks import enabled_webhooks
from keqing_shared.directory import Directory, TableDirectory, follow_directory
from keqing_shared.messaging import Event, Reactions, Within
from keqing_shared.privacy.destruction import carry_out_erasures

reactions = Reactions()
follow_directory(reactions)
carry_out_erasures(reactions)


@reactions.on_any("pipeline", "service-desk", "collections")
async def tell(event: Event[dict[str, Any]], within: Within) -> None:
    """Everything in the transaction in which the event is taken in: told wholly, and once."""
    heard = Heard(
        id=event.id,
        source=event.source,
        name=event.name,
        customer_id=event.customer_id,
        time=event.time,
        who=event.who,
        data=event.data,
    )
    # On the transaction's own connection: a second one, while this one holds the log, could wait for ever.
    directory = TableDirectory(within.db)
    planned = await plan_for(heard, within.policy, directory, within.db, within.now)
    for id, raising in planned.notifications:
        await within.execute(NOTIFICATION, id, raising)
    for id, queueing in planned.deliveries:
        await within.execute(DELIVERY, id, queueing)
    if planned.awaits is not None:
        await early.keep(within.db, heard, planned.awaits, within.now)


async def plan_for(heard: Heard, policy: NotifyPolicy, directory: Directory, db: Any, now: datetime) -> Plan:
    """The plan, by what is known at this moment."""
    endpoints = [(row.webhook_id, row.endpoint) for row in await enabled_webhooks(db)]
    known = await _known(heard, directory) if concerns(heard, policy) else Known(False, None, {})
    return plan(heard, policy, known, endpoints, now)


async def _known(heard: Heard, directory: Directory) -> Known:
    entry = None if heard.customer_id is None else await directory.customer(heard.customer_id)
    people = {person.login: person for person in await directory.people()}
    return Known(entry is not None, entry.owner if entry else None, people)
