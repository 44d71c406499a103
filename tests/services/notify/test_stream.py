"""The live stream, over a real HTTP server."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import httpx
import pytest
import uvicorn

from keqing_notify.live import MOST_WAITING, Listener, live_of
from keqing_notify.policy import POLICY
from keqing_notify.views.inbox import InboxRow
from keqing_shared.http.auth import LEEWAY
from keqing_shared.http.signing import issue_token
from tests.services.notify.neighbour import Neighbours

NOON = datetime(2026, 11, 2, 4, 0, tzinfo=UTC)


class _Server(uvicorn.Server):
    """Leaves the signals alone and says when it is up."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.up = asyncio.Event()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.up.set()


@pytest.fixture(scope="module")
async def address(town: Neighbours) -> AsyncIterator[str]:
    """Of a server that serves notify's app."""
    server = _Server(
        uvicorn.Config(town.notify.app, port=0, lifespan="off", log_config=None, timeout_graceful_shutdown=5)
    )
    started = asyncio.create_task(server.serve())
    await server.up.wait()
    port = server.servers[0].sockets[0].getsockname()[1]
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    await started


class Stream:
    """What a client of the stream gets."""

    def __init__(self, lines: AsyncIterator[str]) -> None:
        self._lines = lines
        self.comments: list[str] = []

    async def comment(self) -> str:
        """The next comment."""
        async for line in self._lines:
            if line.startswith(":"):
                return line
        raise AssertionError("the stream has ended")

    async def next(self) -> tuple[int, dict[str, Any]]:
        """The next event's id and data."""
        fields: dict[str, str] = {}
        async for line in self._lines:
            if line.startswith(":"):
                self.comments.append(line)
            elif line:
                name, _, text = line.partition(": ")
                fields[name] = text
            elif "data" in fields:
                assert fields["event"] == "notification"
                return int(fields["id"]), json.loads(fields["data"])
        raise AssertionError("the stream has ended")

    async def end(self) -> list[str]:
        """What still comes until the server ends it."""
        return [line async for line in self._lines]


@asynccontextmanager
async def listening(
    town: Neighbours, address: str, login: str, last_event_id: int | None = None, token: str = ""
) -> AsyncIterator[Stream]:
    token = token or town.notify.token(login, "rep")
    headers = {"Authorization": f"Bearer {token}", "Accept-Language": "en"}
    if last_event_id is not None:
        headers["Last-Event-ID"] = str(last_event_id)
    async with (
        httpx.AsyncClient(base_url=address, timeout=30) as client,
        client.stream("GET", "/notify/stream", headers=headers) as answer,
    ):
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/event-stream")
        assert answer.headers["cache-control"] == "no-store"
        lines = Stream(answer.aiter_lines())
        assert await lines.comment() == ": connected"
        yield lines


@pytest.fixture
def someone() -> str:
    return f"rep.{uuid4().hex[:12]}"


async def missed(town: Neighbours, owner: str, in_a_row: int, customer_id: Any) -> None:
    data = {"opportunity_id": str(uuid4()), "owner": owner, "due_on": "2026-11-03", "in_a_row": in_a_row}
    await town.tell("pipeline", "FollowUpMissed", customer_id, data)


async def test_what_is_raised_arrives_at_once_and_only_at_whom_it_is_for(
    town: Neighbours, address: str, someone: str
) -> None:
    customer = await town.customer(someone, "Far East")
    other = f"x.{someone}"
    async with listening(town, address, someone) as mine, listening(town, address, other) as others:
        await missed(town, someone, 1, customer)
        await missed(town, other, 2, customer)
        position, item = await mine.next()
        assert item["title"] == "Touch missed: Far East"
        assert item["position"] == position
        assert item["standing"] == "unread"
        _, theirs = await others.next()
        assert theirs["members"]["in_a_row"] == 2


