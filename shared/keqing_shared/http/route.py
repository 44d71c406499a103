"""A route that takes exactly what it documents: strict JSON, no unknown query parameters, bounded bodies."""

import re
from collections.abc import Callable, Coroutine, Iterator
from typing import Annotated, Any

from fastapi import Request, Response, params
from fastapi.dependencies.models import Dependant
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from pydantic import BaseModel, TypeAdapter, ValidationError

from keqing_shared.http.access import Allow
from keqing_shared.http.headers import sent
from keqing_shared.http.problem import BodyTooLarge, MediaTypeUnsupported, RequestInvalid

MOST_BYTES = 1_048_576
"""Of a JSON body."""

_NUL_ESCAPED = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")
_NUL_IN_URL = b"%00"


class _JsonRequest(Request):
    """Hands the JSON body to the validation as it came, so that it is read once, and strictly."""

    async def json(self) -> Any:
        return await self.body()

    async def body(self) -> bytes:
        if not hasattr(self, "_body"):
            length = sent(self.scope).get("content-length", "")
            if length.isdecimal() and int(length) > MOST_BYTES:
                raise _too_large()
            chunks: list[bytes] = []
            size = 0
            async for chunk in self.stream():
                size += len(chunk)
                if size > MOST_BYTES:
                    raise _too_large()
                chunks.append(chunk)
            self._body = b"".join(chunks)
        return self._body


class Route(APIRoute):
    """What create_app makes of a context's route."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        rules = [inner.call for inner in self.dependant.dependencies if isinstance(inner.call, Allow)]
        # Asked first and by ourselves: nothing is said of a request to somebody who may not make it.
        self.dependant.dependencies = [
            inner for inner in self.dependant.dependencies if not isinstance(inner.call, Allow)
        ]
        handle = super().get_route_handler()
        takes_json = self.body_field is not None and not isinstance(self.body_field.field_info, params.Form)
        if takes_json:
            _validate_strictly(self.body_field)
        names = frozenset(_query_names(self.dependant))

        async def checked(request: Request) -> Response:
            scope = request.scope
            for rule in rules:
                await rule(request)
            if scope["query_string"]:
                _refuse_unknown(request, names)
            if _NUL_IN_URL in scope.get("raw_path", b"") or "\x00" in scope["path"]:
                raise RequestInvalid("a path holds no NUL character")
            if takes_json:
                media_type = sent(scope).get("content-type", "")
                if media_type != "application/json" and not _is_json(media_type):
                    raise MediaTypeUnsupported("send application/json")
                request = _JsonRequest(scope, request.receive)
                await request.body()
            return await handle(request)

        return checked


def _validate_strictly(field: Any) -> None:
    """Replaces the lax validation of parsed JSON by pydantic's own strict reading of the bytes."""
    declared = field.field_info.annotation
    for constraint in field.field_info.metadata:
        declared = Annotated[declared, constraint]
    adapter: TypeAdapter[Any] = TypeAdapter(declared)

    def validate(body: Any, values: Any = None, *, loc: tuple[int | str, ...] = ()) -> tuple[Any, list[Any]]:
        if _NUL_ESCAPED.search(body):
            return None, [{"type": "nul", "loc": loc, "msg": "a text holds no NUL character"}]
        try:
            return adapter.validate_json(body, strict=True), []
        except ValidationError as invalid:
            errors = invalid.errors(include_url=False, include_input=False, include_context=True)
            return None, [{**error, "loc": (*loc, *error["loc"])} for error in errors]

    field.validate = validate


def _query_names(dependant: Dependant) -> Iterator[str]:
    for field in dependant.query_params:
        annotation = field.field_info.annotation
        if isinstance(annotation, type) and issubclass(annotation, BaseModel):
            yield from annotation.model_fields
        else:
            yield field.alias
    for inner in dependant.dependencies:
        yield from _query_names(inner)


def _refuse_unknown(request: Request, names: frozenset[str]) -> None:
    errors: list[dict[str, Any]] = [
        {"type": "unknown", "loc": ("query", name), "msg": "there is no such parameter"}
        for name in request.query_params
        if name not in names
    ]
    errors += [
        {"type": "nul", "loc": ("query", name), "msg": "a text holds no NUL character"}
        for name, given in request.query_params.multi_items()
        if name in names and "\x00" in given
    ]
    if errors:
        raise RequestValidationError(errors)


def _is_json(media_type: str) -> bool:
    essence = media_type.partition(";")[0].strip().lower()
    return essence == "application/json" or (essence.startswith("application/") and essence.endswith("+json"))


def _too_large() -> BodyTooLarge:
    return BodyTooLarge(f"up to {MOST_BYTES} bytes", most=MOST_BYTES)
