"""What PostgreSQL's files still hold of what was erased: rewritten, dropped, or left behind in the WAL.

A row that was blanked leaves its old bytes on the page until something else is written there, vacuumed or
not. Only a file that is written anew has none of them: views are rebuilt for that, which their readers do
not notice; the other tables are small, or their rows short, and locked for as long as that takes.
"""

from collections.abc import Sequence
from typing import Any

import asyncpg

from keqing_shared.views import View

REWRITTEN = ("snapshots", "personal_keys")
"""Claims and receipts hold hashes, and appends wait for them."""
STATISTICS = "pg_catalog.pg_statistic"
"""The planner's samples of every column, personal ones included."""


def with_remains(views: Sequence[View]) -> list[View]:
    """Those to be rebuilt."""
    return [view for view in views if any(table.personal for table in view.tables)]


async def drop_former_views(pool: Any, views: Sequence[View]) -> list[str]:
    """Tables of views that the code no longer has, and so blanks no more; their names."""
    dropped: list[str] = []
    async with pool.acquire() as connection, connection.transaction():
        rows = await connection.fetch(
            "DELETE FROM views WHERE name <> ALL($1) RETURNING tables", [view.name for view in views]
        )
        for row in rows:
            for table in row["tables"]:
                await connection.execute(f'DROP TABLE IF EXISTS "{table}"')
                dropped.append(table)
    return dropped


async def rewrite(pool: Any) -> None:
    """The tables beside the views, file by file."""
    async with pool.acquire() as connection:
        for table in (*REWRITTEN, STATISTICS):
            await connection.execute(f"VACUUM (FULL) {table}", timeout=3600)


async def end_wal_segment(pool: Any) -> bool:
    """So that what was written until now is in no file that PostgreSQL still needs for itself; False when
    the role may not. Where WAL is recycled, archived or replicated its bytes live on there."""
    try:
        await pool.execute("SELECT pg_switch_wal()")
        await pool.execute("CHECKPOINT", timeout=3600)
    except asyncpg.InsufficientPrivilegeError:
        return False
    return True
