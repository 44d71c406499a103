"""Events that came before what they need: kept until the directory knows their customer or person.

The streams of the contexts are not ordered among each other, so a complaint may be heard of before its
customer. Whom it concerns otherwise is told at once; the rest follows as soon as the directory can say.
"""

from datetime import datetime, timedelta
from typing import Any

import msgspec

from keqing_notify.telling import Heard

EARLY_SCHEMA = """
CREATE TABLE IF NOT EXISTS early_events (
    event_id text PRIMARY KEY,
    awaits   text NOT NULL,
    heard    bytea NOT NULL,
    heard_at timestamptz NOT NULL,
    tried_at timestamptz NOT NULL
);
CREATE INDEX IF NOT EXISTS early_events_awaits ON early_events (awaits, tried_at);
"""

_decode = msgspec.json.Decoder(Heard).decode


async def keep(db: Any, heard: Heard, awaits: str, now: datetime) -> None:
    """For later; once more is no harm."""
    await db.execute(
        "INSERT INTO early_events (event_id, awaits, heard, heard_at, tried_at) VALUES ($1, $2, $3, $4, $4)"
        " ON CONFLICT (event_id) DO UPDATE SET awaits = excluded.awaits",
        heard.id,
        awaits,
        msgspec.json.encode(heard),
        now,
    )


async def awaited(db: Any, now: datetime, limit: int) -> list[str]:
    """Whom events wait for, the longest not tried first; they count as tried now."""
    records = await db.fetch(
        "WITH next AS (SELECT awaits, min(tried_at) AS tried FROM early_events"
        "  GROUP BY awaits ORDER BY tried LIMIT $2),"
        " tried AS (UPDATE early_events e SET tried_at = $1 FROM next WHERE e.awaits = next.awaits)"
        " SELECT awaits FROM next",
        now,
        limit,
    )
    return [record["awaits"] for record in records]


async def waiting_for(db: Any, awaits: str, limit: int) -> list[Heard]:
    """The events that wait for the same, in the order they came."""
    records = await db.fetch(
        "SELECT heard FROM early_events WHERE awaits = $1 ORDER BY heard_at, event_id LIMIT $2", awaits, limit
    )
    return [_decode(record["heard"]) for record in records]


async def drop(db: Any, event_id: str) -> None:
    """It is told now."""
    await db.execute("DELETE FROM early_events WHERE event_id = $1", event_id)


async def drop_older(db: Any, now: datetime, patience: timedelta) -> None:
    """Nobody will ever say; those who could be told were told at once."""
    await db.execute("DELETE FROM early_events WHERE heard_at < $1", now - patience)
