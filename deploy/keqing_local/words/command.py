"""Brings the catalogues up to date, or says what they lack."""

from typing import Annotated

import typer

from keqing_local.failure import CannotRun
from keqing_local.services import SERVICES, context
from keqing_local.words.catalogue import Catalogue, gaps
from keqing_local.words.collecting import SHARED, collect
from keqing_shared.language import CODES, ENGLISH

HOW = "Run `make words`, then fill in every empty msgstr; what stands in braces stays as it is."


def words(
    check: Annotated[bool, typer.Option("--check", help="Write nothing; exit 1 when one is lacking")] = False,
) -> None:
    """Update <package>/locale/<language>.po: new words with an empty msgstr, old ones taken out."""
    translated = [code for code in CODES if code != ENGLISH]
    collected = collect((SHARED, *(context(name).package for name in SERVICES)))
    if not check:
        for package, it in collected.items():
            for code in translated:
                catalogue = Catalogue(package, code)
                if catalogue.update(it.said):
                    typer.echo(f"wrote {catalogue.path}")
    lacking = gaps(collected, translated)
    for line in lacking:
        typer.echo(line, err=True)
    if lacking:
        raise CannotRun(f"{len(lacking)} to do. {HOW}")
