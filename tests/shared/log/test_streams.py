"""Commands over the log: decided on the newest state, appended once."""

import asyncio
from typing import Any
from uuid import UUID, uuid4

import pytest

from keqing_shared.log import Claim, Conflict, Log, Meta, Taken
from keqing_shared.streams import Streams, Unit, Work
from tests.shared.log.account import ACCOUNT, AlreadyOpen, EmptyAccount, MakeEntry, OpenAccount, Overdrawn
from tests.shared.log.conftest import WallClock

ME = Meta(who="li.wei")


async def test_a_command_is_decided_appended_and_seen(streams: Streams) -> None:
    id = uuid4()
    receipt = await streams.execute(ACCOUNT, id, OpenAccount(owner="w"), ME)
    assert (receipt.id, receipt.version, receipt.position, receipt.facts) == (id, 1, 1, ("AccountOpened",))
    await streams.execute(ACCOUNT, id, MakeEntry(amount=5), ME)
    loaded = await streams.load(ACCOUNT, id)
    assert loaded.version == 2
    assert loaded.state is not None
    assert loaded.state.balance == 5


async def test_no_concurrent_spending_ever_overdraws(log: Log, streams: Streams) -> None:
    id = uuid4()
    elsewhere = Streams(log, WallClock(), None)  # another replica with a cache of its own
    await streams.execute(ACCOUNT, id, OpenAccount(owner="w"), ME)
    await streams.execute(ACCOUNT, id, MakeEntry(amount=10), ME)
    outcomes = await asyncio.gather(
        *(one.execute(ACCOUNT, id, MakeEntry(amount=-1), ME) for one in (streams, elsewhere) * 8),
        return_exceptions=True,
    )
    assert sum(isinstance(outcome, Overdrawn) for outcome in outcomes) == 6
    state = (await streams.load(ACCOUNT, id)).state
    assert state is not None
    assert state.balance == 0


async def test_a_refusal_is_never_decided_on_a_stale_state(log: Log, streams: Streams) -> None:
    id = uuid4()
    elsewhere = Streams(log, WallClock(), None)
    await streams.execute(ACCOUNT, id, OpenAccount(owner="w"), ME)
    await elsewhere.execute(ACCOUNT, id, MakeEntry(amount=3), ME)
    await streams.execute(ACCOUNT, id, MakeEntry(amount=-3), ME)  # its cache still says 0


async def test_that_there_is_nothing_to_do_is_never_decided_on_a_stale_state(
    log: Log, streams: Streams
) -> None:
    id = uuid4()
    elsewhere = Streams(log, WallClock(), None)
    await streams.execute(ACCOUNT, id, OpenAccount(owner="w"), ME)
    await elsewhere.execute(ACCOUNT, id, MakeEntry(amount=3), ME)
    receipt = await streams.execute(ACCOUNT, id, EmptyAccount(), ME)  # its cache still says 0
    assert (receipt.version, receipt.facts) == (3, ("EntryMade",))


def opened_upon(other: UUID, id: UUID) -> Work:
    """Opens the account when the other one is empty."""

    async def work(unit: Unit) -> None:
        if (await unit.load(ACCOUNT, other)).state.balance:
            raise Overdrawn
        await unit.execute(ACCOUNT, id, OpenAccount(owner="w"))

    return work


async def test_what_was_only_looked_at_is_never_decided_upon_when_stale(log: Log, streams: Streams) -> None:
    other, id = uuid4(), uuid4()
    elsewhere = Streams(log, WallClock(), None)
    await streams.execute(ACCOUNT, other, OpenAccount(owner="w"), ME)
    await elsewhere.execute(ACCOUNT, other, MakeEntry(amount=3), ME)
    with pytest.raises(Overdrawn):
        await streams.transact(opened_upon(other, id), ME)  # its cache still says 0
    await elsewhere.execute(ACCOUNT, other, EmptyAccount(), ME)
    assert (await streams.transact(opened_upon(other, id), ME)).facts == ("AccountOpened",)


async def test_that_a_stream_is_not_there_is_looked_at_as_well(log: Log, streams: Streams) -> None:
    other, id = uuid4(), uuid4()
    elsewhere = Streams(log, WallClock(), None)
    refused: list[UUID] = []

    async def opened_alone(unit: Unit) -> None:
        if (await unit.load(ACCOUNT, other)).state is not None:
            refused.append(other)
            raise AlreadyOpen
        await elsewhere.execute(ACCOUNT, other, OpenAccount(owner="w"), ME)
        await unit.execute(ACCOUNT, id, OpenAccount(owner="w"))

    with pytest.raises(AlreadyOpen):
        await streams.transact(opened_alone, ME)
    assert refused == [other]
    assert (await streams.load(ACCOUNT, id)).state is None


