"""List occupancy: how full each rep's list is."""

from collections.abc import Collection
from typing import Any

from keqing_pipeline.tracking.band import Band
from keqing_pipeline.tracking.policy import BandCapacities
from keqing_shared.domain import value


@value
class BandOccupancy:
    band: Band
    count: int
    capacity: int
    free: int
    overfilled_by: int


@value
class OccupancyRow:
    """Of the occupancy as a sheet: a line for each band, and one for who takes up no room."""

    owner: str
    band: Band | None
    count: int
    capacity: int | None = None
    free: int | None = None
    overfilled_by: int | None = None


@value
class ListOccupancy:
    owner: str
    bands: tuple[BandOccupancy, ...]
    without_band: int
    """Who refuses contact takes up no room."""

    def unrolled(self) -> list[OccupancyRow]:
        return [
            *(
                OccupancyRow(
                    owner=self.owner,
                    band=it.band,
                    count=it.count,
                    capacity=it.capacity,
                    free=it.free,
                    overfilled_by=it.overfilled_by,
                )
                for it in self.bands
            ),
            OccupancyRow(owner=self.owner, band=None, count=self.without_band),
        ]


async def occupancy(
    db: Any, visible: Collection[str] | None, capacities: BandCapacities, owner: str | None = None
) -> list[ListOccupancy]:
    """Of every active rep, and of whoever else has somebody on a list; by login."""
    records = await db.fetch(
        """
        WITH owners AS (
            SELECT login AS owner FROM person WHERE active AND roles ? 'rep'
            UNION SELECT owner FROM tracked WHERE standing = 'tracked'
        )
        SELECT o.owner, t.band, count(t.customer_id) AS count
          FROM owners o LEFT JOIN tracked t ON t.owner = o.owner AND t.standing = 'tracked'
         WHERE ($1::text[] IS NULL OR o.owner = ANY ($1)) AND ($2::text IS NULL OR o.owner = $2)
         GROUP BY o.owner, t.band ORDER BY o.owner
        """,
        None if visible is None else list(visible),
        owner,
    )
    counts: dict[str, dict[str | None, int]] = {}
    for record in records:
        counts.setdefault(record["owner"], {})[record["band"]] = record["count"]
    return [
        ListOccupancy(
            owner=owner,
            bands=tuple(_band(band, of.get(band, 0), capacities.of(band)) for band in Band),
            without_band=of.get(None, 0),
        )
        for owner, of in counts.items()
    ]


def _band(band: Band, count: int, capacity: int) -> BandOccupancy:
    return BandOccupancy(
        band=band,
        count=count,
        capacity=capacity,
        free=max(capacity - count, 0),
        overfilled_by=max(count - capacity, 0),
    )
