"""Problems: every refusal as application/problem+json (RFC 9457), with a type that stays the same."""

import re
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

import asyncpg
import msgspec
from fastapi import Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from keqing_shared.domain import InvalidInput, RuleBroken, ValueRefused, Worded
from keqing_shared.domain.shape import SHAPES
from keqing_shared.domain.worded import Words
from keqing_shared.language import SPOKEN
from keqing_shared.log import Conflict

MEDIA_TYPE = "application/problem+json"
RETRY_AFTER = "1"
"""Seconds, said with 429 and 503."""


class RequestMalformed(RuleBroken):
    """The request cannot be read"""

    status = 400


class Unauthenticated(RuleBroken):
    """A valid bearer token is needed"""

    status = 401


class StaleVersion(RuleBroken):
    """It has changed since you looked"""

    status = 412


class PathUnknown(RuleBroken):
    """There is nothing here"""

    status = 404

    @classmethod
    def slug(cls) -> str:
        return "not-found"


class MethodNotAllowed(RuleBroken):
    """This cannot be done with that method"""

    status = 405


class Contended(RuleBroken):
    """Others were faster, again and again"""

    status = 409


class BodyTooLarge(RuleBroken):
    """The body is larger than this takes"""

    status = 413


class MediaTypeUnsupported(RuleBroken):
    """The body is not of the media type that this takes"""

    status = 415


class RequestInvalid(InvalidInput):
    """The request does not read as it should"""


class PositionUnknown(InvalidInput):
    """There is no such position yet"""


class Behind(RuleBroken):
    """Not yet as far as you asked"""

    status = 503


class DatabaseAway(RuleBroken):
    """The database cannot be reached"""

    status = 503


class KeysAway(RuleBroken):
    """Tokens cannot be checked at the moment"""

    status = 503


class NotStarted(RuleBroken):
    """The service is not running yet"""

    status = 503


class InternalError(RuleBroken):
    """Something is wrong on our side"""

    status = 500


DATABASE_AWAY = (
    asyncpg.PostgresConnectionError,
    asyncpg.InternalClientError,
    asyncpg.IdleInTransactionSessionTimeoutError,
    asyncpg.CannotConnectNowError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.TooManyConnectionsError,
    OSError,  # refused, reset, timed out, no such socket: nothing else here does I/O of its own
)

_PLACE = re.compile(r"line (\d+) column (\d+)")
_OTHERWISE = Words("it is of another form than this takes")

_OF_THE_ROUTER: dict[int, type[RuleBroken]] = {404: PathUnknown, 405: MethodNotAllowed}


