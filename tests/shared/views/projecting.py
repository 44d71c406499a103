"""Views fed from a busy history, and what is in their tables."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date
from typing import Any

from keqing_shared.domain import Fact
from keqing_shared.views import Projector, Table, project_all
from tests.shared.views.parcels import (
    PARCELS,
    TALLIES,
    ParcelDelivered,
    ParcelLost,
    ParcelPosted,
    Parcels,
    ParcelWeighed,
    Tallies,
    Written,
)


def busy(parcels: int, lost_every: int = 7) -> list[tuple[str, Fact]]:
    """A history in which the same parcel comes again and again: six facts each, at the most."""
    facts: list[tuple[str, Fact]] = []
    for number in range(parcels):
        name = f"p{number}"
        facts += [
            (name, ParcelPosted(city=f"city-{number % 3}")),
            (name, ParcelWeighed(grams=1000 + number)),
            (f"p{number // 2}", ParcelWeighed(grams=number)),
            (name, ParcelWeighed(grams=2000 + number)),
            (name, ParcelDelivered(on=date(2026, 3, 4))),
        ]
        if number % lost_every == 0:
            facts.append((name, ParcelLost()))
    return facts


async def stored(pool: Any, table: Table[Any]) -> list[Any]:
    return table.rows(await pool.fetch(f"SELECT * FROM {table.name} ORDER BY {table.key[0].quoted}"))


async def assert_equals_a_fold_in_memory(pool: Any, log: Written) -> None:
    for view, table in ((Parcels(), PARCELS), (Tallies(), TALLIES)):
        expected = project_all(view, log.facts).all(table)
        assert sorted(await stored(pool, table), key=repr) == sorted(expected, key=repr)


@asynccontextmanager
async def running(*projectors: Projector) -> AsyncIterator[None]:
    tasks = [asyncio.create_task(projector.run()) for projector in projectors]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
