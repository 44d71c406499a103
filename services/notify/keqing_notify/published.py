"""What notify tells the others: only what somebody may have to act on."""

from typing import Any

from keqing_notify.delivery import DeliveryDead
from keqing_notify.webhook import WebhookDisabled
from keqing_shared.domain import Recorded
from keqing_shared.messaging import Published


def publish(it: Recorded[Any]) -> Published | None:
    match it.fact:
        case DeliveryDead() as dead:
            return Published(
                "DeliveryDead",
                {
                    "delivery_id": it.originator_id,
                    "webhook_id": dead.webhook_id,
                    "event_id": dead.event_id,
                    "attempts": dead.attempts,
                    "reason": dead.reason,
                },
            )
        case WebhookDisabled() as disabled:
            return Published("WebhookDisabled", {"webhook_id": it.originator_id, "reason": disabled.reason})
        case _:
            return None
