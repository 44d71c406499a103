"""Streams: load a state, decide, append; again when somebody else was faster."""

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol, TypeVar
from uuid import UUID

from keqing_shared.domain import Aggregate, Command, RuleBroken
from keqing_shared.log import Claim, Conflict, Log, Meta, NewFact, Receipt, Repeated, Request
from keqing_shared.memory import Memory
from keqing_shared.reading import ABSENT, Loaded, Name, StreamReader
from keqing_shared.unit import Rehearsal, Unit, Work

S = TypeVar("S")

ATTEMPTS = 12
"""How often a command is decided anew after conflicts before its caller hears of one."""
PRELOAD_STREAMS = 500
"""Streams read in one query."""
TOGETHER = 500
"""Works of many that are tried before they are handed on to be appended: what one statement takes."""

__all__ = ["Loaded", "Name", "Rehearsal", "Streams", "Unit", "Work"]


class Now(Protocol):
    """A clock."""

    def now(self) -> datetime:
        """UTC, aware."""


class Streams:
    """The aggregates of one context over its log.

    States are kept in memory with their versions. A stale one is harmless: the append checks the version of
    each stream that a command was decided upon, and whether it is refused, or has nothing new to say, is
    decided on a fresh one before anyone hears it.
    """

    def __init__(self, log: Log, clock: Now, policy: Any) -> None:
        self.policy = policy
        self.memory = Memory()
        self._log = log
        self._reader = StreamReader(log)
        self._clock = clock

    async def settled(self) -> None:
        """Returns once the snapshots being taken are written; await it before the pool is closed."""
        await self._reader.settled()

    def altered(self, facts: Sequence[NewFact]) -> set[UUID]:
        """Streams of which something personal was left out, because the customer is erased."""
        keys = self._log.codec.keys
        if keys is None or not keys.ring.destroyed:
            return set()
        return {new.originator_id for new in facts if new.owner.bytes in keys.ring.destroyed}

    async def load(self, aggregate: Aggregate[S], id: UUID, until: datetime | None = None) -> Loaded[S]:
        """The stream now, or as it was recorded until a moment."""
        if until is None:
            return await self.current(aggregate, id, connection=None, fresh=True)
        return await self._reader.read_until(aggregate, id, until)

    async def load_many(self, aggregate: Aggregate[S], ids: Iterable[UUID]) -> dict[UUID, S]:
        """The states of many streams now; one that does not exist is missing. Those in memory are read again
        only when they have moved on."""
        wanted = list(ids)
        versions = await self._log.versions(wanted)
        found: dict[UUID, S | None] = {}
        moved: list[tuple[Aggregate[S], UUID]] = []
        for id, version in versions.items():
            known = self.memory.get((aggregate.name, id))
            if known is not None and known.version >= version:
                found[id] = known.state
            else:
                self.memory.forget_one(aggregate.name, id)
                moved.append((aggregate, id))
        found |= {id: it.state for (_, id), it in (await self.preload(moved)).items()}
        return {id: state for id, state in found.items() if state is not None}

    async def execute(
        self,
        aggregate: Aggregate[Any],
        id: UUID,
        command: Command,
        meta: Meta,
        *,
        expected: int | None = None,
        claims: Sequence[Claim] = (),
        releases: Sequence[Claim] = (),
        within: Any = None,
    ) -> Receipt:
        """One command on one stream. Raises RuleBroken, Taken, KeyReused; Conflict (stale ``expected``)."""

        async def work(unit: Unit) -> None:
            await unit.execute(aggregate, id, command, expected=expected, claims=claims, releases=releases)

        return await self.transact(work, meta, within=within)

    async def transact(self, work: Work, meta: Meta, *, within: Any = None, fresh: bool = False) -> Receipt:
        """Everything the work executes, appended together or not at all.

        ``work`` is run again after a conflict, so it must have no effect but on its unit. ``within``:
        a connection inside the caller's transaction, who calls ``log.signal`` after committing.
        ``fresh``: the states in memory will not do.
        """
        fresh = fresh or within is not None
        if meta.key is not None and (earlier := await self._earlier(meta, within)) is not None:
            return earlier
        for attempt in range(ATTEMPTS):
            unit = Unit(self, within, fresh=fresh)
            try:
                await work(unit)
                if unit.idle and not fresh:
                    fresh = True  # nothing would be appended that told of a stale state
                    continue
                request = unit.request(meta, self._clock.now())
                receipt = await self._append(request, within)
            except (RuleBroken, Conflict) as refusal:
                if not fresh:
                    fresh = True  # it may have been decided on a stale state: look again
                    continue
                # Our own twin, same key, may have been faster: then its receipt is the answer.
                if (earlier := await self._earlier(meta, within)) is not None:
                    return earlier
                if isinstance(refusal, RuleBroken) or unit.expected or within is not None:
                    raise
                await asyncio.sleep(0.002 * attempt)
                continue
            if within is None and not isinstance(receipt, Repeated):
                unit.remember()
            return receipt
        raise Conflict("the stream is written to so often that the command found no place; try again")

    async def transact_many(
        self,
        works: Sequence[Work],
        meta: Callable[[int], Meta],
        ahead: Sequence[tuple[Aggregate[Any], UUID]] = (),
        absent: Sequence[tuple[Aggregate[Any], UUID]] = (),
    ) -> list[Receipt | Exception]:
        """Independent works, each succeeding or refused alone; for imports.

        ``meta`` makes the meta of the work with that index; ``ahead`` names streams worth reading at once,
        ``absent`` those that hardly exist: they are not looked for, and it is found out when they do. Each
        is tried with the states in memory first, and what came of that is appended together while the next
        ones are tried. A refusal, or that there is nothing new to say, stands when nothing has happened to
        the streams meanwhile; else the work is done by itself. What was read ahead, or made, is not kept in
        memory: there it would take the place of what people work with.
        """
        forgotten = self.memory.forgotten
        known = {(a.name, id): ABSENT for a, id in absent} | await self.read_ahead(ahead)
        outcomes: dict[int, Receipt | Exception] = {}
        unsure: dict[int, tuple[Unit, Exception | None]] = {}
        async with asyncio.TaskGroup() as appending:
            for start in range(0, len(works), TOGETHER):
                units: dict[int, Unit] = {}
                for index in range(start, min(start + TOGETHER, len(works))):
                    if forgotten != self.memory.forgotten:
                        known = {}  # somebody's personal data may be in it, and was erased
                    unit, refusal = await self._tried(works[index], known)
                    if refusal is None and unit.facts and not unit.idle:
                        units[index] = unit
                    else:
                        unsure[index] = unit, refusal
                appending.create_task(self._appended(units, meta, outcomes, unsure))
                await asyncio.sleep(0)  # so that they are on their way
        outcomes |= await self._standing(unsure, meta)
        left = [index for index in range(len(works)) if index not in outcomes]
        again = (self.transact(works[index], meta(index), fresh=True) for index in left)
        for index, outcome in zip(left, await asyncio.gather(*again, return_exceptions=True), strict=True):
            if isinstance(outcome, BaseException) and not isinstance(outcome, Exception):
                raise outcome
            outcomes[index] = outcome
        return [outcomes[index] for index in range(len(works))]

    async def _tried(self, work: Work, known: Mapping[Name, Loaded[Any]]) -> tuple[Unit, Exception | None]:
        """What the work makes of what is known, and of the states in memory."""
        unit = Unit(self, None, fresh=False, upon=known)
        try:
            await work(unit)
        except Exception as refusal:
            return unit, refusal
        return unit, None

    async def _appended(
        self,
        units: Mapping[int, Unit],
        meta: Callable[[int], Meta],
        outcomes: dict[int, Receipt | Exception],
        unsure: dict[int, tuple[Unit, Exception | None]],
    ) -> None:
        """Those that may have been appended before, by their keys, are left alone."""
        now = self._clock.now()
        requests = {index: unit.request(meta(index), now) for index, unit in units.items()}
        fit = [index for index, request in requests.items() if request.meta.key is None]
        receipts = await self._log.append_many([requests[index] for index in fit])
        for index, receipt in zip(fit, receipts, strict=True):
            if isinstance(receipt, RuleBroken | Conflict):
                unsure[index] = units[index], receipt
                continue
            outcomes[index] = receipt
            if isinstance(receipt, Receipt):
                units[index].remember(known_only=True)

    async def _standing(
        self, unsure: Mapping[int, tuple[Unit, Exception | None]], meta: Callable[[int], Meta]
    ) -> dict[int, Receipt | Exception]:
        """Those of which every stream that they looked at is as they saw it."""
        seen = {id for unit, _ in unsure.values() for _, id in unit.seen}
        versions = await self._log.versions(list(seen)) if seen else {}
        standing: dict[int, Receipt | Exception] = {}
        for index, (unit, refusal) in unsure.items():
            if any(versions.get(id, 0) != version for (_, id), version in unit.seen.items()):
                continue
            its_meta = meta(index)
            if its_meta.key is not None or not unit.seen:
                continue
            if isinstance(refusal, RuleBroken):
                standing[index] = refusal
            elif refusal is None:
                request = unit.request(its_meta, self._clock.now())
                if not request.facts and not request.claims:
                    standing[index] = request.receipt(self._log.position)
        return standing

    async def preload(self, names: Sequence[tuple[Aggregate[Any], UUID]]) -> dict[Name, Loaded[Any]]:
        """Reads the streams not in memory, many at a time, and keeps them there."""
        forgotten = self.memory.forgotten
        read = await self.read_ahead(names)
        for name, loaded in read.items():
            self.memory.remember(*name, loaded, forgotten)
        return read

    async def read_ahead(
        self, names: Sequence[tuple[Aggregate[Any], UUID]], *, fresh: bool = False
    ) -> dict[Name, Loaded[Any]]:
        """Those not in memory, many at a time, also those that do not exist; ``fresh``: all of them."""
        read: dict[Name, Loaded[Any]] = {}
        missing = {name: a for a, id in names if (name := (a.name, id)) not in self.memory or fresh}
        keys = list(missing)
        for start in range(0, len(keys), PRELOAD_STREAMS):
            chunk = {name: missing[name] for name in keys[start : start + PRELOAD_STREAMS]}
            read |= await self._reader.read_many(chunk)
        return read

    async def claimed(self, scope: str, key: str) -> UUID | None:
        """Which stream holds the name."""
        return await self._log.claimed(scope, key)

    async def current(
        self, aggregate: Aggregate[S], id: UUID, *, connection: Any = None, fresh: bool = True
    ) -> Loaded[S]:
        """The stream's newest state; not ``fresh``: one in memory will do."""
        known: Loaded[S] | None = self.memory.get((aggregate.name, id))
        if known is not None and not fresh:
            self.memory.used((aggregate.name, id))
            return known
        forgotten = self.memory.forgotten
        loaded = await self._reader.read(aggregate, id, known, connection)
        if connection is None:  # inside a transaction we may see what is never committed
            self.memory.remember(aggregate.name, id, loaded, forgotten)
        return loaded

    async def _append(self, request: Request, within: Any) -> Receipt:
        if not request.facts and not request.claims and request.meta.key is None:
            return request.receipt(self._log.position)  # nothing new was said
        if within is not None:
            return await self._log.append_within(within, request)
        return await self._log.append(request)

    async def _earlier(self, meta: Meta, within: Any) -> Receipt | None:
        if meta.key is None:
            return None
        return await self._log.earlier(meta.key, meta.fingerprint, within)
