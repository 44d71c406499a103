"""``python -m bench``: measures, prints the table, writes ``bench/results/<date>.json``.

Exits with 1 when a bound is not kept.
"""

import asyncio
import json
import platform
import shutil
import sys
import tempfile
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from bench import http_call
from bench.measure import Row
from keqing_local.database import create_database
from keqing_local.postgres import EmbeddedPostgres

RESULTS = Path(__file__).parent / "results"


def bench(
    rounds: Annotated[int, typer.Option(min=1, help="How often everybody is measured")] = 5,
    seconds: Annotated[float, typer.Option(min=0.5, help="How long, each time")] = 4.0,
) -> None:
    """Measure against the budgets: ratios to named rivals, within one run on this machine."""
    console = Console(stderr=True)
    home = Path(tempfile.mkdtemp(prefix="kq-bench-"))
    postgres = EmbeddedPostgres(home / "postgres")
    postgres.start()
    try:
        for name in ("bench_library", "bench_keqing"):
            asyncio.run(create_database(postgres.url(), name))
        rows = http_call.measure(postgres, home, rounds, seconds, console.print)
    finally:
        postgres.stop()
        shutil.rmtree(home, ignore_errors=True)
    _print(rows)
    _keep(rows, rounds, seconds)
    sys.exit(0 if all(row.kept for row in rows) else 1)


def _print(rows: list[Row]) -> None:
    table = Table(title="medians of one run; the ratio is what counts")
    for column in ("what", "ours", "rival", "theirs", "ratio", "at least", ""):
        table.add_column(column)
    for row in rows:
        table.add_row(
            row.what,
            f"{row.ours:,.0f}{row.unit}",
            row.rival,
            f"{row.theirs:,.0f}{row.unit}",
            f"{row.ratio:.2f}×",
            f"{row.bound}×",
            "kept" if row.kept else "NOT KEPT",
        )
    Console(width=140).print(table)


def _keep(rows: list[Row], rounds: int, seconds: float) -> None:
    RESULTS.mkdir(exist_ok=True)
    now = datetime.now(UTC)
    kept = {
        "at": now.isoformat(timespec="seconds"),
        "python": platform.python_version(),
        "machine": platform.machine(),
        "rounds": rounds,
        "seconds": seconds,
        "rows": [{**asdict(row), "ratio": round(row.ratio, 3), "kept": row.kept} for row in rows],
    }
    (RESULTS / f"{now:%Y-%m-%d}.json").write_text(json.dumps(kept, indent=2) + "\n")


if __name__ == "__main__":
    typer.run(bench)
