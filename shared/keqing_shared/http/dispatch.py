"""Finding a request's route by the segments of its path instead of trying every route in turn."""

from collections import defaultdict
from collections.abc import Sequence

from starlette.routing import BaseRoute
from starlette.types import ASGIApp, Receive, Scope, Send

from keqing_shared.http.route import Route

Shape = tuple[str | None, ...]
"""A path's segments; None stands for a parameter."""
Known = tuple[Shape, list[tuple[int, str]], Route]
"""With the places and names of its parameters."""


class Dispatch:
    """Before the router, which still answers whatever is not found here: 404, 405, documents.

    Of several routes that fit, the one registered first is taken, as the router does.
    """

    def __init__(self, routes: Sequence[BaseRoute], router: ASGIApp) -> None:
        self._routes = routes
        self._router = router
        self._known = 0
        self._by_end: dict[tuple[str, int, str | None], list[Known]] = {}
        """By method, number of segments and the last one; None: those whose last one is a parameter."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            if len(self._routes) != self._known:
                self._learn()
            segments = scope["path"].split("/")
            for shape, parameters, route in self._ending(scope["method"], segments):
                if _fits(shape, segments):
                    scope["route"] = route
                    scope["endpoint"] = route.endpoint
                    scope["path_params"] = {name: segments[place] for place, name in parameters}
                    await route.answer(scope, receive, send)
                    return
        await self._router(scope, receive, send)

    def _ending(self, method: str, segments: list[str]) -> list[Known]:
        count = len(segments)
        return self._by_end.get((method, count, segments[-1])) or self._by_end.get((method, count, None), [])

    def _learn(self) -> None:
        """Routes may be added while the app starts."""
        by_shape: dict[tuple[str, int], list[Known]] = defaultdict(list)
        for route in self._routes:
            if isinstance(route, Route) and ":" not in route.path:
                segments = route.path.split("/")
                shape = tuple(None if segment.startswith("{") else segment for segment in segments)
                parameters = [(at, segments[at][1:-1]) for at, segment in enumerate(shape) if segment is None]
                if all("{" not in (segment or "") for segment in shape):
                    for method in route.methods or ():
                        by_shape[method, len(shape)].append((shape, parameters, route))
        self._by_end = {
            (method, length, end): [one for one in known if one[0][-1] in (end, None)]
            for (method, length), known in by_shape.items()
            for end in {None, *(shape[-1] for shape, _, _ in known)}
        }
        self._known = len(self._routes)


def _fits(shape: Shape, segments: list[str]) -> bool:
    for wanted, given in zip(shape, segments, strict=True):
        if wanted != given and (wanted is not None or not given):
            return False
    return True