async def test_who_resumes_gets_what_came_meanwhile_and_nothing_twice(
    town: Neighbours, address: str, someone: str
) -> None:
    customer = await town.customer(someone)
    async with listening(town, address, someone) as stream:
        await missed(town, someone, 1, customer)
        last, _ = await stream.next()
    for in_a_row in (2, 3, 4):
        await missed(town, someone, in_a_row, customer)
    async with listening(town, address, someone, last) as stream:
        await missed(town, someone, 5, customer)
        seen = [await stream.next() for _ in range(4)]
    assert [item["members"]["in_a_row"] for _, item in seen] == [2, 3, 4, 5]
    positions = [position for position, _ in seen]
    assert positions == sorted(set(positions))
    assert positions[0] > last


async def test_from_zero_everything_comes_whatever_was_read_since(
    town: Neighbours, address: str, someone: str
) -> None:
    customer = await town.customer(someone)
    await missed(town, someone, 1, customer)
    client = town.notify.client(someone, "rep")
    (item,) = (await client.get("/inbox")).json()["items"]
    await client.post(f"/inbox/{item['id']}/archive")
    await town.notify.catch_up()
    async with listening(town, address, someone, 0) as stream:
        _, again = await stream.next()
    assert (again["id"], again["standing"]) == (item["id"], "archived")


async def test_without_a_last_event_only_the_new_comes(town: Neighbours, address: str, someone: str) -> None:
    customer = await town.customer(someone)
    await missed(town, someone, 1, customer)
    async with listening(town, address, someone) as stream:
        await missed(town, someone, 2, customer)
        _, item = await stream.next()
    assert item["members"]["in_a_row"] == 2


async def test_a_silent_stream_says_that_it_is_alive(
    town: Neighbours, address: str, someone: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(town.notify.service.in_force, "policy", replace(POLICY, heartbeat=1))
    async with listening(town, address, someone) as stream:
        assert await stream.comment() == ": still here"


async def test_a_stream_ends_after_its_time_so_that_the_token_is_looked_at_again(
    town: Neighbours, address: str, someone: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(town.notify.service.in_force, "policy", replace(POLICY, heartbeat=1, live_for=1))
    async with listening(town, address, someone) as stream:
        assert [line for line in await stream.end() if line and not line.startswith(":")] == []


async def test_a_stream_does_not_outlive_its_token(town: Neighbours, address: str, someone: str) -> None:
    nearly_over = issue_token(town.notify.service.settings, someone, ["rep"], ttl=2 - LEEWAY)
    async with listening(town, address, someone, token=nearly_over) as stream, asyncio.timeout(10):
        assert [line for line in await stream.end() if line and not line.startswith(":")] == []


async def test_streams_end_when_the_service_stops(
    town: Neighbours, address: str, someone: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    live = live_of(town.notify.service)
    async with listening(town, address, someone) as stream:
        town.notify.service.stopping.set()
        assert [line for line in await stream.end() if line] == []
    town.notify.service.stopping.clear()
    assert live is live_of(town.notify.service)


@pytest.mark.parametrize("last", ["x", "-1", "1.5", "9" * 30])
async def test_a_last_event_that_is_no_position_is_refused(town: Neighbours, last: str) -> None:
    answer = await town.notify.client("li.wei", "rep").get("/stream", headers={"Last-Event-ID": last})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "Last-Event-ID"


async def test_a_client_that_is_too_slow_is_cut_off_after_what_it_can_still_get() -> None:
    listener = Listener(0)
    rows = [_row(position) for position in range(1, MOST_WAITING + 3)]
    for row in rows:
        listener.tell(row)
    got = [await listener.next(1) for _ in range(MOST_WAITING)]
    assert got == rows[:MOST_WAITING]
    assert await listener.next(1) is None


def _row(position: int) -> InboxRow:
    return InboxRow(
        notification_id=uuid4(), recipient="li.wei", position=position, version=1, kind="deal_won",
        event="pipeline.DealWon", event_id=f"pipeline:{position}", customer_id=None, members={},
        critical=False, collapse_key=None, standing="unread", occurred_at=NOON, raised_at=NOON,
    )  # fmt: skip
