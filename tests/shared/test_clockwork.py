"""The clockwork: duties on time, again after a failure, at once when the clock is set, by one process."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import asyncpg
import pytest

from keqing_shared.clock import CLOCK_SCHEMA, Clock
from keqing_shared.clockwork import Clockwork, Duty
from keqing_shared.lease import LEASES_SCHEMA

SPRING = datetime(2026, 3, 2, 1, tzinfo=UTC)


@dataclass
class Bench:
    """As much of a service as a clockwork needs."""

    pool: Any
    clock: Clock


@pytest.fixture
async def bench(database: str) -> AsyncIterator[Bench]:
    async with asyncpg.create_pool(database, min_size=1, max_size=6) as pool:
        await pool.execute(CLOCK_SCHEMA + LEASES_SCHEMA)
        yield Bench(pool, Clock(pool, settable=True))


class Bell:
    """A duty that counts its runs and can be waited for."""

    def __init__(self, fails: int = 0, makes: int = 1) -> None:
        self.rang: list[datetime] = []
        self.fails = fails
        self.makes = makes
        self._news = asyncio.Event()

    async def __call__(self, _: Any, now: datetime) -> int:
        self.rang.append(now)
        self._news.set()
        if len(self.rang) <= self.fails:
            raise LookupError("not yet")
        return self.makes

    async def times(self, number: int) -> None:
        async with asyncio.timeout(20):
            while len(self.rang) < number:
                self._news.clear()
                await self._news.wait()


@asynccontextmanager
async def going(bench: Any, *duties: Duty, ttl: float = 3.0) -> AsyncIterator[Clockwork]:
    clockwork = Clockwork(bench, duties, ttl)
    task = asyncio.create_task(clockwork.run())
    try:
        yield clockwork
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def test_duties_run_at_the_start_and_again_each_on_its_own_schedule(bench: Bench) -> None:
    often, seldom = Bell(), Bell()
    async with going(bench, Duty("often", 0.02, often), Duty("seldom", 3600, seldom)) as clockwork:
        await often.times(4)
        assert len(seldom.rang) == 1
        assert clockwork.states["often"].facts >= 3
        assert clockwork.holds_lease


async def test_when_the_clock_is_set_every_duty_runs_at_once_by_the_new_time(bench: Bench) -> None:
    bell = Bell()
    async with going(bench, Duty("bell", 3600, bell)):
        await bell.times(1)
        await bench.clock.set(SPRING)
        await bell.times(2)
        assert bell.rang[1].date() == SPRING.date()


async def test_a_clock_set_while_a_duty_runs_is_not_missed(bench: Bench) -> None:
    bell = Bell()

    async def sets_the_clock(_: Any, now: datetime) -> int:
        if now.date() != SPRING.date():
            await bench.clock.set(SPRING)
        return await bell(_, now)

    async with going(bench, Duty("bell", 3600, sets_the_clock)):
        await bell.times(2)
        assert bell.rang[1].date() == SPRING.date()


async def test_a_failure_is_counted_and_tried_again_and_keeps_no_other_duty_from_running(
    bench: Bench,
) -> None:
    failing, sound = Bell(fails=2), Bell()
    async with going(bench, Duty("failing", 0.02, failing), Duty("sound", 0.02, sound)) as clockwork:
        await failing.times(4)
        await sound.times(4)
        state = clockwork.states["failing"]
        assert (state.failures, state.failed_in_a_row, state.error) == (2, 0, None)
        assert clockwork.states["sound"].failures == 0


async def test_of_two_processes_one_does_the_duties_and_the_other_takes_over(bench: Bench) -> None:
    first, second = Bell(), Bell()
    async with going(bench, Duty("bell", 0.02, second), ttl=0.6) as standby:
        await second.times(1)
        async with going(bench, Duty("bell", 0.02, first), ttl=0.6) as other:
            await second.times(5)
            assert (standby.holds_lease, other.holds_lease) == (True, False)
            assert first.rang == []
    async with going(bench, Duty("bell", 0.02, first), ttl=0.6):
        await first.times(1)
        assert len(second.rang) >= 5


async def test_once_runs_every_duty_and_raises_what_it_raises(bench: Any) -> None:
    clockwork = Clockwork(bench, [Duty("two", 60, Bell(makes=2)), Duty("three", 60, Bell(makes=3))])
    assert await clockwork.once() == 5
    with pytest.raises(LookupError):
        await Clockwork(bench, [Duty("failing", 60, Bell(fails=1))]).once()


def test_two_duties_of_one_name_are_refused(bench: Any) -> None:
    with pytest.raises(ValueError, match="bell"):
        Clockwork(bench, [Duty("bell", 1, Bell()), Duty("bell", 2, Bell())])
