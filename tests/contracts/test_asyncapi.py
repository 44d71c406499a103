"""The AsyncAPI documents keep the standard's schema, and the messages that are sent keep the documents."""

import json
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from keqing_local.catalogue import asyncapi
from keqing_local.catalogue.example import codes, recorded, variations
from keqing_local.services import SERVICES, context
from keqing_shared.messaging.envelope import message

STANDARD = json.loads((Path(__file__).parent / "asyncapi-3.0.0.json").read_text())


@pytest.fixture(scope="module", params=SERVICES)
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def document(name: str) -> dict[str, Any]:
    return asyncapi(context(name))


def payload(document: dict[str, Any], message: str) -> jsonschema_rs.Validator:
    schema = document["components"]["messages"][message]["payload"]
    return jsonschema_rs.validator_for({**schema, "components": document["components"]})


def test_the_document_is_asyncapi(document: dict[str, Any]) -> None:
    validator = jsonschema_rs.validator_for(STANDARD)
    assert [error.message for error in validator.iter_errors(document)] == []
    assert not validator.is_valid({**document, "channels": {"CallLogged": {"adress": "keqing.>"}}})


def test_every_reference_leads_somewhere(document: dict[str, Any]) -> None:
    def references(part: Any) -> list[str]:
        if isinstance(part, list):
            return [found for one in part for found in references(one)]
        if not isinstance(part, dict):
            return []
        own = [part["$ref"]] if isinstance(part.get("$ref"), str) else []
        return own + [found for one in part.values() for found in references(one)]

    found = references(document)
    assert found
    for reference in found:
        part = document
        for step in reference.removeprefix("#/").split("/"):
            part = part[step]


def test_whatever_is_told_of_a_fact_is_described(name: str, document: dict[str, Any]) -> None:
    told = 0
    for fact in context(name).facts:
        for one in (*variations(fact), *codes(fact)):
            published = context(name).publish(recorded(one))
            if published is None:
                continue
            told += 1
            sent = message(name, 7, recorded(one), published)
            kind = published.name
            assert payload(document, kind).is_valid(json.loads(sent.payload)), sent.payload
            address = document["channels"][kind]["address"]
            assert sent.subject == address.replace("{customer}", str(recorded(one).customer_id))
    assert told


def test_something_else_is_not_what_is_described(document: dict[str, Any]) -> None:
    for kind, described in document["components"]["messages"].items():
        if kind == "SignedCheckpoint":
            continue
        example = described["examples"][0]["payload"]
        valid = payload(document, kind)
        assert valid.is_valid(example)
        assert not valid.is_valid({**example, "type": "keqing.elsewhere.Other.v1"})
        assert not valid.is_valid({key: value for key, value in example.items() if key != "position"})
        for member in example["data"]:
            number = {**example, "data": {**example["data"], member: -1.5}}
            assert not valid.is_valid(number), f"{kind}.{member} may be anything"
