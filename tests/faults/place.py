"""A node as the conductor of a fault sees it: asked, killed, frozen, started again."""

import asyncio
import itertools
import json
import signal
import subprocess
import sys
from abc import ABC, abstractmethod
from collections.abc import Mapping
from contextlib import AsyncExitStack
from typing import Any

from tests.faults.checker import Reading
from tests.faults.node import Node
from tests.faults.store import Given

_RUNS = itertools.count(1)
"""Every start has a number of its own, for its tokens. Processes that outlive us there are none."""
START_SECONDS = 30.0
STOP_SECONDS = 20.0
UNFORESEEN = (
    "views.failed",
    "view.stuck",
    "relay.failed",
    "consumer.failed",
    "part.failed",
    "part.ended",
    "part.will-not-stop",
    "was never retrieved",
    "was destroyed but it is pending",
)
"""Words of a log that speak of a mistake, not of an outage."""


class Place(ABC):
    """Where the store is written to and read."""

    def __init__(self, store: str, given: Given) -> None:
        self.given = given
        self._store = store

    @abstractmethod
    async def start(self) -> None: ...

    @abstractmethod
    async def stop(self) -> None:
        """In order."""

    @abstractmethod
    async def ask(self, command: Mapping[str, Any]) -> Any:
        """The answer; None when the node was killed before it gave one."""

    def unforeseen(self) -> list[str]:
        """What it has logged since this was asked last that no fault accounts for."""
        return []

    async def again(self, *, twice: bool) -> None:
        """Stopped in order and started otherwise."""
        await self.stop()
        self.given = self.given._replace(twice=twice)
        await self.start()


class Within(Place):
    """In this process: for what needs no killing."""

    async def start(self) -> None:
        self._stack = AsyncExitStack()
        self._node = await self._stack.enter_async_context(Node.started(self._store, self.given, next(_RUNS)))

    async def stop(self) -> None:
        await self._stack.aclose()

    async def ask(self, command: Mapping[str, Any]) -> Any:
        return await self._node.do(command)


class Apart(Place):
    """In a process of its own."""

    def __init__(self, store: str, given: Given) -> None:
        super().__init__(store, given)
        self._numbers = itertools.count(1)
        self._waiting: dict[int, asyncio.Future[Any]] = {}
        self._log = given.home / f"{given.place}.log"
        self._logged = Reading(self._log)
        self.up = asyncio.Event()

    async def start(self) -> None:
        given = self.given._asdict() | {"home": str(self.given.home)}
        command = [sys.executable, "-m", "tests.faults.node"]
        command.append(json.dumps([self._store, next(_RUNS), given]))
        with self._log.open("ab") as said:
            self._process = await asyncio.create_subprocess_exec(
                *command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=said
            )
        self._waiting = {0: asyncio.get_running_loop().create_future()}
        self._listening = asyncio.create_task(self._listen())
        async with asyncio.timeout(START_SECONDS):
            if not await self._waiting[0]:
                raise RuntimeError(
                    f"{self.given.place} does not start: {self._log.read_text(errors='replace')[-3000:]}"
                )
        self.up.set()

    async def stop(self) -> None:
        if not self.up.is_set():
            return
        assert self._process.stdin is not None
        self._process.stdin.close()
        try:
            async with asyncio.timeout(STOP_SECONDS):
                await self._process.wait()
        except TimeoutError:
            self._process.kill()
        await self._gone()

    def unforeseen(self) -> list[str]:
        said = (" ".join(words) for words in self._logged.news())
        return [line for line in said if any(words in line for words in UNFORESEEN)]

    async def kill(self) -> None:
        """``kill -9``."""
        self._process.kill()
        await self._gone()

    async def _gone(self) -> None:
        self.up.clear()
        await self._process.wait()
        await self._listening

    def freeze(self) -> None:
        self._process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self._process.send_signal(signal.SIGCONT)

    async def ask(self, command: Mapping[str, Any]) -> Any:
        if not self.up.is_set():
            return None
        number = next(self._numbers)
        answer = self._waiting[number] = asyncio.get_running_loop().create_future()
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps([number, command]).encode() + b"\n")
        return await answer

    async def _listen(self) -> None:
        assert self._process.stdout is not None
        async for line in self._process.stdout:
            number, answer = json.loads(line)
            self._answered(number, answer)
        for number in list(self._waiting):  # it is dead
            self._answered(number, None)

    def _answered(self, number: int, answer: Any) -> None:
        asked = self._waiting.pop(number)
        if not asked.done():
            asked.set_result(answer)
