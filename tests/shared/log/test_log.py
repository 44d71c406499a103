"""The log under one and many writers, on a real PostgreSQL."""

import asyncio
import hashlib
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import msgspec
import pytest
from eventsourcing.persistence import IntegrityError
from msgspec import structs

from keqing_shared.log import (
    Claim,
    Codec,
    Conflict,
    HeldClaim,
    KeyReused,
    Log,
    Meta,
    NewFact,
    Receipt,
    Repeated,
    Request,
    Taken,
    UnknownTopic,
)
from keqing_shared.log.append import append_batch
from keqing_shared.log.request import digest
from tests.shared.log.account import ACCOUNT, AccountOpened, EntryMade

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def entry(id: UUID, version: int, amount: int = 1, **meta: Any) -> Request:
    new = NewFact(id, version, EntryMade(amount=amount, note="n"), id)
    return Request((new,), Meta(who="li.wei", **meta), NOW, id, version)


async def test_positions_are_gapless_and_in_order_under_concurrent_writers(log: Log) -> None:
    ids = [uuid4() for _ in range(40)]
    receipts = await asyncio.gather(*(log.append(entry(id, version)) for version in (1, 2, 3) for id in ids))
    facts = await log.read(0, 1000)
    assert [it.position for it in facts] == list(range(1, 121))
    assert {receipt.position for receipt in receipts} == set(range(1, 121))
    assert await log.head() == 120


async def test_a_refused_neighbour_leaves_no_gap_and_fails_alone(log: Log) -> None:
    id = uuid4()
    await log.append(entry(id, 1))
    outcomes = await asyncio.gather(
        log.append(entry(uuid4(), 1)), log.append(entry(id, 1)), log.append(entry(uuid4(), 1)),
        return_exceptions=True,
    )  # fmt: skip
    assert [type(outcome) for outcome in outcomes] == [Receipt, Conflict, Receipt]
    assert [it.position for it in await log.read(0, 10)] == [1, 2, 3]


async def test_of_two_who_want_the_same_version_exactly_one_gets_it(log: Log) -> None:
    id = uuid4()
    outcomes = await asyncio.gather(*(log.append(entry(id, 1)) for _ in range(10)), return_exceptions=True)
    assert sum(isinstance(outcome, Receipt) for outcome in outcomes) == 1
    assert sum(isinstance(outcome, IntegrityError) for outcome in outcomes) == 9


async def test_a_request_of_several_streams_is_appended_whole_or_not_at_all(log: Log) -> None:
    one, other = uuid4(), uuid4()
    await log.append(entry(other, 1))
    both = tuple(NewFact(id, 1, EntryMade(amount=1, note=""), id) for id in (one, other))
    with pytest.raises(Conflict):
        await log.append(Request(both, Meta(who="x"), NOW, one, 1))
    assert await log.stream(one) == []


async def test_a_repeated_key_gets_the_first_receipt_and_another_body_is_refused(log: Log) -> None:
    id = uuid4()
    first = await log.append(entry(id, 1, key="k", fingerprint=b"a"))
    again = await log.append(entry(id, 2, key="k", fingerprint=b"a"))
    assert isinstance(again, Repeated)
    assert msgspec.structs.astuple(again) == msgspec.structs.astuple(first)
    with pytest.raises(KeyReused):
        await log.append(entry(id, 2, key="k", fingerprint=b"b"))
    assert await log.head() == 1


async def test_a_key_sent_many_times_at_once_is_carried_out_once(log: Log) -> None:
    id = uuid4()
    receipts = await asyncio.gather(*(log.append(entry(id, 1, key="k", fingerprint=b"a")) for _ in range(8)))
    assert {receipt.position for receipt in receipts} == {1}
    assert await log.head() == 1


async def test_a_name_belongs_to_one_until_it_is_released(log: Log) -> None:
    def claiming(kind: str, id: UUID) -> Request:
        request = entry(id, 1)
        return msgspec.structs.replace(request, claims=(HeldClaim("number", "INV-1", id, kind),))

    one, other, third = uuid4(), uuid4(), uuid4()
    outcomes = await asyncio.gather(
        log.append(claiming("e", one)), log.append(claiming("e", other)), return_exceptions=True
    )
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["Receipt", "Taken"]
    holder = await log.claimed("number", "INV-1")
    assert holder in (one, other)
    refusal = next(outcome for outcome in outcomes if isinstance(outcome, Taken))
    assert refusal.holder == holder
    await log.append(claiming("s", third))  # shared: recorded, though another holds the name
    assert await log.claimed("number", "INV-1") == holder
    assert holder is not None
    release = msgspec.structs.replace(entry(holder, 2), claims=(HeldClaim("number", "INV-1", holder, "r"),))
    await log.append(release)
    assert await log.claimed("number", "INV-1") is None
    assert Claim("number", "INV-1").exclusive


