"""Knowing that the log has grown: at once in this process, by a coalesced NOTIFY in the others,
and by looking when neither came through."""

import asyncio
from typing import Any

import structlog

from keqing_shared.outage import DATABASE_AWAY
from keqing_shared.waiting import Waiting

POLL_SECONDS = 1.0
"""The longest a reader sleeps without looking for itself."""
COALESCE_SECONDS = 0.01
"""The shortest time between two NOTIFYs of one process."""

# Not waiting for the disk, as the appends must: a NOTIFY outlives no crash anyway.
_NOTIFY = "SELECT set_config('synchronous_commit', 'off', true), pg_notify($1, $2)"

_log = structlog.get_logger(__name__)


class Wakeup:
    """The highest position known to be committed, and who waits for a higher one."""

    def __init__(self, pool: Any, channel: str) -> None:
        self.position = 0
        self._pool = pool
        self._channel = channel
        self._waiting = Waiting()
        self._told = 0
        self._news = asyncio.Event()

    def signal(self, position: int) -> None:
        """Call after a commit."""
        self._heard(position)
        if position > self._told:
            self._news.set()

    async def wait_beyond(self, position: int, seconds: float) -> bool:
        """True as soon as the log is known to reach beyond the position, False after ``seconds``."""
        if self.position > position:
            return True
        await self._waiting.woken(seconds)
        return self.position > position

    async def tell(self) -> None:
        """Sends the NOTIFYs, until cancelled. A lost one costs the others a poll, no more."""
        while True:
            await self._news.wait()
            self._news.clear()
            position = self.position
            try:
                await self._pool.execute(_NOTIFY, self._channel, str(position))
                self._told = position
            except DATABASE_AWAY as error:
                _log.info("notify.lost", error=type(error).__name__)
            await asyncio.sleep(COALESCE_SECONDS)

    async def listen(self) -> None:
        """Hears the NOTIFYs of other processes, until cancelled; listens anew after a lost connection."""
        while True:
            try:
                await self._listen_once()
            except DATABASE_AWAY as error:
                _log.info("listen.lost", error=type(error).__name__)
            await asyncio.sleep(0.2)

    async def _listen_once(self) -> None:
        async with self._pool.acquire() as connection:
            gone = asyncio.Event()
            connection.add_termination_listener(lambda _: gone.set())
            await connection.add_listener(self._channel, self._notified)
            try:
                await gone.wait()
            finally:
                if not connection.is_closed():
                    await connection.remove_listener(self._channel, self._notified)

    def _notified(self, _connection: Any, _pid: int, _channel: str, payload: object) -> None:
        self._told = max(self._told, int(str(payload)))
        self._heard(int(str(payload)))

    def _heard(self, position: int) -> None:
        if position <= self.position:
            return
        self.position = position
        self._waiting.wake()
