"""A row of a file on its way in, or why it cannot be one."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import msgspec


@dataclass(frozen=True)
class Row:
    """What an import endpoint takes on one line."""

    line: int
    """Where it begins in its file; the first line is 1."""
    body: dict[str, Any]
    makes: str | None = None
    """What later rows call the thing that this row makes."""
    needs: tuple[str, ...] = ()
    """What has to be there before this row, by the same names."""

    @cached_property
    def sent(self) -> bytes:
        """The line as it is sent."""
        return msgspec.json.encode(self.body)


@dataclass(frozen=True)
class Refusal:
    """A row that does not come in: refused here because it cannot be read, or there by a rule."""

    line: int
    message: str
    field: str = ""
    """The column of the file, or the member of what was sent; empty: the row as a whole."""
    type: str = "row-unreadable"
    """The type of the problem, as the API calls it."""


class CellWrong(Exception):
    """A cell of a row cannot be understood."""

    def __init__(self, column: str, message: str) -> None:
        super().__init__(message)
        self.column = column


@dataclass(frozen=True)
class Step:
    """One kind of rows for one endpoint; the next step may count on all of them."""

    noun: str
    source: str
    """The file that the lines are of."""
    address: str
    read: Callable[[], Iterator[Row | Refusal]]
    expected: int | None = None
    """About how many rows there are; None when that is known only after reading."""
    in_order: bool = False
    """Whether its rows depend on one another; else several requests may be under way at once."""


@dataclass(frozen=True)
class Profile:
    """How the files of one kind of source are read."""

    name: str
    summary: str
    steps: Callable[[Path], tuple[Step, ...]]
    """From the path given. Raises CannotRun when files or columns are missing."""
    notes: tuple[str, ...] = ()
