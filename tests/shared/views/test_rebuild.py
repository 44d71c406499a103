"""A view is built anew while the old one serves, on a real PostgreSQL."""

import asyncio
from typing import Any

import asyncpg
import pytest

from keqing_shared.domain import Recorded
from keqing_shared.views import Projector, RebuildOvertaken, RebuildUnderWay, rebuild
from tests.shared.views.parcels import TALLIES, Parcels, Tallies, Written
from tests.shared.views.projecting import assert_equals_a_fold_in_memory, busy, running
from tests.shared.views.rebuilt import serving, tables

pytestmark = pytest.mark.usefixtures("small_batches")


async def test_a_rebuilt_view_is_the_same_and_leaves_nothing_behind(pool: Any) -> None:
    log = Written(busy(80))
    projector = await serving(pool, log)
    indexes = await pool.fetchval("SELECT count(*) FROM pg_indexes WHERE tablename = 'parcels'")
    said: list[tuple[int, int]] = []
    for _ in range(3):
        assert await rebuild(pool, log, Parcels(), lambda *step: said.append(step)) == len(log.facts)
    assert said[0] == (50, len(log.facts))
    assert said[-1] == (len(log.facts), len(log.facts))
    assert await tables(pool) == ["parcels", "tallies", "views", "views_rebuilding"]
    assert await pool.fetchval("SELECT count(*) FROM pg_indexes WHERE tablename = 'parcels'") == indexes == 3
    log.write(*busy(10))
    await projector.catch_up()
    await assert_equals_a_fold_in_memory(pool, log)


async def test_a_rebuild_mends_what_somebody_broke(pool: Any) -> None:
    log = Written(busy(10))
    await serving(pool, log)
    await pool.execute("DELETE FROM parcels; UPDATE tallies SET parcels = 0")
    await rebuild(pool, log, Parcels())
    await rebuild(pool, log, Tallies())
    await assert_equals_a_fold_in_memory(pool, log)


async def test_readers_and_writers_notice_nothing_of_rebuilds(pool: Any) -> None:
    log = Written(busy(300))
    projector = await serving(pool, log)
    stop = asyncio.Event()
    reads = 0

    async def reading(connection: Any) -> None:
        nonlocal reads
        total, position = 0, 0
        while not stop.is_set():
            if reads % 3:
                row = await connection.fetchrow("SELECT sum(parcels) AS total FROM tallies")
            else:
                async with connection.transaction():
                    row = await connection.fetchrow("SELECT sum(parcels) AS total FROM tallies")
                    TALLIES.rows(await connection.fetch(f"SELECT {TALLIES.columns} FROM tallies"))
            checkpoint = await connection.fetchval("SELECT position FROM views WHERE name = 'tallies'")
            assert row["total"] >= total, "somebody's own write is gone again"
            assert checkpoint >= position
            total, position = row["total"], checkpoint
            reads += 1

    async def writing() -> None:
        while not stop.is_set():
            await projector.wait_for(log.write(*busy(1)), timeout=20)

    connections = [await pool.acquire() for _ in range(3)]
    try:
        async with running(projector):
            tasks = [asyncio.create_task(reading(connection)) for connection in connections]
            tasks.append(asyncio.create_task(writing()))
            for _ in range(6):
                await rebuild(pool, log, Tallies())
                await rebuild(pool, log, Parcels())
            stop.set()
            await asyncio.gather(*tasks)
            await projector.wait_for(len(log.facts), timeout=20)
    finally:
        for connection in connections:
            await pool.release(connection)
    assert reads > 50
    await assert_equals_a_fold_in_memory(pool, log)


async def test_the_swap_lets_readers_pass_while_an_earlier_one_is_not_done(pool: Any) -> None:
    log = Written(busy(20))
    await serving(pool, log)
    async with pool.acquire() as long, long.transaction():
        await long.fetch("SELECT * FROM parcels")
        rebuilding = asyncio.create_task(rebuild(pool, log, Parcels()))
        async with asyncio.timeout(10):
            # The swap has tried, and stood in the way, at least once.
            while not await pool.fetchval(
                "SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted AND mode = 'AccessExclusiveLock')"
            ):
                pass
        async with asyncio.timeout(2):
            await pool.fetch("SELECT * FROM parcels")
        log.write(*busy(5))
        assert not rebuilding.done()
    assert await rebuilding >= len(busy(20))
    await Projector(pool, log, [Parcels(), Tallies()]).catch_up()
    await assert_equals_a_fold_in_memory(pool, log)


