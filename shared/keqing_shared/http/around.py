"""Around every request: its correlation id, its line in the log, its place in the figures, and
the answer to what it was refused for, or failed of."""

import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import structlog
from fastapi import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from keqing_shared.http.headers import KEPT_CORRELATION, correlation_or_new, sent
from keqing_shared.http.metrics import UNMATCHED, count
from keqing_shared.http.problem import Problem, problem_of_failure
from keqing_shared.language import SPOKEN, Languages
from keqing_shared.logs import REQUEST, trace_of

SLOW_SECONDS = 1.0
QUIET = frozenset({"/health/live", "/health/ready", "/metrics"})
_METHODS = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"})
Refusals = Mapping[type[Exception], Callable[[Request, Any], Awaitable[Problem]]]
"""What answers an exception of each class."""


class Around:
    """Pure ASGI, because it is on the path of every request."""

    def __init__(self, app: ASGIApp, context: str, languages: Languages, refusals: Refusals) -> None:
        self._app = app
        self._refusals = refusals
        self._refused = tuple(refusals)
        self._languages = languages
        self._context = context
        self._quiet = QUIET | {f"/{context}{path}" for path in QUIET}
        self._log: Any = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        if self._log is None:
            self._log = structlog.get_logger("keqing.http").bind()  # once: binding costs as much as a line
        started = time.perf_counter()
        correlation = scope[KEPT_CORRELATION] = correlation_or_new(scope)
        echo = (b"x-correlation-id", correlation.encode())
        REQUEST.set((self._context, correlation))
        SPOKEN.set(self._languages.accepted(sent(scope).get("accept-language")))
        status = 500
        answering = False

        async def noting(message: Message) -> None:
            nonlocal status, answering
            if message["type"] == "http.response.start":
                answering = True
                status = message["status"]
                message["headers"] = [*message["headers"], echo]
            await send(message)

        try:
            try:
                await self._app(scope, receive, noting)
            except self._refused as error:
                if answering:
                    raise
                problem = await self._refusal(error)(Request(scope), error)
                await problem(scope, receive, noting)
        except Exception as error:
            problem = problem_of_failure(error)
            if problem.status_code == 500:
                self._log.error("request.failed", error=type(error).__name__, trace=trace_of(error))
            else:
                self._log.warning("request.not-served", error=type(error).__name__)
            if answering:
                raise  # too late for another answer: the server cuts the connection
            await problem(scope, receive, noting)
        finally:
            self._note(scope, status, time.perf_counter() - started)

    def _refusal(self, error: Exception) -> Callable[[Request, Any], Awaitable[Problem]]:
        return next(self._refusals[kind] for kind in type(error).__mro__ if kind in self._refusals)

    def _note(self, scope: Scope, status: int, seconds: float) -> None:
        route: Any = scope.get("route")
        template = UNMATCHED if route is None else route.path
        method = scope["method"] if scope["method"] in _METHODS else UNMATCHED
        count(self._context, method, template, status, seconds)
        if status >= 500 or seconds > SLOW_SECONDS:
            tell = self._log.warning
        elif template in self._quiet:
            tell = self._log.debug
        else:
            tell = self._log.info
        tell("request", method=method, route=template, status=status, ms=round(seconds * 1000, 1))
