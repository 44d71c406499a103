"""What is delivered twice, not at all, out of order or by strangers: each effect once, in order."""

import asyncio
from collections import Counter
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from nats.aio.msg import Msg

from keqing_local.nats import EmbeddedNats
from keqing_shared.messaging import intake, metrics
from keqing_shared.messaging.cursor import Cursor
from keqing_shared.messaging.envelope import message, opened
from keqing_shared.messaging.intake import locked_position
from keqing_shared.messaging.stream import ContextStream
from tests.shared.messaging.post import (
    FOLDER,
    OUTBOX,
    Party,
    letters,
    party,
    publish,
    running,
    texts,
    until,
)


async def written_anew(sender: Party, messages: list[tuple[int, int]]) -> None:
    """The stream with these messages alone: the position each names as the one before, and its own."""
    jetstream = sender.nats.jetstream()
    config = (await jetstream.stream_info("KEQING_SENDER")).config
    await jetstream.delete_stream("KEQING_SENDER")
    await jetstream.add_stream(config)
    facts = await sender.log.read(0, 100)
    for previous, position in messages:
        event = publish(facts[position - 1])
        assert event is not None
        made = message("sender", previous, facts[position - 1], event)
        await jetstream.publish(made.subject, made.payload, headers={"Nats-Msg-Id": made.id})


async def test_everything_delivered_twice_takes_effect_once(
    relayed: Party, receiver: Party, monkeypatch: pytest.MonkeyPatch
) -> None:
    once = Cursor.batch
    delivered: Counter[bytes] = Counter()

    async def twice(cursor: Cursor, size: int) -> list[Msg]:
        batch = await once(cursor, size)
        again = [*batch, *batch] if len(batch) % 2 else [each for one in batch for each in (one, one)]
        delivered.update(each.data for each in again)
        return again

    monkeypatch.setattr(Cursor, "batch", twice)
    consumers = receiver.consumers()
    async with running(consumers.run):
        for start in range(0, 60, 20):
            position = await relayed.send(*letters(20, start))
            await consumers.wait_for("sender", position, 20)
    assert set(delivered.values()) == {2}
    assert await receiver.filed() == texts(60)


@pytest.fixture
def delivered(monkeypatch: pytest.MonkeyPatch) -> Counter[int]:
    """How often each position was delivered."""
    honest, counts = Cursor.batch, Counter[int]()

    async def counted(cursor: Cursor, size: int) -> list[Msg]:
        batch = await honest(cursor, size)
        counts.update(opened(one.data).position for one in batch)
        return batch

    monkeypatch.setattr(Cursor, "batch", counted)
    return counts


async def test_a_stream_written_anew_again_and_again_changes_nothing(sender: Party, receiver: Party) -> None:
    consumers = receiver.consumers()
    last = await sender.send(*letters(30))
    async with running(consumers.run):
        for _ in range(3):
            async with running(sender.relay().run):
                await consumers.wait_for("sender", last, 20)
                last = await sender.send(*letters(10, last))
                await consumers.wait_for("sender", last, 20)
            await sender.nats.jetstream().delete_stream("KEQING_SENDER")
    assert await receiver.filed() == texts(60)


