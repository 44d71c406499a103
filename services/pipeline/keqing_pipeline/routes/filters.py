"""Saved filters over HTTP: everybody's own, for the lists of pipeline."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Request
from fastapi.exceptions import RequestValidationError

from keqing_pipeline.routes.customers import STAFF
from keqing_pipeline.saved_filters import (
    SAVED_FILTERS,
    DropFilter,
    Filter,
    FilterName,
    SaveFilter,
    saved_filters_id,
)
from keqing_shared.domain import InvalidInput, value
from keqing_shared.http import Ask, Do, Receipt, allow
from keqing_shared.http.export import export_of
from keqing_shared.http.route import Route

router = APIRouter(tags=["filters"])

NamePath = Annotated[FilterName, Path()]
PERSONAL = frozenset({"name", "phone", "external"})
"""Parameters that may hold somebody's name or number: those are searched for, never kept."""
KEEPERS = allow(*(role for role in STAFF if role != "auditor"))
"""An auditor changes nothing."""
OF_THE_PAGE = frozenset({"after", "limit"})


class ListUnknown(InvalidInput):
    """There is no such list."""


class ParameterUnknown(InvalidInput):
    """The list has no such parameter, or none that is kept."""


@value
class SavedFilter:
    name: str
    filter: Filter


@router.get("/filters", dependencies=[allow(*STAFF)])
async def filters(ask: Ask) -> list[SavedFilter]:
    """Your own, by name."""
    loaded = await ask.service.streams.load(SAVED_FILTERS, saved_filters_id(ask.user.login))
    ask.etag(loaded.version)
    kept = {} if loaded.state is None else loaded.state.filters
    return [SavedFilter(name=name, filter=kept[name]) for name in sorted(kept)]


@router.put("/filters/{name}", dependencies=[KEEPERS])
async def save(name: NamePath, body: Filter, do: Do) -> Receipt:
    """Keep a filter under a name, in place of the one that had it."""
    _check(do.request, body)
    command = SaveFilter(login=do.user.login, name=name, filter=body)
    return await do(SAVED_FILTERS, saved_filters_id(do.user.login), command)


@router.delete("/filters/{name}", dependencies=[KEEPERS])
async def drop(name: NamePath, do: Do) -> Receipt:
    """Keep it no longer."""
    return await do(SAVED_FILTERS, saved_filters_id(do.user.login), DropFilter(name=name))


def _check(request: Request, filter: Filter) -> None:
    """Raises ListUnknown, ParameterUnknown, and RequestValidationError for a value that the list refuses."""
    lists = _lists(request.app)
    if filter.list not in lists:
        raise ListUnknown("there are: {lists}", field="list", lists=sorted(lists))
    kept = lists[filter.list].query_names - PERSONAL - OF_THE_PAGE
    unknown = sorted(filter.query.keys() - kept)
    if unknown:
        raise ParameterUnknown(
            "leave out {unknown}; {list} keeps: {kept}",
            field="query",
            unknown=unknown,
            list=filter.list,
            kept=sorted(kept),
        )
    errors = lists[filter.list].misread(filter.query)
    if errors:
        raise RequestValidationError(
            [{**error, "loc": ("body", "query", *error["loc"][1:])} for error in errors]
        )


def _lists(app: Any) -> dict[str, Route]:
    """The lists of the app."""
    prefix = app.state.context.prefix
    return {
        route.path.removeprefix(prefix): route
        for route in app.routes
        if isinstance(route, Route) and "{" not in route.path and export_of(route) is not None
    }
