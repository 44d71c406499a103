"""``python -m bench``: measures, prints the table, writes ``bench/results/<date>.json``.

Exits with 1 when a bound is not kept. ``--only append --only lag`` measures these alone.
"""

import json
import platform
import shutil
import sys
import tempfile
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from bench import append, growth, http_call, idle, import_rows, lag, stream_load, view_rebuild
from bench.ground import Ground
from bench.measure import Limit, Row
from keqing_shared.logs import configure_logs

RESULTS = Path(__file__).parent / "results"
Line = Row | Limit
MEASURED: dict[str, Callable[[Ground], Sequence[Line]]] = {
    "http": http_call.measure,
    "append": append.measure,
    "load": stream_load.measure,
    "rebuild": view_rebuild.measure,
    "import": import_rows.measure,
    "lag": lag.measure,
    "growth": growth.measure,
    "idle": idle.measure,
}


def bench(
    only: Annotated[
        list[str] | None, typer.Option(help=f"Of {', '.join(MEASURED)}; may be given several times")
    ] = None,
    rounds: Annotated[int, typer.Option(min=1, help="How often everybody is measured")] = 5,
    seconds: Annotated[float, typer.Option(min=0.5, help="How long, each time")] = 4.0,
) -> None:
    """Measure against the budgets: ratios to named rivals, within one run on this machine."""
    configure_logs("error")
    console = Console(stderr=True)
    names = list(dict.fromkeys(only or MEASURED))
    if unknown := [name for name in names if name not in MEASURED]:
        raise typer.BadParameter(f"{', '.join(unknown)}: there are {', '.join(MEASURED)}")
    home = Path(tempfile.mkdtemp(prefix="kq-bench-"))
    lines: list[Line] = []
    broken: list[str] = []
    try:
        with Ground(home, rounds, seconds, console.print) as ground:
            for name in names:
                console.rule(name)
                try:
                    lines += MEASURED[name](ground)
                except Exception:  # the others' figures have taken long to come by
                    console.print_exception()
                    broken.append(name)
    finally:
        shutil.rmtree(home, ignore_errors=True)
    _print(lines)
    _keep(lines, rounds, seconds)
    if broken:
        console.print(f"not measured: {', '.join(broken)}")
    sys.exit(1 if broken or not all(line.kept for line in lines) else 0)


def _print(lines: Sequence[Line]) -> None:
    table = Table(title="medians of one run; the ratio, of each round, is what counts")
    for column in ("what", "ours", "rival", "theirs", "ratio", "bound", ""):
        table.add_column(column)
    for line in lines:
        verdict = "" if line.bound is None else "kept" if line.kept else "NOT KEPT"
        table.add_row(*line.cells(), verdict)
    Console(width=150).print(table)


def _keep(lines: Sequence[Line], rounds: int, seconds: float) -> None:
    RESULTS.mkdir(exist_ok=True)
    now = datetime.now(UTC)
    kept = {
        "at": now.isoformat(timespec="seconds"),
        "python": platform.python_version(),
        "machine": platform.machine(),
        "rounds": rounds,
        "seconds": seconds,
        "rows": [line.members() for line in lines],
    }
    (RESULTS / f"{now:%Y-%m-%d}.json").write_text(json.dumps(kept, indent=2) + "\n")


if __name__ == "__main__":
    typer.run(bench)
