"""The relay on a real PostgreSQL and a real NATS: in order, each once, whatever happens in between."""

import asyncio
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

from keqing_local.nats import EmbeddedNats
from keqing_shared.domain import Recorded
from keqing_shared.messaging import Published, Relay, metrics
from keqing_shared.messaging.connection import until_connected
from keqing_shared.messaging.stream import LOG_ID
from tests.shared.messaging.post import ANNA, BELA, OUTBOX, Party, party, publish, running, streamed, until


def letters(count: int, start: int = 0) -> list[tuple[UUID | None, str]]:
    return [(ANNA if number % 2 else BELA, f"letter {number}") for number in range(start, start + count)]


async def told(sender: Party, position: int) -> None:
    """Until the checkpoint is there."""

    async def there() -> bool:
        return await sender.relayed() >= position

    await until(there)


async def test_facts_become_messages_in_order_each_naming_its_predecessor(sender: Party) -> None:
    await sender.send((ANNA, "one"))
    await sender.burn()
    await sender.burn()
    last = await sender.send((None, "two"), (BELA, "three"))
    async with running(sender.relay().run):
        await told(sender, last)
    sent = await streamed(sender.nats)
    assert [(it.position, it.previous, it.subject) for it in sent] == [
        (1, 0, ANNA),
        (4, 1, None),
        (5, 4, BELA),
    ]
    info = await sender.nats.jetstream().stream_info("KEQING_SENDER", subjects_filter=">")
    assert info.state.subjects == {
        f"keqing.sender.LetterSent.{ANNA}": 1,
        "keqing.sender.LetterSent._": 1,
        f"keqing.sender.LetterSent.{BELA}": 1,
    }
    assert (info.config.subjects, info.config.storage, info.config.duplicate_window) == (
        ["keqing.sender.>"],
        "file",
        120.0,
    )
    raw = await sender.nats.jetstream().get_msg("KEQING_SENDER", seq=2)
    assert raw.headers is not None
    assert raw.headers["Nats-Msg-Id"] == "sender:4"
    assert raw.headers["Content-Type"] == "application/cloudevents+json"


async def test_facts_that_are_none_of_the_others_business_only_move_the_checkpoint(sender: Party) -> None:
    last = await sender.burn()
    async with running(sender.relay().run):
        await told(sender, last)
    assert await streamed(sender.nats) == []
    assert await sender.pool.fetchval("SELECT published FROM relay") == 0


async def test_more_facts_than_the_window_keep_their_order_while_more_are_written(sender: Party) -> None:
    async def write(begin: int) -> None:
        await sender.send(*letters(120, begin))

    async with running(sender.relay().run):
        await asyncio.gather(*(write(begin) for begin in range(0, 600, 120)))
        await told(sender, 600)
    assert [it.position for it in await streamed(sender.nats)] == list(range(1, 601))


async def test_a_crash_between_publishing_and_the_checkpoint_publishes_nothing_twice(sender: Party) -> None:
    await sender.send(*letters(5))
    async with running(sender.relay().run):
        await told(sender, 5)
    await sender.pool.execute("UPDATE relay SET position = 1, published = 1")
    await sender.send(*letters(2, 5))
    async with running(sender.relay().run):
        await told(sender, 7)
    assert [it.position for it in await streamed(sender.nats)] == [1, 2, 3, 4, 5, 6, 7]


async def test_of_two_relays_one_leads_and_the_other_takes_over_when_it_stops(sender: Party) -> None:
    first, second = sender.relay(), sender.relay()
    async with running(second.run):
        async with running(first.run):
            await told(sender, await sender.send(*letters(3)))
            assert 0 in {first.position, second.position}
            assert 3 in {first.position, second.position}
        async with asyncio.timeout(5):
            await told(sender, await sender.send(*letters(3, 3)))
    assert [it.position for it in await streamed(sender.nats)] == [1, 2, 3, 4, 5, 6]


