"""Eight writers of one process: most append to streams of their own, some to streams that all fight for,
some take back what they wrote."""

import asyncio
import itertools
import random
from time import monotonic
from uuid import NAMESPACE_OID, UUID, uuid4, uuid5

from tests.faults.checker import Report
from tests.faults.store import Refused, Store

WRITERS = 8
STREAM_LENGTH = 40
CONTESTED = [uuid5(NAMESPACE_OID, f"contested {number}") for number in range(4)]
CONTESTING, TAKING_BACK = 0.1, 0.04
"""Of all attempts."""
POISONED, POISONED_VERSION = 8, 3
"""One in so many streams is; at this version."""
PATIENCE_SECONDS = 0.02

TOKENS_OF_A_RUN = 10**9
"""Tokens are numbered within the run of a process."""


class Writers:
    """Say in the report what they were told. ``rate``: facts in a second that they try for together."""

    def __init__(self, store: Store, report: Report, run: int) -> None:
        self._store = store
        self._report = report
        self._tokens = iter(range(run * TOKENS_OF_A_RUN, (run + 1) * TOKENS_OF_A_RUN))
        self._random = random.Random(run)
        self._streams = itertools.count()
        self._contested = dict.fromkeys(CONTESTED, 0)
        self._enough = asyncio.Event()

    async def write(self, facts: int, rate: float, *, over: bool, taking_back: bool, poison: bool) -> None:
        """Until so many are acknowledged and, unless it is ``over``, ``enough`` was said."""
        self._left, self._enough = facts, asyncio.Event()
        if over:
            self._enough.set()
        pause = WRITERS / rate
        async with asyncio.TaskGroup() as group:
            for _ in range(WRITERS):
                group.create_task(self._writer(pause, taking_back, poison))

    def enough(self) -> None:
        self._enough.set()

    async def _writer(self, pause: float, taking_back: bool, poison: bool) -> None:
        stream, version, poisoned = self._another(poison)
        due = monotonic() + self._random.random() * pause
        while self._left > 0 or not self._enough.is_set():
            await asyncio.sleep(max(0.0, due - monotonic()))
            due = max(due + pause, monotonic() - 1.0)
            chance = self._random.random()
            if chance < CONTESTING:
                await self._contest(self._random.choice(CONTESTED))
                continue
            if taking_back and chance < CONTESTING + TAKING_BACK:
                await self._take_back(stream, version + 1)
                continue
            if version == STREAM_LENGTH:
                stream, version, poisoned = self._another(poison)
            version += 1
            if await self._append(stream, version, poison=poisoned and version == POISONED_VERSION) is None:
                stream, version, poisoned = self._another(poison)  # nobody knows how far that one has come

    def _another(self, poison: bool) -> tuple[UUID, int, bool]:
        """A stream of one's own, its version, whether there will be poison in it."""
        return uuid4(), 0, poison and next(self._streams) % POISONED == 0

    async def _contest(self, stream: UUID) -> None:
        version = self._contested[stream] + 1
        if await self._append(stream, version) is not None:
            self._contested[stream] = max(self._contested[stream], version)

    async def _take_back(self, stream: UUID, version: int) -> None:
        token = next(self._tokens)
        self._report.write([f"- {token} {monotonic():.6f}"])
        try:
            await self._store.take_back(stream, version, token)
        except Exception:
            await asyncio.sleep(PATIENCE_SECONDS)

    async def _append(self, stream: UUID, version: int, *, poison: bool = False) -> bool | None:
        """Whether it is there now; None when nobody knows."""
        token = next(self._tokens)
        try:
            await self._store.append(stream, version, token, poison=poison)
        except Refused:
            self._report.write([f"- {token} {monotonic():.6f}"])
            return False
        except Exception as error:
            self._report.write([f"? {token} {monotonic():.6f} {type(error).__name__}"])
            await asyncio.sleep(PATIENCE_SECONDS)
            return None
        self._report.write([f"+ {token} {monotonic():.6f}"])
        self._left -= 1
        return True
