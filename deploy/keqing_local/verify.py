"""``keqing verify``: a log held against its chain of hashes and against what was signed of it."""

import asyncio
from functools import partial
from typing import Annotated, Any

import asyncpg
import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from keqing_local.failure import CannotRun
from keqing_local.servers import servers
from keqing_local.services import context as context_named
from keqing_shared.context import Context
from keqing_shared.log.verify import Verdict
from keqing_shared.log.verify import verify as verify_log


def verify(
    context: Annotated[str, typer.Argument(help="pipeline, service-desk, collections or notify")],
) -> None:
    """Find the first fact that was altered, removed, inserted or swapped; exit 1 when there is one.

    Reads the database only, one snapshot of it, beside whoever is at work.
    """
    made = context_named(context)
    verdict = asyncio.run(_verify(made))
    if verdict.finding is not None:
        typer.echo(f"{made.name}: {verdict.finding}")
        raise typer.Exit(1)
    typer.echo(f"{made.name}: {verdict.facts} facts verified, head {verdict.head.hex()}")


async def _verify(context: Context) -> Verdict:
    async with servers() as running:
        connection = await asyncpg.connect(
            running.database_url,
            server_settings={
                "search_path": context.schema,
                "application_name": "keqing verify",
                "jit": "off",
            },
        )
        try:
            return await _read(connection, context)
        finally:
            await connection.close()


async def _read(connection: Any, context: Context) -> Verdict:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bars:
        try:
            return await verify_log(
                connection, progress=partial(_show, bars, bars.add_task(context.name, total=None))
            )
        except asyncpg.UndefinedTableError:
            raise CannotRun(f"{context.name} has no log in this database yet: keqing migrate") from None
        except (asyncpg.PostgresError, OSError) as problem:
            raise CannotRun(f"the log of {context.name} cannot be read: {problem}") from None


def _show(bars: Progress, bar: TaskID, position: int, head: int) -> None:
    bars.update(bar, completed=position, total=head)
