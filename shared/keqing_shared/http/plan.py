"""How a route's arguments come out of a request, worked out once from what FastAPI knows of the route.

FastAPI's own way (exit stacks, telemetry, a second pass over every dependency) costs several times what
the work of a command does. Nothing but async functions is planned; whatever else is asked for is
refused when the app is made, so that there is one way only.
"""

import inspect
from collections.abc import Callable, Iterator
from typing import Any

from fastapi import Request, Response, params
from fastapi.dependencies.models import Dependant
from fastapi.dependencies.utils import request_params_to_args
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from pydantic import BaseModel

from keqing_shared.http.accept import JSON_TYPE, FormNotOffered, form_wanted
from keqing_shared.http.access import Allow
from keqing_shared.http.ask import started
from keqing_shared.http.body import BoundedRequest, JsonBody
from keqing_shared.http.export import ENDINGS, FORMS, ROWS_A_PAGE, Export, export_of
from keqing_shared.http.exports import Taking, telling
from keqing_shared.http.headers import sent
from keqing_shared.http.paging import paged

Errors = list[Any]
Found = dict[Callable[..., Any], dict[str, Any]]
"""By function: the arguments that the request itself gave."""


class Step:
    """An async function and where its arguments come from: the request, or other steps."""

    def __init__(self, dependant: Dependant) -> None:
        call = dependant.call
        function = call if inspect.isfunction(call) else getattr(call, "__call__", None)  # noqa: B004
        if call is None or not inspect.iscoroutinefunction(function):
            raise TypeError(f"routes and what they depend on are async functions: {call}")
        if (
            dependant.background_tasks_param_name
            or dependant.websocket_param_name
            or dependant.security_scopes_param_name
            or dependant.http_connection_param_name
        ):
            raise TypeError(f"{call} asks for what routes here do not get")
        self.call: Callable[..., Any] = call
        self._path = [(field.name, field.alias, field.validate) for field in dependant.path_params]
        self._query = dependant.query_params
        self._header = dependant.header_params
        self._cookie = dependant.cookie_params
        self._request = dependant.request_param_name
        self._response = dependant.response_param_name
        self._needs = [
            (inner.name, Step(inner)) for inner in dependant.dependencies if not isinstance(inner.call, Allow)
        ]
        self._plain: bool = not (self._path or self._query or self._header or self._cookie) and all(
            step._plain for _, step in self._needs
        )

    def read(self, request: Request, errors: Errors, found: Found) -> None:
        """What the request itself gives, for this step and those it needs."""
        if self._plain or self.call in found:
            return
        values: dict[str, Any] = {}
        found[self.call] = values
        for _, step in self._needs:
            step.read(request, errors, found)
        for name, alias, validate in self._path:
            values[name], wrong = validate(request.path_params[alias], {}, loc=("path", alias))
            errors.extend(wrong)
        for fields, given in (
            (self._query, "query_params"),
            (self._header, "headers"),
            (self._cookie, "cookies"),
        ):
            if fields:
                more, wrong = request_params_to_args(fields, getattr(request, given))
                values.update(more)
                errors.extend(wrong)

    async def run(
        self,
        request: Request,
        response: Response,
        found: Found,
        done: dict[Any, Any],
        body: dict[str, Any],
    ) -> Any:
        """Calls it, after what it needs; nothing is called twice for one request."""
        values = {**found.get(self.call, {}), **body}
        for name, step in self._needs:
            if step.call not in done:
                done[step.call] = await step.run(request, response, found, done, {})
            if name is not None:
                values[name] = done[step.call]
        if self._request is not None:
            values[self._request] = request
        if self._response is not None:
            values[self._response] = response
        return await self.call(**values)

    def below(self) -> Iterator["Step"]:
        """What it needs, and what that needs."""
        for _, step in self._needs:
            yield step
            yield from step.below()

    def needs(self, call: Callable[..., Any]) -> bool:
        """Whether what comes of it depends on this function, or is this function's."""
        return self.call is call or any(step.call is call for step in self.below())

    def query_names(self) -> Iterator[str]:
        """Every query parameter that it or what it needs understands."""
        for field in self._query:
            annotation = field.field_info.annotation
            if isinstance(annotation, type) and issubclass(annotation, BaseModel):
                yield from annotation.model_fields
            else:
                yield field.alias
        for _, step in self._needs:
            yield from step.query_names()

    def telling_names(self) -> Iterator[str]:
        """Those of its query parameters, and of what it needs, that hold nobody's name or number."""
        yield from (field.alias for field in self._query if telling(field.field_info.annotation))
        for _, step in self._needs:
            yield from step.telling_names()


