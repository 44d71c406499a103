from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import asyncpg
import pytest_asyncio

from keqing_shared.log import LOG_SCHEMA, Codec, Log, Meta, NewFact, Request
from keqing_shared.streams import Streams
from tests.shared.log.account import ACCOUNT, EntryMade
from tests.shared.log.tampering import FACTS, NOW


class WallClock:
    def now(self) -> datetime:
        return datetime.now(UTC)


@pytest_asyncio.fixture
async def pool(database: str) -> AsyncIterator[Any]:
    async with asyncpg.create_pool(database, min_size=1, max_size=8) as pool:
        await pool.execute(LOG_SCHEMA)
        yield pool


@pytest_asyncio.fixture
async def log(pool: Any) -> AsyncIterator[Log]:
    async with Log(pool, Codec(ACCOUNT.facts), "sample") as log:
        yield log


@pytest_asyncio.fixture
async def streams(log: Log) -> Streams:
    return Streams(log, WallClock(), policy=None)


@pytest_asyncio.fixture
async def written(pool: Any, log: Log) -> AsyncIterator[Any]:
    """A connection to a log of nine facts in three streams, with and without what may be absent."""
    ids = [uuid4() for _ in range(3)]
    for number in range(FACTS):
        id, version = ids[number % 3], number // 3 + 1
        meta = Meta(
            who="li.wei",
            why="他说的" if number % 2 == 0 else None,
            correlation_id=f"c-{number}",
            causation_id="pipeline:7" if number % 2 == 0 else None,
        )
        new = NewFact(id, version, EntryMade(amount=number, note="n"), id if number % 2 == 0 else None)
        await log.append(Request((new,), meta, NOW, id, version))
    async with pool.acquire() as connection:
        yield connection
