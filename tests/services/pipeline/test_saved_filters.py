"""Filters that somebody keeps: by name, so many, one's own."""

import pytest

from keqing_pipeline.saved_filters import (
    MOST_FILTERS,
    SAVED_FILTERS,
    DropFilter,
    Filter,
    FilterDropped,
    FilterSaved,
    FilterUnknown,
    SaveFilter,
    TooManyFilters,
)
from keqing_shared.testing import given
from tests.problem import problem

from .sales import Sales

HOT = Filter(list="/opportunities", query={"stage": "4"})
MINE = Filter(list="/touches", query={"owner": "li.wei"})
SAVED = FilterSaved(login="li.wei", name="热单", filter=HOT)


def save(name: str, filter: Filter) -> SaveFilter:
    return SaveFilter(login="li.wei", name=name, filter=filter)


def test_a_filter_is_saved_under_its_name_and_replaced_by_another_of_that_name() -> None:
    given(SAVED_FILTERS).when(save("热单", HOT)).then(SAVED)
    given(SAVED_FILTERS, SAVED).when(save("热单", HOT)).then()
    given(SAVED_FILTERS, SAVED).when(save("热单", MINE)).then(
        FilterSaved(login="li.wei", name="热单", filter=MINE)
    )


def test_one_that_is_dropped_is_there_no_more() -> None:
    given(SAVED_FILTERS, SAVED).when(DropFilter(name="热单")).then(FilterDropped(name="热单"))
    given(SAVED_FILTERS, SAVED, FilterDropped(name="热单")).when(DropFilter(name="热单")).refused(
        FilterUnknown
    )


def test_there_is_room_for_so_many() -> None:
    full = [FilterSaved(login="li.wei", name=str(n), filter=HOT) for n in range(MOST_FILTERS)]
    given(SAVED_FILTERS, *full).when(save("one more", HOT)).refused(TooManyFilters, most=MOST_FILTERS)
    given(SAVED_FILTERS, *full).when(save("7", MINE)).then(FilterSaved(login="li.wei", name="7", filter=MINE))


async def test_everybody_keeps_and_sees_their_own(sales: Sales) -> None:
    body = {"list": "/opportunities", "query": {"stage": "4", "owner": "li.wei"}}
    assert (await sales.rep.put("/filters/热单", json=body)).status_code == 200
    assert (await sales.rep.get("/filters")).json() == [{"name": "热单", "filter": body}]
    assert (await sales.colleague.get("/filters")).json() == []
    problem(await sales.colleague.delete("/filters/热单"), 404, "filter-unknown")
    assert (await sales.rep.delete("/filters/热单")).status_code == 200
    assert (await sales.rep.get("/filters")).json() == []


@pytest.mark.parametrize(
    ("list", "query", "slug"),
    [
        ("/nowhere", {}, "list-unknown"),
        ("/policy", {}, "list-unknown"),
        ("/opportunities", {"colour": "red"}, "parameter-unknown"),
        ("/opportunities", {"after": "xyz"}, "parameter-unknown"),
        ("/customers", {"name": "王丽"}, "parameter-unknown"),
    ],
)
async def test_a_filter_is_of_a_list_with_its_parameters_and_keeps_nobodys_name(
    sales: Sales, list: str, query: dict[str, str], slug: str
) -> None:
    problem(await sales.rep.put("/filters/x", json={"list": list, "query": query}), 422, slug)


@pytest.mark.parametrize(
    ("list", "query"),
    [
        ("/touches", {"day": "2026-99-01"}),
        ("/opportunities", {"stage": "5"}),
        ("/opportunities", {"customer_id": "x"}),
    ],
)
async def test_a_value_that_the_list_would_refuse_is_refused_where_it_is_kept(
    sales: Sales, list: str, query: dict[str, str]
) -> None:
    answer = await sales.rep.put("/filters/x", json={"list": list, "query": query})
    [error] = problem(answer, 422, "request-invalid")["errors"]
    assert (error["in"], error["field"]) == ("body", f"query.{next(iter(query))}")
