"""How far each view has come, kept beside its tables and moved in the transaction of their rows."""

from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from keqing_shared.views.view import View

VIEWS_SCHEMA = """
CREATE TABLE IF NOT EXISTS views (
    name     text PRIMARY KEY,
    version  int NOT NULL,
    position bigint NOT NULL,
    error    text,
    shape    bytea NOT NULL,
    tables   text[] NOT NULL
) WITH (fillfactor = 10);
COMMENT ON COLUMN views.error IS 'why the view is stuck at its position; NULL while it follows the log';
COMMENT ON COLUMN views.shape IS 'of the version, columns and indexes; another one means: rebuild';

CREATE TABLE IF NOT EXISTS views_rebuilding (
    name     text PRIMARY KEY,
    attempt  uuid NOT NULL,
    position bigint NOT NULL
);
COMMENT ON COLUMN views_rebuilding.attempt IS 'only the latest attempt may write the tables beside';
"""

_LOCK_NAME = "hashtextextended(current_schema() || '.views.' || $1, 0)"


@dataclass(frozen=True, kw_only=True)
class ViewState:
    """Where a view stands. ``error`` says why it is stuck; None: it is not."""

    name: str
    version: int
    position: int
    error: str | None


@dataclass(frozen=True)
class Checkpoint:
    """A row of ``views``."""

    version: int
    position: int
    error: str | None
    shape: bytes
    tables: tuple[str, ...]

    def fits(self, view: View) -> bool:
        """Are the tables those of this code?"""
        return self.version == view.version and self.shape == view.shape()


async def checkpoints(
    connection: Any, names: Collection[str], *, lock: bool = False
) -> dict[str, Checkpoint]:
    """By name; those of views never made are missing. ``lock``: until the transaction ends nobody
    else moves them, so nobody applies the same facts."""
    rows = await connection.fetch(
        "SELECT name, version, position, error, shape, tables FROM views WHERE name = ANY($1) ORDER BY name"
        + (" FOR UPDATE" if lock else ""),
        list(names),
    )
    return {
        row["name"]: Checkpoint(
            row["version"], row["position"], row["error"], row["shape"], tuple(row["tables"])
        )
        for row in rows
    }


async def move(connection: Any, names: Collection[str], position: int) -> None:
    """The views are at this position, and not stuck."""
    await connection.execute(
        "UPDATE views SET position = $2, error = NULL WHERE name = ANY($1)", list(names), position
    )


async def mark_stuck(connection: Any, name: str, position: int, error: str) -> None:
    """Unless somebody else got the view beyond this position meanwhile."""
    await connection.execute(
        "UPDATE views SET error = $3 WHERE name = $1 AND position <= $2", name, position, error
    )


@asynccontextmanager
async def only_builder(pool: Any, name: str) -> AsyncIterator[Any | None]:
    """A connection while nobody else may make this view's tables; None when somebody else does."""
    async with pool.acquire() as connection:
        alone = await connection.fetchval(f"SELECT pg_try_advisory_lock({_LOCK_NAME})", name)
        try:
            yield connection if alone else None
        finally:
            if alone and not connection.is_closed():
                await connection.execute(f"SELECT pg_advisory_unlock({_LOCK_NAME})", name)


async def make(connection: Any, view: View) -> None:
    """The view's empty tables, at position 0."""
    async with connection.transaction():
        for table in view.tables:
            for statement in (table.ddl(), *table.index_ddl()):
                await connection.execute(statement)
        await connection.execute(
            "INSERT INTO views (name, version, position, shape, tables) VALUES ($1, $2, 0, $3, $4)",
            view.name,
            view.version,
            view.shape(),
            [table.name for table in view.tables],
        )
