"""The request headers every route understands: read and refused here, documented here."""

import os
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote_to_bytes

from starlette.types import Scope

from keqing_shared.domain import InvalidInput

CORRELATION = r"^[A-Za-z0-9][A-Za-z0-9._:-]{0,99}$"
KEY = r"^[!-~]{1,200}$"
_MORE = "%[89ABab][0-9A-Fa-f]"
REASON = (
    r"^(?:[ -$&-~]|%[2-6][0-9A-Fa-f]|%7[0-9A-Ea-e]|%(?:[Cc][2-9A-Fa-f]|[Dd][0-9A-Fa-f])"
    rf"{_MORE}|%[Ee][0-9A-Fa-f]{_MORE}{_MORE}|%[Ff][0-4]{_MORE}{_MORE}{_MORE})+$"
)
"""One line as percent-encoded UTF-8."""
LONGEST_REASON = 4500
"""Characters as sent, which are 500 Chinese ones."""
AFTER = r"^[a-z]{1,30}(-[a-z]{1,30})?:(0|[1-9][0-9]{0,17})$"
VERSION = r'^(W/)?"(0|[1-9][0-9]{0,17})"$|^\*$'

KEPT_CORRELATION = "keqing.correlation_id"
_KEPT = "keqing.headers"
_READ = {
    name.encode(): name
    for name in (
        *("accept", "accept-language", "authorization", "content-type", "content-length"),
        *("idempotency-key", "if-match", "keqing-after", "keqing-reason", "x-correlation-id"),
    )
}
Sent = Mapping[str, str]

_CORRELATION = re.compile(CORRELATION, re.ASCII)
_KEY = re.compile(KEY, re.ASCII)
_REASON = re.compile(REASON, re.ASCII)
_AFTER = re.compile(AFTER, re.ASCII)
_VERSION = re.compile(VERSION, re.ASCII)


class HeaderInvalid(InvalidInput):
    """A header does not read as it should"""


def sent(scope: Scope) -> Sent:
    """The headers that matter here, by lower-case name; read once, as every look through them costs."""
    kept: Sent | None = scope.get(_KEPT)
    if kept is None:
        names = _READ
        kept = scope[_KEPT] = {
            names[name]: given.decode("latin-1") for name, given in scope["headers"] if name in names
        }
    return kept


def correlation_id(scope: Scope) -> str:
    """As given by the caller, or the one made for this request. Raises HeaderInvalid."""
    given = sent(scope).get("x-correlation-id")
    if given is None:
        return str(scope.get(KEPT_CORRELATION) or os.urandom(16).hex())
    if not _CORRELATION.fullmatch(given):
        raise HeaderInvalid(
            "X-Correlation-Id takes up to 100 letters, digits and . _ : -", field="X-Correlation-Id"
        )
    return given


def correlation_or_new(scope: Scope) -> str:
    """For the log and the echo: a given one that does not read well is replaced."""
    given = sent(scope).get("x-correlation-id")
    return given if given is not None and _CORRELATION.fullmatch(given) else os.urandom(16).hex()


def idempotency_key(headers: Sent) -> str | None:
    """Raises HeaderInvalid."""
    given = headers.get("idempotency-key")
    if given is not None and not _KEY.fullmatch(given):
        raise HeaderInvalid(
            "Idempotency-Key takes 1 to 200 visible ASCII characters", field="Idempotency-Key"
        )
    return given


def reason(headers: Sent) -> str | None:
    """Why, decoded from percent-encoded UTF-8. Raises HeaderInvalid."""
    given = headers.get("keqing-reason")
    if given is None:
        return None
    try:
        reads = len(given) <= LONGEST_REASON and _REASON.fullmatch(given)
        why = unquote_to_bytes(given).decode().strip() if reads else None
    except UnicodeDecodeError:
        why = None
    if why is None or not why.isprintable():
        raise HeaderInvalid(
            "Keqing-Reason is one line, percent-encoded UTF-8, up to {longest} characters as sent",
            field="Keqing-Reason",
            longest=LONGEST_REASON,
        )
    return why or None


def expected_version(headers: Sent) -> int | None:
    """The version that If-Match names; None for none or ``*``. Raises HeaderInvalid."""
    given = headers.get("if-match")
    if given is None:
        return None
    read = _VERSION.fullmatch(given)
    if read is None:
        raise HeaderInvalid('If-Match takes one ETag as it was given, such as "3", or *', field="If-Match")
    return None if given == "*" else int(read[2])


def position_awaited(headers: Sent) -> tuple[str, int] | None:
    """Context and position of Keqing-After. Raises HeaderInvalid."""
    given = headers.get("keqing-after")
    if given is None:
        return None
    if not _AFTER.fullmatch(given):
        raise HeaderInvalid(
            "Keqing-After takes a Keqing-Position as it was given, such as pipeline:1234",
            field="Keqing-After",
        )
    source, _, position = given.partition(":")
    return source, int(position)


def _documented(
    name: str, pattern: str, description: str, example: str, longest: int | None = None
) -> dict[str, Any]:
    schema: dict[str, Any] = {"type": "string", "pattern": pattern, "examples": [example]}
    if longest is not None:
        schema["maxLength"] = longest
    return {
        "name": name,
        "in": "header",
        "required": False,
        "description": description,
        "schema": schema,
    }


REASON_HEADER = _documented(
    "Keqing-Reason",
    REASON,
    "Why, percent-encoded UTF-8; kept with every fact.",
    "asked%20by%20phone",
    LONGEST_REASON,
)
ASK_HEADERS = [
    _documented("X-Correlation-Id", CORRELATION, "Ties together what belongs together; echoed.", "order-77"),
    _documented(
        "Keqing-After",
        AFTER,
        "Answer only once this position is known here (waits up to 2 s, then 503): read your own writes.",
        "pipeline:0",
    ),
]
DO_HEADERS = [
    *ASK_HEADERS,
    _documented(
        "Idempotency-Key", KEY, "The same command again under its key gets its first receipt again.", "a1b2"
    ),
    _documented("If-Match", VERSION, "The ETag last seen; 412 when it is no longer current.", '"3"'),
    REASON_HEADER,
]
ROWS_HEADERS = [*ASK_HEADERS, REASON_HEADER]
"""Rows are known again and have a version each: Idempotency-Key and If-Match say nothing of them."""
