"""Views: answers kept ready, folded from the log."""

from collections.abc import Iterable, Sequence
from hashlib import sha256
from typing import Any, ClassVar, TypeVar
from uuid import UUID

from keqing_shared.domain import Recorded
from keqing_shared.views.table import Key, Table

R = TypeVar("R")

RowKey = tuple[Table[Any], *tuple[Any, ...]]
"""A row to be fetched: the table, then its key's values."""


class UndeclaredRow(LookupError):
    """A view asks for a row that its ``touches`` did not announce for this fact."""


class View:
    """One question's tables and how facts change them.

    Raise ``version`` whenever old facts should now give other rows: the view is then rebuilt when
    the program starts. A changed row or index is noticed without it.
    """

    name: ClassVar[str]
    version: ClassVar[int] = 1
    tables: ClassVar[Sequence[Table[Any]]]

    @property
    def personal(self) -> bool:
        """Whether its rows may hold anything personal; a view of others is fed with facts unopened."""
        return any(table.personal for table in self.tables)

    def touches(self, it: Recorded[Any]) -> Iterable[RowKey]:
        """The rows that ``project`` may get for this fact; unless said otherwise the originator's own
        in every table keyed by one UUID."""
        for table in self.tables:
            if len(table.key) == 1 and table.key[0].python is UUID:
                yield table, it.originator_id

    def project(self, it: Recorded[Any], rows: "Rows") -> None:
        """Changes the rows in memory; pure. What it raises makes the view stuck at this fact."""
        raise NotImplementedError(f"{type(self).__name__}.project")

    def erased(self, table: Table[R], row: R) -> R | None:
        """The row of an erased customer, None: it goes. Else it must be what the facts give once they read
        as erased."""
        return table.blank(row)

    def shape(self) -> bytes:
        """Differs when the version or the tables do."""
        parts = [f"{self.version}".encode(), *(table.shape() for table in self.tables)]
        return sha256(b"".join(parts)).digest()


class Rows:
    """The rows of one view in memory, while facts are folded into them."""

    def __init__(self, view: View) -> None:
        self._rows: dict[Table[Any], dict[Key, Any]] = {table: {} for table in view.tables}
        self._changed: dict[Table[Any], set[Key]] = {table: set() for table in view.tables}
        self._declared: list[RowKey] = []

    def get(self, table: Table[R], *key: Any) -> R | None:
        """The row as it is by now; None when there is none. Raises UndeclaredRow."""
        stored = table.stored_key(key)
        if (table, *stored) not in self._declared:
            raise UndeclaredRow(f"{table.name} {key!r} was not yielded by touches for this fact")
        row: R | None = self._rows[table].get(stored)
        return row

    def put(self, table: Table[R], row: R) -> None:
        """Insert, or replace the row of the same key."""
        if type(row) is not table.row:
            raise TypeError(f"{table.name} holds {table.row.__name__}, not {type(row).__name__}")
        key = table.key_of(row)
        self._rows_of(table)[key] = row
        self._changed[table].add(key)
        self._declared.append((table, *key))

    def drop(self, table: Table[Any], *key: Any) -> None:
        """Delete the row, if there is one."""
        stored = table.stored_key(key)
        self._rows_of(table)[stored] = None
        self._changed[table].add(stored)
        self._declared.append((table, *stored))

    def all(self, table: Table[R]) -> list[R]:
        """Every row in memory; after folding a whole history from nothing, the whole table."""
        return [row for row in self._rows_of(table).values() if row is not None]

    def found(self, table: Table[R], fetched: Iterable[R]) -> None:
        """Takes rows as the table has them now."""
        rows = self._rows_of(table)
        for row in fetched:
            rows[table.key_of(row)] = row

    def fold(self, view: View, it: Recorded[Any], declared: Iterable[RowKey]) -> None:
        """Lets the view project one fact."""
        self._declared = list(declared)
        view.project(it, self)

    def changes(self, table: Table[R]) -> tuple[list[R], list[Key]]:
        """Rows to be written and keys to be deleted."""
        rows = self._rows_of(table)
        written, dropped = [], []
        for key in self._changed[table]:
            row = rows[key]
            if row is None:
                dropped.append(key)
            else:
                written.append(row)
        return written, dropped

    def _rows_of(self, table: Table[Any]) -> dict[Key, Any]:
        try:
            return self._rows[table]
        except KeyError:
            raise UndeclaredRow(f"{table.name} is not one of the view's tables") from None


def declare(view: View, it: Recorded[Any]) -> list[RowKey]:
    """What the view wants to get for this fact, keys as stored. Raises TypeError for impossible keys."""
    declared: list[RowKey] = []
    for table, *key in view.touches(it):
        if table not in view.tables:
            raise UndeclaredRow(f"{table.name} is not one of the tables of the view {view.name}")
        stored = table.stored_key(tuple(key))
        table.check_key(stored)
        declared.append((table, *stored))
    return declared


def project_all(view: View, facts: Iterable[Recorded[Any]]) -> Rows:
    """A whole history folded from nothing, without a database: for tests of a view."""
    rows = Rows(view)
    for it in facts:
        rows.fold(view, it, declare(view, it))
    return rows
