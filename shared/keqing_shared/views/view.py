"""Views: answers kept ready, folded from the log."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from hashlib import sha256
from typing import Any, ClassVar, TypeVar
from uuid import UUID

from keqing_shared.domain import Recorded
from keqing_shared.views.table import Grouping, Key, Table

R = TypeVar("R")

RowKey = tuple[Table[Any] | Grouping, *tuple[Any, ...]]
"""A row to be fetched: the table, then its key's values; or a group of them (``Table.by``), then what they
have in common."""


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
        self._groups: dict[Table[Any], dict[Grouping, dict[Any, set[Key]]]] = {}
        self._sums: dict[Table[Any], dict[Key, Any]] = {table: {} for table in view.tables if table.sums}

    def get(self, table: Table[R], *key: Any) -> R | None:
        """The row as it is by now; None when there is none. Raises UndeclaredRow."""
        stored = table.stored_key(key)
        if (table, *stored) not in self._declared:
            raise UndeclaredRow(f"{table.name} {key!r} was not yielded by touches for this fact")
        row: R | None = self._rows[table].get(stored)
        return row

    def of(self, grouping: Grouping, value: Any) -> list[Any]:
        """The rows of a group as they are by now, in the order of their keys. Raises UndeclaredRow."""
        table = grouping.table
        if (grouping, value) not in self._declared:
            raise UndeclaredRow(f"{table.name} by {grouping.column} was not yielded by touches for this fact")
        rows = self._rows[table]
        keys = self._groups[table][grouping][value]
        found = (rows.get(key) for key in sorted(keys))
        return [row for row in found if row is not None and getattr(row, grouping.column) == value]

    def add(self, table: Table[R], row: R) -> None:
        """To the sums of the row with the same key, whatever they are; nothing needs to be fetched."""
        key = table.key_of(row)
        sums = self._sums[table]
        known = sums.get(key)
        if known is not None:
            more = {c.name: getattr(known, c.name) + getattr(row, c.name) for c in table.sums}
            row = replace(row, **more)  # type: ignore[type-var]
        sums[key] = row

    def put(self, table: Table[R], row: R) -> None:
        """Insert, or replace the row of the same key."""
        if type(row) is not table.row:
            raise TypeError(f"{table.name} holds {table.row.__name__}, not {type(row).__name__}")
        key = table.key_of(row)
        self._rows_of(table)[key] = row
        self._grouped(table, key, row)
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
        if table.sums:
            return self.added(table)
        return [row for row in self._rows_of(table).values() if row is not None]

    def group(self, groupings: Iterable[Grouping]) -> None:
        """Before any row is there: by what rows will be asked for together."""
        for grouping in groupings:
            self._groups.setdefault(grouping.table, {}).setdefault(grouping, defaultdict(set))

    def found(self, table: Table[R], fetched: Iterable[R]) -> None:
        """Takes rows as the table has them now."""
        rows = self._rows_of(table)
        for row in fetched:
            key = table.key_of(row)
            rows[key] = row
            self._grouped(table, key, row)

    def fold(self, view: View, it: Recorded[Any], declared: Iterable[RowKey]) -> None:
        """Lets the view project one fact."""
        self._declared = list(declared)
        view.project(it, self)

    def added(self, table: Table[R]) -> list[R]:
        """What is to be added to the sums that are there."""
        return [row for row in self._sums[table].values() if any(getattr(row, c.name) for c in table.sums)]

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

    def _grouped(self, table: Table[Any], key: Key, row: Any) -> None:
        for grouping, members in self._groups.get(table, {}).items():
            members[getattr(row, grouping.column)].add(key)

    def _rows_of(self, table: Table[Any]) -> dict[Key, Any]:
        try:
            return self._rows[table]
        except KeyError:
            raise UndeclaredRow(f"{table.name} is not one of the view's tables") from None


def declare(view: View, it: Recorded[Any]) -> list[RowKey]:
    """What the view wants to get for this fact, keys as stored. Raises TypeError for impossible keys."""
    declared: list[RowKey] = []
    for table, *key in view.touches(it):
        if isinstance(table, Grouping):
            if table.table not in view.tables:
                raise UndeclaredRow(f"{table.table.name} is not one of the tables of the view {view.name}")
            declared.append((table, *key))
            continue
        if table not in view.tables:
            raise UndeclaredRow(f"{table.name} is not one of the tables of the view {view.name}")
        stored = table.stored_key(tuple(key))
        table.check_key(stored)
        declared.append((table, *stored))
    return declared


def project_all(view: View, facts: Iterable[Recorded[Any]]) -> Rows:
    """A whole history folded from nothing, without a database: for tests of a view."""
    rows = Rows(view)
    told = [(it, declare(view, it)) for it in facts]
    rows.group({table for _, declared in told for table, *_ in declared if isinstance(table, Grouping)})
    for it, declared in told:
        rows.fold(view, it, declared)
    return rows
