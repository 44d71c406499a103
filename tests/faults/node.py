"""A place where a store is written to and read: within this process, or ``python -m tests.faults.node``
as one of its own, which takes commands as lines of JSON and answers each with one."""

import asyncio
import json
import sys
import traceback
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from time import monotonic
from typing import Any

import structlog
import uvloop

from tests.faults.checker import Reading, Report
from tests.faults.store import Given, Store, named
from tests.faults.writers import Writers

GATHER_SECONDS = 0.005
"""A reader writes down what it saw this often."""
AGAIN_SECONDS = 0.05


def ledger_of(given: Given) -> Path:
    """Where its writers say what they were told."""
    return given.home / f"{given.place}.ledger"


def sight_of(given: Given) -> Path:
    """Where its reader says what it saw."""
    return given.home / f"{given.place}.sight"


class Node:
    """Writers and a tailing reader. The reader remembers where it was in what it wrote down."""

    def __init__(self, store: Store, given: Given, run: int) -> None:
        self._store = store
        self._writers = Writers(store, Report(ledger_of(given)), run)
        self._sight = Report(sight_of(given))
        known = Reading(sight_of(given)).news()
        self._position = int(known[-1][0]) if known else 0
        self._lines: list[str] = []

    @classmethod
    @asynccontextmanager
    async def started(cls, store: str, given: Given, run: int) -> AsyncIterator["Node"]:
        async with named(store).opened(given) as opened:
            node = cls(opened, given, run)
            reading = asyncio.create_task(node._read())
            try:
                yield node
            finally:
                reading.cancel()
                await asyncio.gather(reading, return_exceptions=True)
                node._write_down()

    async def do(self, command: Mapping[str, Any]) -> Any:
        """``{"write": {...}}``, ``{"enough": true}``, ``{"do": "..."}``; says the answer."""
        match command:
            case {"write": wanted}:
                await self._writers.write(**wanted)
            case {"enough": _}:
                self._writers.enough()
            case {"do": what}:
                return await self._store.do(what)
        return True

    async def _read(self) -> None:
        """For ever, from where it was, through whatever cuts it off."""
        later = asyncio.get_running_loop().call_later
        while True:
            try:
                async for it in self._store.tail(self._position):
                    if not self._lines:
                        later(GATHER_SECONDS, self._write_down)
                    self._lines.append(
                        f"{it.position} {it.token} {it.stream.hex} {it.version} {monotonic():.6f}"
                    )
                    self._position = it.position
            except Exception:
                await asyncio.sleep(AGAIN_SECONDS)

    def _write_down(self) -> None:
        lines, self._lines = self._lines, []
        self._sight.write(lines)


async def main() -> None:
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    store, run, given = json.loads(sys.argv[1])
    reader = asyncio.StreamReader()
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    doing: set[asyncio.Task[None]] = set()

    async def do(number: int, command: Mapping[str, Any]) -> None:
        try:
            answer = await node.do(command)
        except Exception:
            traceback.print_exc()
            answer = None
        _say(number, answer)

    async with Node.started(store, Given(**given | {"home": Path(given["home"])}), run) as node:
        _say(0, True)
        while line := await reader.readline():
            task = asyncio.create_task(do(*json.loads(line)))
            doing.add(task)
            task.add_done_callback(doing.discard)


def _say(number: int, answer: Any) -> None:
    sys.stdout.write(json.dumps([number, answer]) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    uvloop.run(main())
