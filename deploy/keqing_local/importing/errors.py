"""The rows that did not come in: the first ones on the terminal, all of them in a file when asked."""

import csv
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TextIO

from keqing_local.failure import CannotRun
from keqing_local.importing.row import Refusal

SHOWN = 20
_COLUMNS = ("file", "line", "field", "message", "type")


class Errors:
    """Keeps no more than it will show."""

    def __init__(self, file: TextIO | None) -> None:
        self._writer = None if file is None else csv.writer(file)
        self._first: list[str] = []
        self.count = 0
        if self._writer:
            self._writer.writerow(_COLUMNS)

    def note(self, source: str, refusal: Refusal) -> None:
        self.count += 1
        if self._writer:
            self._writer.writerow(
                [source, refusal.line, refusal.field, _no_formula(refusal.message), refusal.type]
            )
        if len(self._first) < SHOWN:
            field = f" {refusal.field}:" if refusal.field else ""
            self._first.append(f"{source}:{refusal.line}:{field} {refusal.message}")

    def lines(self, kept_in: Path | None) -> list[str]:
        """What to tell about them."""
        left = self.count - len(self._first)
        told = list(self._first)
        if left:
            told.append(f"… and {left} more" + ("" if kept_in else " (--errors FILE keeps all)"))
        if self.count and kept_in:
            told.append(f"all of them: {kept_in}")
        return told


@contextmanager
def errors_kept(path: Path | None) -> Iterator[Errors]:
    """Raises CannotRun when the file cannot be written."""
    if path is None:
        yield Errors(None)
        return
    try:
        file = path.open("w", encoding="utf-8", newline="")
    except OSError as problem:
        raise CannotRun(f"cannot write {path} (--errors): {(problem.strerror or '').lower()}") from None
    with file:
        yield Errors(file)


def refusals_of(line: int, problem: dict[str, Any]) -> list[Refusal]:
    """What a problem document says of a row; one for each field that it names."""
    type = str(problem.get("type", "")).rpartition("/")[2]
    said = "; ".join(str(problem[member]) for member in ("title", "detail") if problem.get(member))
    if errors := problem.get("errors"):
        return [
            Refusal(line, str(error.get("message", said)), str(error.get("field", "")), type)
            for error in errors
        ]
    return [Refusal(line, said or "refused", str(problem.get("field", "")), type)]


def _no_formula(text: str) -> str:
    """A spreadsheet must not calculate what somebody wrote into a cell."""
    return f"'{text}" if text[:1] in "=+-@\t" and text else text


def tell(lines: list[str]) -> None:
    """On stderr, where refusals belong."""
    for line in lines:
        print(line, file=sys.stderr)  # noqa: T201
