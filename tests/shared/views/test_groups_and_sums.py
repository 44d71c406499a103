"""Rows fetched by what they have in common, and numbers that are added up without being fetched."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from keqing_shared.domain import Fact, Recorded, value
from keqing_shared.views import (
    Index,
    Projector,
    RowKey,
    Rows,
    Table,
    UndeclaredRow,
    View,
    project_all,
    rebuild,
)
from tests.shared.views.parcels import ParcelLost, ParcelPosted, ParcelWeighed, Written, parcel


class CityRenamed(Fact, topic="sample.city-renamed.v1"):
    city: str
    now: str


@value
class Address:
    parcel_id: UUID
    city: str
    grams: int = 0


@value
class CityWeight:
    city: str
    parcels: int
    grams: int


ADDRESSES = Table("addresses", Address, key=("parcel_id",), indexes=(("city",),))
WEIGHTS = Table("weights", CityWeight, key=("city",), sums=("parcels", "grams"))
BY_CITY = ADDRESSES.by("city")


class Cities(View):
    name = "cities"
    tables = (ADDRESSES, WEIGHTS)

    def touches(self, it: Recorded[Any]) -> Iterable[RowKey]:
        match it.fact:
            case CityRenamed(city=city):
                yield BY_CITY, city
            case ParcelWeighed() | ParcelLost():
                yield ADDRESSES, it.originator_id

    def project(self, it: Recorded[Any], rows: Rows) -> None:
        match it.fact:
            case ParcelPosted(city=city):
                self._changed(rows, None, Address(parcel_id=it.originator_id, city=city))
            case CityRenamed(city=city, now=now):
                for address in rows.of(BY_CITY, city):
                    self._changed(rows, address, replace(address, city=now))
            case ParcelWeighed(grams=grams):
                if (known := rows.get(ADDRESSES, it.originator_id)) is not None:
                    self._changed(rows, known, replace(known, grams=grams))
            case ParcelLost():
                if (known := rows.get(ADDRESSES, it.originator_id)) is not None:
                    rows.drop(ADDRESSES, it.originator_id)
                    rows.add(WEIGHTS, CityWeight(city=known.city, parcels=-1, grams=-known.grams))

    def _changed(self, rows: Rows, before: Address | None, after: Address) -> None:
        rows.put(ADDRESSES, after)
        if before is not None:
            rows.add(WEIGHTS, CityWeight(city=before.city, parcels=-1, grams=-before.grams))
        rows.add(WEIGHTS, CityWeight(city=after.city, parcels=1, grams=after.grams))


def moved_about() -> Written:
    """Three parcels; Dali is renamed twice, the second time with one that came between."""
    return Written(
        [
            ("a", ParcelPosted(city="Dali")),
            ("b", ParcelPosted(city="Dali")),
            ("a", ParcelWeighed(grams=700)),
            ("city", CityRenamed(city="Dali", now="Tali")),
            ("c", ParcelPosted(city="Tali")),
            ("c", ParcelWeighed(grams=200)),
            ("city", CityRenamed(city="Tali", now="Kunming")),
            ("b", ParcelLost()),
            ("city", CityRenamed(city="Dali", now="Lijiang")),
        ]
    )


WEIGHED = [CityWeight(city="Kunming", parcels=2, grams=900)]


def test_all_that_have_something_in_common_are_found_where_they_are_by_then() -> None:
    rows = project_all(Cities(), moved_about().facts)
    assert {row.parcel_id: row.city for row in rows.all(ADDRESSES)} == {
        parcel("a"): "Kunming",
        parcel("c"): "Kunming",
    }
    assert rows.all(WEIGHTS) == WEIGHED


@pytest.mark.parametrize("batch", [1, 2, 4, 9])
async def test_however_the_facts_are_batched_the_tables_are_the_same(pool: Any, batch: int) -> None:
    log = moved_about()
    await Projector(pool, log, [Cities()], batch=batch).catch_up()
    addresses = await pool.fetch("SELECT parcel_id, city FROM addresses")
    assert {row["parcel_id"]: row["city"] for row in addresses} == {
        parcel("a"): "Kunming",
        parcel("c"): "Kunming",
    }
    assert WEIGHTS.rows(await pool.fetch("SELECT * FROM weights")) == WEIGHED


async def test_a_rebuild_adds_up_anew(pool: Any) -> None:
    log = moved_about()
    await Projector(pool, log, [Cities()]).catch_up()
    await rebuild(pool, log, Cities())
    assert WEIGHTS.rows(await pool.fetch("SELECT * FROM weights")) == WEIGHED


async def test_what_has_come_to_nothing_has_no_row(pool: Any) -> None:
    log = Written([("a", ParcelPosted(city="Dali"))])
    projector = Projector(pool, log, [Cities()])
    await projector.catch_up()
    log.write(("a", ParcelLost()))
    await projector.catch_up()
    assert await pool.fetchval("SELECT count(*) FROM weights") == 0


def test_a_group_that_was_not_declared_is_a_programming_error() -> None:
    class Undeclared(Cities):
        def touches(self, it: Recorded[Any]) -> Iterable[RowKey]:
            return ()

    with pytest.raises(UndeclaredRow, match="addresses by city was not yielded by touches"):
        project_all(Undeclared(), Written([("city", CityRenamed(city="Dali", now="Tali"))]).facts)


def test_a_group_is_of_a_table_of_the_view() -> None:
    class Straying(Cities):
        tables = (WEIGHTS,)

    with pytest.raises(UndeclaredRow, match="addresses is not one of the tables of the view cities"):
        project_all(Straying(), Written([("city", CityRenamed(city="Dali", now="Tali"))]).facts)


def test_a_group_needs_an_index_that_finds_all_of_it() -> None:
    some = Table(
        "some", Address, key=("parcel_id",), indexes=(Index(("city",), where="grams > 0"), ("grams", "city"))
    )
    with pytest.raises(TypeError, match="some: no index finds all rows by city"):
        some.by("city")


def test_beside_its_key_and_its_sums_a_row_has_nothing() -> None:
    with pytest.raises(TypeError, match="weights: what is summed up has nothing beside its key and its sums"):
        Table("weights", CityWeight, key=("city",), sums=("grams",))
