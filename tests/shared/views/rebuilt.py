"""Views of parcels that are rebuilt, and the tables that there are."""

from typing import Any

from keqing_shared.domain import Recorded
from keqing_shared.views import Projector, Rows
from tests.shared.views.parcels import TALLIES, ParcelPosted, Parcels, Tallies, TallyRow, Written


async def serving(pool: Any, log: Written) -> Projector:
    projector = Projector(pool, log, [Parcels(), Tallies()])
    await projector.catch_up()
    return projector


async def tables(pool: Any) -> list[str]:
    return [
        row["name"]
        for row in await pool.fetch("""
            SELECT relname AS name FROM pg_class JOIN pg_namespace n ON n.oid = relnamespace
            WHERE nspname = current_schema() AND relkind = 'r' ORDER BY relname
        """)
    ]


class CountingMore(Tallies):
    """The next version: every parcel counts for ten."""

    version = 2

    def project(self, it: Recorded[Any], rows: Rows) -> None:
        match it.fact:
            case ParcelPosted(city=city, size=size):
                row = rows.get(TALLIES, city, size)
                rows.put(TALLIES, TallyRow(city=city, size=size, parcels=10 + (row.parcels if row else 0)))
