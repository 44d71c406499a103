"""Long streams are read from a snapshot, and nobody can tell but by the clock."""

import logging
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from keqing_shared.domain import Aggregate, Fact
from keqing_shared.log import Log, Meta, NewFact, Request
from keqing_shared.snapshots import SNAPSHOT_AFTER, form_of
from keqing_shared.streams import Streams
from tests.shared.log.account import ACCOUNT, Account, AccountOpened, EntryMade, MakeEntry, OpenAccount
from tests.shared.log.conftest import WallClock

ME = Meta(who="li.wei")
ANY_ACCOUNT: Aggregate[Any] = ACCOUNT
DAY = datetime(2026, 3, 2, tzinfo=UTC)


async def history(log: Log, facts: int, *, id: UUID | None = None, after: int = 0) -> UUID:
    """A stream with so many more facts, one recorded each second from DAY on."""
    id = id or uuid4()
    for start in range(after, after + facts, 500):
        stop = min(start + 500, after + facts)
        news = tuple(
            NewFact(
                id,
                version + 1,
                EntryMade(amount=version, note=f"entry {version}") if version else AccountOpened(owner="w"),
                id,
            )
            for version in range(start, stop)
        )
        await log.append(Request(news, ME, DAY + timedelta(seconds=start), id, stop))
    return id


async def read_anew(log: Log, id: UUID, aggregate: Aggregate[Any] = ACCOUNT) -> tuple[Any, int]:
    """By a process that has nothing in memory."""
    streams = Streams(log, WallClock(), policy=None)
    loaded = await streams.load(aggregate, id)
    await streams.settled()
    return loaded.state, loaded.version


class Folded:
    """An account that counts the facts it is folded from."""

    def __init__(self) -> None:
        self.count = 0

    @property
    def aggregate(self) -> Aggregate[Account]:
        def evolve(account: Account | None, fact: Any) -> Account | None:
            self.count += 1
            return ACCOUNT.evolve(account, fact)

        return replace(ACCOUNT, evolve=evolve)


async def snapshots(pool: Any) -> Sequence[Any]:
    rows: Sequence[Any] = await pool.fetch("SELECT * FROM snapshots")
    return rows


