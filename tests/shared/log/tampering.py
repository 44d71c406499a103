"""A log of nine facts, and what is found when it was tampered with."""

from datetime import UTC, datetime
from typing import Any

from keqing_shared.log.damage import Damage
from keqing_shared.log.verify import verify

NOW = datetime(2026, 3, 2, 9, 0, 0, 123456, tzinfo=UTC)
FACTS = 9


async def found(connection: Any, **given: Any) -> tuple[int, Damage] | None:
    """Read in ones, in threes and at once: a batch's border hides nothing."""
    verdicts = [await verify(connection, batch=batch, **given) for batch in (1, 3, 100)]
    assert verdicts == [verdicts[0]] * 3
    finding = verdicts[0].finding
    return None if finding is None else (finding.position, finding.damage)
