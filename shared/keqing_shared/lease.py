"""Leases: of several replicas one does the work, and a fencing epoch stops the one that was replaced.

The database's clock decides. Whoever takes a lease gets an epoch higher than all before; work that
writes under its epoch cannot be done by a holder that does not know yet that it was replaced.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import structlog

from keqing_shared.outage import DATABASE_AWAY

LEASES_SCHEMA = """
CREATE TABLE IF NOT EXISTS leases (
    name text PRIMARY KEY,
    holder uuid NOT NULL,
    epoch bigint NOT NULL,
    expires_at timestamptz NOT NULL
);
"""

LONGEST_PAUSE = 0.5
"""Seconds between two looks whether the lease is free."""

_TAKE = """
INSERT INTO leases AS held (name, holder, epoch, expires_at)
VALUES ($1, $2, 1, clock_timestamp() + $3)
ON CONFLICT (name) DO UPDATE
SET holder = $2, epoch = held.epoch + 1, expires_at = clock_timestamp() + $3
WHERE held.expires_at <= clock_timestamp()
RETURNING epoch
"""
# A holder that is late may renew as long as nobody took the lease: the epoch says so.
_RENEW = """
UPDATE leases SET expires_at = clock_timestamp() + $3 WHERE name = $1 AND holder = $2 RETURNING true
"""
_RELEASE = "UPDATE leases SET expires_at = '-infinity' WHERE name = $1 AND holder = $2"

_log = structlog.get_logger(__name__)


class LeaseLost(Exception):
    """Somebody else may hold the lease now; what was being done under it was cancelled."""


class Lease:
    """A named lease of ``ttl`` seconds in the table ``leases`` of the pool's schema."""

    def __init__(self, pool: Any, name: str, ttl: float = 3.0) -> None:
        self.name = name
        self._pool = pool
        self._ttl = ttl

    @asynccontextmanager
    async def held(self) -> AsyncIterator[int]:
        """Waits until the lease is ours and yields its epoch; renews it meanwhile, releases it at once after.

        When it is lost the body is cancelled and ``LeaseLost`` raised in its place: at the latest when
        the time for which the database granted it has passed by our own monotonic clock.
        Acquiring outlives a lost database.
        """
        holder = uuid4()
        epoch, until = await self._acquire(holder)
        body = asyncio.current_task()
        assert body is not None
        lost = False
        already_cancelling = body.cancelling()

        def lose(renewing: asyncio.Task[None]) -> None:
            nonlocal lost
            if not renewing.cancelled():
                lost = True
                body.cancel()

        renewing = asyncio.create_task(self._renew(holder, until), name=f"lease:{self.name}")
        renewing.add_done_callback(lose)
        try:
            yield epoch
        except asyncio.CancelledError:
            if lost and body.uncancel() <= already_cancelling:
                raise LeaseLost(self.name) from None
            raise
        finally:
            renewing.remove_done_callback(lose)
            renewing.cancel()
            with suppress(asyncio.CancelledError):
                await renewing
            if lost and body.cancelling() > already_cancelling:
                body.uncancel()  # lost in the very moment that the work was done
            await self._release(holder)

    async def _acquire(self, holder: UUID) -> tuple[int, float]:
        """The epoch, and until when, by the loop's clock, the lease is surely ours."""
        loop = asyncio.get_running_loop()
        while True:
            until = loop.time() + self._ttl
            try:
                epoch = await self._pool.fetchval(_TAKE, self.name, holder, timedelta(seconds=self._ttl))
            except DATABASE_AWAY as error:
                _log.info("lease.unreachable", lease=self.name, error=type(error).__name__)
                epoch = None
            if epoch is not None:
                return epoch, until
            await asyncio.sleep(min(self._ttl / 6, LONGEST_PAUSE))

    async def _renew(self, holder: UUID, until: float) -> None:
        """Returns when the lease is lost."""
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(min(self._ttl / 3, max(0.0, until - loop.time())))
            if loop.time() >= until:
                _log.warning("lease.ran-out", lease=self.name)
                return
            asked = loop.time()
            try:
                async with asyncio.timeout_at(until):
                    ours = await self._pool.fetchval(_RENEW, self.name, holder, timedelta(seconds=self._ttl))
            except DATABASE_AWAY as error:
                _log.info("lease.unreachable", lease=self.name, error=type(error).__name__)
                await asyncio.sleep(self._ttl / 30)
                continue
            if not ours:
                _log.warning("lease.taken", lease=self.name)
                return
            until = asked + self._ttl

    async def _release(self, holder: UUID) -> None:
        with suppress(*DATABASE_AWAY):  # then it runs out by itself
            async with asyncio.timeout(self._ttl):
                await self._pool.execute(_RELEASE, self.name, holder)
