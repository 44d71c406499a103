"""Observers: what readers wrote down; of Keqing also what its view, the other context and NATS hold."""

import asyncio
from contextlib import suppress
from datetime import datetime
from time import monotonic
from typing import Any, Protocol
from uuid import UUID

import asyncpg
import msgspec
import nats
from nats.errors import Error
from nats.js.api import AckPolicy, ConsumerConfig, DeliverPolicy

from keqing_shared.messaging.envelope import opened
from keqing_shared.outage import DATABASE_AWAY
from tests.faults.checker import Reading, Seen, Sight
from tests.faults.node import sight_of
from tests.faults.store import Given
from tests.faults.telling import Telling, told

PAGE = 1000


class Observer(Protocol):
    """Fills a sight."""

    sight: Sight
    promptly: bool
    """Whether it looks all the time, not only when all should be over."""

    async def look(self) -> None:
        """Takes down what is new. An outage is no news."""
        ...

    async def close(self) -> None: ...


class Reader:
    """What the tailing reader of a node wrote down."""

    promptly = True

    def __init__(self, given: Given) -> None:
        self.sight = Sight(f"reader {given.place}")
        self._lines = Reading(sight_of(given))

    async def look(self) -> None:
        self.sight.saw(
            Seen(int(position), int(token), stream, int(version), float(at))
            for position, token, stream, version, at in self._lines.news()
        )

    async def close(self) -> None:
        pass


class InTable:
    """Rows that were numbered in the order in which they took effect."""

    promptly = True

    def __init__(self, sight: Sight, database_url: str, table: str) -> None:
        self.sight = sight
        self._url = database_url
        self._query = (
            f"SELECT n, position, token, stream, version FROM {table} WHERE n > $1 ORDER BY n LIMIT 20000"
        )
        self._n = 0
        self._connection: Any = None

    async def look(self) -> None:
        rows: list[Any] = []
        with suppress(*DATABASE_AWAY):
            if self._connection is None or self._connection.is_closed():
                self._connection = await asyncpg.connect(self._url)
            rows = await self._connection.fetch(self._query, self._n)
        now = monotonic()
        self.sight.saw(
            Seen(row["position"], row["token"], row["stream"].hex, row["version"], now) for row in rows
        )
        if rows:
            self._n = rows[-1]["n"]

    async def close(self) -> None:
        if self._connection is not None:
            self._connection.terminate()


class OnNats:
    """The stream itself, message by message; read anew when it is another one."""

    promptly = False

    def __init__(self, nats_url: str) -> None:
        self.sight = Sight("stream", told)
        self._url = nats_url
        self._made: datetime | None = None
        self._sequence = 0

    async def look(self) -> None:
        with suppress(Error, OSError):
            client = await nats.connect(self._url, allow_reconnect=False, connect_timeout=2)
            try:
                await self._look(client.jetstream())
            finally:
                await client.close()

    async def _look(self, jetstream: Any) -> None:
        info = await jetstream.stream_info("KEQING_SOURCE")
        if info.created != self._made:
            self._made, self._sequence = info.created, 0
            self.sight.forget()
        last = info.state.last_seq
        if self._sequence >= last:
            return
        reading = await jetstream.pull_subscribe(
            "keqing.source.>",
            stream="KEQING_SOURCE",
            config=ConsumerConfig(
                deliver_policy=DeliverPolicy.BY_START_SEQUENCE,
                opt_start_seq=self._sequence + 1,
                ack_policy=AckPolicy.NONE,
                inactive_threshold=5.0,
            ),
        )
        pending = (await reading.consumer_info()).num_pending
        while pending:
            messages = await reading.fetch(min(PAGE, pending), timeout=1)
            self.sight.saw(_seen(message.data) for message in messages)
            self._sequence = messages[-1].metadata.sequence.stream
            pending -= len(messages)
        await reading.unsubscribe()

    async def close(self) -> None:
        await asyncio.sleep(0)


def _seen(payload: bytes) -> Seen:
    envelope = opened(payload)
    said = msgspec.json.decode(envelope.data, type=Telling)
    stream = envelope.subject or UUID(int=0)
    return Seen(envelope.position, said.token, stream.hex, said.version, 0.0)


def of_keqing(database_url: str, nats_url: str | None) -> list[Observer]:
    """Beside its readers."""
    observers: list[Observer] = [InTable(Sight("view"), database_url, "source.sightings")]
    if nats_url is not None:
        observers.append(InTable(Sight("consumer", told), database_url, "target.heard"))
        observers.append(OnNats(nats_url))
    return observers
