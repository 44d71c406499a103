"""``keqing demo``."""

import asyncio
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from typing import Annotated
from zoneinfo import ZoneInfo

import typer
import uvloop
from rich.console import Console

from keqing_local.bars import bars
from keqing_local.client import Url, connected
from keqing_local.demo.clock import borrowed
from keqing_local.demo.plan import Plan, make_plan
from keqing_local.demo.plan import Settings as PlanSettings
from keqing_local.demo.plan.people import EVERYBODY
from keqing_local.demo.record import LOGIN, Record, begin, finish, recorded
from keqing_local.demo.settling import settle
from keqing_local.demo.stack import running
from keqing_local.demo.summary import show
from keqing_local.demo.talk import Talk
from keqing_local.demo.walk import Walk
from keqing_local.failure import CannotRun
from keqing_shared.settings import Settings

SEED, CUSTOMERS, WEEKS = 20260101, 400, 52
INTERRUPTED = 130
SHOWN = 20
"""Refusals; that there are any would be a mistake of the plan."""


def demo(
    seed: Annotated[
        int | None, typer.Option(min=0, show_default=str(SEED), help="Another one makes another company")
    ] = None,
    customers: Annotated[
        int | None, typer.Option(min=1, max=9_999, show_default=str(CUSTOMERS), help="How many")
    ] = None,
    weeks: Annotated[
        int | None, typer.Option(min=4, max=156, show_default=str(WEEKS), help="How long its history is")
    ] = None,
    url: Url = "",
) -> None:
    """Fill Keqing with a believable company and its year, by the public API.

    Three sales teams, a service desk and collections; customers, calls,
    visits, wins and losses, complaints, invoices and payments. The same seed
    makes the same company on any day; its history ends yesterday.

    Fills the Keqing that runs (make run). When none does, it starts one,
    fills it, and goes on serving until Ctrl-C. A second time it says that
    everything is there; after an interruption it goes on where it was.

    Development only: the clock is walked through the year and given back.
    """
    settings = Settings.from_env()
    wanted = _Wanted(seed, customers, weeks)
    try:
        with running(settings, url) as own:
            with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
                runner.run(_fill(settings, wanted, url))
            if own:
                typer.echo("\nKeqing goes on serving; Ctrl-C stops everything in order.")
                own.serve()
    except (KeyboardInterrupt, asyncio.CancelledError):
        typer.echo("interrupted; the clock shows real time. keqing demo again goes on from here.", err=True)
        raise typer.Exit(INTERRUPTED) from None


class _Wanted:
    """What was asked for; None: whatever there is, else the usual."""

    def __init__(self, seed: int | None, customers: int | None, weeks: int | None) -> None:
        self._given = {"seed": seed, "customers": customers, "weeks": weeks}

    def from_scratch(self, until: date, time_zone: str) -> PlanSettings:
        usual = {"seed": SEED, "customers": CUSTOMERS, "weeks": WEEKS}
        chosen = {name: usual[name] if given is None else given for name, given in self._given.items()}
        return PlanSettings(until=until, time_zone=time_zone, **chosen)

    def check(self, there: PlanSettings) -> None:
        """Raises CannotRun when another company is there already."""
        for name, given in self._given.items():
            if given not in (None, getattr(there, name)):
                raise CannotRun(
                    f"a demo company is there already, with --{name} {getattr(there, name)}:"
                    " give another one its own KEQING_HOME and KEQING_PORT"
                )


async def _fill(settings: Settings, wanted: _Wanted, url: str) -> None:
    main = asyncio.current_task()
    assert main is not None
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, main.cancel)
    console = Console()
    async with connected(url, "", login=LOGIN, roles=["admin"]) as client:
        await client.get("/health/live")  # whoever does not run is found out at once, not after all patience
        talk = Talk(client, settings, _roles(again=False))
        record = await recorded(talk)
        if record is None:
            until = datetime.now(ZoneInfo(settings.time_zone)).date()
            plan = make_plan(wanted.from_scratch(until, settings.time_zone))
        else:
            wanted.check(record.settings)
            plan = make_plan(record.settings)
            talk = Talk(client, settings, _roles(again=True))
        if record and record.finished:
            console.print("The demo company is already there; nothing was added.\n", style="bold")
        else:
            await _live(talk, plan, record)
            console.print(_told(plan), style="bold", soft_wrap=True)
        await show(talk, str(client.base_url).rstrip("/"), console)


async def _live(talk: Talk, plan: Plan, record: Record | None) -> None:
    async with borrowed(talk, LOGIN) as clock:
        await clock.turn(plan.days.at(plan.days.first, 8, 30))
        if record is None:
            await begin(talk, plan.settings)
        with _bar(sum(1 for _ in plan.deeds), again=record is not None) as progress:
            walk = Walk(talk, clock, plan, progress)
            await walk.run()
        await settle(talk, LOGIN)
    await settle(talk, LOGIN)
    await finish(talk)
    for refusal in walk.refused[:SHOWN]:
        typer.echo(f"refused: {refusal}", err=True)
    if len(walk.refused) > SHOWN:
        typer.echo(f"… and {len(walk.refused) - SHOWN} more", err=True)


def _roles(*, again: bool) -> dict[str, list[str]]:
    """Done again, a deed may be about a customer that its doer has passed on since; only who sees
    everything gets the first answer to it repeated then."""
    roles = {person.login: [person.role, *(["auditor"] if again else [])] for person in EVERYBODY}
    return {**roles, LOGIN: ["admin"]}


def _told(plan: Plan) -> str:
    settings = plan.settings
    return (
        f"\n{len(plan.people)} people, {settings.customers} customers, {sum(1 for _ in plan.deeds):,} deeds"
        f" in {settings.weeks} weeks until {settings.until} (seed {settings.seed})\n"
    )


@contextmanager
def _bar(total: int, *, again: bool) -> Iterator[Callable[[date, int], None]]:
    """On stderr, when somebody watches: how far, and what day it is there."""
    with bars() as progress:
        task = progress.add_task("going on" if again else "beginning", total=total)
        yield lambda day, done: progress.update(task, description=f"{day}", advance=done)
