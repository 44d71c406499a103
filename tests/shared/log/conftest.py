from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import asyncpg
import pytest_asyncio

from keqing_shared.log import LOG_SCHEMA, Codec, Log
from keqing_shared.streams import Streams
from tests.shared.log.account import ACCOUNT


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
