"""``keqing docs``: the generated documents, written anew or checked for being current."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from keqing_local.catalogue import asyncapi, events
from keqing_local.failure import CannotRun
from keqing_local.services import SERVICES, applications, context

FOLDER = Path("docs")


def docs(
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; exit 1 when one is out of date")
    ] = False,
) -> None:
    """Write docs/openapi/<service>.json, docs/asyncapi/<service>.json and docs/events.md, in a checkout."""
    if not FOLDER.is_dir():
        raise CannotRun("there is no folder docs here: run this in the checkout")
    current = documents()
    stale = [path for path, text in current.items() if not path.exists() or path.read_text() != text]
    if check and stale:
        raise CannotRun(f"out of date: {', '.join(map(str, stale))} (make docs)")
    for path in stale:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(current[path])
        typer.echo(f"wrote {path}")


def documents() -> dict[Path, str]:
    """Each document's place and text."""
    contexts = [context(name) for name in SERVICES]
    return {
        **{FOLDER / "openapi" / f"{name}.json": _json(app.openapi()) for name, app in applications().items()},
        **{FOLDER / "asyncapi" / f"{it.name}.json": _json(asyncapi(it)) for it in contexts},
        FOLDER / "events.md": events(contexts),
    }


def _json(document: dict[str, Any]) -> str:
    return json.dumps(document, indent=1, ensure_ascii=False, sort_keys=True) + "\n"
