"""``keqing migrate``: every table made or changed, nothing served."""

import asyncio

import typer

from keqing_local.servers import servers, without_password
from keqing_local.services import SERVICES, at_rest, context
from keqing_shared.settings import Settings


def migrate() -> None:
    """Make or change every context's tables; may be repeated, and is done by `keqing run` as well."""
    asyncio.run(_migrate())


async def _migrate() -> None:
    settings = Settings.from_env()
    async with servers() as running:
        for name in SERVICES:
            async with at_rest(context(name), settings, running.database_url) as service:
                head = await service.log.head()
            typer.echo(f"{name}: current, {head} facts ({without_password(running.database_url)})")
