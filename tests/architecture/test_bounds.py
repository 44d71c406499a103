"""Whatever comes from outside is bounded: no text, number or list of any size in a body or a parameter."""

from collections.abc import Iterator
from importlib import import_module
from typing import Any

import pytest

from keqing_local.services import SERVICES

BOUNDED_TEXT = {"maxLength", "pattern", "enum", "const"}
FORMATS = {"uuid", "date", "date-time"}
"""Read by a type that takes nothing else."""


def unbounded(
    schema: dict[str, Any], schemas: dict[str, Any], path: str, seen: frozenset[str]
) -> Iterator[str]:
    """Paths of the parts that could be of any size."""
    if reference := schema.get("$ref"):
        if reference not in seen:
            yield from unbounded(schemas[reference.rpartition("/")[2]], schemas, path, seen | {reference})
        return
    for part in ("anyOf", "oneOf", "allOf"):
        for choice in schema.get(part, ()):
            yield from unbounded(choice, schemas, path, seen)
    match schema.get("type"):
        case "string" if not BOUNDED_TEXT & schema.keys() and schema.get("format") not in FORMATS:
            yield f"{path}: text"
        case "integer" | "number" if "enum" not in schema and not (
            {"minimum", "exclusiveMinimum"} & schema.keys()
            and {"maximum", "exclusiveMaximum"} & schema.keys()
        ):
            yield f"{path}: number"
        case "array":
            if "maxItems" not in schema:
                yield f"{path}: list"
            yield from unbounded(schema.get("items", {}), schemas, f"{path}[]", seen)
        case "object":
            if schema.get("additionalProperties") not in (False, None):
                yield f"{path}: members"
            for name, inner in schema.get("properties", {}).items():
                yield from unbounded(inner, schemas, f"{path}.{name}", seen)


def taken(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Whatever an operation takes: its parameters and its JSON body."""
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            for parameter in operation.get("parameters", ()):
                yield f"{method} {path} ?{parameter['name']}", parameter["schema"]
            content = operation.get("requestBody", {}).get("content", {})
            for media_type, body in content.items():
                if media_type == "application/json":
                    yield f"{method} {path} ", body["schema"]


@pytest.mark.parametrize("service", SERVICES)
def test_nothing_of_any_size_comes_in(service: str) -> None:
    document = import_module(SERVICES[service]).app.openapi()
    schemas = document["components"]["schemas"]
    inputs = list(taken(document))
    assert len(inputs) > 20
    found = {place for where, schema in inputs for place in unbounded(schema, schemas, where, frozenset())}
    assert found == set()


@pytest.mark.parametrize(
    ("schema", "places"),
    [
        ({"type": "string"}, {"x: text"}),
        ({"anyOf": [{"type": "string"}, {"type": "null"}]}, {"x: text"}),
        ({"type": "integer", "minimum": 0}, {"x: number"}),
        ({"type": "array", "items": {"type": "string"}}, {"x: list", "x[]: text"}),
        ({"type": "object", "properties": {"a": {"$ref": "#/A"}}}, {"x.a: text"}),
        ({"type": "string", "maxLength": 9}, set()),
    ],
)
def test_what_has_no_bound_is_found(schema: dict[str, Any], places: set[str]) -> None:
    assert set(unbounded(schema, {"A": {"type": "string"}}, "x", frozenset())) == places
