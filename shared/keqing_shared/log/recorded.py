"""From the log's rows to facts with what is recorded about them."""

from collections.abc import Callable, Sequence
from typing import Any

from keqing_shared.domain import Fact, Recorded
from keqing_shared.log.codec import Codec
from keqing_shared.privacy import KeyNotLoaded

COLUMNS = (
    "topic, state, originator_id, originator_version, notification_id, customer_id, recorded_at, who, why,"
    " command_id, correlation_id, causation_id"
)
"""What a row must have, in this order."""


async def recorded(codec: Codec, rows: Sequence[Any], connection: Any = None) -> list[Recorded[Fact]]:
    """Opened: keys that are not in memory are fetched."""
    try:
        return [_recorded(row, codec.decode, codec.decode_why) for row in rows]
    except KeyNotLoaded:
        assert codec.keys is not None, "only they are missed"
        owners = codec.owners((row["state"] for row in rows), (row["why"] for row in rows))
        with await codec.keys.held(owners, connection):
            return [_recorded(row, codec.decode, codec.decode_why) for row in rows]


def unopened(codec: Codec, rows: Sequence[Any]) -> list[Recorded[Fact]]:
    """What is personal reads as if it were erased, and no key is needed."""
    return [_recorded(row, codec.decode_unopened, codec.why_unopened) for row in rows]


def _recorded(
    row: Any, decode: Callable[[str, bytes], Fact], decode_why: Callable[[str], str]
) -> Recorded[Fact]:
    (
        topic,
        state,
        originator_id,
        version,
        position,
        customer_id,
        at,
        who,
        why,
        command,
        correlation,
        cause,
    ) = row
    return Recorded(
        fact=decode(topic, state),
        originator_id=originator_id,
        originator_version=version,
        position=position,
        customer_id=customer_id,
        recorded_at=at,
        who=who,
        why=why if why is None else decode_why(why),
        command_id=command,
        correlation_id=correlation,
        causation_id=cause,
    )
