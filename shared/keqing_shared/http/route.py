"""A route that takes exactly what it documents, and says nothing to those who may not use it."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from starlette.types import Receive, Scope, Send

from keqing_shared.domain import ValueRefused
from keqing_shared.http.access import Allow
from keqing_shared.http.body import BoundedRequest
from keqing_shared.http.plan import Plan
from keqing_shared.http.problem import RequestInvalid, wrong


class Route(APIRoute):
    """What create_app makes of a context's route; FastAPI documents it, the plan answers it."""

    def __init__(self, path: str, endpoint: Any, **given: Any) -> None:
        super().__init__(path, endpoint, **given)
        self._rules = [rule.dependency for rule in self.dependencies if isinstance(rule.dependency, Allow)]
        self._plan = Plan(self)
        self.query_names = self._plan.query_names
        """The parameters that it understands."""
        self.app = self.answer

    def misread(self, query: Mapping[str, str]) -> list[dict[str, Any]]:
        """What is wrong with these query parameters, as of a request that had them."""
        scope = {"type": "http", "headers": [], "query_string": urlencode(query).encode(), "path_params": {}}
        return self._plan.misread(Request(scope))

    async def answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        """As an ASGI application; ``scope`` has the path parameters."""
        request = BoundedRequest(scope, receive, send)
        for rule in self._rules:
            await rule(request)
        if scope["query_string"]:
            _refuse_unknown(request, self.query_names)
        if "\x00" in scope["path"]:
            raise RequestInvalid("a path holds no NUL character")
        response = await self._plan.answer(request)
        await response(scope, receive, send)


def _refuse_unknown(request: Request, names: frozenset[str]) -> None:
    errors = [
        wrong(ValueRefused("there is no such parameter"), "query", name)
        for name in request.query_params
        if name not in names
    ]
    errors += [
        wrong(ValueRefused("a text holds no NUL character"), "query", name)
        for name, given in request.query_params.multi_items()
        if name in names and "\x00" in given
    ]
    if errors:
        raise RequestValidationError(errors)
