"""Stores with a defect, for the checks to find."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from uuid import UUID

from keqing_shared.outage import DATABASE_AWAY
from tests.faults.keqing import Keqing, request
from tests.faults.library import Library
from tests.faults.store import Given

COMMITTED_AFTER = 0.02


class Unlocked(Library):
    """Writers do not wait for each other, so positions are committed out of order."""

    @classmethod
    @asynccontextmanager
    async def opened(cls, given: Given) -> AsyncIterator["Unlocked"]:
        async with super().opened(given) as made:
            made.recorder.lock_table_statements = []
            yield cls(made.recorder)


class Hasty(Keqing):
    """Says that a fact is there before it is committed."""

    async def append(self, stream: UUID, version: int, token: int, *, poison: bool = False) -> None:
        told: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        committing = asyncio.create_task(self._commit(stream, version, token, told))
        committing.add_done_callback(lambda _: told.done() or told.set_exception(ConnectionError()))
        await told

    async def _commit(self, stream: UUID, version: int, token: int, told: "asyncio.Future[None]") -> None:
        with suppress(*DATABASE_AWAY):
            async with self._source.pool.acquire() as connection, connection.transaction():
                await self._source.log.append_within(connection, request(stream, version, token))
                told.set_result(None)
                await asyncio.sleep(COMMITTED_AFTER)
