"""A customer's rows without what was personal in them, as soon as the view comes to the fact that says so."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any
from uuid import UUID

from keqing_shared.domain import Recorded
from keqing_shared.privacy.erasure import KeyDestroyed
from keqing_shared.views.storage import storage
from keqing_shared.views.table import Table
from keqing_shared.views.view import View

CUSTOMER = "customer_id"


def stretches(
    facts: Sequence[Recorded[Any]],
) -> Iterator[tuple[Sequence[Recorded[Any]], UUID | None]]:
    """The facts up to each destruction of a key, and whose key it was; then those after the last."""
    start = 0
    for at, it in enumerate(facts, 1):
        if type(it.fact) is KeyDestroyed:
            yield facts[start:at], it.fact.customer_id
            start = at
    if start < len(facts):
        yield facts[start:], None


async def erase(connection: Any, view: View, customer_id: UUID, named: Callable[[Table[Any]], str]) -> None:
    """Those rows that name the customer, and those of the customer's streams, which may not.

    ``Table`` sees to it that one or the other finds every row with something personal in it.
    """
    for table in view.tables:
        if not table.personal:
            continue
        found = await connection.fetch(
            f'SELECT {table.columns} FROM "{named(table)}" WHERE {_of_customer(table)}', customer_id
        )
        changed, gone = [], []
        for row in table.rows(found):
            bare = view.erased(table, row)
            if bare is None:
                gone.append(table.key_of(row))
            elif bare != row:
                changed.append(bare)
        if gone:
            await storage(table, named(table)).drop(connection, gone)
        if changed:
            await storage(table, named(table)).write(connection, changed)


def _of_customer(table: Table[Any]) -> str:
    ways = []
    if any(column.name == CUSTOMER for column in table.fields):
        ways.append(f"{CUSTOMER} = $1")
    if table.key[0].python is UUID:
        streams = "SELECT originator_id FROM facts WHERE customer_id = $1"
        ways.append(f"{table.key[0].quoted} IN ({streams})")
    return " OR ".join(ways)
