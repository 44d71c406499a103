"""A view whose code is of another version than its tables is rebuilt before anything is served from it."""

import asyncio
from collections.abc import Iterable
from typing import Any

import pytest

from keqing_shared.domain import Recorded, value
from keqing_shared.views import Projector, RebuildFailed, RowKey, Rows, Table, View, rebuild
from tests.shared.views.parcels import (
    PARCELS,
    TALLIES,
    ParcelPosted,
    Parcels,
    Size,
    Tallies,
    TallyRow,
    Written,
)
from tests.shared.views.projecting import busy, running, stored
from tests.shared.views.rebuilt import CountingMore, serving, tables

pytestmark = pytest.mark.usefixtures("small_batches")


async def test_another_version_is_rebuilt_at_the_start_and_the_old_code_keeps_its_hands_off(
    pool: Any,
) -> None:
    log = Written([("a", ParcelPosted(city="Dali")), ("b", ParcelPosted(city="Dali"))])
    old = await serving(pool, log)
    new = Projector(pool, log, [Parcels(), CountingMore()])
    await new.prepare()
    assert [(state.name, state.version) for state in await new.states()] == [("parcels", 1), ("tallies", 2)]
    assert await stored(pool, TALLIES) == [TallyRow(city="Dali", size=Size.SMALL, parcels=20)]

    log.write(("c", ParcelPosted(city="Dali")))
    with pytest.raises(Exception, match="tallies: its tables are of other code"):
        await old.catch_up()
    assert [state.position for state in await old.states()] == [3, 2]
    assert "restart to rebuild" in str((await old.states())[1].error)
    await new.catch_up()
    assert await stored(pool, TALLIES) == [TallyRow(city="Dali", size=Size.SMALL, parcels=30)]


async def test_starting_replicas_of_a_new_version_rebuild_once(pool: Any) -> None:
    log = Written(busy(40))
    await serving(pool, log)
    replicas = [Projector(pool, log, [Parcels(), CountingMore()]) for _ in range(3)]
    async with running(*replicas):
        await asyncio.gather(*(replica.wait_for(log.write(*busy(2)), timeout=20) for replica in replicas))
    assert await pool.fetchval("SELECT sum(parcels) FROM tallies") == 10 * (40 + 3 * 2)


async def test_a_changed_row_is_noticed_without_a_new_version_and_dropped_tables_go(pool: Any) -> None:
    @value
    class LongRow:
        city: str
        size: Size
        parcels: int
        first: str | None

    long = Table("tallies", LongRow, key=("city", "size"))
    sizes = Table("sizes", TallyRow, key=("size",))

    class Long(View):
        name = "tallies"
        tables = (long, sizes)

        def touches(self, it: Recorded[Any]) -> Iterable[RowKey]:
            return ()

        def project(self, it: Recorded[Any], rows: Rows) -> None:
            rows.put(long, LongRow(city=it.fact.city, size=Size.SMALL, parcels=1, first="x"))
            rows.put(sizes, TallyRow(city=it.fact.city, size=Size.SMALL, parcels=1))

    log = Written([("a", ParcelPosted(city="Dali"))])
    await serving(pool, log)
    read = "SELECT * FROM tallies"
    await pool.fetch(read)
    projector = Projector(pool, log, [Parcels(), Long()])
    await projector.prepare()
    assert long.rows(await pool.fetch(read)) == [LongRow(city="Dali", size=Size.SMALL, parcels=1, first="x")]
    assert "sizes" in await tables(pool)

    await Projector(pool, log, [Parcels(), Tallies()]).prepare()
    assert "sizes" not in await tables(pool)
    assert TALLIES.rows(await pool.fetch(read)) == [TallyRow(city="Dali", size=Size.SMALL, parcels=1)]


async def test_a_version_that_cannot_be_built_leaves_the_old_tables_and_says_so(pool: Any) -> None:
    class Broken(CountingMore):
        def project(self, it: Recorded[Any], rows: Rows) -> None:
            raise ZeroDivisionError("version 2 is wrong")

    log = Written(busy(3))
    await serving(pool, log)
    with pytest.raises(RebuildFailed, match=r"tallies: facts 1 to .*ZeroDivisionError at "):
        await rebuild(pool, log, Broken())
    projector = Projector(pool, log, [Parcels(), Broken()])
    async with running(projector):
        await projector.wait_for(log.write(*busy(3)), timeout=10)  # the others live on
    state = (await projector.states())[1]
    assert state.version == 1
    assert "ZeroDivisionError" in str(state.error)
    assert await pool.fetchval("SELECT sum(parcels) FROM tallies") == 3
    await Projector(pool, log, [Parcels(), CountingMore()]).catch_up()
    assert await pool.fetchval("SELECT sum(parcels) FROM tallies") == 60
    assert PARCELS.name in await tables(pool)
