"""Stopped in the middle and started again, or told everything twice: nothing is lost, nothing is doubled."""

from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from keqing_shared.views import rebuild
from tests.services.notify.neighbour import Neighbours, notifying, others, registered
from tests.services.notify.receiver import receiving


def missed(owner: str, in_a_row: int) -> dict[str, Any]:
    return {"opportunity_id": str(uuid4()), "owner": owner, "due_on": "2026-11-03", "in_a_row": in_a_row}


async def shown(town: Neighbours, login: str) -> list[int]:
    page = (await town.notify.client(login, "rep").get("/inbox", params={"limit": 200})).json()
    return sorted(item["members"]["in_a_row"] for item in page["items"])


async def test_what_was_said_while_notify_was_down_is_told_when_it_is_back(
    database: str, nats_url: str, tmp_path: Path
) -> None:
    customer: UUID = uuid4()
    async with others(database, nats_url, tmp_path) as services, receiving() as receiver:
        async with notifying(services, database, nats_url, tmp_path) as town:
            await town.tell("pipeline", "CustomerRegistered", customer, registered("li.wei"))
            endpoint = {"url": receiver.url, "kinds": ["missed_touch"]}
            await town.notify.client("admin", "admin").post("/webhooks", json=endpoint)
            await town.tell("pipeline", "FollowUpMissed", customer, missed("li.wei", 1))
            assert await shown(town, "li.wei") == [1]
        for in_a_row in (2, 3, 4):
            position = await town.say("pipeline", "FollowUpMissed", customer, missed("li.wei", in_a_row))
        async with notifying(services, database, nats_url, tmp_path) as town:
            await town.heard("pipeline", position)
            assert await shown(town, "li.wei") == [1, 2, 3, 4]
            received = await receiver.until(4)
            assert len({one.message_id for one in received}) == 4


async def test_an_attempt_that_is_cut_off_is_made_again_under_its_id(
    database: str, nats_url: str, tmp_path: Path
) -> None:
    async with others(database, nats_url, tmp_path) as services, receiving(held=True) as receiver:
        async with notifying(services, database, nats_url, tmp_path) as town:
            endpoint = {"url": receiver.url, "kinds": ["missed_touch"]}
            await town.notify.client("admin", "admin").post("/webhooks", json=endpoint)
            await town.tell("pipeline", "FollowUpMissed", uuid4(), missed("li.wei", 1))
            await receiver.until(1)
        receiver.gate.set()
        async with notifying(services, database, nats_url, tmp_path) as town:
            first, second = await receiver.until(2)
            assert first.message_id == second.message_id
            assert first.body == second.body
            client = town.notify.client("audit", "auditor")
            while True:
                position = town.notify.service.log.position
                await town.notify.catch_up()
                (row,) = (await client.get("/deliveries")).json()["items"]
                if row["standing"] == "sent":
                    break
                await town.notify.service.log.wait_beyond(position, 1)
            assert row["attempts"] == 1


async def test_everything_told_twice_is_news_once(database: str, nats_url: str, tmp_path: Path) -> None:
    customer = uuid4()
    async with others(database, nats_url, tmp_path) as services, receiving() as receiver:
        async with notifying(services, database, nats_url, tmp_path) as town:
            endpoint = {"url": receiver.url, "kinds": ["missed_touch"]}
            await town.notify.client("admin", "admin").post("/webhooks", json=endpoint)
            await town.tell("pipeline", "CustomerRegistered", customer, registered("li.wei"))
            for in_a_row in (1, 2):
                await town.tell("pipeline", "FollowUpMissed", customer, missed("li.wei", in_a_row))
            (item, _) = (await town.notify.client("li.wei", "rep").get("/inbox")).json()["items"]
            await town.notify.client("li.wei", "rep").post(f"/inbox/{item['id']}/archive")
            await receiver.until(2)
            await town.notify.catch_up()
        # As after a restored backup of the checkpoint, or a stream that was written anew.
        admin = services["pipeline"].pool
        await admin.execute("UPDATE notify.consumers SET position = 0")
        raised = await admin.fetchval(COUNT_RAISED)
        assert raised == 2
        async with notifying(services, database, nats_url, tmp_path) as town:
            await town.tell("pipeline", "FollowUpMissed", customer, missed("li.wei", 3))
            received = await receiver.until(3)
            assert await admin.fetchval(COUNT_RAISED) == 3
            assert await shown(town, "li.wei") == [1, 3]
            assert len({one.message_id for one in received}) == 3


COUNT_RAISED = "SELECT count(*) FROM notify.facts WHERE topic = 'notify.notification-raised.v1'"


async def test_a_rebuilt_inbox_and_delivery_log_are_the_same_and_nothing_is_sent(
    database: str, nats_url: str, tmp_path: Path
) -> None:
    customer = uuid4()
    async with others(database, nats_url, tmp_path) as services, receiving() as receiver:
        async with notifying(services, database, nats_url, tmp_path) as town:
            endpoint = {"url": receiver.url, "kinds": ["missed_touch"]}
            await town.notify.client("admin", "admin").post("/webhooks", json=endpoint)
            await town.tell("pipeline", "CustomerRegistered", customer, registered("li.wei"))
            for in_a_row in (1, 2):
                await town.tell("pipeline", "FollowUpMissed", customer, missed("li.wei", in_a_row))
            (item, _) = (await town.notify.client("li.wei", "rep").get("/inbox")).json()["items"]
            await town.notify.client("li.wei", "rep").post(f"/inbox/{item['id']}/archive")
            service = town.notify.service
            admin = town.notify.client("admin", "admin")
            paths = ("/inbox?show=archived", "/inbox", "/deliveries", "/webhooks")
            clients = [town.notify.client("li.wei", "rep")] * 2 + [admin] * 2
            while True:
                position = service.log.position
                await town.notify.catch_up()
                rows = (await admin.get("/deliveries")).json()["items"]
                if [row["standing"] for row in rows] == ["sent", "sent"]:
                    break
                await service.log.wait_beyond(position, 1)
            before = [(await client.get(path)).json() for client, path in zip(clients, paths, strict=True)]
            head = await service.log.head()
            for view in service.context.views:
                await rebuild(service.pool, service.log, view)
            after = [(await client.get(path)).json() for client, path in zip(clients, paths, strict=True)]
            assert after == before
            assert await service.log.head() == head
            assert len(receiver.received) == 2
