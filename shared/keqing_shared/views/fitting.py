"""A view's tables as this code needs them: made when they are missing, rebuilt when they are of another."""

import asyncio
from typing import Any

import structlog

from keqing_shared.views.checkpoint import Checkpoint, checkpoints, make, mark_stuck, only_builder
from keqing_shared.views.rebuilding import RebuildFailed, build
from keqing_shared.views.source import FactSource
from keqing_shared.views.view import View

OTHERS_SECONDS = 0.2
"""How often to look whether another process has made them."""

_log = structlog.get_logger(__name__)


async def fit(pool: Any, log: FactSource, view: View) -> None:
    """Returns once they fit, whichever process makes them; when they cannot be rebuilt the old ones are
    kept, and the view is marked as stuck."""
    while True:
        found = (await checkpoints(pool, [view.name])).get(view.name)
        if found is not None and found.fits(view):
            return
        async with only_builder(pool, view.name) as connection:
            if connection is not None:
                found = (await checkpoints(connection, [view.name])).get(view.name)
                if found is None:
                    await make(connection, view)
                elif not found.fits(view):
                    await _rebuild(connection, log, view, found)
                return
        await asyncio.sleep(OTHERS_SECONDS)


async def _rebuild(connection: Any, log: FactSource, view: View, found: Checkpoint) -> None:
    _log.info("view.rebuilding", view=view.name, before=found.version, version=view.version)
    try:
        await build(connection, log, view)
    except RebuildFailed as error:
        _log.exception("view.not-rebuilt", view=view.name)
        await mark_stuck(connection, view.name, found.position, f"version {view.version}: {error}")
