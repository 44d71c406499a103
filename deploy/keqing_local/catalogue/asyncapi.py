"""``docs/asyncapi/<context>.json``: AsyncAPI 3.0 of what a context tells on NATS."""

import enum
from collections.abc import Iterable, Mapping, Sequence, Set
from datetime import date, datetime, time
from decimal import Decimal
from importlib.metadata import version
from typing import Any
from uuid import UUID

import msgspec

from keqing_local.catalogue.example import is_object, recorded, variations
from keqing_local.catalogue.source import about
from keqing_shared.checkpoints import SUBJECTS
from keqing_shared.context import Context
from keqing_shared.domain import Fact
from keqing_shared.log.signed import SignedCheckpoint
from keqing_shared.messaging import Published
from keqing_shared.messaging.envelope import CONTENT_TYPE, Envelope, message

ADDRESS = {
    "customer": {"description": "Id of the customer whom the message is about; `_` when it is about none."}
}
SIMPLE: dict[type, dict[str, str]] = {
    str: {"type": "string"},
    bool: {"type": "boolean"},
    int: {"type": "integer"},
    float: {"type": "number"},
    Decimal: {"type": "string", "format": "decimal"},
    UUID: {"type": "string", "format": "uuid"},
    date: {"type": "string", "format": "date"},
    datetime: {"type": "string", "format": "date-time"},
    time: {"type": "string", "format": "time"},
    type(None): {"type": "null"},
}


def asyncapi(context: Context) -> dict[str, Any]:
    """The context's document; payloads are described as ``published.py`` makes them of examples."""
    told = _told(context)
    named: dict[type, None] = {Envelope: None, SignedCheckpoint: None}
    messages = {name: _message(context, name, *told[name], named) for name in sorted(told)}
    _, schemas = msgspec.json.schema_components(tuple(named), ref_template="#/components/schemas/{name}")
    channels = {name: _channel(context, name) for name in messages}
    channels["checkpoints"] = {
        "address": SUBJECTS.replace("*", context.name),
        "description": "How far the log had come and the hash it had then, signed every minute.",
        "messages": {"SignedCheckpoint": {"$ref": "#/components/messages/SignedCheckpoint"}},
    }
    messages["SignedCheckpoint"] = {
        "contentType": "application/json",
        "payload": {"$ref": "#/components/schemas/SignedCheckpoint"},
    }
    return {
        "asyncapi": "3.0.0",
        "id": f"urn:keqing:{context.name}",
        "info": {
            "title": context.title or f"Keqing {context.name}",
            "version": version("keqing"),
            "description": "What this context tells the others: its facts, without personal data, in the"
            " order of its log, as CloudEvents in the JetStream stream of the subjects"
            f" `keqing.{context.name}.>`.",
            "license": {"name": "Apache-2.0"},
        },
        "defaultContentType": CONTENT_TYPE,
        "servers": {"nats": {"host": "127.0.0.1:4222", "protocol": "nats", "description": "KEQING_NATS_URL"}},
        "channels": channels,
        "operations": {
            f"tell{name[0].upper()}{name[1:]}": _operation(name, channels[name]) for name in channels
        },
        "components": {"messages": messages, "schemas": schemas},
    }


def _told(context: Context) -> dict[str, tuple[type[Fact], list[Published]]]:
    """Message name -> the fact, and what is told of examples of it, the fullest first."""
    told: dict[str, tuple[type[Fact], list[Published]]] = {}
    for fact in context.facts:
        for one in variations(fact):
            published = context.told(recorded(one))
            if published is not None:
                told.setdefault(published.name, (fact, []))[1].append(published)
    return told


def _channel(context: Context, name: str) -> dict[str, Any]:
    return {
        "address": f"keqing.{context.name}.{name}.{{customer}}",
        "parameters": ADDRESS,
        "messages": {name: {"$ref": f"#/components/messages/{name}"}},
    }


def _operation(name: str, channel: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "action": "send",
        "channel": {"$ref": f"#/channels/{name}"},
        "messages": [{"$ref": f"#/channels/{name}/messages/{one}"} for one in channel["messages"]],
    }


def _message(
    context: Context, name: str, fact: type[Fact], published: list[Published], named: dict[type, None]
) -> dict[str, Any]:
    fullest = max(published, key=lambda one: len(msgspec.json.encode(one.data)))
    sent = message(context.name, 1041, recorded(Fact()), fullest)
    described = {"name": name, "contentType": CONTENT_TYPE, "title": f"{name}, of the fact {fact.topic}"}
    if about(fact):
        described["summary"] = about(fact)
    return {
        **described,
        "payload": {
            "allOf": [
                {"$ref": "#/components/schemas/Envelope"},
                {
                    "type": "object",
                    "properties": {
                        "type": {"const": f"keqing.{context.name}.{name}.v1"},
                        "data": _schema([one.data for one in published], named),
                    },
                },
            ]
        },
        "examples": [{"payload": msgspec.json.decode(sent.payload)}],
    }


def _schema(values: Sequence[Any], named: dict[type, None]) -> dict[str, Any]:
    """Of all these values; classes go into ``named`` and are referred to."""
    kinds = [_kind(kind, [one for one in values if type(one) is kind], named) for kind in _types(values)]
    distinct = [kind for number, kind in enumerate(kinds) if kind not in kinds[:number]]
    return distinct[0] if len(distinct) == 1 else {"anyOf": distinct} if distinct else {}


def _types(values: Iterable[Any]) -> list[type]:
    """In the order of appearance, null last."""
    return sorted(dict.fromkeys(type(value) for value in values), key=lambda kind: kind is type(None))


def _kind(kind: type, values: Sequence[Any], named: dict[type, None]) -> dict[str, Any]:
    if is_object(kind) or issubclass(kind, enum.Enum):
        named[kind] = None
        return {"$ref": f"#/components/schemas/{kind.__name__}"}
    if issubclass(kind, Mapping):
        members = dict.fromkeys(member for value in values for member in value)
        return {
            "type": "object",
            "properties": {
                name: _schema([value[name] for value in values if name in value], named) for name in members
            },
            "required": [name for name in members if all(name in value for value in values)],
        }
    if issubclass(kind, Sequence | Set) and not issubclass(kind, str | bytes):
        return {"type": "array", "items": _schema([item for value in values for item in value], named)}
    return dict(SIMPLE[kind])
