"""``keqing import``."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import TaskID

from keqing_local.bars import bars
from keqing_local.client import Token, Url, connected
from keqing_local.importing.errors import Errors, errors_kept, tell
from keqing_local.importing.person import IMPORTS
from keqing_local.importing.profiles import described, profile_named
from keqing_local.importing.row import Step
from keqing_local.importing.run import WAITING, Import, Tally
from keqing_local.importing.sending import Sender
from keqing_shared.imports.rows import MOST_ROWS

ROLES = ("admin", "credit_controller")
"""What a token needs for all profiles; invoices take the second."""

INTERRUPTED = 130

_WORDS = {
    "created": ("created", "would be created"),
    "amended": ("amended", "would be amended"),
    "unchanged": ("unchanged", "unchanged"),
    WAITING: ("", "need others of this import, and were checked for their form only"),
    "refused": ("refused", "would be refused"),
}


def _list(wanted: bool) -> None:
    if wanted:
        typer.echo(described())
        raise typer.Exit


def import_files(
    profile: Annotated[str, typer.Argument(help="Whose files they are; --list tells which there are")],
    path: Annotated[Path, typer.Argument(help="The folder or file")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would happen, change nothing")] = False,
    errors: Annotated[Path | None, typer.Option(help="Keep refused rows in this CSV file")] = None,
    chunk: Annotated[int, typer.Option(min=1, max=MOST_ROWS, help="Rows in one request")] = 500,
    url: Url = "",
    token: Token = "",
    list_: Annotated[
        bool, typer.Option("--list", callback=_list, is_eager=True, help="Describe the profiles")
    ] = False,
) -> None:
    """Import files of another system into a running Keqing; repeat it, and nothing happens twice.

    Goes on after an interruption when started again. Ends with 1 when rows were refused.
    A token of your own needs the roles admin and, for invoices, credit_controller.
    """
    steps = profile_named(profile).steps(path)
    with errors_kept(errors) as refused:
        try:
            asyncio.run(_import(profile, steps, refused, chunk, dry_run, url, token))
        except KeyboardInterrupt:
            tell(["interrupted: start it again, and it goes on where it was"])
            raise typer.Exit(INTERRUPTED) from None
        finally:
            tell(refused.lines(errors))
    if refused.count:
        raise typer.Exit(1)


async def _import(
    profile: str,
    steps: tuple[Step, ...],
    errors: Errors,
    chunk: int,
    dry_run: bool,
    url: str,
    token: str,
) -> None:
    async with connected(url, token, login=IMPORTS, roles=ROLES) as client:
        # Whoever does not run is found out at once, not after all patience.
        await client.get("/health/live")
        sender = Sender(client, why=f"import {profile}", dry_run=dry_run)
        tallies: list[Tally] = []
        try:
            with _bars(steps) as progress:
                await Import(sender, errors, chunk, dry_run, progress, tallies).run(steps)
        finally:
            for tally in tallies:
                typer.echo(summary(tally, dry_run))
        if dry_run:
            typer.echo("dry run: nothing was changed")


def summary(tally: Tally, dry_run: bool) -> str:
    """``customers: 85 created``."""
    counts = [
        f"{tally.outcomes[outcome]:,} {words[dry_run]}"
        for outcome, words in _WORDS.items()
        if tally.outcomes[outcome]
    ]
    return f"{tally.noun}: {', '.join(counts) or 'none'}"


@contextmanager
def _bars(steps: tuple[Step, ...]) -> Iterator[Callable[[Step, int], None]]:
    """One for each step, on stderr, when somebody watches."""
    with bars() as progress:
        known: dict[str, TaskID] = {
            step.noun: progress.add_task(step.noun, total=step.expected) for step in steps
        }

        def advance(step: Step, done: int) -> None:
            bar = progress.tasks[known[step.noun]]
            # Of a step whose rows nobody has counted, what is done is all that is known.
            progress.update(bar.id, advance=done, total=step.expected or bar.completed + done)

        yield advance
