"""A store, those who write to it and those who watch, and one fault after the other."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic
from typing import Any

import asyncpg

from keqing_local.nats import EmbeddedNats
from keqing_local.postgres import EmbeddedPostgres
from keqing_shared.outage import is_outage
from tests.faults.checker import Ledger, Outcome, Reading, judge
from tests.faults.node import ledger_of
from tests.faults.observers import Observer, Reader
from tests.faults.place import Apart, Place, Within
from tests.faults.store import Given, Store, named

LOOK_SECONDS = 0.02
PATIENCE_SECONDS = 60.0
"""So long nobody sees anything new: what is missing by then is missed."""
WRITING = ("north", "south")


@dataclass(frozen=True, kw_only=True)
class Measure:
    """How much of everything."""

    facts: int
    """Of each fault, at least."""
    rate: float
    """Facts in a second that the writers try for."""


class Broken(Exception):
    """A fault went otherwise than it should have, whatever the observers saw."""


Fault = Callable[["World"], Awaitable[None]]


@dataclass
class World:
    """Where faults happen. Servers are only there when they may be killed."""

    store: type[Store]
    database_url: str
    nats_url: str | None
    places: dict[str, Place]
    observers: Sequence[Observer]
    measure: Measure
    postgres: EmbeddedPostgres | None = None
    nats: EmbeddedNats | None = None
    ledger: Ledger = field(default_factory=Ledger)
    """Of the fault under way."""
    patience: float = PATIENCE_SECONDS
    excused: set[str] = field(default_factory=set)
    """Streams that had to wait in it."""
    absent: set[str] = field(default_factory=set)
    """Places that were not there to see anything."""
    _ledgers: list[Reading] = field(default_factory=list)
    _told: dict[str, int] = field(default_factory=dict)
    _over: bool = False

    async def suffer(self, fault: Fault, *, taking_back: bool = True, poison: bool = False) -> Outcome:
        """The fault while writers write; its outcome once everybody has seen what there is to be seen."""
        self.ledger, self.excused, self.absent, self._over = Ledger(), set(), set(), False
        for observer in self.observers:
            observer.sight.begin()
        self._watching = asyncio.create_task(self._watch())
        try:
            writing = [
                asyncio.create_task(self._write(name, taking_back=taking_back, poison=poison))
                for name in WRITING
            ]
            self._writing = asyncio.gather(*writing)
            try:
                await fault(self)
            finally:
                await self.stopped()
            await self.settled()
        finally:
            self._watching.cancel()
            await asyncio.gather(self._watching, return_exceptions=True)
        if said := [line for place in self.places.values() for line in place.unforeseen()]:
            raise Broken(said[0])
        away = {f"reader {name}" for name in self.absent}
        return judge(self.ledger, [it.sight for it in self.observers], excused=self.excused, away=away)

    async def stopped(self) -> None:
        """Returns when the writers have written all there was to write."""
        self._over = True
        for name in WRITING:
            await self.places[name].ask({"enough": True})
        await self._writing

    async def acknowledged(self, part: float) -> None:
        """Returns when that part of the facts was acknowledged, or as many more."""
        wanted = len(self.ledger.acknowledged) + part * self.measure.facts
        while len(self.ledger.acknowledged) < min(wanted, self.measure.facts):  # noqa: ASYNC110
            await asyncio.sleep(LOOK_SECONDS)

    async def often(self, what: Callable[[], Awaitable[Any]], seconds: float) -> None:
        """Again and again until the facts are acknowledged, at least twice."""
        times = 0
        while times < 2 or len(self.ledger.acknowledged) < self.measure.facts:
            await what()
            times += 1
            await asyncio.sleep(seconds)

    async def sql(self, query: str, *values: Any) -> Any:
        """The rows, as soon as the database answers."""
        while True:
            try:
                connection = await asyncpg.connect(self.database_url, timeout=5)
                try:
                    return await connection.fetch(query, *values)
                finally:
                    connection.terminate()
            except Exception as error:
                if not is_outage(error):
                    raise
            await asyncio.sleep(LOOK_SECONDS)

    async def settled(self, unless: Callable[[], bool] = lambda: False) -> None:
        """Until everybody has seen everything, or nobody anything new for a long time."""
        began, quiet = monotonic(), 0
        prompt = [observer for observer in self.observers if observer.promptly]
        while quiet < 2:  # twice: what comes a second time may be on its way
            await asyncio.sleep(2 * LOOK_SECONDS)
            if self._watching.done():
                self._watching.result()
            complete = all(not observer.sight.unseen for observer in prompt) or unless()
            quiet = quiet + 1 if complete else 0
            latest = max(observer.sight.reached for observer in prompt)
            if monotonic() - max(began, latest) > self.patience:
                break
        for observer in self.observers:
            await observer.look()

    async def leader(self) -> str:
        """The place whose relay leads."""
        while True:
            for name in WRITING:
                if await self.places[name].ask({"do": "leads"}):
                    return name
            await asyncio.sleep(LOOK_SECONDS)

    async def _write(self, name: str, *, taking_back: bool, poison: bool) -> None:
        """Whoever is killed goes on where it was when it is there again."""
        place = self.places[name]
        wanted = {"rate": self.measure.rate / len(WRITING), "taking_back": taking_back, "poison": poison}
        facts = self.measure.facts // len(WRITING)
        while True:
            left = max(0, facts - self._told.get(name, 0))
            if await place.ask({"write": {"facts": left, "over": self._over, **wanted}}):
                return
            if isinstance(place, Apart):
                await place.up.wait()

    async def _watch(self) -> None:
        self._told = dict.fromkeys(WRITING, 0)
        while True:
            self._read_ledgers()
            for observer in self.observers:
                if observer.promptly:
                    await observer.look()
            await asyncio.sleep(LOOK_SECONDS)

    def _read_ledgers(self) -> None:
        for name, reading in zip(WRITING, self._ledgers, strict=True):
            told: list[int] = []
            for verdict, token, at, *_ in reading.news():
                if verdict == "+":
                    self.ledger.acknowledged[int(token)] = float(at)
                    told.append(int(token))
                elif verdict == "-":
                    self.ledger.refused.add(int(token))
            self._told[name] += len(told)
            for observer in self.observers:
                observer.sight.acknowledged(told)


@asynccontextmanager
async def world(
    store: str,
    home: Path,
    measure: Measure,
    database_url: str,
    nats_url: str | None = None,
    *,
    postgres: EmbeddedPostgres | None = None,
    nats: EmbeddedNats | None = None,
    apart: bool = True,
) -> AsyncIterator[World]:
    """``apart``: each place is a process of its own."""
    made = named(store)
    givens = [Given(database_url, nats_url, home, name) for name in (*WRITING, "far")]
    places = {given.place: (Apart if apart else Within)(store, given) for given in givens}
    observers: list[Observer] = [Reader(given) for given in givens]
    try:
        first, *others = places.values()
        await first.start()  # alone: what makes tables may not bear company
        await asyncio.gather(*(place.start() for place in others))
        if hasattr(made, "observers"):
            observers += made.observers(database_url, nats_url)
        it = World(made, database_url, nats_url, places, observers, measure, postgres, nats)
        it._ledgers = [Reading(ledger_of(given)) for given in givens if given.place in WRITING]
        yield it
    finally:
        await asyncio.gather(*(place.stop() for place in places.values()))
        for observer in observers:
            await observer.close()
