"""From an event to what it makes us do: notifications to raise and deliveries to queue. Pure."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import msgspec

from keqing_notify.delivery import QueueDelivery, delivery_id
from keqing_notify.notification import RaiseNotification, notification_id
from keqing_notify.policy import NotifyPolicy
from keqing_notify.subscription import Audience, Colleague
from keqing_notify.webhook import Endpoint
from keqing_shared.sight import sees_all


class Heard(msgspec.Struct, frozen=True, kw_only=True):
    """An event of another context, as it came."""

    id: str
    """``collections:41``: the same whenever it comes again."""
    source: str
    name: str
    customer_id: UUID | None
    time: datetime
    who: str
    data: dict[str, Any]

    @property
    def type(self) -> str:
        return f"{self.source}.{self.name}"


class Known(NamedTuple):
    """What the directory can say about an event by now."""

    customer: bool
    """Whether it knows the event's customer."""
    owner: str | None
    people: Mapping[str, Colleague]


class Plan(NamedTuple):
    notifications: list[tuple[UUID, RaiseNotification]]
    deliveries: list[tuple[UUID, QueueDelivery]]
    awaits: str | None
    """``customer:<id>`` or ``person:<login>`` whom the directory does not know yet, though somebody
    would be told through them; the contexts' streams are not ordered among each other."""


def concerns(heard: Heard, policy: NotifyPolicy) -> bool:
    """Whether any subscription is about it; if not, the directory need not be asked."""
    return any(one.matches(heard.source, heard.name, heard.data) for one in policy.subscriptions)


def plan(
    heard: Heard,
    policy: NotifyPolicy,
    known: Known,
    endpoints: Iterable[tuple[UUID, Endpoint]],
    now: datetime,
) -> Plan:
    """Doing it twice, or again when more is known, does nothing twice: the ids follow from the event."""
    owner = _text(heard.data.get("owner")) or known.owner
    matching = [one for one in policy.subscriptions if one.matches(heard.source, heard.name, heard.data)]
    notifications = {
        notification_id(heard.id, one.kind, login): RaiseNotification(
            kind=one.kind,
            recipient=login,
            event_id=heard.id,
            event=heard.type,
            customer_id=heard.customer_id,
            occurred_at=heard.time,
            at=now,
            members=heard.data,
            critical=one.is_critical(heard.data),
            collapse_key=one.collapse_key(heard.data),
        )
        for one in matching
        for login in one.recipients(heard.data, owner, known.people)
    }
    kinds = sorted({one.kind for one in matching})
    body = message_body(heard, kinds)
    deliveries = [
        (
            delivery_id(webhook_id, heard.id),
            QueueDelivery(
                webhook_id=webhook_id,
                event_id=heard.id,
                event=heard.type,
                customer_id=heard.customer_id,
                body=body,
                at=now,
            ),
        )
        for webhook_id, endpoint in endpoints
        if endpoint.wants(heard.type, kinds)
    ]
    audiences = [audience for one in matching for audience in one.to if audience.applies(heard.data)]
    return Plan(list(notifications.items()), deliveries, _awaited(heard, known, owner, audiences))


def message_body(heard: Heard, kinds: list[str]) -> str:
    """The JSON that a webhook gets, in the form of Standard Webhooks."""
    return msgspec.json.encode(
        {
            "type": heard.type,
            "timestamp": heard.time,
            "id": heard.id,
            "customer_id": heard.customer_id,
            "who": heard.who,
            "kinds": kinds,
            "data": heard.data,
        }
    ).decode()


def _awaited(heard: Heard, known: Known, owner: str | None, audiences: list[Audience]) -> str | None:
    through_owner = {audience.who for audience in audiences} & {"owner", "owners_manager"}
    bound_to_owners = any(audience.role and not sees_all((audience.role,)) for audience in audiences)
    if not through_owner and not bound_to_owners:
        return None
    if owner is None:
        unknown = heard.customer_id is not None and not known.customer
        return f"customer:{heard.customer_id}" if unknown else None
    if ("owners_manager" in through_owner or bound_to_owners) and owner not in known.people:
        return f"person:{owner}"
    return None


def _text(found: Any) -> str | None:
    return found if isinstance(found, str) and found else None