def folded(facts: int) -> Account:
    return Account(owner="w", balance=facts * (facts - 1) // 2)


async def test_ten_thousand_facts_give_the_same_from_the_snapshot_as_from_the_first_fact(log: Log) -> None:
    id = await history(log, 10_000)
    counted = Folded()
    assert await read_anew(log, id, counted.aggregate) == (folded(10_000), 10_000)
    assert counted.count == 10_000
    assert await read_anew(log, id, counted.aggregate) == (folded(10_000), 10_000)
    assert counted.count == 10_000  # not one more
    await history(log, 3, id=id, after=10_000)
    assert await read_anew(log, id, counted.aggregate) == (folded(10_003), 10_003)
    assert counted.count == 10_003


@pytest.mark.parametrize(("facts", "kept"), [(SNAPSHOT_AFTER, 0), (SNAPSHOT_AFTER + 1, 1)])
async def test_a_snapshot_is_taken_of_more_than_two_hundred_facts(
    log: Log, pool: Any, facts: int, kept: int
) -> None:
    await read_anew(log, await history(log, facts))
    assert len(await snapshots(pool)) == kept


async def test_the_next_snapshot_comes_two_hundred_facts_later(log: Log, pool: Any) -> None:
    id = await history(log, 250)
    await read_anew(log, id)
    await history(log, SNAPSHOT_AFTER, id=id, after=250)
    await read_anew(log, id)
    assert [row["originator_version"] for row in await snapshots(pool)] == [250]
    await history(log, 1, id=id, after=450)
    await read_anew(log, id)
    assert [row["originator_version"] for row in await snapshots(pool)] == [451]


async def test_a_snapshot_says_whose_it_is_and_when_it_was_taken(log: Log, pool: Any) -> None:
    id = await history(log, 250)
    began = datetime.now(UTC) - timedelta(minutes=1)
    await read_anew(log, id)
    (row,) = await snapshots(pool)
    form = form_of(ACCOUNT)
    assert form is not None
    assert (row["originator_id"], row["aggregate"], row["customer_id"]) == (id, "account", id)
    assert row["snapshot_version"] == form.version
    assert began < row["taken_at"] < datetime.now(UTC) + timedelta(minutes=1)


async def test_a_command_is_decided_on_what_the_snapshot_says(log: Log) -> None:
    id = await history(log, 250)
    await read_anew(log, id)
    streams = Streams(log, WallClock(), policy=None)
    receipt = await streams.execute(ACCOUNT, id, MakeEntry(amount=-folded(250).balance), ME)
    assert receipt.version == 251
    state, _ = await read_anew(log, id)
    assert state.balance == 0


async def test_a_moment_in_the_past_is_folded_from_the_first_fact(log: Log) -> None:
    id = await history(log, 1_000)
    await read_anew(log, id)
    loaded = await Streams(log, WallClock(), policy=None).load(ACCOUNT, id, until=DAY)
    assert (loaded.state, loaded.version) == (folded(500), 500)


async def test_streams_read_together_begin_at_their_snapshots(log: Log) -> None:
    long, short, absent = await history(log, 600), await history(log, 20), uuid4()
    counted = Folded()
    aggregate = counted.aggregate
    await read_anew(log, long, aggregate)
    await history(log, 5, id=long, after=600)
    counted.count = 0
    streams = Streams(log, WallClock(), policy=None)
    await streams.preload([(aggregate, long), (aggregate, short), (aggregate, absent)])
    assert counted.count == 25
    for id, facts in ((long, 605), (short, 20)):
        known = await streams.current(aggregate, id, fresh=False)
        assert (known.state, known.version) == (folded(facts), facts)
    assert (await streams.current(aggregate, absent, fresh=False)).version == 0
    assert counted.count == 25


async def test_long_streams_read_together_get_their_snapshots(log: Log, pool: Any) -> None:
    ids = [await history(log, 201) for _ in range(3)]
    streams = Streams(log, WallClock(), policy=None)
    await streams.preload([(ACCOUNT, id) for id in ids])
    await streams.settled()
    assert {row["originator_id"] for row in await snapshots(pool)} == set(ids)


@pytest.mark.parametrize("bytes_kept", [b"", b"{", b"\xff\xfe", b'"x"', b'{"owner": 5}', b"null"])
async def test_bytes_that_are_no_state_are_ignored_and_rewritten(
    log: Log, pool: Any, bytes_kept: bytes
) -> None:
    id = await history(log, 250)
    await read_anew(log, id)
    (before,) = await snapshots(pool)
    await pool.execute("UPDATE snapshots SET state = $1", bytes_kept)
    assert await read_anew(log, id) == (folded(250), 250)
    assert (await snapshots(pool))[0]["state"] == before["state"]
    await pool.execute("UPDATE snapshots SET state = $1", bytes_kept)
    streams = Streams(log, WallClock(), policy=None)
    await streams.preload([(ACCOUNT, id)])
    assert (await streams.current(ACCOUNT, id, fresh=False)).state == folded(250)


async def test_a_snapshot_of_facts_that_the_log_does_not_have_is_ignored(log: Log, pool: Any) -> None:
    id = await history(log, 250)
    await read_anew(log, id)
    await pool.execute("UPDATE snapshots SET originator_version = 9000")
    assert await read_anew(log, id) == (folded(250), 250)
    assert (await snapshots(pool))[0]["originator_version"] == 250


class AccountWithCount(Fact):
    owner: str
    balance: int = 0
    entries: int = 0


def _counting(account: AccountWithCount | None, fact: Any) -> AccountWithCount | None:
    match fact:
        case AccountOpened(owner=owner):
            return AccountWithCount(owner=owner)
        case EntryMade(amount=amount) if account is not None:
            return AccountWithCount(
                owner=account.owner, balance=account.balance + amount, entries=account.entries + 1
            )
    return account


CHANGED: dict[str, Aggregate[Any]] = {
    "another shape of state": replace(ANY_ACCOUNT, state=AccountWithCount),
    "another file that folds": replace(ANY_ACCOUNT, evolve=_counting),
    "another snapshot version": replace(ANY_ACCOUNT, snapshot_version=2),
}


@pytest.mark.parametrize("what", CHANGED)
def test_what_changes_a_snapshots_version(what: str) -> None:
    before, after, same = form_of(ACCOUNT), form_of(CHANGED[what]), form_of(replace(ACCOUNT))
    assert before is not None
    assert after is not None
    assert same is not None
    assert before.version == same.version != after.version


async def test_other_code_does_not_see_the_old_snapshot_and_leaves_its_own(log: Log, pool: Any) -> None:
    id = await history(log, 250)
    await read_anew(log, id)
    changed = replace(ANY_ACCOUNT, state=AccountWithCount, evolve=_counting)
    state, version = await read_anew(log, id, changed)
    assert (state, version) == (AccountWithCount(owner="w", balance=folded(250).balance, entries=249), 250)
    form = form_of(changed)
    assert form is not None
    assert [row["snapshot_version"] for row in await snapshots(pool)] == [form.version]


async def test_a_state_that_cannot_be_written_down_is_folded_every_time(log: Log, pool: Any) -> None:
    class Unwritable:
        """Of a type that says nothing of its members."""

        def __init__(self, entries: int) -> None:
            self.entries = entries

    def evolve(state: Unwritable | None, _: Any) -> Unwritable:
        return Unwritable((state.entries if state else 0) + 1)

    unwritable: Aggregate[Any] = replace(ANY_ACCOUNT, name="unwritable", state=Unwritable, evolve=evolve)
    nameless: Aggregate[Any] = replace(ANY_ACCOUNT, name="nameless", state=None)
    id = await history(log, 250)
    assert form_of(unwritable) is None
    assert form_of(nameless) is None
    state, version = await read_anew(log, id, unwritable)
    assert (state.entries, version) == (250, 250)
    assert await read_anew(log, id, nameless) == (folded(250), 250)
    assert await snapshots(pool) == []


async def test_a_transactions_own_sight_is_never_kept(log: Log, pool: Any) -> None:
    id = await history(log, 250)
    streams = Streams(log, WallClock(), policy=None)
    async with pool.acquire() as connection:
        transaction = connection.transaction()
        await transaction.start()
        await streams.execute(ACCOUNT, id, MakeEntry(amount=1), ME, within=connection)
        await transaction.rollback()
    await streams.settled()
    assert await snapshots(pool) == []
    assert await read_anew(log, id) == (folded(250), 250)


async def test_commands_go_on_where_snapshots_cannot_be_written(
    log: Log, pool: Any, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.CRITICAL)
    id = await history(log, 250)
    await pool.execute("ALTER TABLE snapshots ADD CHECK (originator_version < 0)")
    streams = Streams(log, WallClock(), policy=None)
    assert (await streams.execute(ACCOUNT, id, MakeEntry(amount=1), ME)).version == 251
    await streams.settled()
    assert (await streams.execute(ACCOUNT, uuid4(), OpenAccount(owner="x"), ME)).version == 1
    assert await snapshots(pool) == []
