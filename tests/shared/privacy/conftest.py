from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

import asyncpg
import pytest_asyncio

from keqing_shared.log import LOG_SCHEMA, Codec, Log
from keqing_shared.privacy import KEYS_SCHEMA, Keys, MasterKeys
from keqing_shared.streams import Streams
from tests.shared.log.conftest import WallClock
from tests.shared.privacy.guest import GUEST

MASTER = MasterKeys([b"m" * 32])
Opened = Callable[..., AbstractAsyncContextManager[Log]]


@pytest_asyncio.fixture
async def pool(database: str) -> AsyncIterator[Any]:
    async with asyncpg.create_pool(database, min_size=1, max_size=8) as pool:
        await pool.execute(LOG_SCHEMA + KEYS_SCHEMA)
        yield pool


@pytest_asyncio.fixture
async def opened(pool: Any) -> Opened:
    """Another process's log on the same tables, with nothing in memory."""

    @asynccontextmanager
    async def open_log(masters: MasterKeys = MASTER) -> AsyncIterator[Log]:
        async with Log(pool, Codec(GUEST.facts, Keys(pool, masters)), "sample") as log:
            yield log

    return open_log


@pytest_asyncio.fixture
async def log(opened: Opened) -> AsyncIterator[Log]:
    async with opened() as log:
        yield log


@pytest_asyncio.fixture
async def streams(log: Log) -> Streams:
    return Streams(log, WallClock(), policy=None)
