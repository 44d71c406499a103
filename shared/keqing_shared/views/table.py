"""Tables of views: declared as rows, made as DDL."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from hashlib import sha256
from operator import attrgetter
from typing import Any, Generic, TypeVar, get_type_hints
from uuid import UUID

from keqing_shared.domain.personal import Blanks, erased_value, is_personal
from keqing_shared.views.column import Column, columns_of

R = TypeVar("R")
Item = TypeVar("Item")

Key = tuple[Any, ...]

_BLANKS = Blanks(erased_value)
_NAME = re.compile(r"^[a-z][a-z0-9_]{0,47}$")
_WORD = re.compile(r"^\w+$")


@dataclass(frozen=True)
class Index:
    """A secondary index: columns or expressions (``due_on DESC``, ``lower(name)``), optionally of
    the rows ``where`` only, by another method than btree (``gin``)."""

    on: tuple[str, ...]
    where: str | None = None
    using: str = "btree"


@dataclass(frozen=True)
class Grouping:
    """The rows of a table by a column that many have in common; an index begins with it."""

    table: "Table[Any]"
    column: str

    @property
    def quoted(self) -> str:
        return f'"{self.column}"'


class Table(Generic[R]):
    """Rows of one kind: ``Table("board", BoardRow, key=("opportunity_id",), indexes=(("owner", "stage"),))``.

    The row is a dataclass; its annotations give the columns: UUID, str / StrEnum / Literal (text),
    int (bigint), bool, float, Decimal (numeric), date, datetime (timestamptz), ``| None`` (nullable),
    everything else jsonb. ``name`` is the table's own name in SQL. ``sums``: number columns that ``Rows.add``
    adds up; a row whose sums are all nothing is gone.
    """

    def __init__(
        self,
        name: str,
        row: type[R],
        *,
        key: Sequence[str],
        indexes: Iterable[Index | Sequence[str]] = (),
        sums: Sequence[str] = (),
    ) -> None:
        if not _NAME.match(name) or "__" in name:
            raise TypeError(f"a view's table has a short lower-case name without '__', not {name!r}")
        if not is_dataclass(row):
            raise TypeError(f"{name}: {row!r} is not a dataclass")
        self.name = name
        self.row = row
        self.fields = columns_of(row)
        by_name = {column.name: column for column in self.fields}
        self.key = tuple(_named(name, by_name, part) for part in key)
        if not self.key or any(column.nullable or column.sql == "jsonb" for column in self.key):
            raise TypeError(f"{name}: the key is of columns that are neither nullable nor jsonb")
        self.personal = _BLANKS.concern(row)
        """Whether a row may hold anything personal: then it is found by its customer, or by its stream."""
        if self.personal and "customer_id" not in by_name and self.key[0].python is not UUID:
            raise TypeError(
                f"{name}: a row with personal data has a customer_id, or the stream's id as its key"
            )
        if any(is_personal(hint) for hint in _hints(row, self.key)):
            raise TypeError(f"{name}: what is personal cannot be a key")
        self.sums = tuple(_named(name, by_name, part) for part in sums)
        if self.sums and len(self.key) + len(self.sums) != len(self.fields):
            raise TypeError(f"{name}: what is summed up has nothing beside its key and its sums")
        self.indexes = tuple(_index(name, by_name, index) for index in indexes)
        self.columns = ", ".join(column.quoted for column in self.fields)
        """For a query's select list; a ``SELECT *`` may fail once while another shape is swapped in."""
        self._decoders = tuple((c.name, c.decode) for c in self.fields if c.decode is not None)
        self._names = frozenset(by_name)
        self._key_of: Callable[[R], Any] = attrgetter(*(column.name for column in self.key))
        self._text_key = any(column.encode is not None for column in self.key)

    def __repr__(self) -> str:
        return f"<Table {self.name}>"

    def rows(self, records: Iterable[Mapping[str, Any]]) -> list[R]:
        """Row objects of what a query fetched; other columns beside the row's own are left alone."""
        make, decoders, names = self.row, self._decoders, self._names
        made = []
        for record in records:
            members = dict(record)
            if len(members) != len(names):
                members = {name: value for name, value in members.items() if name in names}
            for name, decode in decoders:
                value = members[name]
                if value is not None:
                    members[name] = decode(value)
            made.append(make(**members))
        return made

    def by(self, column: str) -> Grouping:
        """For ``View.touches`` and ``Rows.of``: the rows with one value of this column. Raises TypeError when
        no index begins with it."""
        quoted = f'"{column}"'
        if not any(index.on[0] == quoted and index.where is None for index in self.indexes):
            raise TypeError(f"{self.name}: no index finds all rows by {column}")
        return Grouping(self, column)

    def items(self, item: type[Item], records: Iterable[Mapping[str, Any]]) -> list[Item]:
        """What a list shows: members of the row, and others that the query selected under their names."""
        own = {field.name for field in fields(item)}  # type: ignore[arg-type]
        added, kept = own - self._names, own & self._names
        records = list(records)
        return [
            item(**{name: getattr(row, name) for name in kept}, **{name: record[name] for name in added})
            for row, record in zip(self.rows(records), records, strict=True)
        ]

    def blank(self, row: R) -> R:
        """The row as it reads once what is personal in it is erased."""
        bare: R = _BLANKS.blank(row, [])
        return bare

    def key_of(self, row: R) -> Key:
        """The row's key, as ``stored_key`` has it."""
        key = self._key_of(row)
        return self.stored_key((key,) if len(self.key) == 1 else key)

    def stored_key(self, key: Key) -> Key:
        """The key as PostgreSQL keeps it. Raises TypeError for one that cannot be this table's."""
        if len(key) != len(self.key):
            raise TypeError(f"{self.name} is keyed by {self._key_names()}, not by {len(key)} values")
        if not self._text_key:
            return key
        return tuple(
            column.encode(value) if column.encode and isinstance(value, str) else value
            for column, value in zip(self.key, key, strict=True)
        )

    def check_key(self, key: Key) -> None:
        """Raises TypeError for values that no row's key could equal (None may be asked for, in vain)."""
        for column, value in zip(self.key, key, strict=True):
            if value is not None and not isinstance(value, column.python):
                raise TypeError(
                    f"{self.name}.{column.name} is a {column.python.__name__},"
                    f" not the {type(value).__name__} {value!r}"
                )

    def ddl(self, physical_name: str | None = None) -> str:
        """Makes the table, without its secondary indexes."""
        columns = ", ".join(column.ddl for column in self.fields)
        key = ", ".join(column.quoted for column in self.key)
        # Room on each page lets an update of unindexed columns stay there (HOT) and be cleaned up in passing.
        return (
            f'CREATE TABLE "{physical_name or self.name}" ({columns}, PRIMARY KEY ({key}))'
            " WITH (fillfactor = 85)"
        )

    def index_ddl(self, physical_name: str | None = None) -> list[str]:
        """Makes the secondary indexes; PostgreSQL finds free names for them."""
        return [
            f'CREATE INDEX ON "{physical_name or self.name}" USING {index.using} ({", ".join(index.on)})'
            + (f" WHERE {index.where}" if index.where else "")
            for index in self.indexes
        ]

    def shape(self) -> bytes:
        """Differs when the table would have to be made anew."""
        return sha256("\n".join([self.ddl(), *self.index_ddl()]).encode()).digest()

    def _key_names(self) -> str:
        return ", ".join(column.name for column in self.key)


def _hints(row: type, key: Iterable[Column]) -> list[Any]:
    hints = get_type_hints(row, include_extras=True)
    return [hints[column.name] for column in key]


def _named(table: str, by_name: Mapping[str, Column], name: str) -> Column:
    try:
        return by_name[name]
    except KeyError:
        raise TypeError(f"{table} has no column {name!r}") from None


def _index(table: str, by_name: Mapping[str, Column], index: Index | Sequence[str]) -> Index:
    if isinstance(index, str):
        raise TypeError(f"{table}: an index is of several columns or expressions: ({index!r},)")
    if not isinstance(index, Index):
        index = Index(tuple(index))
    on = tuple(_named(table, by_name, part).quoted if _WORD.match(part) else part for part in index.on)
    return Index(on, index.where, index.using)