async def test_who_is_refused_one_name_gets_none_of_the_others_and_keeps_their_own(log: Log) -> None:
    def claiming(id: UUID, version: int, *names: str, kind: str = "e") -> Request:
        claims = tuple(HeldClaim("number", name, id, kind) for name in names)
        return msgspec.structs.replace(entry(id, version), claims=claims)

    one, other, third, behind = uuid4(), uuid4(), uuid4(), uuid4()
    await log.append(claiming(one, 1, "A"))
    await log.append(claiming(other, 1, "B"))
    await log.append(entry(behind, 1))
    outcomes = await log.append_many(
        [
            claiming(other, 2, "B", "C", "A"),  # its own, a free one, and one that is taken
            claiming(third, 1, "D", "B", kind="s"),
            claiming(behind, 1, "E"),
            claiming(one, 2, "A", "F"),
        ]
    )
    assert [type(outcome) for outcome in outcomes] == [Taken, Receipt, Conflict, Receipt]
    names = [("number", name) for name in "ABCDEF"]
    held = {key: holder for (_, key), holder in (await log.claimed_many(names)).items()}
    assert held == {"A": one, "B": other, "D": third, "F": one}


async def test_of_one_statement_the_first_may_be_refused_and_the_others_go_in_with_it(pool: Any) -> None:
    """Not one by one, as what fails as a whole would be."""
    codec, gone = Codec(ACCOUNT.facts), uuid4()
    async with pool.acquire() as connection:
        await append_batch(connection, codec, [entry(gone, 1)])
        requests = [entry(gone, 1), *(entry(uuid4(), 1) for _ in range(3)), entry(gone, 1), entry(uuid4(), 1)]
        outcomes, head = await append_batch(connection, codec, requests)
    assert [type(it).__name__ for it in outcomes] == ["Conflict", *["Receipt"] * 3, "Conflict", "Receipt"]
    assert head == 5
    assert await pool.fetchval("SELECT count(*) FROM facts WHERE octet_length(hash) = 32") == 5


async def test_one_unstorable_value_does_not_fail_its_neighbours(log: Log) -> None:
    bad = entry(uuid4(), 1, correlation_id="nul \0 inside")
    outcomes = await asyncio.gather(
        log.append(entry(uuid4(), 1)), log.append(bad), log.append(entry(uuid4(), 1)), return_exceptions=True
    )
    assert [type(outcome) for outcome in (outcomes[0], outcomes[2])] == [Receipt, Receipt]
    assert isinstance(outcomes[1], asyncpg.PostgresError)


async def test_who_why_and_causes_are_kept_with_every_fact(log: Log) -> None:
    id = uuid4()
    meta = {"why": "客户要求", "correlation_id": "c-1", "causation_id": "pipeline:7"}
    await log.append(entry(id, 1, **meta))
    (it,) = await log.customer(id)
    assert (it.who, it.why, it.correlation_id, it.causation_id) == ("li.wei", "客户要求", "c-1", "pipeline:7")
    assert it.recorded_at == NOW
    assert it.customer_id == id


async def test_a_customers_facts_are_filtered_by_time_and_topic(log: Log) -> None:
    id = uuid4()
    opened = NewFact(id, 1, AccountOpened(owner="w"), id)
    await log.append(Request((opened,), Meta(who="x"), NOW, id, 1))
    later = msgspec.structs.replace(entry(id, 2), recorded_at=NOW.replace(hour=10))
    await log.append(later)
    await log.append(entry(uuid4(), 1))
    assert [it.originator_version for it in await log.customer(id)] == [1, 2]
    assert [it.originator_version for it in await log.customer(id, since=NOW.replace(minute=1))] == [2]
    assert [it.originator_version for it in await log.customer(id, until=NOW)] == [1]
    topics = log.codec.topics(["EntryMade"])
    assert [it.originator_version for it in await log.customer(id, topics=topics)] == [2]


async def test_readers_wake_at_once_in_this_process_and_by_notify_in_another(pool: Any, log: Log) -> None:
    async with Log(pool, log.codec, "sample") as elsewhere:
        waiting = [asyncio.create_task(reader.wait_beyond(0, 5)) for reader in (log, elsewhere)]
        await asyncio.sleep(0)
        await log.append(entry(uuid4(), 1))
        assert await asyncio.gather(*waiting) == [True, True]
        assert not await elsewhere.wait_beyond(1, 0.01)