class Killed(BaseException):
    """As if the process ended there."""


async def test_a_rebuild_that_is_killed_leaves_the_old_view_serving(pool: Any) -> None:
    log = Written(busy(80))
    projector = await serving(pool, log)

    def kill(position: int, head: int) -> None:
        if position >= 200:
            raise Killed

    with pytest.raises(Killed):
        await rebuild(pool, log, Parcels(), kill)
    assert "parcels__next" in await tables(pool)
    log.write(*busy(10))
    await projector.catch_up()
    await assert_equals_a_fold_in_memory(pool, log)
    await rebuild(pool, log, Parcels())
    assert "parcels__next" not in await tables(pool)
    await assert_equals_a_fold_in_memory(pool, log)


async def test_a_rebuild_that_dies_in_the_middle_of_the_swap_has_swapped_nothing(pool: Any) -> None:
    log = Written(busy(20))
    projector = await serving(pool, log)
    await pool.execute("""
        CREATE SEQUENCE deaths;
        CREATE FUNCTION die() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            IF nextval('deaths') = 1 THEN PERFORM pg_terminate_backend(pg_backend_pid()); END IF;
            RETURN NULL;
        END $$;
        CREATE TRIGGER dying AFTER DELETE ON views_rebuilding FOR EACH STATEMENT EXECUTE FUNCTION die();
    """)
    before = await pool.fetchval("SELECT 'parcels'::regclass::oid")
    with pytest.raises((asyncpg.PostgresError, asyncpg.InterfaceError, OSError)):
        await rebuild(pool, log, Parcels())
    assert await pool.fetchval("SELECT 'parcels'::regclass::oid") == before
    log.write(*busy(3))
    await projector.catch_up()
    await rebuild(pool, log, Parcels())
    assert await pool.fetchval("SELECT 'parcels'::regclass::oid") != before
    await assert_equals_a_fold_in_memory(pool, log)


async def test_facts_are_opened_for_views_that_hold_something_personal_only(pool: Any) -> None:
    asked: set[bool] = set()

    class Sealed(Written):
        async def read(self, after: int, limit: int, *, opened: bool = True) -> list[Recorded[Any]]:
            asked.add(opened)
            return await super().read(after, limit, opened=opened)

    class Named(Tallies):
        personal = True

    log = Sealed(busy(10))
    for views, opened in (([Parcels(), Tallies()], False), ([Parcels(), Named()], True)):
        await pool.execute("UPDATE views SET position = 0")
        asked.clear()
        await Projector(pool, log, views).catch_up()
        await rebuild(pool, log, views[1])
        assert asked == {opened}


async def test_two_rebuilds_of_a_view_at_once_are_one_too_many(pool: Any) -> None:
    class Slow(Written):
        def __init__(self) -> None:
            super().__init__(busy(80))
            self.reached = asyncio.Event()
            self.go_on = asyncio.Event()

        async def read(self, after: int, limit: int, *, opened: bool = True) -> list[Recorded[Any]]:
            if after >= 100:
                self.reached.set()
                await self.go_on.wait()
            return await super().read(after, limit, opened=opened)

    log = Slow()
    first = asyncio.create_task(rebuild(pool, log, Parcels()))
    await log.reached.wait()
    with pytest.raises(RebuildUnderWay, match="parcels"):
        await rebuild(pool, log, Parcels())
    # Had the first one's lock been lost with its connection, a second one would have begun:
    await pool.execute("UPDATE views_rebuilding SET attempt = gen_random_uuid()")
    log.go_on.set()
    with pytest.raises(RebuildOvertaken):
        await first
    await rebuild(pool, log, Parcels())
    await rebuild(pool, log, Tallies())
    await assert_equals_a_fold_in_memory(pool, log)
