"""The OpenAPI document: what FastAPI knows, and what it cannot: roles, headers, problems, receipts."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute

from keqing_shared.http.access import Allow
from keqing_shared.http.ask import asks
from keqing_shared.http.do import Receipt, does
from keqing_shared.http.export import ENDINGS, export_of
from keqing_shared.http.headers import ASK_HEADERS, DO_HEADERS, ROWS_HEADERS
from keqing_shared.http.plan import forms_of
from keqing_shared.http.problem import MEDIA_TYPE
from keqing_shared.language import CODES

if TYPE_CHECKING:
    from keqing_shared.context import Context

PROBLEM: dict[str, Any] = {
    "title": "Problem",
    "description": (
        "RFC 9457; further members say what would satisfy the rule. Title, detail and messages are in the"
        " language that Accept-Language wants most: zh or en."
    ),
    "type": "object",
    "required": ["type", "title", "status"],
    "properties": {
        "type": {"type": "string", "format": "uri-reference", "examples": ["/problems/evidence-missing"]},
        "title": {"type": "string"},
        "status": {"type": "integer", "minimum": 400, "maximum": 599},
        "detail": {"type": "string"},
        "errors": {
            "type": "array",
            "description": "of a 422: each field that is wrong",
            "items": {
                "type": "object",
                "required": ["in", "field", "message"],
                "properties": {
                    "in": {"type": "string", "enum": ["path", "query", "header", "cookie", "body"]},
                    "field": {"type": "string"},
                    "message": {"type": "string"},
                },
            },
        },
    },
}
MEANINGS = {
    400: "The request cannot be read",
    401: "No valid bearer token",
    403: "None of the user's roles allows this",
    404: "No such thing, or none that the user may see",
    409: "A rule of the business refuses it, or the name is taken",
    406: "Accept asks for a form that this is not to be had in",
    412: "It has changed since the ETag named by If-Match",
    413: "The body is too large",
    415: "The body is not JSON",
    422: "The input is not valid",
    503: "Not as far as Keqing-After asks, or the database is away",
}
_NEEDS_TOKEN = (401, 403)
_ASK = (404, 422, 503)
_DO = (400, 404, 409, 412, 422, 503)
_BODY = (400, 413, 415, 422)
_RECEIPT_HEADERS = {
    "ETag": {"description": "The version now, for If-Match", "schema": {"type": "string"}},
    "Keqing-Position": {
        "description": "For Keqing-After, to read what was written",
        "schema": {"type": "string", "pattern": "^[a-z-]+:[0-9]+$"},
    },
    "Keqing-Repeated": {
        "description": "true when the Idempotency-Key was known and this is the first receipt again",
        "schema": {"type": "string", "enum": ["true"]},
    },
}

KNOWN_AGAIN = "x-known-again"
"""Of an operation whose rows are known again by what they are called, so that once more does nothing new."""

_TABLE = "By Accept: a file of every row from after on, whatever the limit; a column for each field"


def document(app: FastAPI) -> dict[str, Any]:
    """The document, made once."""
    if app.openapi_schema is None:
        made = get_openapi(
            title=app.title,
            version=app.version,
            description=app.description,
            routes=app.routes,
            tags=app.openapi_tags,
        )
        for route in app.routes:
            if isinstance(route, APIRoute) and route.include_in_schema:
                for method in route.methods or ():
                    _complete(made["paths"][route.path_format][method.lower()], route)
        _offer_examples(made["paths"], app.state.context)
        parts = made.setdefault("components", {})
        parts.setdefault("schemas", {})["Problem"] = PROBLEM
        for unused in ("HTTPValidationError", "ValidationError"):
            parts["schemas"].pop(unused, None)
        parts["securitySchemes"] = {
            "bearer": {
                "type": "http",
                "scheme": "bearer",
                "bearerFormat": "JWT",
                "description": "RS256 or ES256",
            }
        }
        app.openapi_schema = made
    return app.openapi_schema


def _offer_examples(paths: dict[str, Any], context: "Context") -> None:
    for (method, path), by_type in context.examples.items():
        content = paths[context.prefix + path][method.lower()]["requestBody"]["content"]
        for media_type, named in by_type.items():
            content[media_type]["examples"] = {what: {"value": body} for what, body in named.items()}


def roles_of(route: APIRoute) -> frozenset[str] | None:
    """The roles that a route's ``allow`` names; None when it has none."""
    for dependency in route.dependencies:
        if isinstance(dependency.dependency, Allow):
            return dependency.dependency.roles
    return None


def _complete(operation: dict[str, Any], route: APIRoute) -> None:
    responses = operation["responses"]
    responses.pop("422", None)
    statuses: set[int] = set()
    roles = roles_of(route)
    if roles is not None:
        operation["security"] = [{"bearer": []}]
        operation["x-roles"] = sorted(roles)
        statuses.update(_NEEDS_TOKEN, (503,))
    calls = set(_calls(route.dependant))
    if does in calls:
        headers = ROWS_HEADERS if KNOWN_AGAIN in operation else DO_HEADERS
        operation.setdefault("parameters", []).extend(headers)
        statuses.update(_DO)
    elif asks in calls:
        operation.setdefault("parameters", []).extend(ASK_HEADERS)
        statuses.update(_ASK)
    if route.body_field is not None:
        statuses.update(_BODY)
    if operation.get("parameters"):
        statuses.add(422)
    if forms_of(route):
        statuses.add(406)
    for status in sorted(statuses):
        if str(status) not in responses:
            responses[str(status)] = {
                "description": MEANINGS[status],
                "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
            }
    for status in statuses:
        headers = responses[str(status)].setdefault("headers", {})
        headers["Content-Language"] = {"schema": {"type": "string", "enum": list(CODES)}}
    for status in (401, 503):
        if str(status) in responses and status in statuses:
            name = "WWW-Authenticate" if status == 401 else "Retry-After"
            responses[str(status)].setdefault("headers", {})[name] = {"schema": {"type": "string"}}
    if export_of(route) is not None:
        content = responses["200"]["content"]
        for media_type in ENDINGS:
            content[media_type] = {"schema": {"type": "string", "description": _TABLE}}
    if answers_receipt(route):
        responses[str(route.status_code or 200)]["headers"] = _RECEIPT_HEADERS
    operation["responses"] = dict(sorted(responses.items()))


def answers_receipt(route: APIRoute) -> bool:
    """Whether the route's return annotation is Receipt."""
    returned = route.endpoint.__annotations__.get("return")
    return returned is Receipt or returned == "Receipt"


def _calls(dependant: Dependant) -> Iterator[Any]:
    for inner in dependant.dependencies:
        yield inner.call
        yield from _calls(inner)
