"""Views fold facts in memory, by declared keys only."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from keqing_shared.domain import Recorded
from keqing_shared.views import RowKey, Rows, UndeclaredRow, View, project_all
from tests.shared.views.parcels import (
    PARCELS,
    TALLIES,
    ParcelDelivered,
    ParcelLost,
    ParcelPosted,
    Parcels,
    ParcelWeighed,
    Size,
    Tallies,
    TallyRow,
    Written,
    parcel,
)


def test_a_parcel_is_posted_weighed_twice_and_delivered() -> None:
    log = Written()
    log.write(
        ("a", ParcelPosted(city="Kunming")),
        ("a", ParcelWeighed(grams=9500)),
        ("a", ParcelWeighed(grams=1250)),
        ("a", ParcelDelivered(on=date(2026, 3, 4))),
    )
    [row] = project_all(Parcels(), log.facts).all(PARCELS)
    assert (row.weighings, row.kilograms, row.heavy) == (2, Decimal("1.25"), False)
    assert (row.status, row.delivered_on) == ("delivered", date(2026, 3, 4))


def test_a_dropped_row_is_gone_until_put_again() -> None:
    log = Written([("a", ParcelPosted(city="Kunming")), ("a", ParcelLost()), ("a", ParcelWeighed(grams=1))])
    assert project_all(Parcels(), log.facts).all(PARCELS) == []
    log.write(("a", ParcelPosted(city="Dali")))
    assert [row.city for row in project_all(Parcels(), log.facts).all(PARCELS)] == ["Dali"]


def test_rows_of_a_composite_key_are_counted_apart() -> None:
    log = Written(
        [
            ("a", ParcelPosted(city="Kunming")),
            ("b", ParcelPosted(city="Kunming", size=Size.LARGE)),
            ("c", ParcelPosted(city="Kunming")),
        ]
    )
    assert project_all(Tallies(), log.facts).all(TALLIES) == [
        TallyRow(city="Kunming", size=Size.SMALL, parcels=2),
        TallyRow(city="Kunming", size=Size.LARGE, parcels=1),
    ]


class Asking(View):
    """Declares nothing."""

    name = "asking"
    tables = (PARCELS,)

    def touches(self, it: Recorded[Any]) -> Iterable[RowKey]:
        return ()

    def project(self, it: Recorded[Any], rows: Rows) -> None:
        rows.get(PARCELS, it.originator_id)


def test_getting_a_row_that_was_not_declared_is_a_programming_error() -> None:
    with pytest.raises(UndeclaredRow, match=f"parcels .*{parcel('a')}.* was not yielded by touches"):
        project_all(Asking(), Written([("a", ParcelLost())]).facts)


def test_another_facts_declaration_does_not_help() -> None:
    class AskingAnother(Parcels):
        def project(self, it: Recorded[Any], rows: Rows) -> None:
            rows.get(PARCELS, parcel("a"))

    facts = Written([("a", ParcelLost()), ("b", ParcelLost())]).facts
    project_all(AskingAnother(), facts[:1])
    with pytest.raises(UndeclaredRow):
        project_all(AskingAnother(), facts)


def test_what_was_just_put_can_be_got() -> None:
    class Putting(Asking):
        def project(self, it: Recorded[Any], rows: Rows) -> None:
            Parcels().project(it, rows)
            assert rows.get(PARCELS, it.originator_id) is not None

    project_all(Putting(), Written([("a", ParcelPosted(city="Dali"))]).facts)


def test_a_key_of_the_wrong_type_or_length_is_refused_before_it_finds_nothing() -> None:
    class Texting(Parcels):
        def touches(self, it: Recorded[Any]) -> Iterable[RowKey]:
            yield PARCELS, str(it.originator_id)

    class Doubling(Parcels):
        def touches(self, it: Recorded[Any]) -> Iterable[RowKey]:
            yield PARCELS, it.originator_id, 1

    class Straying(Parcels):
        def touches(self, it: Recorded[Any]) -> Iterable[RowKey]:
            yield TALLIES, "Dali", Size.SMALL

    facts = Written([("a", ParcelLost())]).facts
    with pytest.raises(TypeError, match=r"parcels\.parcel_id is a UUID, not the str"):
        project_all(Texting(), facts)
    with pytest.raises(TypeError, match="parcels is keyed by parcel_id, not by 2 values"):
        project_all(Doubling(), facts)
    with pytest.raises(UndeclaredRow, match="tallies is not one of the tables of the view parcels"):
        project_all(Straying(), facts)


def test_a_table_holds_its_own_rows_only() -> None:
    rows = Rows(Parcels())
    with pytest.raises(TypeError, match="parcels holds ParcelRow, not TallyRow"):
        rows.put(PARCELS, TallyRow(city="Dali", size=Size.SMALL, parcels=1))  # type: ignore[arg-type]
    with pytest.raises(UndeclaredRow, match="tallies is not one of the view's tables"):
        rows.put(TALLIES, TallyRow(city="Dali", size=Size.SMALL, parcels=1))
    assert rows.all(PARCELS) == []
