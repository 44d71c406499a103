"""A small history to project: parcels that are posted, weighed, delivered or lost."""

import asyncio
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, Literal
from uuid import UUID, uuid5

from keqing_shared.domain import Fact, Money, Recorded, value
from keqing_shared.views import Index, RowKey, Rows, Table, View

NOON = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
NAMES = UUID("6f3b2b0e-1f43-4a57-9d44-3c8d0c1a7d11")


class Size(StrEnum):
    SMALL = "small"
    LARGE = "large"


class ParcelPosted(Fact, topic="sample.parcel-posted.v1"):
    city: str
    size: Size = Size.SMALL
    fee: Money | None = None
    marks: tuple[str, ...] = ()


class ParcelWeighed(Fact, topic="sample.parcel-weighed.v1"):
    grams: int


class ParcelDelivered(Fact, topic="sample.parcel-delivered.v1"):
    on: date


class ParcelLost(Fact, topic="sample.parcel-lost.v1"):
    pass


@value
class ParcelRow:
    """Has a column of every type."""

    parcel_id: UUID
    city: str
    size: Size
    status: Literal["under_way", "delivered"]
    weighings: int = 0
    kilograms: Decimal | None = None
    heavy: bool = False
    fill: float = 0.5
    delivered_on: date | None = None
    posted_at: datetime
    fee: Money | None = None
    marks: tuple[str, ...] = ()
    order: str | None = None
    """Its name is a word of SQL."""


@value
class TallyRow:
    city: str
    size: Size
    parcels: int


PARCELS = Table(
    "parcels",
    ParcelRow,
    key=("parcel_id",),
    indexes=(("city", "order"), Index(("lower(city)",), where="heavy")),
)
TALLIES = Table("tallies", TallyRow, key=("city", "size"))


class Parcels(View):
    name = "parcels"
    tables = (PARCELS,)

    def project(self, it: Recorded[Any], rows: Rows) -> None:
        match it.fact:
            case ParcelPosted(city=city, size=size, fee=fee, marks=marks):
                rows.put(
                    PARCELS,
                    ParcelRow(
                        parcel_id=it.originator_id,
                        city=city,
                        size=size,
                        status="under_way",
                        posted_at=it.recorded_at,
                        fee=fee,
                        marks=marks,
                    ),
                )
            case ParcelWeighed(grams=grams):
                row = rows.get(PARCELS, it.originator_id)
                if row is not None:
                    rows.put(
                        PARCELS,
                        replace(
                            row,
                            weighings=row.weighings + 1,
                            kilograms=Decimal(grams) / 1000,
                            heavy=grams > 9000,
                        ),
                    )
            case ParcelDelivered(on=on):
                row = rows.get(PARCELS, it.originator_id)
                if row is not None:
                    rows.put(PARCELS, replace(row, status="delivered", delivered_on=on))
            case ParcelLost():
                rows.drop(PARCELS, it.originator_id)


class Tallies(View):
    name = "tallies"
    tables = (TALLIES,)

    def touches(self, it: Recorded[Any]) -> Iterable[RowKey]:
        match it.fact:
            case ParcelPosted(city=city, size=size):
                yield TALLIES, city, size

    def project(self, it: Recorded[Any], rows: Rows) -> None:
        match it.fact:
            case ParcelPosted(city=city, size=size):
                row = rows.get(TALLIES, city, size)
                before = 0 if row is None else row.parcels
                rows.put(TALLIES, TallyRow(city=city, size=size, parcels=before + 1))


class Written:
    """A log in memory, as far as views look at one."""

    def __init__(self, facts: Iterable[tuple[str, Fact]] = (), name: str = "sample") -> None:
        self.name = name
        self.facts: list[Recorded[Any]] = []
        self._grown = asyncio.Event()
        self.write(*facts)

    def write(self, *facts: tuple[str, Fact]) -> int:
        """Each with the name of its parcel; the head afterwards."""
        for name, fact in facts:
            position = len(self.facts) + 1
            self.facts.append(
                Recorded(
                    fact=fact,
                    originator_id=parcel(name),
                    originator_version=position,
                    position=position,
                    customer_id=None,
                    recorded_at=NOON,
                    who="li.wei",
                    why=None,
                    command_id=NAMES,
                    correlation_id="",
                    causation_id=None,
                )
            )
        grown, self._grown = self._grown, asyncio.Event()
        grown.set()
        return len(self.facts)

    async def read(self, after: int, limit: int, *, opened: bool = True) -> list[Recorded[Any]]:
        await asyncio.sleep(0)
        return self.facts[after : after + limit]

    async def head(self) -> int:
        return len(self.facts)

    async def wait_beyond(self, position: int, timeout: float) -> bool:
        if len(self.facts) <= position:
            try:
                async with asyncio.timeout(timeout):
                    await self._grown.wait()
            except TimeoutError:
                pass
        return len(self.facts) > position


def parcel(name: str) -> UUID:
    return uuid5(NAMES, name)
