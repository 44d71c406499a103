"""Load an opportunity of 10,000 facts: from the first fact, and from its snapshot."""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from uuid import UUID

import uvloop
from eventsourcing.application import Application

from bench.ground import Ground
from bench.history import grow, opened_log
from bench.measure import Contestant, Row, paired
from bench.rivals.opportunities import Opportunities, SnapshottedOpportunities
from keqing_pipeline.opportunity.rules import OPPORTUNITY
from keqing_shared.clock import Clock
from keqing_shared.streams import Streams

FACTS = 10_000
LATER = datetime(2200, 1, 1, tzinfo=UTC)
"""A stream as of a moment is read from its first fact, whatever snapshots there are."""


def measure(ground: Ground) -> list[Row]:
    """Loads a second; every load begins with nothing in memory."""
    seconds = ground.seconds / 2
    url = ground.database("load_keqing")
    id = uvloop.run(_grown(url))
    settings = ground.library("load_library", connections=2)
    plain, snapshotted = Opportunities(settings), SnapshottedOpportunities(settings)
    try:
        contestants = [
            Contestant("Keqing, plain", lambda: uvloop.run(_ours(url, id, LATER, seconds))),
            Contestant("Keqing, snapshot", lambda: uvloop.run(_ours(url, id, None, seconds))),
            Contestant("the library's repository, plain", _loading(plain, plain.grown(FACTS), seconds)),
            Contestant(
                "the library's, from its own", _loading(snapshotted, snapshotted.grown(FACTS), seconds)
            ),
            *_emmett(ground, seconds),
        ]
        paired(contestants, ground.rounds, ground.told)
    finally:
        plain.close()
        snapshotted.close()
    ours, ours_snapshot, theirs, theirs_snapshot, *emmett = contestants
    what = f"load a stream of {FACTS:,} facts"
    return [
        Row.against(theirs, what, ours, 5.0),
        *(Row.against(rival, what, ours, 1.0) for rival in emmett),
        Row.against(theirs, f"{what} from its snapshot", ours_snapshot, 5.0),
        Row.against(theirs_snapshot, f"{what} from its snapshot", ours_snapshot, None),
    ]


def _emmett(ground: Ground, seconds: float) -> list[Contestant]:
    emmett = ground.emmett
    if emmett is None:
        return []
    url = ground.database("load_emmett")
    emmett.fill(url, 1, FACTS)
    return [Contestant("Emmett", lambda: emmett.load(url, FACTS, seconds))]


async def _grown(url: str) -> UUID:
    async with opened_log(url) as (pool, log):
        id = await grow(log, FACTS)
        streams = Streams(log, Clock(pool, settable=False), None)
        await streams.load(OPPORTUNITY, id)
        await streams.settled()
        if await pool.fetchval("SELECT originator_version FROM snapshots") != FACTS:
            raise RuntimeError("no snapshot was taken")
        return id


async def _ours(url: str, id: UUID, until: datetime | None, seconds: float) -> float:
    async with opened_log(url) as (pool, log):
        done = 0
        begin = time.perf_counter()
        while (took := time.perf_counter() - begin) < seconds:
            loaded = await Streams(log, Clock(pool, settable=False), None).load(OPPORTUNITY, id, until)
            if loaded.version != FACTS:
                raise RuntimeError(f"loaded {loaded.version} facts")
            done += 1
        return done / took


def _loading(library: Application[UUID], id: UUID, seconds: float) -> Callable[[], float]:
    def run() -> float:
        done = 0
        begin = time.perf_counter()
        while (took := time.perf_counter() - begin) < seconds:
            if library.repository.get(id).version != FACTS:
                raise RuntimeError("not all was loaded")
            done += 1
        return done / took

    return run
