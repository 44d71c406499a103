"""``keqing rotate-master-key``: every customer's key wrapped by the new master key."""

import asyncio

import typer

from keqing_local.servers import servers
from keqing_local.services import SERVICES, at_rest, context
from keqing_shared.privacy import master_keys
from keqing_shared.privacy.rotation import wrap_anew
from keqing_shared.settings import Settings


def rotate_master_key() -> None:
    """Wrap every key by the first of KEQING_MASTER_KEY's keys; afterwards the others may be withdrawn.

    With several processes: give both keys to all of them first, the former one in front, then the new one in
    front, then run this, then leave the former one out.
    """
    asyncio.run(_rotate())


async def _rotate() -> None:
    settings = Settings.from_env()
    masters = master_keys(settings)
    async with servers() as running:
        for name in SERVICES:
            async with at_rest(context(name), settings, running.database_url) as service:
                count = await wrap_anew(service.pool, masters)
            typer.echo(f"{name}: {count} keys wrapped anew, all of them now by {masters.current}")
