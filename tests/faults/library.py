"""The eventsourcing library's recorder as a store, to show what else the checks can be pointed at."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, ClassVar
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

from eventsourcing.persistence import IntegrityError, StoredEvent
from eventsourcing.postgres import PostgresApplicationRecorder, PostgresDatastore

from tests.faults.observers import Observer
from tests.faults.store import Given, Refused, Tailed

PAGE = 500
POLL_SECONDS = 0.005


class Library:
    """In its locking mode; its calls block, so each is a thread's."""

    table: ClassVar[str] = "stored_events"
    victims: ClassVar[dict[str, str]] = {"writers": "%INSERT INTO%", "readers": "%notification_id >%"}

    def __init__(self, recorder: PostgresApplicationRecorder) -> None:
        self.recorder = recorder

    @classmethod
    @asynccontextmanager
    async def opened(cls, given: Given) -> AsyncIterator["Library"]:
        url = urlsplit(given.database_url)
        host = parse_qs(url.query)["host"][0]
        datastore = PostgresDatastore(
            url.path[1:], host, 5432, url.username or "", "none", pool_size=12, max_waiting=50
        )
        recorder = PostgresApplicationRecorder(datastore)
        recorder.create_table()
        try:
            yield cls(recorder)
        finally:
            datastore.close()

    @classmethod
    def observers(cls, database_url: str, nats_url: str | None) -> list[Observer]:
        return []

    async def append(self, stream: UUID, version: int, token: int, *, poison: bool = False) -> None:
        event = StoredEvent(stream, version, "faults.noted", json.dumps(token).encode())
        try:
            await asyncio.to_thread(self.recorder.insert_events, [event])
        except IntegrityError as error:
            raise Refused from error

    async def take_back(self, stream: UUID, version: int, token: int) -> None:
        event = StoredEvent(stream, version, "faults.noted", json.dumps(token).encode())
        # One that is there twice fails the whole insert, so that all of it is rolled back.
        with_its_twin = [event, event]
        try:
            await asyncio.to_thread(self.recorder.insert_events, with_its_twin)
        except IntegrityError:
            return
        raise AssertionError("a stream's version was taken twice")

    async def tail(self, after: int) -> AsyncIterator[Tailed]:
        while True:
            read = await asyncio.to_thread(
                self.recorder.select_notifications, after, PAGE, inclusive_of_start=False
            )
            for it in read:
                yield Tailed(it.id, json.loads(it.state), UUID(str(it.originator_id)), it.originator_version)
                after = it.id
            if not read:
                await asyncio.sleep(POLL_SECONDS)

    async def do(self, command: str) -> Any:
        raise NotImplementedError(command)
