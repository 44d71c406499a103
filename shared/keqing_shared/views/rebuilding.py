"""Building a view anew beside the one that serves, then swapping them between two queries."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from typing import Any
from uuid import uuid4

import asyncpg
import structlog

from keqing_shared.domain import Recorded
from keqing_shared.logs import told_of
from keqing_shared.outage import is_outage
from keqing_shared.views.batch import apply, beside
from keqing_shared.views.checkpoint import checkpoints, only_builder
from keqing_shared.views.source import FactSource
from keqing_shared.views.storage import PREFER_INDEXES
from keqing_shared.views.view import View

BATCH = 4_000
"""Facts per transaction."""
SWAP_PATIENCE = "500ms"
"""How long the swap may make readers wait behind it for an earlier reader; then it lets them pass."""

Progress = Callable[[int, int], None]
"""Called with the position reached and the log's head."""

_log = structlog.get_logger(__name__)


class RebuildUnderWay(Exception):
    """Somebody else is making this view's tables."""


class RebuildOvertaken(Exception):
    """A later attempt took over while this one was cut off."""


class RebuildFailed(Exception):
    """The view cannot take these facts; the old view still serves."""


async def rebuild(pool: Any, log: FactSource, view: View, progress: Progress | None = None) -> int:
    """Rebuilds the view from the first fact; its position at the swap.

    Readers notice nothing; a projector that runs elsewhere goes on. Whatever cuts it off, the old
    view serves on and the next rebuild starts clean. Raises RebuildUnderWay, RebuildFailed.
    """
    async with only_builder(pool, view.name) as connection:
        if connection is None:
            raise RebuildUnderWay(view.name)
        return await build(connection, log, view, progress)


async def build(connection: Any, log: FactSource, view: View, progress: Progress | None = None) -> int:
    """As ``rebuild``, for who already is the only builder."""
    building = _Building(connection, log, view, progress or (lambda position, head: None))
    await building.begin()
    await building.catch_up()
    await building.index()
    await building.catch_up()
    return await building.swap()


async def give_up_abandoned(pool: Any, views: Sequence[View], position: int) -> bool:
    """Drops what rebuilds left that were cut off before this position; False while one is under way that
    has not come to it."""
    known = {view.name: view for view in views}
    for row in await pool.fetch("SELECT name FROM views_rebuilding WHERE position < $1", position):
        async with only_builder(pool, row["name"]) as connection:
            if connection is None:
                return False
            async with connection.transaction():
                for table in known[row["name"]].tables if row["name"] in known else ():
                    await connection.execute(f'DROP TABLE IF EXISTS "{beside(table)}"')
                await connection.execute("DELETE FROM views_rebuilding WHERE name = $1", row["name"])
    return True


