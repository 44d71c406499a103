"""One reader feeds all views of a context, on a real PostgreSQL."""

import asyncio
from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal
from typing import Any

import asyncpg
import pytest

from keqing_shared.domain import Money, Recorded
from keqing_shared.log import LOG_SCHEMA, Codec, Log, Meta, NewFact, Request
from keqing_shared.views import Projector, RowKey, Rows, Table, View, ViewStuck, project_all
from keqing_shared.views.view import declare
from tests.shared.views.parcels import (
    NOON,
    PARCELS,
    TALLIES,
    ParcelPosted,
    Parcels,
    ParcelWeighed,
    Size,
    Tallies,
    TallyRow,
    Written,
    parcel,
)
from tests.shared.views.projecting import assert_equals_a_fold_in_memory, busy, running, stored


async def test_every_column_comes_back_as_it_was_put(pool: Any) -> None:
    fee = Money(amount=Decimal("12.50"), currency="CNY")
    log = Written([("a", ParcelPosted(city="昆明", size=Size.LARGE, fee=fee, marks=("fragile", "“quoted”")))])
    log.write(("a", ParcelWeighed(grams=9500)), ("b", ParcelPosted(city="Dali")))
    await Projector(pool, log, [Parcels()]).catch_up()
    assert await stored(pool, PARCELS) == sorted(
        project_all(Parcels(), log.facts).all(PARCELS), key=lambda row: row.parcel_id
    )
    assert await pool.fetchval("SELECT fee->>'amount' FROM parcels WHERE city = '昆明'") == "12.50"
    assert await pool.fetchval("SELECT count(*) FROM parcels WHERE fee IS NULL AND kilograms IS NULL") == 1


@pytest.mark.parametrize("batch", [1, 2, 7, 2000])
async def test_the_same_row_many_times_in_a_batch_or_across_batches_gives_the_same_table(
    pool: Any, batch: int
) -> None:
    log = Written(busy(30))
    await Projector(pool, log, [Parcels(), Tallies()], batch=batch).catch_up()
    await assert_equals_a_fold_in_memory(pool, log)


async def test_what_postgresql_cannot_store_does_not_stop_a_view(pool: Any) -> None:
    log = Written()
    for _ in range(2):
        for name in ("a", "b"):
            log.write((name, ParcelPosted(city="nul\x00city", marks=("nul\x00", "back\\u0000slash"))))
    projector = Projector(pool, log, [Parcels(), Tallies()], batch=1)
    await projector.catch_up()
    assert [row.marks for row in await stored(pool, PARCELS)] == [("nul\ufffd", "back\\u0000slash")] * 2
    assert await stored(pool, TALLIES) == [TallyRow(city="nul\ufffdcity", size=Size.SMALL, parcels=4)]


async def test_a_key_that_nobody_has_is_asked_for_in_vain(pool: Any) -> None:
    class OfCustomer(Parcels):
        def touches(self, it: Recorded[Any]) -> Iterable[RowKey]:
            yield PARCELS, it.customer_id
            yield PARCELS, it.originator_id

        def project(self, it: Recorded[Any], rows: Rows) -> None:
            assert rows.get(PARCELS, it.customer_id) is None
            super().project(it, rows)

    await Projector(pool, Written([("a", ParcelPosted(city="Dali"))]), [OfCustomer()]).catch_up()
    assert len(await stored(pool, PARCELS)) == 1


async def test_the_connection_dies_between_rows_and_checkpoint_and_nothing_is_lost_or_repeated(
    pool: Any,
) -> None:
    log = Written()
    projector = Projector(pool, log, [Parcels(), Tallies()])
    await projector.prepare()
    # Tallies are written after parcels; a sequence is not rolled back, so this happens twice and no more.
    await pool.execute("""
        CREATE SEQUENCE deaths;
        CREATE FUNCTION die() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            IF nextval('deaths') <= 2 THEN PERFORM pg_terminate_backend(pg_backend_pid()); END IF;
            RETURN NULL;
        END $$;
        CREATE TRIGGER dying AFTER INSERT ON tallies FOR EACH STATEMENT EXECUTE FUNCTION die();
    """)
    async with running(projector):
        head = log.write(*busy(20))
        await projector.wait_for(head, timeout=20)
    assert await pool.fetchval("SELECT last_value FROM deaths") >= 3
    await assert_equals_a_fold_in_memory(pool, log)
    assert [state.error for state in await projector.states()] == [None, None]