def forms_of(route: APIRoute) -> tuple[str, ...]:
    """The media types that a question of people is answered in; none of a command or of a machine's look at
    health and metrics, whose answer is what it is."""
    asked = any(isinstance(needed.dependency, Allow) for needed in route.dependencies)
    if not asked or route.response_field is None or "GET" not in (route.methods or ()):
        return ()
    return FORMS if export_of(route) is not None else (JSON_TYPE,)


class _Blank(Response):
    """Without the headers that FastAPI begins with, which are taken away again in vain for every command."""

    def __init__(self, status: int) -> None:
        self.status_code = status
        self.background = None
        self.body = b""
        self.raw_headers = []


class Plan:
    """Of one route."""

    def __init__(self, route: APIRoute) -> None:
        """Raises TypeError for a route that cannot be planned."""
        if route.is_sse_stream or route.is_json_stream or route._embed_body_fields:
            raise TypeError(f"{route.path}: one body at the most, and streams answer a StreamingResponse")
        self._body: JsonBody | None = None
        if route.body_field is not None:
            if isinstance(route.body_field.field_info, params.Form):
                raise TypeError(f"{route.path}: forms are not taken")
            self._body = JsonBody(route.body_field)
        self._step = Step(route.dependant)
        self._field = route.response_field
        self._status = route.status_code or 200
        self._export = export_of(route)
        self._forms = forms_of(route)
        self._of_page = {step.call for step in self._step.below() if step.needs(paged)}
        self.query_names = frozenset(self._step.query_names())
        self._telling = frozenset(self._step.telling_names())

    def misread(self, request: Request) -> Errors:
        """What is wrong with the parameters of a request; its body is not looked at."""
        errors: Errors = []
        self._step.read(request, errors, {})
        return errors

    async def answer(self, request: BoundedRequest) -> Response:
        """Reads, calls, and encodes. Raises RequestValidationError with everything that is wrong."""
        errors: Errors = []
        found: Found = {}
        self._step.read(request, errors, found)
        body: dict[str, Any] = {}
        if self._body is not None:
            body[self._body.name], wrong = await self._body.read(request)
            errors.extend(wrong)
        if errors:
            raise RequestValidationError(errors)
        response = _Blank(self._status)
        if self._forms:
            form = form_wanted(sent(request.scope).get("accept", ""), self._forms)
            if form is None:
                raise FormNotOffered("it is to be had as {forms}", forms=list(self._forms))
            if self._export is not None and form in ENDINGS:
                return await self._exported(self._export, form, request, response, found)
        result = await self._step.run(request, response, found, {}, body)
        if isinstance(result, Response):
            return result
        return self._encoded(result, response)

    async def _exported(
        self, export: Export, table: str, request: BoundedRequest, response: Response, found: Found
    ) -> Response:
        done: dict[Any, Any] = {}

        async def page(after: str | None) -> Any:
            if paged in found:
                found[paged] = {"limit": ROWS_A_PAGE, "after": after}
                for call in self._of_page:  # who asks, and when, is the same for all pages
                    done.pop(call, None)
            return await self._step.run(request, response, found, done, {})

        service = started(request)
        day = service.calendar.date_of(service.clock.now()).isoformat()
        after = found.get(paged, {}).get("after")
        taking = Taking(request, ENDINGS[table], self._telling)
        return await export.answer(table, page, after, service.calendar.zone, day, taking)

    def _encoded(self, result: Any, response: Response) -> Response:
        if self._field is not None:
            value, wrong = self._field.validate(result, {}, loc=("response",))
            if wrong:
                raise TypeError(f"the answer is not what the route promises: {[e['loc'] for e in wrong]}")
            response.body = self._field.serialize_json(value)
            response.raw_headers.append((b"content-type", b"application/json"))
        elif result is not None:
            raise TypeError("a route that answers something says so in its return annotation")
        if response.status_code != 204:
            response.raw_headers.append((b"content-length", b"%d" % len(response.body)))
        return response
