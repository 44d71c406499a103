"""How long after its recording a fact is in the views, and has been taken in by another context.

Pipeline and collections run as they do in production, each in a process of its own with all its parts;
commands come over HTTP at a fixed rate, one in five registers a customer (whom collections then knows),
the others log calls. The lag runs from the command's moment (before its append) until a connection of
ours reads a checkpoint that has reached the fact: the append and up to a poll are in it. Both checkpoints
move in the transaction of their effect.
"""

import asyncio
import json
import subprocess
import sys
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from typing import Any

import asyncpg
import uvloop

from bench.ground import Ground
from bench.http_call import CLIENTS, REP, prepared, request
from bench.measure import Limit, served
from keqing_shared.http.signing import issue_token
from keqing_shared.settings import Settings

RATES = (100, 500, 1_000)
BUDGETED = 500
VIEW_MS, CONTEXT_MS = 100.0, 250.0
"""The budgets of the 99th percentile at the rate that is budgeted."""
PERCENTILES = (50, 99, 99.9)
POLL_SECONDS = 0.001
WARM_UP_SECONDS = 1.0
PATIENCE_SECONDS = 30.0

_CHECKPOINTS = """
SELECT (SELECT min(position) FROM pipeline.views),
       coalesce((SELECT position FROM collections.consumers WHERE source = 'pipeline'), 0)
"""


def measure(ground: Ground) -> list[Limit]:
    """Percentiles over all facts of a run, of which there is one for each rate."""
    url = ground.database("lag")
    limits = []
    with running(ground, url, ground.nats_url()) as port:
        commands = Commands(prepared(port, ground.settings), ground.settings)
        for rate in RATES:
            run = observed(url, port, commands.at(rate, WARM_UP_SECONDS + 2 * ground.seconds), rate)
            reached = run.commands / run.seconds
            ground.told(f"lag at {rate}/s: {reached:,.0f}/s reached, {len(run.view)} facts")
            slow = f" ({reached:,.0f} reached)" if reached < 0.95 * rate else ""
            for name, lags, most in (
                ("fact → view", run.view, VIEW_MS),
                ("fact → another context", run.context, CONTEXT_MS),
            ):
                what = f"{name} at {rate:,} commands/s{slow}"
                for percent in PERCENTILES:
                    bound = most if rate == BUDGETED and percent == 99 else None
                    limits.append(Limit(f"{what}, p{percent:g}", percentile(lags, percent), bound, "ms"))
    return limits


@contextmanager
def running(ground: Ground, url: str, nats_url: str) -> Iterator[int]:
    """Pipeline and collections with all their parts; pipeline's port."""
    environment = ground.ours(url, roles="http,views,relay,reactions,clockwork", nats_url=nats_url)
    with (
        served("keqing_pipeline.app:app", environment, ground.home / "lag-pipeline.log") as port,
        served("keqing_collections.app:app", environment, ground.home / "lag-collections.log"),
    ):
        yield port


class Commands:
    """Raw requests: calls to the opportunities that are there, and every fifth time a new customer."""

    def __init__(self, calls: list[str], settings: Settings) -> None:
        self._calls = calls
        self._token = issue_token(settings, REP, ["rep"])
        self._customers = count()

    def at(self, rate: int, seconds: float) -> list[str]:
        """As many as there are at this rate in so many seconds."""
        return [
            self._calls[number % len(self._calls)] if number % 5 else self._customer()
            for number in range(int(rate * seconds))
        ]

    def _customer(self) -> str:
        name = f"Lag {next(self._customers)} Ltd"
        members = {"kind": "enterprise", "name": name, "source": "internet", "owner": REP}
        return request("/pipeline/customers", self._token, members)


@dataclass(frozen=True)
class Run:
    commands: int
    seconds: float
    view: list[float]
    """Milliseconds, one for each fact, in no order."""
    context: list[float]


class Watch:
    """When each checkpoint was first seen where."""

    def __init__(self) -> None:
        self.moments: tuple[list[datetime], list[datetime]] = ([], [])
        self.positions: tuple[list[int], list[int]] = ([], [])

    async def keep(self, connection: Any) -> None:
        """Until cancelled."""
        while True:
            seen = await connection.fetchrow(_CHECKPOINTS)
            now = datetime.now(UTC)
            for which in (0, 1):
                if not self.positions[which] or seen[which] > self.positions[which][-1]:
                    self.positions[which].append(seen[which])
                    self.moments[which].append(now)
            await asyncio.sleep(POLL_SECONDS)

    def reached(self, which: int) -> int:
        return self.positions[which][-1] if self.positions[which] else 0

    def lags(self, which: int, facts: Sequence[tuple[int, datetime]]) -> list[float]:
        moments, positions = self.moments[which], self.positions[which]
        return [
            (moments[bisect_left(positions, position)] - recorded_at).total_seconds() * 1000
            for position, recorded_at in facts
        ]


def observed(url: str, port: int, requests: list[str], rate: int) -> Run:
    """Sends them at the rate, and tells when each of their facts had come where it belongs."""
    return uvloop.run(_observed(url, port, requests, rate))


async def _observed(url: str, port: int, requests: list[str], rate: int) -> Run:
    connection, watching = await asyncpg.connect(url), await asyncpg.connect(url)
    watch = Watch()
    task = asyncio.create_task(watch.keep(watching))
    try:
        before = await connection.fetchval("SELECT position FROM pipeline.log_head")
        loaded = await asyncio.to_thread(_load, port, rate, requests)
        head = await connection.fetchval("SELECT position FROM pipeline.log_head")
        last = await _settled(connection, watch, head, task)
        warm = before + int(rate * WARM_UP_SECONDS)
        rows = await connection.fetch(
            "SELECT notification_id, recorded_at FROM pipeline.facts"
            " WHERE notification_id > $1 AND notification_id <= $2",
            warm,
            head,
        )
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await connection.close()
        await watching.close()
    facts = [(row[0], row[1]) for row in rows]
    told = [fact for fact in facts if fact[0] <= last]
    return Run(loaded["done"], loaded["seconds"], watch.lags(0, facts), watch.lags(1, told))


async def _settled(connection: Any, watch: Watch, head: int, watching: "asyncio.Task[None]") -> int:
    """The last published position, once views and consumer are where they should be."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not watching.done():
            relay = await connection.fetchrow("SELECT position, published FROM pipeline.relay")
            if relay is not None and relay["position"] >= head:
                last = min(head, int(relay["published"]))
                if watch.reached(0) >= head and watch.reached(1) >= last:
                    return last
            await asyncio.sleep(0.02)
    watching.result()  # it never ends by itself: this raises why it did
    raise RuntimeError("the checkpoints are not watched any more")


def _load(port: int, rate: int, requests: list[str]) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-m", "bench.paced", str(port), str(rate), str(CLIENTS)],
        input=json.dumps(requests), capture_output=True, text=True, timeout=len(requests) / rate + 120,
        check=True,
    )  # fmt: skip
    measured: dict[str, Any] = json.loads(done.stdout)
    if measured["wrong"]:
        raise RuntimeError(f"{measured['wrong']} of {measured['done']} answers were not 201")
    return measured


def percentile(lags: Sequence[float], percent: float) -> float:
    ordered = sorted(lags)
    return ordered[min(len(ordered) - 1, int(len(ordered) * percent / 100))]
