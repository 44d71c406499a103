"""A view's rows in PostgreSQL: fetched, written and dropped many at a time."""

from collections.abc import Collection, Sequence
from functools import lru_cache
from operator import attrgetter
from typing import Any, Generic, TypeVar

from keqing_shared.views.column import Column
from keqing_shared.views.table import Grouping, Key, Table

R = TypeVar("R")

PREFER_INDEXES = (
    "SET LOCAL enable_seqscan = off; SET LOCAL enable_hashjoin = off; SET LOCAL enable_mergejoin = off"
)
"""Per transaction: a plan made while the table was small must not scan it when it is big."""


class Storage(Generic[R]):
    """The rows of one table under a physical name: the live one's, or the one being built beside it."""

    def __init__(self, table: Table[R], physical_name: str) -> None:
        self.table = table
        self.physical_name = physical_name
        name = f'"{physical_name}"'
        key = ", ".join(column.quoted for column in table.key)
        given = _unnested("k", table.key)
        self._fetch = (
            f"SELECT {', '.join(f't.{column.quoted}' for column in table.fields)}"
            f" FROM {given} JOIN {name} t USING ({key})"
        )
        matches = " AND ".join(f"t.{column.quoted} = k.{column.quoted}" for column in table.key)
        self._drop = f"DELETE FROM {name} t USING {given} WHERE {matches}"
        values = ", ".join(f"v.{column.quoted}::{column.sql}" for column in table.fields)
        others = [column.quoted for column in table.fields if column not in table.key]
        update = f"UPDATE SET {', '.join(f'{column} = excluded.{column}' for column in others)}"
        self._write = (
            f"INSERT INTO {name} ({table.columns}) SELECT {values} FROM {_unnested('v', table.fields)}"
            f" ON CONFLICT ({key}) DO {update if others else 'NOTHING'}"
        )
        sums = [column.quoted for column in table.sums]
        added = ", ".join(f"{column} = {name}.{column} + excluded.{column}" for column in sums)
        self._add = (
            f"INSERT INTO {name} ({table.columns}) SELECT {values} FROM {_unnested('v', table.fields)}"
            f" ON CONFLICT ({key}) DO UPDATE SET {added}"
        )
        self._drop_empty = f"{self._drop} AND {' AND '.join(f't.{column} = 0' for column in sums)}"
        self._readers = [(attrgetter(column.name), column.encode) for column in table.fields]

    async def fetch(self, connection: Any, keys: Collection[Key]) -> list[R]:
        """The rows of these keys that exist."""
        return self.table.rows(await connection.fetch(self._fetch, *_by_column(self.table, keys)))

    async def fetch_group(self, connection: Any, grouping: Grouping, values: Collection[Any]) -> list[R]:
        """The rows that have one of these values."""
        records = await connection.fetch(
            f'SELECT {self.table.columns} FROM "{self.physical_name}" WHERE {grouping.quoted} = ANY ($1)',
            list(values),
        )
        return self.table.rows(records)

    async def write(self, connection: Any, rows: Sequence[R]) -> None:
        """Insert or replace; no key may occur twice."""
        await connection.execute(self._write, *self._arrays(rows))

    async def add(self, connection: Any, rows: Sequence[R]) -> None:
        """To the sums that are there; what comes to nothing goes."""
        if not rows:
            return
        await connection.execute(self._add, *self._arrays(rows))
        keys = [self.table.key_of(row) for row in rows]
        await connection.execute(self._drop_empty, *_by_column(self.table, keys))

    def _arrays(self, rows: Sequence[R]) -> list[list[Any]]:
        arrays = []
        for read, encode in self._readers:
            values = list(map(read, rows))
            if encode is not None:
                values = [None if value is None else encode(value) for value in values]
            arrays.append(values)
        return arrays

    async def drop(self, connection: Any, keys: Collection[Key]) -> None:
        await connection.execute(self._drop, *_by_column(self.table, keys))


@lru_cache(maxsize=1024)
def storage(table: Table[R], physical_name: str) -> Storage[R]:
    """The statements are put together once."""
    return Storage(table, physical_name)


def _by_column(table: Table[Any], keys: Collection[Key]) -> list[list[Any]]:
    return [[key[place] for key in keys] for place in range(len(table.key))]


def _unnested(alias: str, columns: Sequence[Column]) -> str:
    arrays = ", ".join(f"${number}::{column.sent_as}[]" for number, column in enumerate(columns, 1))
    return f"unnest({arrays}) AS {alias}({', '.join(column.quoted for column in columns)})"