async def test_lost_connections_are_outlived(pool: Any) -> None:
    log = Written()
    projector = Projector(pool, log, [Parcels(), Tallies()], batch=3)
    async with running(projector):
        for _ in range(5):
            head = log.write(*busy(4))
            await pool.execute("""
                SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                WHERE datname = current_database() AND pid <> pg_backend_pid()
            """)
            await projector.wait_for(head, timeout=20)
    await assert_equals_a_fold_in_memory(pool, log)


async def test_several_projectors_apply_every_fact_once(pool: Any) -> None:
    log = Written()
    projectors = [Projector(pool, log, [Parcels(), Tallies()], batch=batch) for batch in (5, 11, 2000)]
    async with running(*projectors):
        for _ in range(20):
            head = log.write(*busy(9))
            await projectors[0].wait_for(head - 40, timeout=20)
        await asyncio.gather(*(projector.wait_for(head, timeout=20) for projector in projectors))
    await assert_equals_a_fold_in_memory(pool, log)


class Fragile(View):
    """Counts weighings by city name of the parcel posted last; breaks on command."""

    name = "fragile"
    tables = (Table("fragile", TallyRow, key=("city", "size")),)
    healed = False

    def touches(self, it: Recorded[Any]) -> Iterable[RowKey]:
        match it.fact:
            case ParcelPosted(city=city, size=size):
                yield self.tables[0], city, size

    def project(self, it: Recorded[Any], rows: Rows) -> None:
        match it.fact:
            case ParcelPosted(city=city, size=size):
                if city == "nowhere" and not self.healed:
                    raise LookupError("no such city\x00")
                row = rows.get(self.tables[0], city, size) or TallyRow(city=city, size=size, parcels=0)
                many = 2**70 if city == "everywhere" and not self.healed else row.parcels + 1
                rows.put(self.tables[0], replace(row, parcels=many))


@pytest.mark.parametrize(("city", "error"), [("nowhere", "LookupError at "), ("everywhere", "DataError at ")])
async def test_a_stuck_view_says_why_and_where_and_the_others_go_on(pool: Any, city: str, error: str) -> None:
    log = Written(busy(100))
    at = log.write(("x", ParcelPosted(city=city)))
    head = log.write(*busy(50))
    fragile = Fragile()
    projector = Projector(pool, log, [fragile, Parcels(), Tallies()], batch=64)
    with pytest.raises(ViewStuck, match=f"fragile: at {at} \\(ParcelPosted\\): {error}"):
        await projector.catch_up()
    await assert_equals_a_fold_in_memory(pool, log)
    stuck, *others = await projector.states()
    assert stuck.position == at - 1
    assert stuck.error is not None and error in stuck.error  # noqa: PT018 - for mypy
    assert not any(word in stuck.error for word in ("no such city", str(2**70)))  # it may be anybody's word
    assert [(other.position, other.error) for other in others] == [(head, None)] * 2
    await projector.wait_for(head, timeout=1)  # reads of the healthy views do not wait for it

    fragile.healed = True
    await projector.catch_up()
    assert [(state.position, state.error) for state in await projector.states()] == [(head, None)] * 3
    assert await pool.fetchval("SELECT sum(parcels) FROM fragile") == 151


async def test_a_stuck_view_is_tried_again_while_the_projector_runs(pool: Any) -> None:
    log = Written()
    fragile = Fragile()
    projector = Projector(pool, log, [fragile, Tallies()])
    async with running(projector):
        head = log.write(("a", ParcelPosted(city="nowhere")), ("b", ParcelPosted(city="Dali")))
        await projector.wait_for(head, timeout=10)
        assert [state.error is None for state in await projector.states()] == [False, True]
        fragile.healed = True
        async with asyncio.timeout(10):
            while (await projector.states())[0].error:
                await log.wait_beyond(head, 0.05)
        await projector.wait_for(head, timeout=10)
    assert await pool.fetchval("SELECT count(*) FROM fragile") == 2


