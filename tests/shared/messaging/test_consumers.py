"""Consumers on a real PostgreSQL and a real NATS: each effect once, in order, whatever is delivered."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg
import pytest
from nats.aio.msg import Msg

from keqing_local.nats import EmbeddedNats
from keqing_shared.ending import end
from keqing_shared.messaging import Event, Reactions, Within, metrics
from keqing_shared.messaging.cursor import Cursor
from keqing_shared.messaging.envelope import message
from keqing_shared.messaging.published import Published
from tests.shared.messaging.post import (
    ANNA,
    BELA,
    CARO,
    FOLDER,
    OUTBOX,
    FileLetter,
    LetterMessage,
    Party,
    file_letter,
    filing,
    party,
    publish,
    running,
    until,
)


def letters(count: int, start: int = 0) -> list[tuple[Any, str]]:
    return [((ANNA, BELA, CARO)[number % 3], f"letter {number}") for number in range(start, start + count)]


def texts(count: int) -> list[str]:
    return [text for _, text in letters(count)]


@pytest.fixture
async def relayed(sender: Party) -> AsyncIterator[Party]:
    """A sender whose relay runs."""
    async with running(sender.relay().run):
        yield sender


async def test_what_one_context_says_takes_effect_in_the_other_in_order(
    relayed: Party, receiver: Party
) -> None:
    consumers = receiver.consumers()
    async with running(consumers.run):
        await consumers.wait_for("sender", await relayed.send(*letters(250)), 20)
    assert await receiver.filed() == texts(250)
    assert await receiver.folder(BELA) == texts(250)[1::3]


async def test_effects_say_what_caused_them_and_wake_who_waits_for_the_log(
    relayed: Party, receiver: Party
) -> None:
    consumers = receiver.consumers()
    async with running(consumers.run):
        await relayed.burn()
        waiting = asyncio.create_task(receiver.log.wait_beyond(0, 10))
        position = await relayed.send((ANNA, "hello"))
        await consumers.wait_for("sender", position, 10)
        assert await waiting
    assert receiver.log.position == 1
    (filed,) = await receiver.log.read(0, 10)
    assert (filed.who, filed.correlation_id, filed.causation_id) == ("reactions", "c-1", f"sender:{position}")
    assert filed.customer_id == ANNA


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


async def test_a_stream_written_anew_delivers_everything_again_and_changes_nothing(
    sender: Party, receiver: Party
) -> None:
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


async def test_stopped_and_started_it_goes_on_where_it_was(relayed: Party, receiver: Party) -> None:
    for start in range(0, 45, 15):
        consumers = receiver.consumers()
        last = await relayed.send(*letters(15, start))
        async with running(consumers.run):
            await consumers.wait_for("sender", last, 20)
    assert await receiver.filed() == texts(45)


async def test_a_connection_lost_within_the_transaction_loses_and_repeats_nothing(
    relayed: Party, receiver: Party
) -> None:
    reactions, cuts = Reactions(), iter([True] * 5)

    @reactions.on("sender", "LetterSent", LetterMessage)
    async def file_and_lose_the_connection(event: Event[LetterMessage], within: Within) -> None:
        await file_letter(event, within)
        if event.position % 7 == 0 and next(cuts, False):
            ours = await within.db.fetchval("SELECT pg_backend_pid()")
            await receiver.pool.execute("SELECT pg_terminate_backend($1)", ours)
            await within.db.execute("SELECT 1")

    consumers = receiver.consumers(reactions)
    async with running(consumers.run):
        await consumers.wait_for("sender", await relayed.send(*letters(40)), 20)
    assert next(cuts, None) is None
    assert await receiver.filed() == texts(40)
    assert await receiver.parked().count() == {}


async def test_what_is_transient_is_tried_again_for_as_long_as_it_takes(
    relayed: Party, receiver: Party
) -> None:
    reactions, failures = Reactions(), 0

    @reactions.on("sender", "LetterSent", LetterMessage)
    async def unlucky(event: Event[LetterMessage], within: Within) -> None:
        nonlocal failures
        if failures < 8:
            failures += 1
            raise asyncpg.DeadlockDetectedError("deadlock detected")
        await file_letter(event, within)

    consumers = receiver.consumers(reactions)
    async with running(consumers.run):
        await consumers.wait_for("sender", await relayed.send((ANNA, "at last")), 30)
    assert await receiver.filed() == ["at last"]
    assert await receiver.parked().count() == {}


async def test_several_handlers_of_one_event_act_in_one_transaction_in_order(
    relayed: Party, receiver: Party
) -> None:
    reactions = filing()
    seen: list[tuple[str, str, dict[str, Any], int]] = []

    @reactions.on_any("sender")
    async def watch(event: Event[dict[str, Any]], within: Within) -> None:
        folder = (await within.load(FOLDER, ANNA)).state
        seen.append((event.name, event.who, event.data, len(folder.texts) if folder else 0))
        await within.execute(FOLDER, ANNA, FileLetter(customer=ANNA, text="a copy"))

    assert reactions.sources == ("sender",)
    consumers = receiver.consumers(reactions)
    async with running(consumers.run):
        await consumers.wait_for("sender", await relayed.send((ANNA, "hello")), 10)
    assert seen == [("LetterSent", "li.wei", {"text": "hello"}, 1)]
    assert await receiver.folder(ANNA) == ["hello", "a copy"]


async def test_a_transaction_that_appends_does_not_keep_the_others_from_appending_for_long(
    sender: Party, receiver: Party
) -> None:
    reactions, transactions = Reactions(), Counter[int]()

    @reactions.on("sender", "LetterSent", LetterMessage)
    async def slow(event: Event[LetterMessage], within: Within) -> None:
        await file_letter(event, within)
        await within.db.execute("SELECT pg_sleep(0.005)")
        transactions[await within.db.fetchval("SELECT pg_current_xact_id()::text::bigint")] += 1

    last = await sender.send(*letters(40))
    consumers = receiver.consumers(reactions)
    async with running(sender.relay().run, consumers.run):
        await consumers.wait_for("sender", last, 20)
    assert max(transactions.values()) <= 5  # 20 ms, then it makes room
    assert await receiver.filed() == texts(40)


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
    jetstream = sender.nats.jetstream()
    config = (await jetstream.stream_info("KEQING_SENDER")).config
    await jetstream.delete_stream("KEQING_SENDER")
    await jetstream.add_stream(config)
    facts = await sender.log.read(0, 10)
    for index, previous in ((0, 0), (2, 2)):
        event = publish(facts[index])
        assert event is not None
        made = message("sender", previous, facts[index], event)
        await jetstream.publish(made.subject, made.payload, headers={"Nats-Msg-Id": made.id})
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


async def test_two_replicas_take_in_each_message_once_and_one_goes_on_when_the_other_stops(
    relayed: Party, receiver: Party
) -> None:
    one, two = receiver.consumers(), receiver.consumers()
    async with running(two.run):
        async with running(one.run):
            last = await relayed.send(*letters(30))
            await asyncio.gather(one.wait_for("sender", last, 20), two.wait_for("sender", last, 20))
        await two.wait_for("sender", await relayed.send(*letters(30, 30)), 5)
    assert await receiver.filed() == texts(60)


async def test_the_lease_of_a_replica_that_died_is_taken_over_within_five_seconds(
    relayed: Party, receiver: Party
) -> None:
    await receiver.pool.execute(
        "INSERT INTO leases"
        " VALUES ('consumer:sender', gen_random_uuid(), 1, clock_timestamp() + interval '3 s')"
    )
    consumers = receiver.consumers()
    last = await relayed.send(*letters(3))
    async with running(consumers.run):
        await consumers.wait_for("sender", last, 5)
    assert await receiver.filed() == texts(3)


async def test_a_replaced_consumer_that_does_not_know_it_yet_repeats_nothing(
    relayed: Party, receiver: Party
) -> None:
    stale, new = receiver.consumers(ttl=60.0), receiver.consumers()
    async with running(stale.run):
        await stale.wait_for("sender", await relayed.send(*letters(5)), 10)
        await receiver.pool.execute("UPDATE leases SET expires_at = '-infinity'")
        async with running(new.run):
            for start in range(5, 50, 5):
                await new.wait_for("sender", await relayed.send(*letters(5, start)), 20)
    assert await receiver.filed() == texts(50)


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


async def test_waiting_ends_at_a_position_that_is_never_published(relayed: Party, receiver: Party) -> None:
    consumers, idle_replica = receiver.consumers(), receiver.consumers()
    async with running(consumers.run):
        await relayed.send((ANNA, "hello"))
        unpublished = await relayed.burn()
        await consumers.wait_for("sender", unpublished, 10)
        assert await receiver.filed() == ["hello"]
        await idle_replica.wait_for("sender", unpublished, 10)
        await idle_replica.wait_for("sender", await relayed.send((ANNA, "more")), 10)
        assert await receiver.filed() == ["hello", "more"]


async def test_waiting_for_what_has_not_come_times_out(sender: Party, receiver: Party) -> None:
    consumers = receiver.consumers()
    position = await sender.send((ANNA, "hello"))
    async with running(consumers.run):
        with pytest.raises(TimeoutError):
            await consumers.wait_for("sender", position, 0.2)
        async with running(sender.relay().run):
            await consumers.wait_for("sender", position, 10)
            with pytest.raises(TimeoutError):
                await consumers.wait_for("sender", position + 1, 0.2)


async def test_there_is_nothing_to_wait_for_in_a_context_that_is_not_listened_to(receiver: Party) -> None:
    await receiver.consumers().wait_for("collections", 99, 0.1)


async def test_an_intake_that_swallows_a_cancellation_is_ended_by_the_next(
    relayed: Party, receiver: Party
) -> None:
    reading, reactions = asyncio.Event(), Reactions()

    @reactions.on("sender", "LetterSent", LetterMessage)
    async def read(event: Event[LetterMessage], within: Within) -> None:
        reading.set()
        with suppress(asyncio.CancelledError):
            await asyncio.Event().wait()

    consuming = asyncio.create_task(receiver.consumers(reactions).run())
    await relayed.send((ANNA, "hello"))
    async with asyncio.timeout(20):
        await reading.wait()
    assert await end(consuming, 10)


def test_a_context_that_cannot_exist_is_refused() -> None:
    with pytest.raises(ValueError, match="service_desk"):
        Reactions().on("service_desk", "ComplaintOpened", LetterMessage)
    assert Published("ComplaintOpened", {}).data == {}
