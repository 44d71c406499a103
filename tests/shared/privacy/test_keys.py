"""What is personal lies in the tables sealed, whoever reads it with the keys sees it, and nobody without."""

import asyncio
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import msgspec
import pytest

from keqing_shared.domain.personal import ERASED
from keqing_shared.log import IMPORT, LOG_SCHEMA, Claim, Codec, Log, Meta, NewFact, Request, Taken
from keqing_shared.log.verify import verify
from keqing_shared.privacy import KEYS_SCHEMA, Keys, MasterKeys, ring
from keqing_shared.settings import SettingsWrong
from keqing_shared.snapshots import SNAPSHOT_AFTER
from keqing_shared.streams import Loaded, Streams
from tests.shared.log.conftest import WallClock
from tests.shared.privacy.conftest import MASTER, Opened
from tests.shared.privacy.guest import GUEST, ROOM, Arrive, GuestArrived, GuestMoved, Know, Move, Room, Wishes

ME = Meta(who="li.wei", why="王丽 asked for it")
WISHES = Wishes(nights=3, diet="清真")
WHOLE = GuestArrived(name="王丽", room=7, wishes=WISHES)
WORDS = ("王丽", "清真", "噪音", "asked")


async def arrived(streams: Streams, customer_id: UUID | None = None, **options: Any) -> UUID:
    id = uuid4()
    command = Arrive(name="王丽", room=7, wishes=WISHES, customer_id=customer_id)
    await streams.execute(GUEST, id, command, ME, **options)
    return id


async def everything(pool: Any) -> str:
    """The rows of every table, bytes as text."""
    found = []
    for table in ("facts", "snapshots", "claims", "receipts", "personal_keys"):
        found += [dict(row) for row in await pool.fetch(f"SELECT * FROM {table}")]
    return "\n".join(
        str(
            {
                name: value.decode(errors="replace") if isinstance(value, bytes) else value
                for name, value in row.items()
            }
        )
        for row in found
    )


async def test_nothing_personal_is_stored_in_clear_and_all_of_it_is_read(
    pool: Any, log: Log, streams: Streams, opened: Opened
) -> None:
    customer = uuid4()
    id = await arrived(streams, customer, claims=[Claim("guest-name", "王丽")])
    stored = await everything(pool)
    assert not [word for word in WORDS if word in stored]
    assert "sample.guest-arrived.v2" in stored
    async with opened() as elsewhere:
        for reading in (log, elsewhere):
            first, second = await reading.read(0, 10)
            assert first.fact == WHOLE
            assert (first.why, second.why) == (ME.why, ME.why)
            assert await reading.stream(id) == await reading.streams([id]) == [first, second]
            assert (await Streams(reading, WallClock(), None).load(GUEST, id)).state.name == "王丽"
            assert await reading.customer(customer) == [first, second], "said together, about the customer"


async def test_of_reasons_only_the_one_that_an_import_gives_of_itself_is_stored_in_clear(
    pool: Any, log: Log, streams: Streams
) -> None:
    customer = uuid4()
    for why in (IMPORT, "imports of 王丽"):
        command = Arrive(name="王丽", room=7, wishes=WISHES, customer_id=customer)
        await streams.execute(GUEST, uuid4(), command, Meta(who="li.wei", why=why))
    stored = [row["why"] for row in await pool.fetch("SELECT why FROM facts ORDER BY notification_id")]
    assert stored[:2] == ["import", "import"]
    assert not [why for why in stored[2:] if "import" in why]
    assert [it.why for it in await log.read(0, 10)] == ["import", "import", *["imports of 王丽"] * 2]


async def test_unopened_it_reads_as_erased_and_no_key_is_fetched(
    log: Log, streams: Streams, opened: Opened
) -> None:
    id = await arrived(streams)
    async with opened() as elsewhere:
        [first] = await elsewhere.read(0, 10, opened=False)
        assert elsewhere.codec.keys is not None
        assert elsewhere.codec.keys.ring.missing([id.bytes]) == [id.bytes]
    assert first.fact == GuestArrived(name=ERASED, room=7, wishes=Wishes(nights=3, diet=ERASED))
    assert first.why == ERASED
    assert msgspec.structs.replace(first, fact=WHOLE, why=ME.why) == (await log.read(0, 10))[0]


async def test_the_library_still_finds_json_with_the_rest_in_clear(pool: Any, streams: Streams) -> None:
    await arrived(streams)
    row = await pool.fetchrow(
        "SELECT convert_from(state, 'UTF8')::json->>'name' AS name,"
        " convert_from(state, 'UTF8')::json->>'room' AS room FROM facts"
    )
    assert tuple(row) == ("[erased]", "7")


