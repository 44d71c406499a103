"""Keqing as a store: a context that writes, its view and its relay, and another context that listens.

Everything runs as a service does, with ``keqing_shared.service.Service``.
"""

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, ClassVar
from uuid import UUID

from nats.aio.msg import Msg
from prometheus_client import REGISTRY

from keqing_shared.clockwork import Duty
from keqing_shared.context import Context
from keqing_shared.domain import Aggregate, Fact, Recorded, RuleBroken, value
from keqing_shared.log import Conflict, Meta, NewFact, Request
from keqing_shared.messaging import Event, Published, Reactions, Within, intake
from keqing_shared.messaging.cursor import Cursor
from keqing_shared.service import Service
from keqing_shared.settings import Part, Settings
from keqing_shared.views import RebuildUnderWay, RowKey, Rows, Table, View, rebuild
from tests.faults.observers import Observer, of_keqing
from tests.faults.store import Given, Refused, Tailed
from tests.faults.telling import Telling, told


class Noted(Fact, topic="source.noted.v1"):
    token: int
    poison: bool = False


NOTES: Aggregate[Any] = Aggregate(
    name="notes",
    facts=(Noted,),
    decide=lambda command, state, policy: [],
    evolve=lambda state, fact: fact,
    customer_of=lambda id, state: id,
)


@value
class CounterRow:
    name: str
    seen: int


@value
class SightingRow:
    n: int
    position: int
    token: int
    stream: UUID
    version: int


COUNTER = Table("counter", CounterRow, key=("name",))
SIGHTINGS = Table("sightings", SightingRow, key=("n",))


class Journal(View):
    """Numbers what it sees, so that what it saw twice stands there twice."""

    name = "journal"
    tables = (COUNTER, SIGHTINGS)

    def touches(self, it: Recorded[Any]) -> Iterable[RowKey]:
        yield COUNTER, self.name

    def project(self, it: Recorded[Any], rows: Rows) -> None:
        before = rows.get(COUNTER, self.name)
        n = 1 + (before.seen if before else 0)
        rows.put(COUNTER, CounterRow(name=self.name, seen=n))
        rows.put(
            SIGHTINGS,
            SightingRow(
                n=n,
                position=it.position,
                token=it.fact.token,
                stream=it.originator_id,
                version=it.originator_version,
            ),
        )


def publish(it: Recorded[Any]) -> Published | None:
    if not told(it.fact.token) and not it.fact.poison:
        return None
    return Published("Noted", Telling(it.fact.token, it.originator_version, it.fact.poison))


class Illegible(RuleBroken):
    """Nobody can read this"""


@dataclass
class Glasses:
    """Policy of who listens: with them on, the illegible is read."""

    on: bool = False


async def count(service: Service, now: datetime) -> int:
    """A duty that looks into the database and finds nothing to do."""
    await service.pool.fetchval("SELECT count(*) FROM sightings WHERE n < 10")
    return 0


hearing = Reactions()


@hearing.on("source", "Noted", Telling)
async def hear(event: Event[Telling], within: Within) -> None:
    if event.data.poison and not within.policy.on:
        raise Illegible("fetch the glasses")
    await within.db.execute(
        "INSERT INTO heard (position, token, stream, version) VALUES ($1, $2, $3, $4)",
        event.position,
        event.data.token,
        event.customer_id,
        event.data.version,
    )


HEARD = """
CREATE TABLE IF NOT EXISTS heard
    (n bigserial PRIMARY KEY, position bigint, token bigint, stream uuid, version bigint);
"""


class Twice(Cursor):
    """Delivers from the first message on, whatever was acknowledged, and everything twice."""

    def __init__(self, *given: Any) -> None:
        super().__init__(*given[:-1], 0)
        self._again: list[Msg] = []

    async def batch(self, size: int) -> list[Msg]:
        if self._again:
            again, self._again = self._again, []
            return again
        self._again = await super().batch(size)
        return self._again


