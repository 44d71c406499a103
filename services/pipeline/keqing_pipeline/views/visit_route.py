"""The visit route of a day: whom one is to touch, in the order of the way."""

from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

import msgspec

from keqing_pipeline.customer.file import Location
from keqing_pipeline.customer.route import in_order, kilometres
from keqing_shared.domain import Personal, value


@value
class Stop:
    customer_id: UUID
    customer: Personal[str]
    """Its name."""
    address: Personal[str | None]
    location: Personal[Location]
    kilometres: float
    """As the crow flies, from the stop before or the start, to the nearest tenth."""


@value
class Unplaced:
    """Somebody to be visited of whom nobody knows where."""

    customer_id: UUID
    customer: Personal[str]
    address: Personal[str | None]


@value
class RouteRow:
    """Of a route as a sheet: the stops in their order, then those of whom nobody knows where."""

    stop: int | None
    """From 1."""
    customer_id: UUID
    customer: Personal[str]
    address: Personal[str | None]
    location: Personal[Location | None] = None
    kilometres: float | None = None


@value
class VisitRoute:
    stops: tuple[Stop, ...]
    kilometres: float
    """In all."""
    unplaced: tuple[Unplaced, ...]

    def unrolled(self) -> list[RouteRow]:
        return [
            *(
                RouteRow(
                    stop=number,
                    customer_id=it.customer_id,
                    customer=it.customer,
                    address=it.address,
                    location=it.location,
                    kilometres=it.kilometres,
                )
                for number, it in enumerate(self.stops, 1)
            ),
            *(
                RouteRow(stop=None, customer_id=it.customer_id, customer=it.customer, address=it.address)
                for it in self.unplaced
            ),
        ]


async def visit_route(
    db: Any, visible: Collection[str] | None, customers: Sequence[UUID], start: Location | None
) -> VisitRoute:
    """Through these customers, those that one may not see left out. Without a start it begins with the
    first of them whose place is known."""
    records = await db.fetch(
        """
        SELECT customer_id, name, details->>'location' AS location,
               coalesce(details#>>'{enterprise,basics,address}', details#>>'{individual,address}') AS address
          FROM customer
         WHERE customer_id = ANY ($1) AND merged_into IS NULL AND ($2::text[] IS NULL OR owner = ANY ($2))
         ORDER BY array_position($1, customer_id)
        """,
        list(customers),
        None if visible is None else list(visible),
    )
    placed = [(record, _location(record)) for record in records if record["location"] is not None]
    places = [location for _, location in placed]
    stops: list[Stop] = []
    if places:
        here = start or places[0]
        for number in in_order(here, places):
            record, there = placed[number]
            stops.append(
                Stop(
                    customer_id=record["customer_id"],
                    customer=record["name"],
                    address=record["address"],
                    location=there,
                    kilometres=round(kilometres(here, there), 1),
                )
            )
            here = there
    return VisitRoute(
        stops=tuple(stops),
        kilometres=round(sum(stop.kilometres for stop in stops), 1),
        unplaced=tuple(
            Unplaced(customer_id=record["customer_id"], customer=record["name"], address=record["address"])
            for record in records
            if record["location"] is None
        ),
    )


def _location(record: Any) -> Location:
    return msgspec.json.decode(record["location"], type=Location)
