"""The numbers and built-in subscriptions of notify; a change of them never rewrites history."""

from dataclasses import field
from typing import Annotated, Literal

from pydantic import Field

from keqing_notify.builtin import BUILT_IN
from keqing_notify.subscription import Subscription
from keqing_notify.wording import WORDINGS
from keqing_shared.domain import ValueRefused, together, value

SECOND = 1
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE

Seconds = Annotated[int, Field(ge=0, le=30 * 24 * HOUR)]
AtOnce = Annotated[int, Field(ge=1, le=1_000)]


@value
class NotifyPolicy:
    subscriptions: Annotated[tuple[Subscription, ...], Field(max_length=500)] = field(default=BUILT_IN)
    default_language: Literal["zh", "en"] = "zh"
    """For a reader whom the directory does not know and whose client asks for no language."""
    retry_after: Annotated[tuple[Seconds, ...], Field(max_length=20)] = (
        5 * SECOND, 5 * MINUTE, 30 * MINUTE, 2 * HOUR, 5 * HOUR, 10 * HOUR, 10 * HOUR,
    )  # fmt: skip
    """Seconds from a failed attempt to the next one; past the last the delivery is dead."""
    send_timeout: Annotated[int, Field(ge=1, le=5 * MINUTE)] = 15 * SECOND
    """For one attempt as a whole."""
    sends_at_once: AtOnce = 32
    sends_at_once_per_webhook: AtOnce = 4
    """So that one slow receiver never takes every place."""
    old_secret_valid: Seconds = 24 * HOUR
    """Seconds in which a rotated secret still signs beside its successor."""
    heartbeat: Annotated[int, Field(ge=1, le=HOUR)] = 15 * SECOND
    """Between two comments on a silent live stream."""
    live_for: Seconds = HOUR
    """After which a live stream ends, so that the reader's token is looked at again."""
    early_for: Seconds = 24 * HOUR
    """How long an event waits for a customer or person whom the directory does not know yet."""

    @together
    def _kinds_have_words(self) -> None:
        unknown = sorted({one.kind for one in self.subscriptions} - WORDINGS.keys())
        if unknown:
            raise ValueRefused("no wording for {unknown}", unknown=unknown)


POLICY = NotifyPolicy()