class Keqing:
    """One process's services."""

    table: ClassVar[str] = "source.facts"
    victims: ClassVar[dict[str, str]] = {
        "writers": "%append_facts%",
        "readers": "%FROM facts WHERE notification_id >%",
        "listeners": "LISTEN%",
    }
    publish = staticmethod(publish)

    @classmethod
    def observers(cls, database_url: str, nats_url: str | None) -> list[Observer]:
        return of_keqing(database_url, nats_url)

    def __init__(self, source: Service, target: Service | None) -> None:
        self._source = source
        self._target = target

    @classmethod
    @asynccontextmanager
    async def opened(cls, given: Given) -> AsyncIterator["Keqing"]:
        far = given.place == "far"
        writing: frozenset[Part] = frozenset({"http"} if far else {"views", "relay", "clockwork"})

        def settings(parts: frozenset[Part]) -> Settings:
            return Settings(
                env="development",
                database_url=given.database_url,
                nats_url=given.nats_url,
                home=given.home,
                roles=parts,
                pool_size=10,
                checkpoints=given.home / "checkpoints",
            )

        source = Context(
            name="source",
            aggregates=(NOTES,),
            views=(Journal(),),
            publish=cls.publish,
            clockwork=(Duty("count", 0.2, count),),
        )
        target = Context(name="target", aggregates=(), reactions=hearing, policy=Glasses(), tables=(HEARD,))
        if given.twice:
            intake.Cursor = Twice  # type: ignore[misc]
        async with AsyncExitStack() as stack:
            writes = await stack.enter_async_context(Service(source, settings(writing)))
            listens = None
            if far and given.nats_url is not None:
                hears: frozenset[Part] = frozenset({"reactions"})
                listens = await stack.enter_async_context(Service(target, settings(hears)))
            yield cls(writes, listens)

    async def append(self, stream: UUID, version: int, token: int, *, poison: bool = False) -> None:
        try:
            await self._source.log.append(request(stream, version, token, poison))
        except Conflict as conflict:
            raise Refused from conflict

    async def take_back(self, stream: UUID, version: int, token: int) -> None:
        async with self._source.pool.acquire() as connection:
            transaction = connection.transaction()
            await transaction.start()
            try:
                await self._source.log.append_within(connection, request(stream, version, token))
            except Conflict as conflict:
                raise Refused from conflict
            finally:
                await transaction.rollback()

    async def tail(self, after: int) -> AsyncIterator[Tailed]:
        async for it in self._source.log.subscribe(after):
            assert isinstance(it.fact, Noted)
            yield Tailed(it.position, it.fact.token, it.originator_id, it.originator_version)

    async def do(self, command: str) -> Any:
        """``leads``: whether the relay of this process does. ``rebuild``: the view. ``cure``: puts the
        glasses on and replays whatever is parked; how many messages that was."""
        match command:
            case "leads":
                return bool(REGISTRY.get_sample_value("keqing_relay_leads", {"context": "source"}))
            case "rebuild":
                return await self._rebuild()
            case "cure":
                return await self._cure()
        raise NotImplementedError(command)

    async def _rebuild(self) -> int:
        """Waits while a session of somebody who died has not ended yet."""
        while True:
            try:
                return await rebuild(self._source.pool, self._source.log, Journal())
            except RebuildUnderWay:
                await asyncio.sleep(0.05)

    async def _cure(self) -> int:
        assert self._target is not None
        parked = self._target.parked
        assert parked is not None
        self._target.policy.on = True
        taken = 0
        while waiting := await parked.list(limit=200):
            for customer in {one.customer_id for one in waiting}:
                replayed = await parked.replay("source", customer)
                assert replayed.error is None, replayed
                taken += replayed.taken
        return taken


def request(stream: UUID, version: int, token: int, poison: bool = False) -> Request:
    fact = NewFact(stream, version, Noted(token=token, poison=poison), stream)
    return Request((fact,), Meta(who="faults"), datetime.now(UTC), stream, version)
