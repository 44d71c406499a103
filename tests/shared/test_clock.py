"""The clock: real, unless set by hand in development, and then for everybody."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import pytest

from keqing_shared.clock import CLOCK_SCHEMA, Clock, ClockFixed

SPRING = datetime(2026, 3, 2, 1, tzinfo=UTC)


@pytest.fixture
async def pool(database: str) -> AsyncIterator[Any]:
    async with asyncpg.create_pool(database, min_size=1, max_size=6) as it:
        await it.execute(CLOCK_SCHEMA)
        yield it


def assert_near(found: datetime, expected: datetime) -> None:
    assert abs(found - expected) < timedelta(seconds=5)


def test_it_is_real_time_in_utc() -> None:
    now = Clock().now()
    assert now.tzinfo is UTC
    assert_near(now, datetime.now(UTC))


async def test_it_cannot_be_set_outside_of_development(pool: Any) -> None:
    clock = Clock(pool)
    with pytest.raises(ClockFixed):
        await clock.set(SPRING)
    assert await pool.fetchval("SELECT count(*) FROM keqing.clock") == 0


async def test_a_set_clock_goes_on_from_there(pool: Any) -> None:
    clock = Clock(pool, settable=True)
    await clock.set(SPRING)
    first = clock.now()
    assert_near(first, SPRING)
    assert clock.now() > first


async def test_what_was_set_outlives_a_restart_but_not_for_production(pool: Any) -> None:
    await Clock(pool, settable=True).set(SPRING)
    later = Clock(pool, settable=True)
    await later.load()
    assert_near(later.now(), SPRING)
    production = Clock(pool)
    await production.load()
    assert_near(production.now(), datetime.now(UTC))


async def test_it_can_be_set_back_to_real_time(pool: Any) -> None:
    clock = Clock(pool, settable=True)
    await clock.set(SPRING)
    await clock.set(None)
    assert clock.offset == timedelta()
    later = Clock(pool, settable=True)
    await later.load()
    assert later.offset == timedelta()


async def test_other_processes_follow_at_once(pool: Any) -> None:
    here, there = Clock(pool, settable=True), Clock(pool, settable=True)
    following = asyncio.create_task(there.run())
    try:
        await here.set(SPRING)
        assert await there.turned(0, 10)
        assert_near(there.now(), SPRING)
    finally:
        following.cancel()
        with suppress(asyncio.CancelledError):
            await following


async def test_following_outlives_a_lost_connection(pool: Any) -> None:
    here, there = Clock(pool, settable=True), Clock(pool, settable=True)
    following = asyncio.create_task(there.run())
    try:
        await here.set(SPRING)
        assert await there.turned(0, 10)
        await pool.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        await here.set(SPRING + timedelta(days=1))
        assert await there.turned(1, 10)
        assert_near(there.now(), SPRING + timedelta(days=1))
    finally:
        following.cancel()
        with suppress(asyncio.CancelledError):
            await following


async def test_who_waits_for_a_turn_hears_of_it_or_of_the_time_being_up(pool: Any) -> None:
    clock = Clock(pool, settable=True)
    assert not await clock.turned(0, 0.01)
    waiting = asyncio.create_task(clock.turned(0, 30))
    await asyncio.sleep(0)
    await clock.set(SPRING)
    assert await waiting
    assert await clock.turned(0, 0)  # one that happened before one began to wait counts