async def test_a_fact_that_cannot_be_read_stops_all_views_there_and_is_named(pool: Any) -> None:
    class Torn(Written):
        torn = True

        async def read(self, after: int, limit: int, *, opened: bool = True) -> list[Recorded[Any]]:
            if self.torn and after < 5 <= after + limit:
                raise ValueError("unknown topic")
            return await super().read(after, limit, opened=opened)

    log = Torn(busy(3))
    projector = Projector(pool, log, [Parcels(), Tallies()])
    with pytest.raises(ViewStuck, match=r"at 5 \(a fact that cannot be read\): ValueError at "):
        await projector.catch_up()
    assert [state.position for state in await projector.states()] == [4, 4]
    log.torn = False
    await projector.catch_up()
    await assert_equals_a_fold_in_memory(pool, log)


async def test_a_new_view_catches_up_behind_the_others_and_joins_them(pool: Any) -> None:
    log = Written(busy(40))
    await Projector(pool, log, [Parcels()], batch=16).catch_up()
    together: list[int] = []

    class Listening(Tallies):
        def touches(self, it: Recorded[Any]) -> Iterable[RowKey]:
            together.append(it.position)
            return super().touches(it)

    projector = Projector(pool, log, [Parcels(), Listening()], batch=16)
    head = log.write(*busy(40))
    await projector.catch_up()
    assert together == list(range(1, head + 1))
    await assert_equals_a_fold_in_memory(pool, log)


async def test_waiting_readers_hear_of_this_and_of_another_process(pool: Any) -> None:
    log = Written()
    here, elsewhere = (Projector(pool, log, [Parcels(), Tallies()]) for _ in range(2))
    async with running(elsewhere):
        head = log.write(*busy(3))
        await asyncio.gather(here.wait_for(head, timeout=10), elsewhere.wait_for(head, timeout=10))
        with pytest.raises(TimeoutError):
            await here.wait_for(head + 1, timeout=0.1)
        with pytest.raises(TimeoutError):
            await elsewhere.wait_for(head + 1, timeout=0.1)
    assert [state.position for state in await here.states()] == [head, head]


async def test_a_reader_in_another_process_does_not_wait_for_a_stuck_view(pool: Any) -> None:
    log = Written([("a", ParcelPosted(city="nowhere"))])
    with pytest.raises(ViewStuck):
        await Projector(pool, log, [Fragile(), Tallies()]).catch_up()
    await Projector(pool, log, [Fragile(), Tallies()]).wait_for(1, timeout=5)


async def test_first_starts_at_once_make_the_tables_once(pool: Any) -> None:
    log = Written(busy(5))
    await asyncio.gather(*(Projector(pool, log, [Parcels(), Tallies()]).prepare() for _ in range(4)))
    await Projector(pool, log, [Parcels(), Tallies()]).catch_up()
    await assert_equals_a_fold_in_memory(pool, log)


async def test_a_table_that_belongs_to_somebody_else_is_left_alone(pool: Any) -> None:
    await pool.execute("CREATE TABLE parcels (precious text); INSERT INTO parcels VALUES ('kept')")
    with pytest.raises(asyncpg.DuplicateTableError, match='"parcels" already exists'):
        await Projector(pool, Written(), [Parcels()]).prepare()
    assert await pool.fetchval("SELECT precious FROM parcels") == "kept"


def test_two_views_of_one_name_or_table_are_refused() -> None:
    with pytest.raises(TypeError, match="called parcels"):
        Projector(None, Written(), [Parcels(), Parcels()])


def test_touches_speak_of_the_views_own_tables() -> None:
    [key] = declare(Tallies(), Written([("a", ParcelPosted(city="Dali"))]).facts[0])
    assert key == (TALLIES, "Dali", Size.SMALL)


async def test_a_real_log_wakes_its_views(pool: Any) -> None:
    await pool.execute(LOG_SCHEMA)
    codec = Codec((ParcelPosted, ParcelWeighed))
    async with Log(pool, codec, "sample") as log:
        projector = Projector(pool, log, [Parcels(), Tallies()])
        async with running(projector):
            for version, fact in enumerate((ParcelPosted(city="Dali"), ParcelWeighed(grams=1500)), 1):
                new = NewFact(parcel("a"), version, fact, None)
                receipt = await log.append(Request((new,), Meta(who="li.wei"), NOON, parcel("a"), version))
                await projector.wait_for(receipt.position, timeout=10)
                assert await pool.fetchval("SELECT weighings FROM parcels") == version - 1
    assert await pool.fetchval("SELECT kilograms FROM parcels") == Decimal("1.5")
