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
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import asyncpg
import uvloop

from bench.ground import Ground
from bench.http_call import CLIENTS, REP, prepared, request
from bench.measure import Limit, served
from keqing_shared.http.signing import issue_token
from keqing_shared.settings import Settings

RATES = (100, 500)
VIEW_MS, CONTEXT_MS = 100.0, 250.0
"""The budgets of the 99th percentile at the highest rate."""
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
    environment = ground.ours(url, roles="http,views,relay,reactions,clockwork", nats_url=ground.nats_url)
    limits = []
    with (
        served("keqing_pipeline.app:app", environment, ground.home / "lag-pipeline.log") as port,
        served("keqing_collections.app:app", environment, ground.home / "lag-collections.log"),
    ):
        settings = Settings(env="development", home=ground.home)
        calls = prepared(port, settings)
        token = issue_token(settings, REP, ["rep"])
        for rate in RATES:
            seconds = WARM_UP_SECONDS + 2 * ground.seconds
            requests = _requests(calls, token, rate, int(rate * seconds))
            run = uvloop.run(_run(url, port, rate, requests))
            reached = run.commands / run.seconds
            ground.told(f"lag at {rate}/s: {reached:,.0f}/s reached, {len(run.view)} facts")
            bound = rate == max(RATES)
            slow = f" ({reached:,.0f} reached)" if reached < 0.95 * rate else ""
            for name, lags, most in (
                ("fact → view", run.view, VIEW_MS),
                ("fact → another context", run.context, CONTEXT_MS),
            ):
                what = f"{name} at {rate} commands/s{slow}"
                limits.append(Limit(f"{what}, p50", _percentile(lags, 50), None, "ms"))
                limits.append(Limit(f"{what}, p99", _percentile(lags, 99), most if bound else None, "ms"))
    return limits


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


async def _run(url: str, port: int, rate: int, requests: list[str]) -> Run:
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


def _requests(calls: list[str], token: str, rate: int, count: int) -> list[str]:
    return [
        calls[number % len(calls)]
        if number % 5
        else request(
            "/pipeline/customers",
            token,
            {"kind": "enterprise", "name": f"Lag {rate} {number} Ltd", "source": "internet", "owner": REP},
        )
        for number in range(count)
    ]


def _percentile(lags: list[float], percent: int) -> float:
    ordered = sorted(lags)
    return ordered[min(len(ordered) - 1, len(ordered) * percent // 100)]