async def test_what_says_nothing_personal_needs_no_key(pool: Any, log: Log) -> None:
    id = uuid4()
    moved = NewFact(id, 1, GuestMoved(room=8), None)
    await log.append(Request((moved,), Meta(who="li.wei"), WallClock().now(), id, 1))
    assert await pool.fetchval("SELECT state FROM facts") == b'{"room":8,"because":null}'
    assert await pool.fetchval("SELECT count(*) FROM personal_keys") == 1, "the one that hashes claims"


async def test_a_state_without_anything_personal_is_read_without_keys(
    pool: Any, streams: Streams, opened: Opened
) -> None:
    id = await arrived(streams)
    await streams.execute(GUEST, id, Move(room=8, because="噪音"), ME)
    await pool.execute("UPDATE personal_keys SET wrapped = 'unreadable' WHERE owner = $1", id)
    async with opened() as elsewhere:
        assert await Streams(elsewhere, WallClock(), None).load(ROOM, id) == Loaded(Room(8), 2)
        with pytest.raises(SettingsWrong, match="does not open"):
            await Streams(elsewhere, WallClock(), None).load(GUEST, id)


async def test_many_at_once_agree_on_one_key(pool: Any, log: Log, opened: Opened) -> None:
    customer = uuid4()
    async with opened() as elsewhere:
        both = [Streams(log, WallClock(), None), Streams(elsewhere, WallClock(), None)]
        ids = await asyncio.gather(*(arrived(both[n % 2], customer) for n in range(20)))
        assert await pool.fetchval("SELECT count(*) FROM personal_keys WHERE owner = $1", customer) == 1
    async with opened() as third:
        loaded = [await Streams(third, WallClock(), None).load(GUEST, id) for id in ids]
    assert {it.state.name for it in loaded if it.state} == {"王丽"}


async def test_a_key_of_a_transaction_that_was_rolled_back_seals_nothing(
    pool: Any, log: Log, streams: Streams, opened: Opened
) -> None:
    customer, id = uuid4(), uuid4()
    command = Arrive(name="王丽", room=7, customer_id=customer)
    async with pool.acquire() as connection:
        transaction = connection.transaction()
        await transaction.start()
        await streams.execute(GUEST, id, command, ME, within=connection)
        loaded = await streams.current(GUEST, id, connection=connection)
        assert loaded.state is not None
        assert loaded.state.name == "王丽", "within, it is read as well"
        await transaction.rollback()
    await streams.execute(GUEST, id, command, ME)
    async with opened() as elsewhere:
        assert (await Streams(elsewhere, WallClock(), None).load(GUEST, id)).state == loaded.state


async def test_claims_are_found_by_what_they_were_and_refused_by_that_name(
    log: Log, streams: Streams
) -> None:
    names = [("guest-name", "王丽"), ("guest-name", "李雷"), ("room", "王丽")]
    id = await arrived(streams, claims=[Claim(*names[0])])
    assert await log.claimed_many(names) == {names[0]: id}
    assert [await log.claimed(*name) for name in names] == [id, None, None]
    with pytest.raises(Taken, match="guest-name '王丽' already belongs to"):
        await arrived(streams, claims=[Claim(*names[1]), Claim(*names[0])])
    await streams.execute(GUEST, id, Move(room=1), ME, releases=[Claim(*names[0])])
    assert await log.claimed_many(names) == {}


async def test_what_was_written_before_there_were_keys_goes_on(pool: Any, opened: Opened) -> None:
    async with Log(pool, Codec(GUEST.facts), "sample") as before:
        id = await arrived(Streams(before, WallClock(), None), claims=[Claim("guest-name", "王丽")])
    async with opened() as log:
        streams = Streams(log, WallClock(), None)
        assert await log.claimed("guest-name", "王丽") == id
        await streams.execute(GUEST, id, Move(room=8, because="噪音"), ME)
        first, second = await log.stream(id)
        assert (first.fact.name, first.why, second.fact.because) == ("王丽", ME.why, "噪音")
        assert "噪音" not in await everything(pool)
        assert not [row["key"] for row in await pool.fetch("SELECT key FROM claims") if row["key"] == "王丽"]
    async with pool.acquire() as connection:
        assert (await verify(connection)).finding is None


async def test_an_old_version_that_was_sealed_is_opened_before_it_is_upcast(log: Log) -> None:
    id = uuid4()
    with await log.codec.keys.held([id.bytes], make=True):
        clear, values = b'{"called":\n"[erased]"\n,"room":7}', '"王丽"\n'.encode()
        state = log.codec.keys.ring.seal_fact("sample.guest-arrived.v1", id, clear, values)
        assert log.codec.decode("sample.guest-arrived.v1", state) == GuestArrived(name="王丽", room=7)


