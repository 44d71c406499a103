"""One context as an ASGI application, under its own prefix whether it runs singly or beside others."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from fastapi import APIRouter, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException
from starlette.routing import Match
from starlette.types import ASGIApp

from keqing_shared.collector import sparing_collector
from keqing_shared.domain import RuleBroken
from keqing_shared.http import audit, development, exports, health, parked, policy
from keqing_shared.http.around import Around, Refusals
from keqing_shared.http.auth import Tokens, check_keys
from keqing_shared.http.dispatch import Dispatch
from keqing_shared.http.do import CommandReceipt
from keqing_shared.http.documentation import document_at
from keqing_shared.http.openapi import answers_receipt, document
from keqing_shared.http.problem import (
    Problem,
    problem_of_conflict,
    problem_of_http,
    problem_of_rule,
    problem_of_validation,
)
from keqing_shared.http.route import Route
from keqing_shared.http.standing import Standing
from keqing_shared.language import Languages
from keqing_shared.log import Conflict
from keqing_shared.logs import configure_logs
from keqing_shared.settings import Settings

if TYPE_CHECKING:
    from keqing_shared.context import Context
    from keqing_shared.service import Service


class _App(FastAPI):
    """With no more around a request than it needs."""

    def build_middleware_stack(self) -> ASGIApp:
        stack: ASGIApp = Dispatch(self.router.routes, self.router)
        for cls, args, kwargs in reversed(self.user_middleware):
            stack = cls(stack, *args, **kwargs)
        context = self.state.context
        packages = filter(None, ("keqing_shared", context.package))
        return Around(stack, context.name, Languages(packages), _refusals(self))


def create_app(
    context: "Context", settings: Settings | None = None, service: "Service | None" = None
) -> FastAPI:
    """The application. Without ``service`` it starts and stops its own with its lifespan, on
    ``settings`` or those of the environment; with one it serves that, which somebody else runs."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        if service is not None:
            yield
            return
        from keqing_shared.service import Service

        given = settings or Settings.from_env()
        check_keys(given)
        configure_logs(given.log_level)
        with sparing_collector():  # views may be rebuilt at the start
            async with Service(context, given) as own:
                _serve(app, own)
                yield
                app.state.service = None

    app = _App(
        title=context.title or f"Keqing {context.name}",
        version="0.1.0",
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        openapi_url=f"{context.prefix}/openapi.json",
        swagger_ui_oauth2_redirect_url=None,
        redirect_slashes=False,
        telemetry={"metrics": False, "logs": False},  # we have our own of these
    )
    app.openapi = lambda: document(app)  # type: ignore[method-assign]
    app.state.context = context
    app.state.service = None
    document_at(app, f"{context.prefix}/docs", f"{context.prefix}/openapi.json")
    for router in (
        *context.routers,
        audit.router_for(context),
        exports.router,
        policy.router_for(context),
        parked.router,
        health.router,
    ):
        for route in _flat(router):
            app.router.routes.append(_route(route, context.prefix))
    for route in _flat(health.router):  # also where a load balancer looks
        app.router.routes.append(_route(route, "", include_in_schema=False))
    if service is not None:
        _serve(app, service)
    return app


def _serve(app: FastAPI, service: "Service") -> None:
    app.state.service = service
    app.state.tokens = Tokens(service.settings)
    app.state.standing = Standing(service)
    if service.settings.development:
        known = {route.path for route in app.routes if isinstance(route, Route)}
        for route in _flat(development.router):
            if service.context.prefix + route.path not in known:  # the app may be started twice
                app.router.routes.append(_route(route, service.context.prefix, include_in_schema=False))


def _flat(router: APIRouter) -> Iterator[APIRoute]:
    for route in router.routes:
        if not isinstance(route, APIRoute):
            raise TypeError(f"list routers in Context.routers instead of nesting them: {route}")
        yield route


def _route(route: APIRoute, prefix: str, *, include_in_schema: bool = True) -> Route:
    return Route(
        prefix + route.path,
        route.endpoint,
        response_model=CommandReceipt if answers_receipt(route) else route.response_model,
        status_code=route.status_code,
        tags=route.tags,
        dependencies=route.dependencies,
        summary=route.summary,
        response_description=route.response_description,
        responses=route.responses,
        deprecated=route.deprecated,
        name=route.name,
        methods=route.methods,
        operation_id=route.operation_id,
        include_in_schema=include_in_schema and route.include_in_schema,
        response_class=route.response_class,
        openapi_extra=route.openapi_extra,
    )


def _refusals(app: FastAPI) -> Refusals:
    async def of_rule(_: Request, error: Any) -> Problem:
        return problem_of_rule(error)

    async def of_conflict(request: Request, error: Any) -> Problem:
        return problem_of_conflict(error, version_named="if-match" in request.headers)

    async def of_validation(_: Request, error: Any) -> Problem:
        return problem_of_validation(error)

    async def of_http(request: Request, error: Any) -> Problem:
        if error.status_code == 405:
            error.headers = {"Allow": ", ".join(sorted(_methods(app, request)))}
        return problem_of_http(error)

    return {
        RuleBroken: of_rule,
        Conflict: of_conflict,
        RequestValidationError: of_validation,
        HTTPException: of_http,
    }


def _methods(app: FastAPI, request: Request) -> set[str]:
    return {
        method
        for route in app.routes
        if route.matches(request.scope)[0] is not Match.NONE
        for method in getattr(route, "methods", None) or ()
    }