async def test_a_replaced_relay_that_does_not_know_it_yet_publishes_nothing_twice_and_stops(
    sender: Party,
) -> None:
    stale, new = sender.relay(ttl=60.0), sender.relay()

    async def the_new_one_leads() -> bool:
        return bool(await sender.pool.fetchval("SELECT epoch FROM relay") == 2)

    async def one_has_stopped() -> bool:  # and both may have hindered each other, then either goes on
        return 0 in {stale.position, new.position}

    async with running(stale.run):
        await told(sender, await sender.send(*letters(3)))
        await sender.pool.execute("UPDATE leases SET expires_at = '-infinity'")  # it renews in 20 s only
        async with running(new.run):
            await until(the_new_one_leads)
            await sender.send(*letters(60, 3))
            await told(sender, 63)
            await until(one_has_stopped)
            await told(sender, await sender.send(*letters(5, 63)))
            assert {stale.position, new.position} == {0, 68}
    assert [it.position for it in await streamed(sender.nats)] == list(range(1, 69))


async def test_a_replaced_relays_checkpoint_hits_no_row(sender: Party) -> None:
    stale, new = sender.relay(ttl=60.0), sender.relay()
    fenced = metrics.RELAY_FAILURES.labels("sender", "Fenced")
    before = fenced._value.get()

    async def the_new_one_leads() -> bool:
        return bool(await sender.pool.fetchval("SELECT epoch FROM relay") == 2)

    async def the_stale_one_is_fenced() -> bool:
        return bool(fenced._value.get() > before)

    async with running(stale.run):
        await told(sender, await sender.send(*letters(1)))
        await sender.pool.execute("UPDATE leases SET expires_at = '-infinity'")
        async with running(new.run):
            await until(the_new_one_leads)
            last = await sender.burn()  # nothing that NATS could refuse
            await until(the_stale_one_is_fenced)
            await told(sender, last)
    assert await sender.pool.fetchval("SELECT epoch FROM relay") == 2


@pytest.mark.parametrize("loss", ["deleted", "purged", "beginning purged", "one deleted", "foreign message"])
async def test_a_stream_that_was_lost_or_damaged_is_written_anew_from_the_log(
    sender: Party, loss: str
) -> None:
    last = await sender.send(*letters(5))
    async with running(sender.relay().run):
        await told(sender, last)
    jetstream = sender.nats.jetstream()
    match loss:
        case "deleted":
            await jetstream.delete_stream("KEQING_SENDER")
        case "purged":
            await jetstream.purge_stream("KEQING_SENDER")
        case "beginning purged":
            await jetstream.purge_stream("KEQING_SENDER", seq=3)
        case "one deleted":
            await jetstream.delete_msg("KEQING_SENDER", 3)
        case "foreign message":
            await jetstream.publish("keqing.sender.Gossip._", b"did you hear?")
    async with running(sender.relay().run):
        await told(sender, await sender.send(*letters(1, 5)))
    assert [(it.position, it.previous) for it in await streamed(sender.nats)] == [
        (n, n - 1) for n in range(1, 7)
    ]


async def test_a_stream_that_lost_its_end_is_continued_from_where_it_ends(sender: Party) -> None:
    last = await sender.send(*letters(5))
    async with running(sender.relay().run):
        await told(sender, last)
    # As after a power cut: the checkpoint knows of messages that the server has forgotten.
    jetstream = sender.nats.jetstream()
    config = (await jetstream.stream_info("KEQING_SENDER")).config
    kept = [await jetstream.get_msg("KEQING_SENDER", seq=sequence) for sequence in (1, 2)]
    await jetstream.delete_stream("KEQING_SENDER")
    await jetstream.add_stream(config)
    for raw in kept:
        assert raw.subject is not None
        await jetstream.publish(raw.subject, raw.data or b"", headers=raw.headers)
    async with running(sender.relay().run):

        async def all_there() -> bool:
            return len(await streamed(sender.nats)) == 5

        await until(all_there)
    assert [it.position for it in await streamed(sender.nats)] == [1, 2, 3, 4, 5]


