"""A log of five million facts against one of fifty thousand: lags, loads, appends.

What is appended meanwhile makes both longer. ``verify`` shows beforehand that the smaller one, which is
filled as the big one is, fits its chain.
"""

import random
import statistics
import time
from collections.abc import Callable, Coroutine
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from typing import Any

import asyncpg
import uvloop

from bench.append import appending
from bench.filled import IN_A_STREAM, fill
from bench.ground import Ground
from bench.history import A_CALL, opened_log
from bench.http_call import prepared
from bench.lag import BUDGETED, WARM_UP_SECONDS, Commands, observed, percentile, running
from bench.measure import Contestant, Limit, Row, paired
from keqing_pipeline.opportunity.rules import OPPORTUNITY
from keqing_shared.clock import Clock
from keqing_shared.log.verify import verify
from keqing_shared.streams import Streams

SMALL, BIG = 50_000, 5_000_000
CALLERS = 16
NO_SLOWER = 1.2
VERIFIED = 100_000
"""Facts a second that a verification is to read."""
SAMPLE = 5_000
"""Facts whose streams are loaded in turn."""


@dataclass(frozen=True)
class Grown:
    """A pipeline with so long a log, which its views and the others have taken in."""

    facts: int
    url: str
    nats_url: str
    commands: Commands

    @property
    def log(self) -> str:
        """The URL of the database as the pipeline's own connections see it."""
        return f"{self.url}&search_path=pipeline"


def measure(ground: Ground) -> list[Row | Limit]:
    """In the rows of rates the big log is ours, the small one the rival."""
    small, big = _grown(ground, "small", SMALL), _grown(ground, "big", BIG)
    seconds = ground.seconds / 2
    rates: dict[str, Callable[[str], Coroutine[Any, Any, float]]] = {
        f"load a stream of {IN_A_STREAM} facts": lambda log: _loading(log, seconds),
        f"append one fact, {CALLERS} callers": lambda log: appending(log, CALLERS, seconds),
    }
    lines: list[Row | Limit] = [_verified(ground, small), *_lags(ground, small, big)]
    for what, rate in rates.items():
        ground.told(what)
        ours, theirs = (
            Contestant(f"the same in {it.facts:,}", partial(_run, rate, it.log)) for it in (big, small)
        )
        paired([ours, theirs], ground.rounds, ground.told)
        lines.append(Row.against(theirs, f"{what}, in {BIG:,}", ours, 1 / NO_SLOWER))
    return lines


def _run(rate: Callable[[str], Coroutine[Any, Any, float]], log: str) -> float:
    return uvloop.run(rate(log))


def _grown(ground: Ground, name: str, facts: int) -> Grown:
    url, nats_url = ground.database(f"growth_{name}"), ground.nats_url(name)
    with running(ground, url, nats_url) as port:
        commands = Commands(prepared(port, ground.settings), ground.settings)
        observed(
            url, port, commands.at(100, WARM_UP_SECONDS + 1), 100
        )  # the views and the others are up with it
    grown = Grown(facts, url, nats_url, commands)
    begin = time.perf_counter()
    uvloop.run(fill(grown.log, facts))
    ground.told(f"a log of {facts:,} facts, filled in {time.perf_counter() - begin:.0f} s")
    return grown


def _verified(ground: Ground, grown: Grown) -> Row:
    contestant = Contestant("keqing verify", lambda: uvloop.run(_verifying(grown.log)))
    paired([contestant], ground.rounds, ground.told)
    return Row.budgeted("verify the log, facts", contestant, VERIFIED)


async def _verifying(log: str) -> float:
    connection = await asyncpg.connect(log)
    try:
        begin = time.perf_counter()
        verdict = await verify(connection)
        took = time.perf_counter() - begin
    finally:
        await connection.close()
    if verdict.finding is not None:
        raise RuntimeError(f"the log is not as it was written: {verdict.finding}")
    return verdict.facts / took


async def _loading(log: str, seconds: float) -> float:
    """Streams a second, from everywhere in the log, with nothing in memory."""
    async with opened_log(log) as (pool, own):
        anywhere = [random.randrange(await own.head()) for _ in range(SAMPLE)]
        ids = await pool.fetch(
            "SELECT originator_id FROM facts WHERE notification_id = ANY ($1) AND topic = $2",
            anywhere,
            A_CALL.topic,
        )
        done = 0
        begin = time.perf_counter()
        while (took := time.perf_counter() - begin) < seconds:
            id = ids[done % len(ids)][0]
            await Streams(own, Clock(pool, settable=False), None).load(OPPORTUNITY, id)
            done += 1
        return done / took


def _lags(ground: Ground, small: Grown, big: Grown) -> list[Limit]:
    """Both run at once, and are sent commands in turn."""
    lags: dict[int, tuple[list[list[float]], list[list[float]]]] = {it.facts: ([], []) for it in (small, big)}
    seconds = WARM_UP_SECONDS + ground.seconds
    with ExitStack() as stack:
        ports = [(it, stack.enter_context(running(ground, it.url, it.nats_url))) for it in (small, big)]
        for number in range(ground.rounds):
            for it, port in ports if number % 2 else reversed(ports):
                run = observed(it.url, port, it.commands.at(BUDGETED, seconds), BUDGETED)
                lags[it.facts][0].append(run.view)
                lags[it.facts][1].append(run.context)
    limits = []
    for which, name in enumerate(("fact → view", "fact → another context")):
        for percent in (50, 99):
            theirs, ours = (
                statistics.median(percentile(run, percent) for run in lags[it.facts][which])
                for it in (small, big)
            )
            limits.append(
                Limit(
                    f"{name} at {BUDGETED} commands/s, p{percent}, in {BIG:,} against {SMALL:,}"
                    f" ({ours:.1f} ms, {theirs:.1f} ms)",
                    ours / theirs,
                    NO_SLOWER if percent == 50 else None,
                    "×",
                )
            )
    return limits
