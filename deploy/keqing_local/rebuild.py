"""``keqing rebuild``: a view made anew from the log while the old one serves."""

import asyncio
from functools import partial
from typing import Annotated

import typer
from rich.progress import Progress, TaskID

from keqing_local.bars import bars
from keqing_local.failure import CannotRun
from keqing_local.servers import servers
from keqing_local.services import at_rest
from keqing_local.services import context as context_named
from keqing_shared.context import Context
from keqing_shared.service import Service
from keqing_shared.settings import Settings
from keqing_shared.views import RebuildFailed, RebuildOvertaken, RebuildUnderWay, View
from keqing_shared.views import rebuild as rebuild_view


def rebuild(
    context: Annotated[str, typer.Argument(help="pipeline, service-desk, collections or notify")],
    view: Annotated[
        str, typer.Argument(help="A view of that context, such as board; 'all' for each in turn")
    ],
) -> None:
    """Rebuild a view from the first fact on; queries are answered by the old one until the swap."""
    asyncio.run(_rebuild(context_named(context), view))


async def _rebuild(context: Context, wanted: str) -> None:
    views = _chosen(context, wanted)
    settings = Settings.from_env()
    async with servers() as running, at_rest(context, settings, running.database_url) as service:
        with bars() as progress:
            for view in views:
                position = await rebuilt(service, view, progress)
                typer.echo(f"{context.name} {view.name}: rebuilt as of position {position}")


async def rebuilt(service: Service, view: View, progress: Progress) -> int:
    """Its position. Raises CannotRun."""
    shown = partial(_show, progress, progress.add_task(view.name, total=await service.log.head()))
    try:
        return await rebuild_view(service.pool, service.log, view, shown)
    except RebuildUnderWay:
        raise CannotRun(f"{view.name} is being rebuilt by somebody else") from None
    except (RebuildOvertaken, RebuildFailed) as problem:
        raise CannotRun(f"{view.name} was not rebuilt: {problem}") from None


def _show(progress: Progress, bar: TaskID, position: int, head: int) -> None:
    progress.update(bar, completed=position, total=head)


def _chosen(context: Context, wanted: str) -> list[View]:
    views = {view.name: view for view in context.views}
    if wanted == "all":
        return list(views.values())
    if wanted not in views:
        raise CannotRun(f"{context.name} has no view {wanted!r}: it has {', '.join(sorted(views))}")
    return [views[wanted]]
