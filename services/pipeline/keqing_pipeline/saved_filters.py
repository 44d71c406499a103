"""Filters that somebody keeps for the lists they look at every day."""

from typing import Annotated, Any
from uuid import NAMESPACE_URL, UUID, uuid5

import msgspec
from pydantic import Field

from keqing_shared.domain import Aggregate, Command, Fact, NotFound, RuleBroken, value
from keqing_shared.domain.shape import shape
from keqing_shared.domain.worded import Words

MOST_FILTERS = 100
"""Of one person."""

FilterName = Annotated[
    str,
    Field(
        pattern=shape(
            r"^[^\x00-\x20\x7f/%?#][^\x00-\x1f\x7f/%?#]{0,79}$",
            Words("a name without / % ? # and without a blank at its beginning, 80 characters at most"),
        )
    ),
]
Parameter = Annotated[
    str,
    Field(
        pattern=shape(r"^[a-z][a-z0-9_]{0,39}$", Words("small letters, digits and _ only, a letter first"))
    ),
]
Setting = Annotated[
    str,
    Field(
        min_length=1,
        max_length=200,
        pattern=shape(r"^[^\x00-\x1f\x7f]+$", Words("one line, without control characters")),
    ),
]


@value
class Filter:
    """Of which list, and with which of its parameters."""

    list: Annotated[
        str,
        Field(
            pattern=shape(r"^/[a-z][a-z/-]{0,79}$", Words("the path of a list, as in /opportunities")),
            examples=["/opportunities"],
        ),
    ]
    query: Annotated[dict[Parameter, Setting], Field(max_length=20, examples=[{"stage": "3"}])]


class FilterUnknown(NotFound):
    """You have no filter of this name."""


class TooManyFilters(RuleBroken):
    """You keep as many filters as there is room for."""


class FilterSaved(Fact, topic="pipeline.filter-saved.v1"):
    login: str
    name: str
    filter: Filter


class FilterDropped(Fact, topic="pipeline.filter-dropped.v1"):
    name: str


class SaveFilter(Command):
    login: str
    name: str
    filter: Filter


class DropFilter(Command):
    name: str


class SavedFilters(msgspec.Struct, frozen=True):
    """Of one person, by name."""

    filters: dict[str, Filter] = {}


FilterFact = FilterSaved | FilterDropped


def saved_filters_id(login: str) -> UUID:
    return uuid5(NAMESPACE_URL, f"keqing:filters:{login}")


def decide(command: SaveFilter | DropFilter, saved: SavedFilters | None, _policy: Any) -> list[FilterFact]:
    kept = {} if saved is None else saved.filters
    match command:
        case SaveFilter(login=login, name=name, filter=filter):
            if kept.get(name) == filter:
                return []
            if name not in kept and len(kept) >= MOST_FILTERS:
                raise TooManyFilters("drop one of the {most} first", most=MOST_FILTERS)
            return [FilterSaved(login=login, name=name, filter=filter)]
        case DropFilter(name=name):
            if name not in kept:
                raise FilterUnknown("no filter {name}", name=name)
            return [FilterDropped(name=name)]


def evolve(saved: SavedFilters | None, fact: FilterFact) -> SavedFilters:
    kept = {} if saved is None else saved.filters
    match fact:
        case FilterSaved(name=name, filter=filter):
            return SavedFilters({**kept, name: filter})
        case FilterDropped(name=dropped):
            return SavedFilters({name: filter for name, filter in kept.items() if name != dropped})


SAVED_FILTERS: Aggregate[SavedFilters] = Aggregate(
    name="saved-filters",
    facts=(FilterSaved, FilterDropped),
    decide=decide,
    evolve=evolve,
    customer_of=lambda _id, _state: None,
    state=SavedFilters,
)
