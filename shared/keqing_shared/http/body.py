"""A JSON body: bounded, strictly read, once."""

import re
from typing import Annotated, Any

import msgspec
from fastapi import Request
from pydantic import TypeAdapter, ValidationError
from starlette.requests import ClientDisconnect

from keqing_shared.domain import ValueRefused
from keqing_shared.http.headers import sent
from keqing_shared.http.problem import BodyTooLarge, MediaTypeUnsupported, wrong

MOST_BYTES = 1_048_576

_NUL_ESCAPED = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")


class BoundedRequest(Request):
    """Reads no more of a body than a JSON body may have."""

    async def body(self) -> bytes:
        if not hasattr(self, "_body"):
            self._body = await bounded(self, MOST_BYTES)
        return self._body


async def bounded(request: Request, most: int) -> bytes:
    """The body, of so many bytes at the most. Raises BodyTooLarge."""
    length = sent(request.scope).get("content-length", "")
    if length.isdecimal() and int(length) > most:
        raise _too_large(most)
    chunks: list[bytes] = []
    size, more = 0, True
    while more:  # not ``request.stream()``, which takes longer than all that is done with what it gives
        message = await request.receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        chunk = message.get("body", b"")
        chunks.append(chunk)
        size += len(chunk)
        if size > most:
            raise _too_large(most)
        more = message.get("more_body", False)
    return b"".join(chunks)


class JsonBody:
    """Pydantic's strict reading of the bytes ("5" is no integer), not its lax one of parsed JSON."""

    def __init__(self, field: Any) -> None:
        """``field``: FastAPI's, of the parameter that takes the body."""
        declared = field.field_info.annotation
        for constraint in field.field_info.metadata:
            declared = Annotated[declared, constraint]
        self.name: str = field.name
        self._field = field
        self._adapter: TypeAdapter[Any] = TypeAdapter(declared)

    async def read(self, request: BoundedRequest) -> tuple[Any, list[dict[str, Any]]]:
        """The value, or what is wrong with it. Raises BodyTooLarge, MediaTypeUnsupported."""
        media_type = sent(request.scope).get("content-type", "")
        body = await request.body()
        if not body and not self._field.field_info.is_required():
            return self._field.get_default(), []
        if media_type != "application/json" and not _is_json(media_type):
            raise MediaTypeUnsupported("send application/json")
        if not body:
            return None, [wrong(ValueRefused("a body is needed"), "body")]
        if b"\\u0000" in body and _NUL_ESCAPED.search(body):
            return None, [
                wrong(ValueRefused("a text holds no NUL character"), *place) for place in _nuls(body)
            ]
        try:
            return self._adapter.validate_json(body, strict=True), []
        except ValidationError as invalid:
            errors = invalid.errors(include_url=False, include_input=False, include_context=True)
            return None, [{**error, "loc": ("body", *error["loc"])} for error in errors]


def _nuls(body: bytes) -> list[tuple[str, ...]]:
    """Where they are; the whole body when it is no JSON either."""
    places: list[tuple[str, ...]] = []
    try:
        pending: list[tuple[tuple[str, ...], Any]] = [(("body",), msgspec.json.decode(body))]
    except (msgspec.DecodeError, RecursionError):
        return [("body",)]
    while pending:
        place, given = pending.pop()
        match given:
            case str() if "\0" in given:
                places.append(place)
            case list():
                pending += (((*place, str(number)), one) for number, one in enumerate(given))
            case dict():
                places += [place] * any("\0" in name for name in given)
                pending += (((*place, name), one) for name, one in given.items() if "\0" not in name)
    return sorted(set(places))


def _is_json(media_type: str) -> bool:
    essence = media_type.partition(";")[0].strip().lower()
    return essence == "application/json" or (essence.startswith("application/") and essence.endswith("+json"))


def _too_large(most: int) -> BodyTooLarge:
    return BodyTooLarge("up to {most} bytes", most=most)
