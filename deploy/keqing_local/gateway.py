"""One address for the four services: requests go by their prefix, health and figures are added up."""

from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import httpx
from fastapi import FastAPI
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from keqing_local.failure import CannotRun
from keqing_local.front_page import front_page
from keqing_shared.http.problem import problem_of_address
from keqing_shared.language import SPOKEN, Languages
from keqing_shared.outage import DATABASE_AWAY

_LANGUAGES = Languages(["keqing_shared"])
_STANDINGS = ("ready", "degraded", "not ready")
"""From best to worst: the whole stands as its worst part."""


class Gateway:
    """An ASGI application over the services, by name; each stays whole, with its own lifespan and errors."""

    def __init__(self, services: Mapping[str, FastAPI]) -> None:
        self._services = dict(services)
        self._by_prefix: dict[str, ASGIApp] = dict(services.items())
        self._own = Starlette(
            routes=[
                Route("/", self._front),
                Route("/health/live", self._live),
                Route("/health/ready", self._ready),
                Route("/metrics", self._metrics),
            ],
            exception_handlers={404: self._nothing_here},
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        prefix = scope["path"][1:].partition("/")[0]
        await self._by_prefix.get(prefix, self._own)(scope, receive, send)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Every service started, in the given order, and at the end stopped in the opposite one.

        Raises CannotRun when the database refuses a service what it needs.
        """
        async with AsyncExitStack() as stack:
            for name, app in self._services.items():
                try:
                    await stack.enter_async_context(app.router.lifespan_context(app))
                except DATABASE_AWAY as problem:
                    raise CannotRun(f"{name} does not start: {problem}".partition("\n")[0]) from None
            yield

    def about_to_stop(self) -> None:
        """Open event streams end by themselves, so that nobody waits for them."""
        for app in self._services.values():
            if app.state.service is not None:
                app.state.service.stopping.set()

    async def _front(self, _: Request) -> Response:
        return HTMLResponse(front_page(self._services))

    async def _live(self, _: Request) -> Response:
        return JSONResponse({"status": "alive"})

    async def _ready(self, _: Request) -> Response:
        services: dict[str, Any] = {}
        for name, app in self._services.items():
            services[name] = (await _ask(app, f"/{name}/health/ready")).json()
        standings = [service.get("status", "not ready") for service in services.values()]
        worst = max(standings, key=lambda status: _STANDINGS.index(status) if status in _STANDINGS else 2)
        return JSONResponse(
            {"status": worst if worst in _STANDINGS else "not ready", "services": services},
            status_code=503 if worst not in _STANDINGS[:2] else 200,
        )

    async def _metrics(self, _: Request) -> Response:
        """The figures are the process's; asking each service brings its own up to date in them."""
        answer: httpx.Response | None = None
        for name, app in self._services.items():
            answer = await _ask(app, f"/{name}/metrics")
        assert answer is not None
        return Response(answer.content, answer.status_code, media_type=answer.headers["content-type"])

    async def _nothing_here(self, request: Request, _: Exception) -> Response:
        SPOKEN.set(_LANGUAGES.accepted(request.headers.get("accept-language")))
        return problem_of_address([f"/{name}" for name in self._services])


async def _ask(app: FastAPI, path: str) -> httpx.Response:
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://gateway") as client:
        return await client.get(path)