async def test_of_two_that_each_write_what_the_other_read_one_decides_anew(streams: Streams) -> None:
    for _ in range(20):
        one, two = uuid4(), uuid4()
        for id in (one, two):
            await streams.execute(ACCOUNT, id, OpenAccount(owner="w"), ME)
            await streams.execute(ACCOUNT, id, MakeEntry(amount=5), ME)

        def empty(id: UUID, other: UUID) -> Work:
            """One of the two is to keep its money."""

            async def work(unit: Unit) -> None:
                if (await unit.load(ACCOUNT, other)).state.balance == 0:
                    raise Overdrawn
                await unit.execute(ACCOUNT, id, EmptyAccount())

            return work

        outcomes = await asyncio.gather(
            streams.transact(empty(one, two), ME),
            streams.transact(empty(two, one), ME),
            return_exceptions=True,
        )
        assert [isinstance(outcome, Overdrawn) for outcome in outcomes].count(True) == 1


async def test_a_named_version_that_is_stale_is_a_conflict(streams: Streams) -> None:
    id = uuid4()
    await streams.execute(ACCOUNT, id, OpenAccount(owner="w"), ME)
    await streams.execute(ACCOUNT, id, MakeEntry(amount=3), ME, expected=1)
    with pytest.raises(Conflict):
        await streams.execute(ACCOUNT, id, MakeEntry(amount=3), ME, expected=1)


async def test_a_repeat_by_key_is_answered_even_where_its_rule_would_now_refuse(streams: Streams) -> None:
    id = uuid4()
    keyed = Meta(who="li.wei", key="open", fingerprint=b"f")
    first = await streams.execute(ACCOUNT, id, OpenAccount(owner="w"), keyed)
    again = await streams.execute(ACCOUNT, id, OpenAccount(owner="w"), keyed)
    assert (again.id, again.position) == (first.id, first.position)
    with pytest.raises(AlreadyOpen):
        await streams.execute(ACCOUNT, id, OpenAccount(owner="w"), ME)


async def test_twins_by_key_at_the_same_time_get_one_receipt(streams: Streams) -> None:
    id = uuid4()
    keyed = Meta(who="li.wei", key="open", fingerprint=b"f")
    receipts = await asyncio.gather(
        *(streams.execute(ACCOUNT, id, OpenAccount(owner="w"), keyed) for _ in range(6))
    )
    assert {receipt.position for receipt in receipts} == {1}


async def test_a_transfer_is_whole_or_not_at_all(streams: Streams) -> None:
    one, other = uuid4(), uuid4()
    for id in (one, other):
        await streams.execute(ACCOUNT, id, OpenAccount(owner="w"), ME)
    await streams.execute(ACCOUNT, one, MakeEntry(amount=10), ME)

    def transfer(amount: int) -> Any:
        async def work(unit: Unit) -> None:
            await unit.execute(ACCOUNT, other, MakeEntry(amount=amount))
            await unit.execute(ACCOUNT, one, MakeEntry(amount=-amount))

        return work

    outcomes = await asyncio.gather(
        *(streams.transact(transfer(3), ME) for _ in range(5)), return_exceptions=True
    )
    assert sum(isinstance(outcome, Overdrawn) for outcome in outcomes) == 2
    balances = [(await streams.load(ACCOUNT, id)).state for id in (one, other)]
    assert [state.balance for state in balances if state] == [1, 9]


async def test_a_command_with_nothing_new_to_say_appends_nothing(log: Log, streams: Streams) -> None:
    id = uuid4()
    await streams.execute(ACCOUNT, id, OpenAccount(owner="w"), ME)
    receipt = await streams.execute(ACCOUNT, id, MakeEntry(amount=0), ME)
    assert (receipt.version, receipt.position, receipt.facts) == (1, 1, ())
    assert await log.head() == 1


async def test_a_claim_is_refused_with_its_holder(streams: Streams) -> None:
    one, other = uuid4(), uuid4()
    name = Claim("login", "li.wei")
    await streams.execute(ACCOUNT, one, OpenAccount(owner="w"), ME, claims=[name])
    with pytest.raises(Taken) as refused:
        await streams.execute(ACCOUNT, other, OpenAccount(owner="w"), ME, claims=[name])
    assert refused.value.holder == one
    assert await streams.claimed("login", "li.wei") == one
    assert (await streams.load(ACCOUNT, other)).version == 0


async def test_a_stream_is_seen_as_it_was_recorded_until_a_moment(streams: Streams) -> None:
    id = uuid4()
    await streams.execute(ACCOUNT, id, OpenAccount(owner="w"), ME)
    between = WallClock().now()
    await streams.execute(ACCOUNT, id, MakeEntry(amount=3), ME)
    then = (await streams.load(ACCOUNT, id, until=between)).state
    assert then is not None
    assert then.balance == 0


async def test_what_a_rolled_back_transaction_wrote_is_never_remembered(
    pool: Any, log: Log, streams: Streams
) -> None:
    id = uuid4()
    async with pool.acquire() as connection:
        transaction = connection.transaction()
        await transaction.start()
        await streams.execute(ACCOUNT, id, OpenAccount(owner="w"), ME, within=connection)
        await streams.execute(ACCOUNT, id, MakeEntry(amount=3), ME, within=connection)
        await transaction.rollback()
    assert (await streams.load(ACCOUNT, id)).version == 0
    await streams.execute(ACCOUNT, id, OpenAccount(owner="w"), ME)
    assert await log.head() == 1