async def test_a_long_stream_is_read_from_a_sealed_snapshot(
    pool: Any, log: Log, streams: Streams, opened: Opened
) -> None:
    id = await arrived(streams)
    news = tuple(NewFact(id, n, GuestMoved(room=n), None) for n in range(2, SNAPSHOT_AFTER + 10))
    await log.append(Request(news, ME, WallClock().now(), id, len(news) + 1))
    for _ in range(2):
        async with opened() as elsewhere:
            reading = Streams(elsewhere, WallClock(), None)
            loaded = await reading.load(GUEST, id)
            await reading.preload([(GUEST, id)])
            await reading.settled()
        assert loaded.state is not None
        assert (loaded.state.name, loaded.state.room) == ("王丽", SNAPSHOT_AFTER + 9)
    assert await pool.fetchval("SELECT count(*) FROM snapshots") == 1
    assert "王丽" not in await everything(pool)


async def test_without_its_key_all_of_it_reads_as_erased_and_the_chain_holds(
    pool: Any, streams: Streams, opened: Opened
) -> None:
    customer, other = uuid4(), uuid4()
    # Its first fact is recorded before it belongs to the customer, under the key of the stream.
    id, others = await arrived(streams), await arrived(streams, other)
    await streams.execute(GUEST, id, Know(customer_id=customer), ME)
    await streams.execute(GUEST, id, Move(room=8, because="噪音"), ME)
    async with pool.acquire() as connection, connection.transaction():
        await Keys(pool, MASTER).destroy(connection, customer, [id], 5)
    async with opened() as log:
        facts = await log.stream(id)
        assert facts[0].fact == GuestArrived(
            name="[erased]", room=7, wishes=Wishes(nights=3, diet="[erased]")
        )
        assert facts[2].fact == GuestMoved(room=8, because="[erased]")
        assert {it.why for it in facts} == {"[erased]"}
        reading = Streams(log, WallClock(), None)
        untouched = (await reading.load(GUEST, others)).state
        assert untouched is not None
        assert untouched.name == "王丽"
        await reading.execute(GUEST, id, Move(room=9, because="王丽 again"), ME)
        assert (await log.stream(id))[-1].fact == GuestMoved(room=9, because="[erased]")
        await reading.execute(GUEST, id, Know(customer_id=customer), Meta(who="li.wei"))
        assert "again" not in await everything(pool)
    async with pool.acquire() as connection:
        assert (await verify(connection)).finding is None


async def test_a_database_of_another_master_key_is_refused_at_once(opened: Opened, log: Log) -> None:
    with pytest.raises(SettingsWrong, match="KEQING_MASTER_KEY: keys are wrapped by the master key"):
        async with opened(MasterKeys([b"x" * 32])):
            pass


async def test_more_keys_than_memory_holds(
    monkeypatch: pytest.MonkeyPatch, streams: Streams, opened: Opened
) -> None:
    monkeypatch.setattr(ring, "LIMIT", 3)
    ids = [await arrived(streams, uuid4()) for _ in range(5)]
    async with opened() as log:
        assert len([it for it in await log.read(0, 100) if it.why == ME.why]) == 10
        reading = Streams(log, WallClock(), None)
        await reading.preload([(GUEST, id) for id in ids])
        loaded = [await reading.load(GUEST, id) for id in ids]
        assert {it.state.name for it in loaded if it.state} == {"王丽"}


async def test_the_tables_are_made_as_often_as_one_likes(database: str) -> None:
    async with asyncpg.create_pool(database, min_size=1, max_size=2) as pool:
        for _ in range(2):
            await pool.execute(LOG_SCHEMA + KEYS_SCHEMA)
            await Keys(pool, MASTER).open()
        assert await pool.fetchval("SELECT count(*) FROM personal_keys") == 1


async def test_tables_whose_statistics_say_they_are_empty_are_looked_into_by_their_indexes(
    pool: Any, database: str
) -> None:
    """A session keeps the plan it made first, however much the tables grow."""
    await pool.execute("VACUUM ANALYZE facts, claims, personal_keys")
    async with asyncpg.create_pool(database, min_size=1, max_size=1) as single:
        keys = Keys(single, MASTER)
        await keys.open()
        log = Log(single, Codec(GUEST.facts, keys), "sample")
        for start in range(0, 5_000, 500):
            ids = [UUID(int=start + number + 1) for number in range(500)]
            assert await log.versions(ids) == await log.pasts(ids) == {}
            assert await log.claimed_many([("guest-name", str(id)) for id in ids]) == {}
            with await keys.held([id.bytes for id in ids], make=True):
                pass
            await single.execute(
                "INSERT INTO claims SELECT 'guest-name', n::text, n FROM unnest($1::uuid[]) AS n", ids
            )
            await single.execute(
                "INSERT INTO facts SELECT n, 1, 'none', '', $2 + row_number() OVER (), NULL, now(), '', NULL,"
                " n, '', NULL, '' FROM unnest($1::uuid[]) AS n",
                ids, start,
            )  # fmt: skip
        await single.execute("SELECT pg_stat_force_next_flush()")
    read = await pool.fetch(
        "SELECT relname, seq_tup_read FROM pg_stat_user_tables"
        " WHERE relname IN ('facts', 'claims', 'personal_keys') AND seq_tup_read > 500"
    )
    assert read == []
