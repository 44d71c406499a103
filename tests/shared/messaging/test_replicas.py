"""Several consumers of one source: one takes in, another takes over."""

import asyncio

from tests.shared.messaging.post import (
    Party,
    letters,
    running,
    texts,
)


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
