"""Faults of the processes, and of what lies between one context and another."""

import asyncio
import shutil

import nats

from keqing_local.nats import EmbeddedNats
from tests.faults.place import Apart
from tests.faults.world import Broken, World

FROZEN_SECONDS = 4.5
"""Longer than a lease lasts."""
TAKEN_OVER_SECONDS = 15.0
STREAM = "KEQING_SOURCE"


async def services_killed(world: World) -> None:
    """``kill -9`` of a service that writes and of one that listens, both at once; they come back."""
    await world.acknowledged(0.3)
    world.absent |= {"north", "far"}
    killed = [_apart(world, name) for name in world.absent]
    await asyncio.gather(*(place.kill() for place in killed))
    await asyncio.gather(*(place.start() for place in killed))
    await world.acknowledged(0.4)


async def view_rebuilt(world: World) -> None:
    """A view is made anew while it is written and read; whoever begins with it is killed."""
    await world.acknowledged(0.2)
    north = _apart(world, "north")
    world.absent.add("north")
    rebuilding = asyncio.create_task(north.ask({"do": "rebuild"}))
    under_way: list[object] = []
    while not under_way and not rebuilding.done():
        under_way = await world.sql("SELECT FROM source.views_rebuilding")
    await north.kill()
    await asyncio.gather(rebuilding, north.start())
    if not await world.places["south"].ask({"do": "rebuild"}):
        raise Broken("the view was not rebuilt")
    await world.acknowledged(0.4)


async def relay_leader_killed(world: World) -> None:
    """``kill -9`` of the process whose relay leads; it comes back when the other one leads."""
    await world.acknowledged(0.3)
    name = await world.leader()
    world.absent.add(name)
    await _apart(world, name).kill()
    await _taken_over(world)
    await _apart(world, name).start()
    await world.acknowledged(0.4)


async def stale_leader(world: World) -> None:
    """The process whose relay leads is frozen in the middle; the other takes over; it wakes up."""
    await world.acknowledged(0.2)
    name = await world.leader()
    world.absent.add(name)
    place = _apart(world, name)
    place.freeze()
    try:
        await asyncio.gather(asyncio.sleep(FROZEN_SECONDS), _taken_over(world))
    finally:
        place.thaw()
    await world.acknowledged(0.4)


async def nats_killed(world: World) -> None:
    """``kill -9`` of NATS, which then comes back with its streams."""
    await world.acknowledged(0.3)
    server = _nats(world)
    server.kill()
    await _up(server)
    await world.acknowledged(0.4)


async def nats_wiped(world: World) -> None:
    """NATS is killed and comes back without a single stream."""
    await world.acknowledged(0.3)
    server = _nats(world)
    server.kill()
    shutil.rmtree(server.home / "data")
    await _up(server)
    await world.acknowledged(0.4)


async def all_delivered_twice(world: World) -> None:
    """Whoever listens is sent everything from the first message on again, and each message twice."""
    await world.acknowledged(0.5)
    while not await world.sql("SELECT FROM target.heard LIMIT 1"):  # noqa: ASYNC110 - else nothing comes again
        await asyncio.sleep(0.02)
    await world.places["far"].again(twice=True)
    then = len(world.ledger.acknowledged)
    await world.acknowledged(0.5)
    while len(world.ledger.acknowledged) < then + 20:  # noqa: ASYNC110 - news, behind all that comes again
        await asyncio.sleep(0.02)


async def message_vanishes(world: World) -> None:
    """NATS loses a message from the middle before anybody took it in."""
    await world.acknowledged(0.3)
    far = world.places["far"]
    await far.stop()
    await world.acknowledged(0.4)
    client = await nats.connect(world.nats_url)
    jetstream = client.jetstream()
    last = (await jetstream.stream_info(STREAM)).state.last_seq
    await jetstream.delete_msg(STREAM, last - 1)
    await client.close()
    await far.start()
    await world.acknowledged(0.3)


async def poison(world: World) -> None:
    """Facts that nobody can read: their customers wait, the others go on; after the cure they catch up."""
    (consumer,) = (it.sight for it in world.observers if it.sight.name == "consumer")
    consumer.in_streams = True
    await world.acknowledged(1.0)
    await world.stopped()

    async def waiting() -> set[int]:
        rows = await world.sql(
            "SELECT convert_from(message, 'UTF8')::json #>> '{data,token}' AS token, customer_id"
            " FROM target.parked"
        )
        world.excused = {row["customer_id"].hex for row in rows}
        return {int(row["token"]) for row in rows}

    while not consumer.unseen <= (parked := await waiting()):  # noqa: ASYNC110
        await asyncio.sleep(0.05)
    if not parked:
        raise Broken("nothing was poisoned")
    if await world.places["far"].ask({"do": "cure"}) < len(parked):
        raise Broken("not all that was parked was replayed")
    await world.settled()
    consumer.in_streams = False


async def _taken_over(world: World) -> None:
    """Another relay leads, and its messages are taken in."""
    (before,) = await world.sql("SELECT epoch FROM source.relay")
    async with asyncio.timeout(TAKEN_OVER_SECONDS):
        while await world.sql("SELECT FROM source.relay WHERE epoch = $1", before["epoch"]):  # noqa: ASYNC110
            await asyncio.sleep(0.02)


async def _up(server: EmbeddedNats) -> None:
    server.launch()
    while not server.ready():  # noqa: ASYNC110
        await asyncio.sleep(0.02)


def _apart(world: World, name: str) -> Apart:
    place = world.places[name]
    assert isinstance(place, Apart)
    return place


def _nats(world: World) -> EmbeddedNats:
    assert world.nats is not None
    return world.nats
