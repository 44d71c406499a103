"""Many independent works at once: each succeeds or is refused alone, on how things stand."""

from typing import Any
from uuid import UUID, uuid4

import pytest

from keqing_shared.log import Log, Meta, Receipt
from keqing_shared.streams import Streams, Unit
from tests.shared.log.account import ACCOUNT, AlreadyOpen, EmptyAccount, MakeEntry, OpenAccount, Overdrawn
from tests.shared.log.conftest import WallClock

ME = Meta(who="li.wei")


async def test_many_independent_works_succeed_or_fail_alone(streams: Streams) -> None:
    ids = [uuid4() for _ in range(50)]
    await streams.execute(ACCOUNT, ids[7], OpenAccount(owner="first"), ME)

    def opening(id: Any) -> Any:
        async def work(unit: Unit) -> None:
            await unit.execute(ACCOUNT, id, OpenAccount(owner="w"))

        return work

    outcomes = await streams.transact_many(
        [opening(id) for id in ids], lambda index: Meta(who=f"row {index}"), [(ACCOUNT, id) for id in ids]
    )
    assert [index for index, outcome in enumerate(outcomes) if isinstance(outcome, AlreadyOpen)] == [7]
    assert sum(not isinstance(outcome, Exception) for outcome in outcomes) == 49


async def test_many_works_leave_in_memory_what_was_there_and_keep_it_true(
    log: Log, streams: Streams, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An import of a thousand does not take the place of what people work with."""
    monkeypatch.setattr("keqing_shared.memory.KEPT", 4)
    worked_with = [uuid4() for _ in range(4)]
    for id in worked_with:
        await streams.execute(ACCOUNT, id, OpenAccount(owner="w"), ME)
    read: list[UUID] = []
    past = log.past

    async def noted(id: UUID, **options: Any) -> Any:
        read.append(id)
        return await past(id, **options)

    monkeypatch.setattr(log, "past", noted)

    def entering(id: UUID) -> Any:
        async def work(unit: Unit) -> None:
            if (await unit.load(ACCOUNT, id)).state is None:
                await unit.execute(ACCOUNT, id, OpenAccount(owner="new"))
            await unit.execute(ACCOUNT, id, MakeEntry(amount=5))

        return work

    ids = [worked_with[0], *(uuid4() for _ in range(20))]
    receipts = await streams.transact_many(
        [entering(id) for id in ids], lambda _: ME, [(ACCOUNT, id) for id in ids]
    )
    assert [type(receipt) for receipt in receipts] == [Receipt] * 21
    states = [(await streams.current(ACCOUNT, id, fresh=False)).state for id in worked_with]
    assert [state.balance for state in states if state] == [5, 0, 0, 0]
    assert read == []


async def test_of_many_works_a_refusal_that_something_has_overtaken_is_not_the_last_word(
    log: Log, streams: Streams
) -> None:
    """Their states are in memory; another process has written to some of the streams since."""
    ids = [uuid4() for _ in range(6)]
    for id in ids:
        await streams.execute(ACCOUNT, id, OpenAccount(owner="w"), ME)
    elsewhere = Streams(log, WallClock(), policy=None)
    for id in ids[:3]:
        await elsewhere.execute(ACCOUNT, id, MakeEntry(amount=10), ME)

    def taking(id: UUID) -> Any:
        async def work(unit: Unit) -> None:
            await unit.execute(ACCOUNT, id, MakeEntry(amount=-10))

        return work

    head = await log.head()
    outcomes = await streams.transact_many([taking(id) for id in ids], lambda _: ME)
    assert [type(outcome) for outcome in outcomes] == [Receipt] * 3 + [Overdrawn] * 3
    assert await log.head() == head + 3


async def test_of_many_works_only_those_have_nothing_new_to_say_that_see_how_things_stand(
    log: Log, streams: Streams
) -> None:
    ids = [uuid4() for _ in range(4)]
    for id in ids:
        await streams.execute(ACCOUNT, id, OpenAccount(owner="w"), ME)
    await Streams(log, WallClock(), policy=None).execute(ACCOUNT, ids[0], MakeEntry(amount=10), ME)

    def emptying(id: UUID) -> Any:
        async def work(unit: Unit) -> None:
            await unit.execute(ACCOUNT, id, EmptyAccount())

        return work

    head = await log.head()
    receipts = await streams.transact_many([emptying(id) for id in ids], lambda _: ME)
    said = [(one.version, one.facts) for one in receipts if isinstance(one, Receipt)]
    assert said == [(3, ("EntryMade",)), (1, ()), (1, ()), (1, ())]
    assert await log.head() == head + 1


async def test_of_many_works_on_streams_said_to_be_absent_those_that_exist_are_decided_anew(
    log: Log, streams: Streams
) -> None:
    there, refused, new = uuid4(), uuid4(), uuid4()
    elsewhere = Streams(log, WallClock(), policy=None)
    for id in (there, refused):
        await elsewhere.execute(ACCOUNT, id, OpenAccount(owner="w"), ME)

    def opening(id: UUID, *, again: bool) -> Any:
        async def work(unit: Unit) -> None:
            if again or (await unit.load(ACCOUNT, id)).state is None:
                await unit.execute(ACCOUNT, id, OpenAccount(owner="row"))
            await unit.execute(ACCOUNT, id, MakeEntry(amount=5))

        return work

    works = [opening(there, again=False), opening(refused, again=True), opening(new, again=False)]
    absent = [(ACCOUNT, id) for id in (there, refused, new)]
    outcomes = await streams.transact_many(works, lambda _: ME, absent=absent)
    assert [type(outcome) for outcome in outcomes] == [Receipt, AlreadyOpen, Receipt]
    states = {id: (await streams.load(ACCOUNT, id)).state for id in (there, refused, new)}
    balances = {id: state.balance for id, state in states.items() if state is not None}
    assert balances == {there: 5, refused: 0, new: 5}
