"""``keqing docs``: the generated documents, written anew or checked for being current."""

import json
from pathlib import Path
from typing import Annotated

import typer

from keqing_local.failure import CannotRun
from keqing_local.services import applications

FOLDER = Path("docs") / "openapi"


def docs(
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; exit 1 when one is out of date")
    ] = False,
) -> None:
    """Write docs/openapi/<service>.json, from a checkout's folder."""
    if not Path("docs").is_dir():
        raise CannotRun("there is no folder docs here: run this in the checkout")
    current = _documents()
    stale = [path for path, text in current.items() if not path.exists() or path.read_text() != text]
    if check and stale:
        raise CannotRun(f"out of date: {', '.join(map(str, stale))} (make docs)")
    for path in stale:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(current[path])
        typer.echo(f"wrote {path}")


def _documents() -> dict[Path, str]:
    return {
        FOLDER / f"{name}.json": json.dumps(app.openapi(), indent=1, ensure_ascii=False, sort_keys=True)
        + "\n"
        for name, app in applications().items()
    }
