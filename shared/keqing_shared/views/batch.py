"""Many facts folded into a view's tables at once."""

from collections.abc import Callable, Sequence
from typing import Any

from keqing_shared.domain import Recorded
from keqing_shared.views.erasing import erase, stretches
from keqing_shared.views.storage import storage
from keqing_shared.views.table import Grouping, Key, Table
from keqing_shared.views.view import Rows, View, declare


def live(table: Table[Any]) -> str:
    """The name under which a table is queried."""
    return table.name


def beside(table: Table[Any]) -> str:
    """The name under which a table is built while the live one serves."""
    return f"{table.name}__next"


async def apply(
    connection: Any,
    view: View,
    facts: Sequence[Recorded[Any]],
    named: Callable[[Table[Any]], str] = live,
) -> None:
    """Within the caller's transaction, who moves the checkpoint in it. A customer who is erased on the way
    is erased from the rows then and there."""
    for stretch, erased in stretches(facts):
        await _apply(connection, view, stretch, named)
        if erased is not None:
            await erase(connection, view, erased, named)


async def _apply(
    connection: Any, view: View, facts: Sequence[Recorded[Any]], named: Callable[[Table[Any]], str]
) -> None:
    """Fetch once, fold, write once."""
    declared = [declare(view, it) for it in facts]
    wanted: dict[Table[Any], set[Key]] = {table: set() for table in view.tables}
    groups: dict[Grouping, set[Any]] = {}
    for row_keys in declared:
        for table, *key in row_keys:
            if isinstance(table, Grouping):
                groups.setdefault(table, set()).update(key)
            else:
                wanted[table].add(tuple(key))
    rows = Rows(view)
    rows.group(groups)
    for grouping, values in groups.items():
        own = storage(grouping.table, named(grouping.table))
        rows.found(grouping.table, await own.fetch_group(connection, grouping, values))
    for table, keys in wanted.items():
        known = [key for key in keys if None not in key]
        if known:
            rows.found(table, await storage(table, named(table)).fetch(connection, known))
    for it, row_keys in zip(facts, declared, strict=True):
        rows.fold(view, it, row_keys)
    for table in view.tables:
        if table.sums:
            await storage(table, named(table)).add(connection, rows.added(table))
            continue
        written, dropped = rows.changes(table)
        if dropped:
            await storage(table, named(table)).drop(connection, dropped)
        if written:
            await storage(table, named(table)).write(connection, written)
