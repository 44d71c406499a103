"""Every route of every service says who may use it."""

from importlib import import_module
from typing import Any

import pytest
from fastapi import APIRouter, FastAPI
from fastapi.routing import APIRoute
from starlette.routing import BaseRoute

from keqing_local.services import SERVICES
from keqing_shared.http import allow, development
from keqing_shared.http.access import Allow

OPEN_TO_ALL = {"/health/live", "/health/ready", "/metrics", "/docs", "/docs/assets", "/openapi.json"}
"""For load balancers and readers; below each service's prefix, and health at the root as well."""


def rules(route: BaseRoute) -> list[Allow]:
    given: list[Any] = getattr(route, "dependencies", [])
    return [depends.dependency for depends in given if isinstance(depends.dependency, Allow)]


def unruled(routes: list[BaseRoute], prefix: str) -> list[str]:
    """The paths of routes that anybody may use and that are not meant for all."""
    return [
        path
        for route in routes
        if (path := getattr(route, "path", str(route))).removeprefix(prefix) not in OPEN_TO_ALL
        and len(rules(route)) != 1
    ]


@pytest.mark.parametrize("service", SERVICES)
def test_every_route_has_exactly_one_authorisation_rule(service: str) -> None:
    app: FastAPI = import_module(SERVICES[service]).app
    assert len([route for route in app.routes if isinstance(route, APIRoute)]) > 10
    assert unruled(app.routes, f"/{service}") == []


def test_the_development_routes_have_one_too() -> None:
    assert unruled(development.router.routes, "") == []


def test_a_route_without_a_rule_is_found() -> None:
    router = APIRouter()

    @router.get("/closed", dependencies=[allow("rep")])
    async def closed() -> None: ...

    @router.get("/open")
    async def open_to_all() -> None: ...

    assert unruled(router.routes, "") == ["/open"]


@pytest.mark.parametrize("service", SERVICES)
def test_changing_something_takes_more_than_an_auditor(service: str) -> None:
    """The auditor reads every history and changes nothing (reading one's own inbox is no change)."""
    app: FastAPI = import_module(SERVICES[service]).app
    own = {"/notify/inbox"}
    offered = [
        route.path
        for route in app.routes
        if isinstance(route, APIRoute)
        and route.methods & {"POST", "PUT", "PATCH", "DELETE"}
        and any("auditor" in rule.roles for rule in rules(route))
        and not any(route.path.startswith(path) for path in own)
    ]
    assert offered == []