async def test_of_a_stream_that_is_being_written_anew_only_the_news_is_delivered(
    sender: Party, receiver: Party, delivered: Counter[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    consumers = receiver.consumers()
    async with running(consumers.run, sender.relay().run):
        await consumers.wait_for("sender", await sender.send(*letters(30)), 20)
    delivered.clear()
    await written_anew(sender, [(position - 1, position) for position in range(1, 21)])
    looks: list[bool] = []
    reaches = ContextStream.reaches

    async def looking(stream: ContextStream, position: int) -> bool:
        looks.append(await reaches(stream, position))
        return looks[-1]

    async def it_has_looked_twice() -> bool:
        return len(looks) >= 2

    monkeypatch.setattr(ContextStream, "reaches", looking)
    async with running(consumers.run):
        await until(it_has_looked_twice)
        assert looks[:2] == [False, False]
        async with running(sender.relay().run):
            await consumers.wait_for("sender", await sender.send(*letters(5, 30)), 20)
    assert delivered == dict.fromkeys(range(31, 36), 1)
    assert await receiver.filed() == texts(35)


async def test_what_was_taken_in_is_skipped_without_a_look_into_the_database(
    relayed: Party, receiver: Party, delivered: Counter[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    before = receiver.consumers()
    async with running(before.run):
        await before.wait_for("sender", await relayed.send(*letters(250)), 20)
    open_cursor = Cursor.__init__

    def from_the_first(cursor: Cursor, nats: Any, stream: Any, durable: str, position: int) -> None:
        open_cursor(cursor, nats, stream, durable, 0)

    monkeypatch.setattr(Cursor, "__init__", from_the_first)
    looked: list[int] = []

    async def looking(db: Any, source: str) -> int:
        looked.append(await locked_position(db, source))
        return looked[-1]

    monkeypatch.setattr(intake, "locked_position", looking)
    consumers = receiver.consumers()
    async with running(consumers.run):
        await consumers.wait_for("sender", await relayed.send(*letters(1, 250)), 20)
    assert delivered == dict.fromkeys(range(1, 251), 2) | {251: 1}
    assert looked == [250, 250], "at the beginning, and for the one that is new"
    assert await receiver.filed() == texts(251)


async def test_a_missing_message_stops_the_consumer_and_its_coming_lets_it_go_on(
    sender: Party, receiver: Party
) -> None:
    await sender.send(*letters(6))
    async with running(sender.relay().run):

        async def told() -> bool:
            return await sender.relayed() >= 6

        await until(told)
    await sender.nats.jetstream().delete_msg("KEQING_SENDER", 4)
    gaps = metrics.CONSUMER_GAPS.labels("receiver", "sender")
    before = gaps._value.get()

    async def it_has_stopped_there_twice() -> bool:
        return bool(gaps._value.get() >= before + 2)

    consumers = receiver.consumers()
    async with running(consumers.run):
        await until(it_has_stopped_there_twice)
        assert await receiver.filed() == texts(3)
        assert await receiver.checkpoint() == 3
        async with running(sender.relay().run):  # finds the damage and writes the stream anew
            await consumers.wait_for("sender", 6, 20)
    assert await receiver.filed() == texts(6)


async def test_the_relay_mends_a_gap_that_only_the_consumer_can_see(sender: Party, receiver: Party) -> None:
    """Messages 1 and 3 stand in the stream as if nothing were between them."""
    await sender.send(*letters(3))
    async with running(sender.relay().run):

        async def told() -> bool:
            return await sender.relayed() >= 3

        await until(told)
    await written_anew(sender, [(0, 1), (2, 3)])
    consumers = receiver.consumers()
    async with running(consumers.run, sender.relay().run):
        await consumers.wait_for("sender", 3, 20)
    assert await receiver.filed() == texts(3)


async def test_messages_that_do_not_arrive_in_order_are_fetched_again(
    relayed: Party, receiver: Party, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As after a lost delivery: what is delivered next has no predecessor."""
    honest, losses = Cursor.batch, iter([True] * 3)

    async def lossy(cursor: Cursor, size: int) -> list[Msg]:
        batch = await honest(cursor, size)
        return batch[1:] if len(batch) > 1 and next(losses, False) else batch

    monkeypatch.setattr(Cursor, "batch", lossy)
    consumers = receiver.consumers()
    await relayed.send(*letters(30))
    async with running(consumers.run):
        await consumers.wait_for("sender", await relayed.send(*letters(30, 30)), 20)
    assert next(losses, None) is None
    assert await receiver.filed() == texts(60)


async def test_a_foreign_message_is_left_aside(relayed: Party, receiver: Party) -> None:
    consumers = receiver.consumers()
    async with running(consumers.run):
        await consumers.wait_for("sender", await relayed.send(*letters(2)), 10)
        await relayed.nats.jetstream().publish("keqing.sender.Gossip._", b"did you hear?")
        await consumers.wait_for("sender", await relayed.send(*letters(2, 2)), 20)
    assert await receiver.filed() == texts(4)


async def test_a_source_whose_log_is_another_one_now_is_not_followed(sender: Party, receiver: Party) -> None:
    await receiver.pool.execute("INSERT INTO consumers VALUES ('sender', $1, 0)", uuid4())
    refused = metrics.CONSUMER_FAILURES.labels("receiver", "sender", "StreamDisagrees")
    before = refused._value.get()

    async def it_said_so() -> bool:
        return bool(refused._value.get() > before)

    await sender.send(*letters(2))
    async with running(receiver.consumers().run, sender.relay().run):
        await until(it_said_so)
    assert await receiver.filed() == []


async def test_nats_killed_and_restarted_in_the_middle_loses_and_repeats_nothing(
    database: str, tmp_home: Path
) -> None:
    server = EmbeddedNats(tmp_home / "nats")
    server.start()
    async with (
        party("sender", database, server.url(), OUTBOX) as sender,
        party("receiver", database, server.url(), FOLDER) as receiver,
    ):
        consumers = receiver.consumers()
        async with running(sender.relay().run, consumers.run):
            try:
                for start in range(0, 300, 100):
                    writing = asyncio.create_task(sender.send(*letters(100, start)))

                    async def some_arrived(goal: int = start + 30) -> bool:
                        return await receiver.checkpoint() >= goal

                    await until(some_arrived)
                    server.kill()
                    server.start()
                    await consumers.wait_for("sender", await writing, 20)
            finally:
                server.stop()
        assert await receiver.filed() == texts(300)