async def test_a_stream_deleted_under_an_idle_relay_is_noticed(sender: Party) -> None:
    async with running(sender.relay().run):
        await told(sender, await sender.send(*letters(3)))
        await sender.nats.jetstream().delete_stream("KEQING_SENDER")

        async def all_there() -> bool:
            streams = await sender.nats.jetstream().streams_info()
            return [it.state.messages for it in streams] == [3]

        await until(all_there)


async def test_a_stream_of_another_log_is_left_alone(sender: Party) -> None:
    last = await sender.send(*letters(2))
    async with running(sender.relay().run):
        await told(sender, last)
    await sender.pool.execute("UPDATE relay SET log_id = $1, position = 0, published = 0", uuid4())
    refused = metrics.RELAY_FAILURES.labels("sender", "StreamDisagrees")
    before = refused._value.get()
    await sender.send(*letters(2, 2))
    async with running(sender.relay().run):

        async def it_said_so() -> bool:
            return bool(refused._value.get() > before)

        await until(it_said_so)
    assert len(await streamed(sender.nats)) == 2


async def test_a_stream_that_knows_more_than_the_log_is_left_alone(sender: Party) -> None:
    last = await sender.send(*letters(3))
    async with running(sender.relay().run):
        await told(sender, last)
    await sender.pool.execute("DELETE FROM facts WHERE notification_id > 1")  # as from an old backup
    await sender.pool.execute("UPDATE log_head SET position = 1")
    await sender.pool.execute("UPDATE relay SET position = 1, published = 1")
    refused = metrics.RELAY_FAILURES.labels("sender", "StreamDisagrees")
    before = refused._value.get()
    async with running(sender.relay().run):

        async def it_said_so() -> bool:
            return bool(refused._value.get() > before)

        await until(it_said_so)
    assert await sender.relayed() == 1


async def test_a_stream_prepared_by_an_operator_keeps_the_operators_settings(sender: Party) -> None:
    await until_connected(sender.nats)
    jetstream = sender.nats.jetstream()
    await jetstream.add_stream(
        name="KEQING_SENDER", subjects=["keqing.sender.>"], description="three replicas, one day"
    )
    async with running(sender.relay().run):
        await told(sender, await sender.send(*letters(1)))
    config = (await jetstream.stream_info("KEQING_SENDER")).config
    assert config.description == "three replicas, one day"
    assert config.metadata is not None
    assert config.metadata[LOG_ID] == str(await sender.pool.fetchval("SELECT log_id FROM relay"))


async def test_a_fact_that_cannot_be_told_holds_up_what_follows_until_it_can(sender: Party) -> None:
    mended = False
    tried = asyncio.Event()

    def sometimes(it: Recorded[Any]) -> Published | None:
        if it.position == 2 and not mended:
            tried.set()
            raise ZeroDivisionError("a mistake in published.py")
        return publish(it)

    await sender.send(*letters(3))
    relay = Relay(sender.pool, sender.log, sometimes, sender.nats, "sender")
    async with running(relay.run):
        await tried.wait()

        async def the_first_is_told() -> bool:
            streams = await sender.nats.jetstream().streams_info()
            return [it.state.messages for it in streams] == [1]

        await until(the_first_is_told)
        mended = True
        await told(sender, 3)
    assert [it.position for it in await streamed(sender.nats)] == [1, 2, 3]


async def test_nats_comes_later_and_goes_in_between(database: str, tmp_home: Path) -> None:
    server = EmbeddedNats(tmp_home / "nats")
    server.start()
    server.stop()  # so that its address is known
    async with party("sender", database, server.url(), OUTBOX) as sender:
        async with running(sender.relay().run):
            await sender.send(*letters(10))
            server.start()
            try:
                await told(sender, 10)
                server.kill()
                await sender.send(*letters(300, 10))
                server.start()
                writing = asyncio.create_task(sender.send(*letters(300, 310)))
                await told(sender, 320)
                server.kill()
                server.start()
                await writing
                await told(sender, 610)
            finally:
                sent = await streamed(sender.nats)
                server.stop()
    assert [it.position for it in sent] == list(range(1, 611))
