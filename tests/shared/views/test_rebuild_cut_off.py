"""A rebuild that is cut off at whichever point leaves the old view serving; a deploy of a new version lets
it serve until the new one is there."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
import pytest

from keqing_shared.domain import Recorded
from keqing_shared.views import Projector, rebuild, rebuilding
from tests.shared.views.parcels import PARCELS, TALLIES, ParcelPosted, Parcels, Tallies, Written
from tests.shared.views.projecting import assert_equals_a_fold_in_memory, busy, running, stored
from tests.shared.views.rebuilt import CountingMore, tables

pytestmark = pytest.mark.usefixtures("small_batches")

GONE = (asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError, OSError)
FACTS = 25


class Doomed:
    """A connection that the server ends instead of carrying out the statement of that number."""

    def __init__(self, connection: Any, pool: Any, number: int) -> None:
        self._connection = connection
        self._pool = pool
        self.left = number

    def transaction(self) -> Any:
        return self._connection.transaction()

    async def execute(self, *given: Any) -> Any:
        return await self._said(self._connection.execute, given)

    async def fetch(self, *given: Any) -> Any:
        return await self._said(self._connection.fetch, given)

    async def fetchrow(self, *given: Any) -> Any:
        return await self._said(self._connection.fetchrow, given)

    async def _said(self, method: Any, given: tuple[Any, ...]) -> Any:
        self.left -= 1
        if self.left == 0:
            await self._pool.execute(
                "SELECT pg_terminate_backend($1, 5000)", self._connection.get_server_pid()
            )
        return await method(*given)


async def test_cut_off_before_any_of_its_statements_the_old_view_serves_on(
    pool: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = Written(busy(4))
    projector = Projector(pool, log, [Parcels(), Tallies()])
    await projector.catch_up()
    only_builder = rebuilding.only_builder
    doomed: list[Doomed] = []

    @asynccontextmanager
    async def on_a_doomed_connection(pool: Any, name: str) -> AsyncIterator[Any]:
        async with only_builder(pool, name) as connection:
            doomed.append(Doomed(connection, pool, len(doomed) + 1))
            yield doomed[-1]

    monkeypatch.setattr(rebuilding, "only_builder", on_a_doomed_connection)
    before = await pool.fetchval("SELECT 'parcels'::regclass::oid")
    while True:
        try:
            await rebuild(pool, log, Parcels())
        except GONE:
            assert await pool.fetchval("SELECT 'parcels'::regclass::oid") == before
            log.write(("more", ParcelPosted(city="Dali")))
            await projector.catch_up()
            await assert_equals_a_fold_in_memory(pool, log)
        else:
            break
    assert doomed[-1].left > 0, "it was not cut off any more"
    assert len(doomed) > 12, "it has some statements"
    assert await pool.fetchval("SELECT 'parcels'::regclass::oid") != before
    assert await tables(pool) == ["parcels", "tallies", "views", "views_rebuilding"]
    await projector.catch_up()
    await assert_equals_a_fold_in_memory(pool, log)


class Gated(Written):
    """Read from the start on only when the gate is open; whoever follows is let through."""

    def __init__(self) -> None:
        super().__init__(busy(FACTS))
        self.gate = asyncio.Event()
        self.asked = asyncio.Event()

    async def read(self, after: int, limit: int, *, opened: bool = True) -> list[Recorded[Any]]:
        if 0 < after < FACTS:
            self.asked.set()
            await self.gate.wait()
        return await super().read(after, limit, opened=opened)


async def test_while_a_new_version_is_built_the_old_one_answers_and_moves_on(
    pool: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rebuilding, "BATCH", 10)
    log = Gated()
    old = Projector(pool, log, [Parcels(), Tallies()])
    await old.catch_up()
    new = Projector(pool, log, [Parcels(), CountingMore()])
    stop = asyncio.Event()
    reads = 0

    async def reading() -> None:
        """Nothing fails, nothing goes back: neither the position nor what is counted."""
        nonlocal reads
        total, position = 0, 0
        async with pool.acquire() as connection:
            while not stop.is_set():
                now = await connection.fetchval("SELECT sum(parcels) FROM tallies")
                reached = await connection.fetchval("SELECT position FROM views WHERE name = 'tallies'")
                assert (now, reached) >= (total, position)
                assert now >= total
                total, position = now, reached
                reads += 1

    async with running(old):
        readers = [asyncio.create_task(reading()) for _ in range(2)]
        deploying = asyncio.create_task(new.prepare())
        await log.asked.wait()
        for _ in range(20):  # the new one is under way and held up
            await old.wait_for(log.write(("more", ParcelPosted(city="Dali"))), timeout=10)
        assert not deploying.done()
        assert (await old.states())[1].version == 1
        assert [row.parcels for row in await stored(pool, TALLIES) if row.city == "Dali"] == [20]
        log.gate.set()
        await deploying
        until = reads + 20
        while reads < until:  # noqa: ASYNC110 - what is read of the new one is not behind either
            await asyncio.sleep(0)
        stop.set()
        await asyncio.gather(*readers)
    assert (await new.states())[1].version == 2
    await new.catch_up()
    assert [row.parcels for row in await stored(pool, TALLIES) if row.city == "Dali"] == [200]
    assert PARCELS.name in await tables(pool)
