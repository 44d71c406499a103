"""``keqing verify``: a log held against its chain of hashes and against what was signed of it."""

import asyncio
from collections.abc import Mapping
from functools import partial
from typing import Annotated, Any, NoReturn

import asyncpg
import typer
from rich.progress import Progress, TaskID

from keqing_local.bars import bars
from keqing_local.failure import CannotRun
from keqing_local.servers import servers
from keqing_local.services import context as context_named
from keqing_shared.context import Context
from keqing_shared.key_file import key_bytes
from keqing_shared.log.damage import Finding
from keqing_shared.log.signed import SignedCheckpoint, judge, public_bytes, read
from keqing_shared.log.signing_key import checkpoints_file, signing_key
from keqing_shared.log.verify import Verdict
from keqing_shared.log.verify import verify as verify_log
from keqing_shared.settings import Settings


def verify(
    context: Annotated[str, typer.Argument(help="pipeline, service-desk, collections or notify")],
    public_key: Annotated[
        list[str] | None,
        typer.Option(
            help="Who signs checkpoints, in base64; again for a former one. Else KEQING_SIGNING_KEY's"
        ),
    ] = None,
) -> None:
    """Find the first fact that was altered, removed, inserted or swapped; exit 1 when there is one.

    Reads one snapshot of the database, beside whoever is at work. A chain that was computed anew is found
    by the signed checkpoints (KEQING_CHECKPOINTS).
    """
    made = context_named(context)
    settings = Settings.from_env()
    checkpoints = _kept(settings, made.name)
    signed = judge(checkpoints, _keys(settings, public_key or [])) if checkpoints else {}
    if isinstance(signed, Finding):
        _found(made.name, signed)
    verdict = asyncio.run(_verify(made, signed))
    if verdict.finding is not None:
        _found(made.name, verdict.finding)
    typer.echo(f"{made.name}: {verdict.facts} facts verified, head {verdict.head.hex()}")
    if checkpoints:
        last = max(checkpoints, key=lambda it: it.position)
        typer.echo(
            f"{made.name}: {len(checkpoints)} signed checkpoints agree,"
            f" up to position {last.position} of {last.at.isoformat(timespec='seconds')}"
        )


def _found(name: str, finding: Finding) -> NoReturn:
    typer.echo(f"{name}: {finding}")
    raise typer.Exit(1)


def _kept(settings: Settings, name: str) -> list[SignedCheckpoint]:
    """Read before the log is, so that none of them is ahead of it."""
    path = checkpoints_file(settings)
    if path is None or (settings.checkpoints is None and not path.exists()):
        return []
    try:
        found, unreadable = read(path, name)
    except OSError as problem:
        raise CannotRun(f"cannot read {path} (KEQING_CHECKPOINTS): {problem.strerror}") from None
    if unreadable:
        typer.echo(f"{unreadable} lines of {path} are no checkpoints and were left out", err=True)
    return found


def _keys(settings: Settings, given: list[str]) -> set[bytes]:
    keys = {key_bytes(text, "--public-key") for text in given}
    own = signing_key(settings, make=False)
    if own is not None:
        keys.add(public_bytes(own))
    if not keys:
        raise CannotRun("there are signed checkpoints, but no key to hold them against: give --public-key")
    return keys


async def _verify(context: Context, signed: Mapping[int, bytes]) -> Verdict:
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
            return await _read(connection, context, signed)
        finally:
            await connection.close()


async def _read(connection: Any, context: Context, signed: Mapping[int, bytes]) -> Verdict:
    with bars() as progress:
        try:
            return await verify_log(
                connection,
                signed,
                progress=partial(_show, progress, progress.add_task(context.name, total=None)),
            )
        except asyncpg.UndefinedTableError:
            raise CannotRun(f"{context.name} has no log in this database yet: keqing migrate") from None
        except (asyncpg.PostgresError, OSError) as problem:
            raise CannotRun(f"the log of {context.name} cannot be read: {problem}") from None


def _show(progress: Progress, bar: TaskID, position: int, head: int) -> None:
    progress.update(bar, completed=position, total=head)
