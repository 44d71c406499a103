"""Finding a request's route by the segments of its path instead of trying every route in turn."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from starlette.routing import BaseRoute, Match
from starlette.types import ASGIApp, Receive, Scope, Send

from keqing_shared.http.route import Route

Shape = tuple[str | None, ...]
"""A path's segments; None stands for a parameter."""


class Dispatch:
    """Before the router, which still answers whatever is not found here: 404, 405, documents.

    Of several routes that fit, the one registered first is taken, as the router does.
    """

    def __init__(self, routes: Sequence[BaseRoute], otherwise: ASGIApp) -> None:
        self._routes = routes
        self._otherwise = otherwise
        self._known = 0
        self._by_shape: dict[tuple[str, int], list[tuple[Shape, Route]]] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            if len(self._routes) != self._known:
                self._learn()
            path: str = scope["path"]
            segments = path.split("/")
            for shape, route in self._by_shape.get((scope["method"], len(segments)), ()):
                for wanted, given in zip(shape, segments, strict=True):
                    if wanted is not None and wanted != given:
                        break
                else:
                    match, found = route.matches(scope)
                    if match is Match.FULL:
                        scope.update(found)
                        await route.handle(scope, receive, send)
                        return
        await self._otherwise(scope, receive, send)

    def _learn(self) -> None:
        """Routes may be added while the app starts."""
        by_shape: dict[Any, Any] = defaultdict(list)
        for route in self._routes:
            if isinstance(route, Route) and ":" not in route.path:
                segments = route.path.split("/")
                shape = tuple(None if segment.startswith("{") else segment for segment in segments)
                if all("{" not in (segment or "") for segment in shape):
                    for method in route.methods or ():
                        by_shape[method, len(shape)].append((shape, route))
        self._by_shape = dict(by_shape)
        self._known = len(self._routes)