async def test_a_reader_looks_for_itself_when_no_notify_comes(pool: Any, log: Log) -> None:
    deaf = Log(pool, log.codec, "sample")  # never entered: it neither listens nor tells
    waiting = asyncio.create_task(deaf.wait_beyond(0, 5))
    await log.append(entry(uuid4(), 1))
    assert await waiting


async def test_a_subscription_yields_what_was_and_what_comes(log: Log) -> None:
    ids = [uuid4() for _ in range(5)]
    await log.append(entry(ids[0], 1))
    seen: list[int] = []

    async def follow() -> None:
        async for it in log.subscribe():
            seen.append(it.position)
            if len(seen) == 5:
                return

    following = asyncio.create_task(follow())
    for id in ids[1:]:
        await log.append(entry(id, 1))
    await asyncio.wait_for(following, 5)
    assert seen == [1, 2, 3, 4, 5]


async def test_appends_outlive_a_killed_connection_and_are_not_repeated(pool: Any, log: Log) -> None:
    ids = [uuid4() for _ in range(200)]

    async def write(id: UUID) -> None:
        for version in range(1, 6):
            await log.append(entry(id, version))

    async def kill() -> None:
        for _ in range(5):
            await pool.fetch(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
                " AND query LIKE '%append_facts%'"
            )
            await asyncio.sleep(0.02)

    await asyncio.gather(kill(), *(write(id) for id in ids))
    facts = await log.read(0, 2000)
    assert len(facts) == 1000
    assert len({(it.originator_id, it.originator_version) for it in facts}) == 1000


async def test_appending_within_a_transaction_vanishes_with_its_rollback(pool: Any, log: Log) -> None:
    id = uuid4()
    async with pool.acquire() as connection:
        transaction = connection.transaction()
        await transaction.start()
        receipt = await log.append_within(connection, entry(id, 1))
        assert receipt.position == 1
        await transaction.rollback()
    assert await log.head() == 0
    await log.append(entry(id, 1))
    assert [it.position for it in await log.read(0, 10)] == [1]


async def test_a_log_whose_statistics_say_it_is_empty_is_appended_to_by_its_indexes(pool: Any) -> None:
    """A session keeps the plan it made first, however much the tables grow."""
    codec = Codec(ACCOUNT.facts)

    def renamed(number: int) -> Request:
        one = entry(UUID(int=number), 1, key=f"command {number}")
        old = HeldClaim("name", f"old {number}", one.subject, "r")
        new = HeldClaim("name", f"new {number}", one.subject, "e")
        return structs.replace(one, claims=(new, old), upon=((uuid4(), 0),))

    await pool.execute("VACUUM ANALYZE facts, claims, receipts")
    async with pool.acquire() as connection:
        for start in range(0, 5_000, 500):
            await append_batch(connection, codec, [renamed(start + n) for n in range(500)])
        await connection.fetch("SELECT pg_stat_force_next_flush()")
    read = await pool.fetchval(
        "SELECT sum(idx_tup_read + coalesce(seq_tup_read, 0)) FROM pg_stat_user_tables"
        " JOIN pg_stat_user_indexes USING (relid) WHERE pg_stat_user_tables.relname <> 'log_head'"
    )
    # Nothing of it was there. What was written before each batch comes to 22,500 rows of each table.
    assert read == 0


async def test_every_row_is_linked_to_the_one_before_by_its_hash(pool: Any, log: Log) -> None:
    await asyncio.gather(*(log.append(entry(uuid4(), 1, why=why)) for why in (None, "", "because")))
    chain = bytes(32)
    for row in await pool.fetch("SELECT * FROM facts ORDER BY notification_id"):
        meta = Meta(
            who=row["who"], command_id=row["command_id"],
            correlation_id=row["correlation_id"], causation_id=row["causation_id"],
        )  # fmt: skip
        content = digest(
            row["originator_id"], row["originator_version"], row["topic"], row["state"],
            row["customer_id"], row["recorded_at"], row["why"], meta,
        )  # fmt: skip
        chain = hashlib.sha256(chain + row["notification_id"].to_bytes(8, "big") + content).digest()
        assert row["hash"] == chain
    assert await pool.fetchval("SELECT hash FROM log_head") == chain


def test_old_versions_are_read_through_their_upcasters() -> None:
    codec = Codec(ACCOUNT.facts)
    fact = codec.decode("sample.entry-made.v1", b'{"amount": 3, "text": "old"}')
    assert fact == EntryMade(amount=3, note="old")
    with pytest.raises(UnknownTopic):
        codec.decode("sample.never-heard-of.v1", b"{}")
