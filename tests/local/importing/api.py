"""An API that we play ourselves, and imports sent to it."""

import asyncio
import csv
import io
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import httpx

from keqing_local.importing.errors import Errors
from keqing_local.importing.row import Refusal, Row, Step
from keqing_local.importing.run import Import, Tally
from keqing_local.importing.sending import Sender

Answering = Callable[[httpx.Request], Awaitable[httpx.Response | None]]


class Api:
    """Knows what it was sent before; ``first`` may answer in its place."""

    def __init__(self, *, first: Answering | None = None) -> None:
        self.known: dict[str, set[str]] = {}
        self.requests: list[httpx.Request] = []
        self.at_once = self.most_at_once = 0
        self._first = first

    async def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            await asyncio.sleep(0)
            instead = await self._first(request) if self._first else None
            return instead or self._answer(request)
        finally:
            self.at_once -= 1

    def ids(self, address: str) -> list[str]:
        """What was sent there, in order."""
        return [
            row["id"] for request in self.requests if request.url.path == address for row in sent(request)
        ]

    def _answer(self, request: httpx.Request) -> httpx.Response:
        known, dry_run = self.known.setdefault(request.url.path, set()), "dry_run" in request.url.params
        rows: list[dict[str, Any]] = []
        for line, row in enumerate(sent(request), 1):
            problem = row.get("problem")
            outcome = "refused" if problem else "unchanged" if row["id"] in known else "created"
            rows.append({"line": line, "outcome": outcome, "problem": problem})
            if not problem and not dry_run:
                known.add(row["id"])
        position = f"{request.url.path.split('/')[1]}:{sum(map(len, self.known.values()))}"
        return httpx.Response(200, json={"rows": rows}, headers={"Keqing-Position": position})


def sent(request: httpx.Request) -> list[dict[str, Any]]:
    return [json.loads(line) for line in request.content.splitlines()]


def step(noun: str, *rows: Row | Refusal, context: str = "pipeline", in_order: bool = False) -> Step:
    return Step(noun, f"{noun}.csv", f"/{context}/imports/{noun}", lambda: iter(rows), in_order=in_order)


def plain(count: int, start: int = 0) -> list[Row]:
    return [Row(line, {"id": str(line)}) for line in range(start + 2, start + count + 2)]


class Told:
    def __init__(self) -> None:
        self.progress: list[tuple[str, int]] = []
        self.file = io.StringIO(newline="")
        self.errors = Errors(self.file)
        self.tallies: list[Tally] = []

    @property
    def counts(self) -> dict[str, dict[str, int]]:
        return {tally.noun: {k: n for k, n in tally.outcomes.items() if n} for tally in self.tallies}

    def kept(self) -> list[dict[str, str]]:
        self.file.seek(0)
        return list(csv.DictReader(self.file))


async def imported(
    api: Api, *steps: Step, chunk: int = 3, dry_run: bool = False, patience: float = 30.0
) -> Told:
    told = Told()
    async with sender(api, dry_run=dry_run, patience=patience) as sends:
        await Import(
            sends, told.errors, chunk, dry_run, lambda at, n: told.progress.append((at.noun, n)), told.tallies
        ).run(steps)
    return told


@asynccontextmanager
async def sender(api: Api, *, dry_run: bool = False, patience: float = 30.0) -> AsyncIterator[Sender]:
    async with httpx.AsyncClient(transport=httpx.MockTransport(api), base_url="http://keqing") as client:
        yield Sender(client, why="import test", dry_run=dry_run, patience=patience)
