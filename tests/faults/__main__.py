"""``python -m tests.faults``: makes every fault happen, prints who saw what, exits with 1 when a bound broke.

``--only "kill -9 of NATS"`` for some; ``--store tests.faults.library:Library`` holds another store on
PostgreSQL against the faults that any can be held against.
"""

import asyncio
import shutil
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from time import monotonic
from typing import Annotated

import asyncpg
import typer
from rich.console import Console
from rich.table import Table

from keqing_local.database import create_database
from keqing_local.nats import EmbeddedNats
from keqing_local.postgres import EmbeddedPostgres
from keqing_shared.log.verify import verify
from tests.faults.rows import LOG, SERVERS, Result, Row, suffer
from tests.faults.world import Measure, world

KEQING = "tests.faults.keqing:Keqing"
VERIFIED_A_SECOND = 100_000


def faults(
    only: Annotated[list[str] | None, typer.Option(help="A fault's name; may be given several times")] = None,
    store: Annotated[str, typer.Option(help="module:Class of what is held against them")] = KEQING,
    facts: Annotated[int, typer.Option(min=100, help="Written during each fault, at least")] = 12_500,
    rate: Annotated[float, typer.Option(min=10, help="Facts in a second that are tried for")] = 2_500,
) -> None:
    """Make faults happen while facts are written, and hold what was seen against what was acknowledged."""
    rows = [*LOG, *(SERVERS if store == KEQING else ())]
    names = only or [row.name for row in rows]
    if unknown := set(names) - {row.name for row in rows}:
        raise typer.BadParameter(f"{', '.join(unknown)}: there are {', '.join(row.name for row in rows)}")
    chosen = [row for row in rows if row.name in names]
    home = Path(tempfile.mkdtemp(prefix="kq-faults-"))
    try:
        kept = asyncio.run(_run(store, home, chosen, Measure(facts=facts, rate=rate)))
    finally:
        shutil.rmtree(home, ignore_errors=True)
    sys.exit(0 if kept else 1)


async def _run(store: str, home: Path, rows: Sequence[Row], measure: Measure) -> bool:
    console = Console(stderr=True)
    postgres, nats = EmbeddedPostgres(home / "postgres"), EmbeddedNats(home / "nats")
    began = monotonic()
    try:
        postgres.start()
        nats.start()
        url = await create_database(postgres.url(), "faults")
        results = []
        async with world(
            store, home, measure, url, nats.url() if store == KEQING else None, postgres=postgres, nats=nats
        ) as it:
            for row in rows:
                results.append(await suffer(it, row))
                console.print(f"{row.name}: {_verdict(results[-1])}, slowest: {results[-1].outcome.slowest}")
        _print(results, monotonic() - began)
        good = await _verified(url) if store == KEQING else True
    finally:
        nats.stop()
        postgres.stop()
    return good and all(result.kept() for result in results)


def _print(results: Sequence[Result], seconds: float) -> None:
    table = Table(title=f"what was seen of what was acknowledged, by everybody, in {seconds:,.0f} s")
    for column in (
        "fault",
        "facts",
        "missed",
        "repeated",
        "reordered",
        "ghosts",
        "longest stall",
        "bound",
        "",
    ):
        table.add_column(column, justify="left" if column in ("fault", "") else "right")
    for result in results:
        outcome = result.outcome
        counts = (outcome.facts, outcome.missed, outcome.repeated, outcome.reordered, outcome.ghosts)
        table.add_row(
            result.row.name,
            *(f"{count:,}" for count in counts),
            f"{outcome.stall:.2f} s",
            f"≤ {result.row.seconds:g} s",
            _verdict(result),
        )
    table.add_section()
    table.add_row("together", f"{sum(result.outcome.facts for result in results):,}")
    Console(width=140).print(table)


def _verdict(result: Result) -> str:
    return "kept" if result.kept() else f"NOT KEPT {result.broken}".strip()


async def _verified(url: str) -> bool:
    connection = await asyncpg.connect(url, server_settings={"search_path": "source", "jit": "off"})
    rate = 0.0
    try:
        for _ in range(3):  # whoever else is busy on this machine slows one more than another
            began = monotonic()
            verdict = await verify(connection)
            rate = max(rate, verdict.facts / (monotonic() - began))
    finally:
        await connection.close()
    kept = verdict.finding is None and (rate >= VERIFIED_A_SECOND or verdict.facts < VERIFIED_A_SECOND)
    found = verdict.finding or "the chain holds"
    Console(width=140).print(
        f"Afterwards: {verdict.facts:,} facts verified at {rate:,.0f}/s"
        f" (≥ {VERIFIED_A_SECOND:,}/s): {found}. {'kept' if kept else 'NOT KEPT'}"
    )
    return kept


if __name__ == "__main__":
    typer.run(faults)
