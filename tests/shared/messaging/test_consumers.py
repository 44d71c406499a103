"""Consumers on a real PostgreSQL and a real NATS: each effect once, in order, whatever is delivered."""

import asyncio
from collections import Counter
from contextlib import suppress
from typing import Any

import asyncpg
import pytest

from keqing_shared.ending import end
from keqing_shared.messaging import Event, Reactions, Within
from keqing_shared.messaging.published import Published
from tests.shared.messaging.post import (
    ANNA,
    BELA,
    FOLDER,
    FileLetter,
    LetterMessage,
    Party,
    file_letter,
    filing,
    letters,
    running,
    texts,
)


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
