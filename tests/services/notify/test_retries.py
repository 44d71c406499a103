"""Deliveries that fail: the schedule by a clock set by hand, death, replay; and slow receivers."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.services.notify.neighbour import Neighbours, notifying, others
from tests.services.notify.receiver import Receiver, receiving

SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)
WAITS = [5 * SECOND, 5 * MINUTE, 30 * MINUTE, 2 * HOUR, 5 * HOUR, 10 * HOUR, 10 * HOUR]


@pytest.fixture
async def town(database: str, nats_url: str, tmp_path: Path) -> AsyncIterator[Neighbours]:
    """One's own: the clock is set."""
    async with (
        others(database, nats_url, tmp_path) as services,
        notifying(services, database, nats_url, tmp_path) as it,
    ):
        yield it


async def register(town: Neighbours, receiver: Receiver) -> dict[str, Any]:
    answer = await town.notify.client("admin", "admin").post(
        "/webhooks", json={"url": receiver.url, "events": ["pipeline.DealWon"]}
    )
    assert answer.status_code == 201, answer.text
    webhook: dict[str, Any] = answer.json()
    return webhook


async def win(town: Neighbours, opportunity: str) -> None:
    await town.tell("pipeline", "DealWon", uuid4(), {"owner": "li.wei", "opportunity_id": opportunity})


async def deliveries(town: Neighbours, **query: Any) -> list[dict[str, Any]]:
    answer = await town.notify.client("audit", "auditor").get("/deliveries", params=query)
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


async def when(town: Neighbours, attempts: int) -> dict[str, Any]:
    """The one delivery, once so many attempts are recorded."""
    while True:
        position = town.notify.service.log.position
        await town.notify.catch_up()
        (row,) = await deliveries(town)
        if row["attempts"] >= attempts:
            return row
        await town.notify.service.log.wait_beyond(position, 1)


async def test_a_failing_receiver_is_tried_on_schedule_then_dead_then_replayed(town: Neighbours) -> None:
    admin: httpx.AsyncClient = town.notify.client("admin", "admin")
    async with receiving(503) as receiver:
        webhook = await register(town, receiver)
        await win(town, "o-1")
        row = await when(town, 1)
        for attempt, wait in enumerate(WAITS, start=1):
            failed_at = datetime.fromisoformat(row["last_attempt_at"])
            due_at = datetime.fromisoformat(row["due_at"])
            assert (row["standing"], row["last_status"], row["last_reason"]) == ("failed", 503, "status 503")
            assert due_at - failed_at == wait
            await town.notify.set_clock(due_at)
            row = await when(town, attempt + 1)
        assert (row["standing"], row["due_at"], row["attempts"]) == ("dead", None, 8)
        assert len(receiver.received) == 8
        assert len({one.message_id for one in receiver.received}) == 1
        assert len({one.body for one in receiver.received}) == 1
        for one in receiver.received:
            assert one.verified(webhook["secret"])["data"]["opportunity_id"] == "o-1"
        assert [one["delivery_id"] for one in await deliveries(town, status="dead")] == [row["delivery_id"]]
        story = (await admin.get(f"/deliveries/{row['delivery_id']}")).json()
        assert [one["attempt"] for one in story["attempts"]] == list(range(1, 9))
        assert story["attempts"][7]["next_attempt_at"] is None

        receiver.status = 200
        replayed = await admin.post(f"/deliveries/{row['delivery_id']}/replay")
        assert (replayed.status_code, replayed.json()["facts"]) == (200, ["DeliveryReplayed"])
        row = await when(town, 9)
        assert (row["standing"], row["last_status"]) == ("sent", 200)
        assert receiver.received[8].message_id == receiver.received[0].message_id
        again = await admin.post(f"/deliveries/{row['delivery_id']}/replay")
        assert (again.status_code, again.json()["type"]) == (409, "/problems/delivery-not-dead")


async def test_before_its_time_nothing_is_tried_again(town: Neighbours) -> None:
    async with receiving(500) as receiver:
        await register(town, receiver)
        await win(town, "o-1")
        row = await when(town, 1)
        await town.notify.set_clock(datetime.fromisoformat(row["due_at"]) - 2 * SECOND)
        # Another event is sent meanwhile, so the sender has looked, and left the first one alone.
        await win(town, "o-2")
        await receiver.until(2)
        bodies = [one.body for one in receiver.received]
        assert b'"o-1"' in bodies[0]
        assert b'"o-2"' in bodies[1]


async def test_a_receiver_that_is_gone_gets_nothing_more(town: Neighbours) -> None:
    async with receiving(410) as receiver:
        webhook = await register(town, receiver)
        await win(town, "o-1")
        row = await when(town, 1)
        assert (row["standing"], row["last_reason"]) == ("dead", "status 410")
        path = f"/webhooks/{webhook['id']}"
        admin = town.notify.client("admin", "admin")
        while not (shown := (await admin.get(path)).json())["disabled_reason"]:
            await town.notify.service.log.wait_beyond(town.notify.service.log.position, 1)
            await town.notify.catch_up()
        assert (shown["enabled"], shown["disabled_reason"]) == (False, "gone")


async def test_what_is_due_to_a_disabled_webhook_dies_without_an_attempt(town: Neighbours) -> None:
    admin = town.notify.client("admin", "admin")
    async with receiving(500) as receiver:
        webhook = await register(town, receiver)
        await win(town, "o-1")
        row = await when(town, 1)
        await admin.delete(f"/webhooks/{webhook['id']}")
        await town.notify.set_clock(datetime.fromisoformat(row["due_at"]))
        while row["standing"] != "dead":
            position = town.notify.service.log.position
            await town.notify.catch_up()
            (row,) = await deliveries(town, webhook=webhook["id"])
            if row["standing"] != "dead":
                await town.notify.service.log.wait_beyond(position, 1)
        assert (row["attempts"], row["last_reason"]) == (1, "the webhook is disabled")
        assert len(receiver.received) == 1


async def test_a_slow_receiver_holds_up_nobody_else(town: Neighbours) -> None:
    async with receiving(held=True) as slow, receiving() as quick:
        await register(town, slow)
        await register(town, quick)
        for number in range(10):
            await win(town, f"o-{number}")
        received = await quick.until(10)
        assert len({one.message_id for one in received}) == 10
        assert slow.most_at_once <= 4
        slow.gate.set()
        assert len({one.message_id for one in await slow.until(10)}) == 10


async def test_deliveries_are_filtered_and_paged(town: Neighbours) -> None:
    async with receiving() as first, receiving() as second:
        webhook = await register(town, first)
        await register(town, second)
        for number in range(3):
            await win(town, f"o-{number}")
        await first.until(3)
        await second.until(3)
        while len(await deliveries(town, status="sent")) < 6:
            await town.notify.service.log.wait_beyond(town.notify.service.log.position, 1)
            await town.notify.catch_up()
        mine = await deliveries(town, webhook=webhook["id"])
        assert {row["webhook_id"] for row in mine} == {webhook["id"]}
        auditor = town.notify.client("audit", "auditor")
        seen, after = [], None
        while True:
            query = {"limit": 4, **({"after": after} if after else {})}
            page = (await auditor.get("/deliveries", params=query)).json()
            seen += [row["delivery_id"] for row in page["items"]]
            if (after := page["next"]) is None:
                break
        assert len(seen) == len(set(seen)) == 6
        assert await deliveries(town, status="dead") == []
        assert (await auditor.get("/deliveries", params={"status": "lost"})).status_code == 422
        assert (await auditor.get(f"/deliveries/{uuid4()}")).status_code == 404
