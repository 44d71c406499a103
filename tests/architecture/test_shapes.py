"""Whoever sends a text of another form is told in words what it has to look like."""

import re
from collections.abc import Iterator
from importlib import import_module
from typing import Any

import pytest

from keqing_local.services import SERVICES
from keqing_shared.domain.shape import SHAPES
from keqing_shared.http.headers import ASK_HEADERS, DO_HEADERS
from tests.architecture.test_bounds import taken

READ_BY_HAND = {header["name"] for header in (*DO_HEADERS, *ASK_HEADERS)}
"""Refused in words of their own."""


def patterns(schema: Any, schemas: dict[str, Any], seen: frozenset[str] = frozenset()) -> Iterator[str]:
    """Of the texts in it; what reads as a number or a time of day has words of its own."""
    match schema:
        case {"$ref": str(reference)}:
            if reference not in seen:
                yield from patterns(schemas[reference.rpartition("/")[2]], schemas, seen | {reference})
        case {"anyOf": [{"type": "number"}, *_]} | {"description": "hh:mm"}:
            return
        case dict():
            if isinstance(schema.get("pattern"), str):
                yield schema["pattern"]
            for name, inner in schema.items():
                if name not in ("examples", "example", "default"):
                    yield from patterns(inner, schemas, seen)
        case list():
            for inner in schema:
                yield from patterns(inner, schemas, seen)


@pytest.mark.parametrize("service", SERVICES)
def test_every_form_of_a_text_is_said_in_words(service: str) -> None:
    document = import_module(SERVICES[service]).app.openapi()
    schemas = document["components"]["schemas"]
    found = {
        one: where
        for where, schema in taken(document)
        for one in patterns(schema, schemas)
        if where.rpartition("?")[2] not in READ_BY_HAND
    }
    assert len(found) > 3
    assert {where: one for one, where in found.items() if one not in SHAPES} == {}


def test_no_words_are_a_regular_expression() -> None:
    assert [said for said in SHAPES.values() if re.search(r"\[[^\]]*-|\\|\^|\{\d", said)] == []
