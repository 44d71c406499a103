"""The clock: real time, and in development a time set by hand that every process keeps to."""

import asyncio
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import structlog

from keqing_shared.outage import DATABASE_AWAY
from keqing_shared.waiting import Waiting

CLOCK_SCHEMA = """
CREATE SCHEMA IF NOT EXISTS keqing;
CREATE TABLE IF NOT EXISTS keqing.clock (
    single boolean PRIMARY KEY DEFAULT true CHECK (single),
    ahead interval NOT NULL
);
COMMENT ON COLUMN keqing.clock.ahead IS 'of real time; development only';
"""
CHANNEL = "keqing_clock"
POLL_SECONDS = 5.0
"""Between two looks at the table, should a NOTIFY be lost."""

_log = structlog.get_logger(__name__)


class ClockFixed(Exception):
    """The clock can be set in development only."""


class Clock:
    """``now`` is UTC and aware. Rules never ask it: they get the time as an argument."""

    def __init__(self, pool: Any = None, *, settable: bool = False) -> None:
        """``pool`` keeps what is set, for other processes and the next start; None: nobody else is told."""
        self.settable = settable
        self._pool = pool
        self._offset = timedelta()
        self.turns = 0
        """How often it was set since the start."""
        self._waiting = Waiting()

    @property
    def offset(self) -> timedelta:
        """How far ahead of real time."""
        return self._offset

    def now(self) -> datetime:
        return datetime.now(UTC) + self._offset

    async def set(self, moment: datetime | None) -> None:
        """From now on it is this moment, and goes on from there; None: real time again. Raises ClockFixed."""
        if not self.settable:
            raise ClockFixed("the clock can be set in development only")
        ahead = timedelta() if moment is None else moment - datetime.now(UTC)
        if self._pool is not None:
            async with self._pool.acquire() as connection, connection.transaction():
                await connection.execute(
                    "INSERT INTO keqing.clock (ahead) VALUES ($1)"
                    " ON CONFLICT (single) DO UPDATE SET ahead = $1",
                    ahead,
                )
                await connection.execute(f"NOTIFY {CHANNEL}")
        self._take(ahead)

    async def load(self) -> None:
        """Takes over what was set earlier, or by another process."""
        if self.settable and self._pool is not None:
            self._take(await self._pool.fetchval("SELECT ahead FROM keqing.clock") or timedelta())

    async def turned(self, since: int, seconds: float) -> bool:
        """True as soon as ``turns`` is beyond ``since``, False after ``seconds`` of real time."""
        if self.turns > since:
            return True
        return await self._waiting.woken(seconds)

    async def run(self) -> None:
        """Keeps to what other processes set, until cancelled; outlives a lost database."""
        while True:
            try:
                await self._follow()
            except DATABASE_AWAY as error:
                _log.info("clock.unreachable", error=type(error).__name__)
                await asyncio.sleep(0.5)

    async def _follow(self) -> None:
        async with self._pool.acquire() as connection:
            news = asyncio.Event()

            def heard(*_: object) -> None:
                news.set()

            connection.add_termination_listener(heard)
            await connection.add_listener(CHANNEL, heard)
            try:
                while not connection.is_closed():
                    news.clear()
                    await self.load()
                    with suppress(TimeoutError):
                        async with asyncio.timeout(POLL_SECONDS):
                            await news.wait()
            finally:
                if not connection.is_closed():
                    connection.remove_termination_listener(heard)
                    await connection.remove_listener(CHANNEL, heard)

    def _take(self, ahead: timedelta) -> None:
        if ahead == self._offset:
            return
        self._offset = ahead
        self.turns += 1
        self._waiting.wake()
