"""``keqing scrub``: what was erased leaves the database's files as well."""

import asyncio
from typing import Annotated

import typer

from keqing_local.bars import bars
from keqing_local.rebuild import rebuilt
from keqing_local.servers import servers
from keqing_local.services import SERVICES, at_rest
from keqing_local.services import context as context_named
from keqing_shared.privacy.remains import drop_former_views, end_wal_segment, rewrite, with_remains
from keqing_shared.service import Service
from keqing_shared.settings import Settings


def scrub(
    context: Annotated[
        str, typer.Argument(help="pipeline, service-desk, collections or notify; else each in turn")
    ] = "all",
) -> None:
    """Rewrite the files that may hold bytes of customers who were erased, while everything serves.

    Views are rebuilt beside the ones that answer; small tables are locked while each is rewritten.
    """
    names = list(SERVICES) if context == "all" else [context_named(context).name]
    asyncio.run(_scrub(names))


async def _scrub(names: list[str]) -> None:
    settings = Settings.from_env()
    async with servers() as running:
        for name in names:
            async with at_rest(context_named(name), settings, running.database_url) as service:
                await _scrubbed(service)


async def _scrubbed(service: Service) -> None:
    context = service.context
    for table in await drop_former_views(service.pool, context.views):
        typer.echo(f"{context.name}: dropped {table}, of a view that is no more")
    views = with_remains(context.views)
    with bars() as progress:
        for view in views:
            await rebuilt(service, view, progress)
    await rewrite(service.pool)
    typer.echo(f"{context.name}: {len(views)} views rebuilt, the other tables rewritten")
    if not await end_wal_segment(service.pool):
        typer.echo(f"{context.name}: the role may not end the WAL segment: pg_switch_wal() and CHECKPOINT")
