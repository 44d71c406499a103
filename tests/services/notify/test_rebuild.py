"""Rebuilding notify's views tells nobody anything: what was sent once is not sent again."""

from typing import Any

from keqing_shared.views import rebuild
from tests.services.notify.neighbour import Neighbours
from tests.services.notify.receiver import receiving
from tests.services.notify.test_webhooks import WON, register


async def _streamed(town: Neighbours) -> dict[str, int]:
    """How many messages there are on NATS, by stream."""
    jetstream = town.notify.service.nats.jetstream()
    return {info.config.name: info.state.last_seq for info in await jetstream.streams_info()}


async def test_a_rebuild_sends_nothing_says_nothing_and_writes_nothing(town: Neighbours) -> None:
    admin, service = town.notify.client("admin", "admin"), town.notify.service
    await town.enrol("li.wei", "rep")
    customer = await town.customer("li.wei")
    async with receiving() as receiver:
        webhook = await register(admin, receiver.url, events=["pipeline.DealWon"])
        await town.tell("pipeline", "DealWon", customer, WON)
        await receiver.until(1)
        rep = town.notify.client("li.wei", "rep")

        async def delivered() -> bool:
            await town.notify.catch_up()
            listed = (await admin.get("/deliveries", params={"webhook": webhook["id"]})).json()["items"]
            return [it["standing"] for it in listed] == ["sent"]

        while not await delivered():
            pass
        inbox = (await rep.get("/inbox")).json()
        head, told = await service.log.head(), await _streamed(town)

        views: list[Any] = list(service.context.views)
        for view in views:
            assert await rebuild(service.pool, service.log, view) == head
        assert len(views) >= 3

        # Somebody else's news goes the same way behind it: had anything been sent again, it came before.
        await town.tell("pipeline", "DealWon", customer, WON)
        assert len(await receiver.until(2)) == 2
        assert (await rep.get("/inbox")).json()["items"][1:] == inbox["items"]
        more = {name: now - told[name] for name, now in (await _streamed(town)).items()}
        assert {name: count for name, count in more.items() if count} == {"KEQING_PIPELINE": 1}
        await admin.delete(f"/webhooks/{webhook['id']}")