class Problem(Response):
    """A refusal on its way out."""

    media_type = MEDIA_TYPE

    def __init__(
        self,
        slug: str,
        title: str,
        status: int,
        detail: str = "",
        members: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        document = _document(slug, title, status, detail, members or {})
        said = {**(headers or {}), **spoken_in()}
        if status == HTTPStatus.UNAUTHORIZED:
            said["WWW-Authenticate"] = 'Bearer realm="keqing"'
        elif status in (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE):
            said.setdefault("Retry-After", RETRY_AFTER)
        super().__init__(msgspec.json.encode(document, enc_hook=str), status_code=status, headers=said)


def spoken_in() -> dict[str, str]:
    """The headers of an answer that is in the caller's language."""
    return {"Content-Language": SPOKEN.get().code, "Vary": "Accept-Language"}


def problem_of_rule(broken: RuleBroken, headers: Mapping[str, str] | None = None) -> Problem:
    """The rule's name is the type, its docstring the title, its members go in."""
    title, detail = _said(broken)
    return Problem(broken.slug(), title, broken.status, detail, broken.members, headers)


def document_of(broken: RuleBroken) -> dict[str, Any]:
    """What its problem says, in values of JSON: for an answer that tells of several (``spoken_in``)."""
    title, detail = _said(broken)
    document = _document(broken.slug(), title, broken.status, detail, broken.members)
    said: dict[str, Any] = msgspec.to_builtins(document, enc_hook=str)
    return said


def problem_of_conflict(conflict: Conflict, *, version_named: bool) -> Problem:
    """412 for the caller who named a version, 409 for one who only had bad luck."""
    broken = StaleVersion if version_named else Contended
    return problem_of_rule(broken(conflict.template, **conflict.members))


def problem_of_validation(invalid: RequestValidationError) -> Problem:
    """400 for what is no JSON at all, else 422 naming each field. Never says what was sent."""
    found: Sequence[Any] = invalid.errors()
    for error in found:
        if error["type"] == "json_invalid":
            return problem_of_rule(_not_json(error))
    return problem_of_rule(RequestInvalid(errors=[field_of(error) for error in found]))


def _not_json(error: Mapping[str, Any]) -> RequestMalformed:
    """Where the parser stopped: it has words in English only."""
    place = _PLACE.search(error.get("ctx", {}).get("error", ""))
    if place is None:
        return RequestMalformed("the body is not JSON")
    return RequestMalformed(
        "the body is not JSON: see line {line}, column {column}", line=int(place[1]), column=int(place[2])
    )


def problem_of_address(beginnings: Sequence[str]) -> Problem:
    """Of one that is no service's; ``beginnings``: of those that are."""
    return problem_of_rule(PathUnknown("addresses begin with one of: {beginnings}", beginnings=beginnings))


def problem_of_http(refusal: HTTPException) -> Problem:
    """What the framework refuses: unknown path, wrong method, or an explicit HTTPException."""
    if refusal.status_code in _OF_THE_ROUTER:
        return problem_of_rule(_OF_THE_ROUTER[refusal.status_code](), refusal.headers)
    phrase = HTTPStatus(refusal.status_code).phrase
    detail = "" if refusal.detail == phrase else str(refusal.detail)
    return Problem(
        phrase.lower().replace(" ", "-"), phrase, refusal.status_code, detail, headers=refusal.headers
    )


def problem_of_failure(failure: Exception) -> Problem:
    """503 when the database is away, 422 for a number that it cannot hold, else 500 that says nothing."""
    if isinstance(failure, DATABASE_AWAY) or _closing(failure):
        return problem_of_rule(DatabaseAway("try again"))
    if isinstance(failure, asyncpg.DataError) and "out of" in str(failure):
        return problem_of_rule(RequestInvalid("a number or a date is out of range"))
    return problem_of_rule(InternalError("it has been logged; the correlation id finds it"))


def _closing(failure: Exception) -> bool:
    said = str(failure)
    return isinstance(failure, asyncpg.InterfaceError) and ("clos" in said or "not initialized" in said)


def _document(slug: str, title: str, status: int, detail: str, members: Mapping[str, Any]) -> dict[str, Any]:
    document = {**members, "type": f"/problems/{slug}", "title": title, "status": status}
    return document | ({"detail": detail} if detail else {})


def _said(broken: RuleBroken) -> tuple[str, str]:
    """Title and detail in the caller's language."""
    spoken = SPOKEN.get()
    return spoken.said(broken.title()), spoken.filled(broken.template, broken.members)


def wrong(why: ValueRefused, *loc: str) -> dict[str, Any]:
    """An error of ours among pydantic's; ``loc`` begins with body, path, query, header or cookie."""
    return {"type": "value_error", "loc": loc, "msg": str(why), "ctx": {"error": why}}


def field_of(error: Mapping[str, Any]) -> dict[str, str]:
    """Of pydantic's: where it is, as ``loc`` begins, the path from there, and what is wrong with it."""
    place, *path = [str(part) for part in error["loc"]]
    return {"in": place, "field": ".".join(path) or place, "message": _message(error)}


def _message(error: Mapping[str, Any]) -> str:
    spoken, context = SPOKEN.get(), error.get("ctx") or {}
    match context.get("error"):
        case Worded(template=template, members=members):
            return spoken.filled(template, members)
        case ValueError() as why:
            return spoken.said(str(why))
        case _ if error["type"] == "string_pattern_mismatch":
            return spoken.said(SHAPES.get(context["pattern"], _OTHERWISE))
        case _:
            return spoken.of_field(error["type"], context) or str(error["msg"])