class _Building:
    def __init__(self, connection: Any, log: FactSource, view: View, progress: Progress) -> None:
        self._connection = connection
        self._log = log
        self._view = view
        self._progress = progress
        self._attempt = uuid4()
        self._position = 0
        self._head = 0

    async def begin(self) -> None:
        """What a rebuild that was cut off left goes; empty tables without secondary indexes come."""
        async with self._connection.transaction():
            await self._connection.execute(
                "INSERT INTO views_rebuilding (name, attempt, position) VALUES ($1, $2, 0)"
                " ON CONFLICT (name) DO UPDATE SET attempt = excluded.attempt, position = 0",
                self._view.name,
                self._attempt,
            )
            for table in self._view.tables:
                await self._connection.execute(f'DROP TABLE IF EXISTS "{beside(table)}"')
                await self._connection.execute(table.ddl(beside(table)))

    async def catch_up(self) -> None:
        """Until less than a batch is missing."""
        while True:
            self._head = await self._log.head()
            await self._read(self._position, self._head, self._take)
            if await self._log.head() - self._position < BATCH:
                return

    async def index(self) -> None:
        """Indexes are made faster from all rows than row by row."""
        async with self._connection.transaction():
            await self._own()
            for table in self._view.tables:
                for statement in table.index_ddl(beside(table)):
                    await self._connection.execute(statement)
                await self._connection.execute(f'ANALYZE "{beside(table)}"')

    async def swap(self) -> int:
        """Never behind the old view: who has read their own write there shall still read it."""
        while True:
            try:
                async with self._connection.transaction():
                    position = await self._swap()
            except (asyncpg.LockNotAvailableError, asyncpg.DeadlockDetectedError):
                _log.info("view.swap-waits", view=self._view.name)
                await asyncio.sleep(0.05)
                await self.catch_up()
            else:
                self._progress(position, position)
                return position

    async def _swap(self) -> int:
        view, connection = self._view, self._connection
        await self._own()
        was = (await checkpoints(connection, [view.name], lock=True)).get(view.name)
        if was is not None:
            await connection.execute(PREFER_INDEXES)
            await self._read(self._position, was.position, self._apply)
        position = max(self._position, was.position if was else 0)
        statements = [f"SET LOCAL lock_timeout = '{SWAP_PATIENCE}'"]
        # Dropped in the same commit, so that no crash leaves them; who waits for the lock finds the new ones.
        statements += [f'DROP TABLE "{name}"' for name in (was.tables if was else ())]
        statements += [f'ALTER TABLE "{beside(table)}" RENAME TO "{table.name}"' for table in view.tables]
        await connection.execute("; ".join(statements))
        await connection.execute(
            "INSERT INTO views (name, version, position, shape, tables) VALUES ($1, $2, $3, $4, $5)"
            " ON CONFLICT (name) DO UPDATE SET version = excluded.version, position = excluded.position,"
            " shape = excluded.shape, tables = excluded.tables, error = NULL",
            view.name,
            view.version,
            position,
            view.shape(),
            [table.name for table in view.tables],
        )
        await connection.execute("DELETE FROM views_rebuilding WHERE name = $1", view.name)
        return position

    async def _take(self, facts: Sequence[Recorded[Any]]) -> None:
        position = facts[-1].position
        async with self._connection.transaction():
            # A lost commit costs nothing here: it ends the rebuild, and the swap's commit is synchronous.
            await self._connection.execute(f"SET LOCAL synchronous_commit = off; {PREFER_INDEXES}")
            await self._own()
            await self._apply(facts)
            await self._connection.execute(
                "UPDATE views_rebuilding SET position = $2 WHERE name = $1", self._view.name, position
            )
        self._position = position
        self._progress(position, max(position, self._head))

    async def _apply(self, facts: Sequence[Recorded[Any]]) -> None:
        try:
            await apply(self._connection, self._view, facts, beside)
        except Exception as error:
            if is_outage(error):
                raise
            stretch = f"{facts[0].position} to {facts[-1].position}"
            raise RebuildFailed(f"{self._view.name}: facts {stretch}: {told_of(error)}") from error

    async def _own(self) -> None:
        """Nobody has begun another attempt since; nobody can until the transaction ends."""
        row = await self._connection.fetchrow(
            "SELECT attempt, position FROM views_rebuilding WHERE name = $1 FOR UPDATE", self._view.name
        )
        if row is None or row["attempt"] != self._attempt or row["position"] != self._position:
            raise RebuildOvertaken(self._view.name)

    async def _read(
        self, after: int, until: int, take: Callable[[Sequence[Recorded[Any]]], Awaitable[None]]
    ) -> None:
        """Batch by batch, the next one being fetched while this one is taken."""
        coming: asyncio.Task[Sequence[Recorded[Any]]] | None = None
        try:
            while after < until:
                facts = await (coming or self._fetch(after, until))
                if not facts:
                    raise LookupError(f"the log reaches {until} but has nothing beyond {after}")
                after = facts[-1].position
                coming = asyncio.create_task(self._fetch(after, until)) if after < until else None
                await take(facts)
        finally:
            if coming is not None:
                coming.cancel()
                with suppress(asyncio.CancelledError, Exception):
                    await coming

    async def _fetch(self, after: int, until: int) -> Sequence[Recorded[Any]]:
        return await self._log.read(after, min(BATCH, until - after), opened=self._view.personal)
