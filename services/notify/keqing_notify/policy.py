"""The numbers and built-in subscriptions of notify; a change of them never rewrites history."""

from dataclasses import field
from typing import Literal

from keqing_notify.builtin import BUILT_IN
from keqing_notify.subscription import Subscription
from keqing_shared.domain import value

SECOND = 1
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE


@value
class NotifyPolicy:
    subscriptions: tuple[Subscription, ...] = field(default=BUILT_IN)
    default_language: Literal["zh", "en"] = "zh"
    """For a reader whom the directory does not know and whose client asks for no language."""
    retry_after: tuple[int, ...] = (
        5 * SECOND, 5 * MINUTE, 30 * MINUTE, 2 * HOUR, 5 * HOUR, 10 * HOUR, 10 * HOUR,
    )  # fmt: skip
    """Seconds from a failed attempt to the next one; past the last the delivery is dead."""
    send_timeout: int = 15 * SECOND
    """For one attempt as a whole."""
    sends_at_once: int = 32
    sends_at_once_per_webhook: int = 4
    """So that one slow receiver never takes every place."""
    old_secret_valid: int = 24 * HOUR
    """Seconds in which a rotated secret still signs beside its successor."""
    heartbeat: int = 15 * SECOND
    """Between two comments on a silent live stream."""
    live_for: int = HOUR
    """After which a live stream ends, so that the reader's token is looked at again."""
    early_for: int = 24 * HOUR
    """How long an event waits for a customer or person whom the directory does not know yet."""


POLICY = NotifyPolicy()
