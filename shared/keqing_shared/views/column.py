"""Columns of a view's table, read off the annotations of its row."""

import re
import types
from collections.abc import Callable
from dataclasses import dataclass, fields
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints
from uuid import UUID

import msgspec

_PLAIN: tuple[tuple[type, str], ...] = (
    (UUID, "uuid"),
    (str, "text"),
    (bool, "boolean"),  # before int, and datetime before date: they are subclasses
    (int, "bigint"),
    (float, "double precision"),
    (Decimal, "numeric"),
    (datetime, "timestamptz"),
    (date, "date"),
)
_NUL_ESCAPED = re.compile(r"(?<!\\)((?:\\\\)*)\\u0000")

Convert = Callable[[Any], Any]


@dataclass(frozen=True)
class Column:
    name: str
    sql: str
    """Its type in PostgreSQL."""
    nullable: bool
    python: type
    """What a value is an instance of; ``object`` for jsonb."""
    encode: Convert | None
    """From the row's value (never None) to the statement's; None: as it is."""
    decode: Convert | None

    @property
    def quoted(self) -> str:
        return f'"{self.name}"'

    @property
    def ddl(self) -> str:
        return f"{self.quoted} {self.sql}{'' if self.nullable else ' NOT NULL'}"

    @property
    def sent_as(self) -> str:
        """jsonb travels as text: no codec that a pool may have registered comes between."""
        return "text" if self.sql == "jsonb" else self.sql


def columns_of(row: type) -> tuple[Column, ...]:
    """One column for each field of the row, in order."""
    hints = get_type_hints(row)
    return tuple(_column(field.name, hints[field.name]) for field in fields(row))


def _column(name: str, annotation: Any) -> Column:
    kind, nullable = _without_none(annotation)
    while hasattr(kind, "__supertype__"):
        kind = kind.__supertype__
    if get_origin(kind) is Literal:
        kind = _type_of_literals(kind)
    if isinstance(kind, type) and get_origin(kind) is None:
        for plain, sql in _PLAIN:
            if issubclass(kind, plain):
                encode = _without_nul if sql == "text" else None
                return Column(name, sql, nullable, plain, encode, kind if issubclass(kind, Enum) else None)
    return Column(name, "jsonb", nullable or kind is Any, object, _to_json, _from_json(kind))


def _without_none(annotation: Any) -> tuple[Any, bool]:
    if get_origin(annotation) not in (Union, types.UnionType, Literal):
        return annotation, False
    members = get_args(annotation)
    rest = tuple(member for member in members if member not in (None, type(None)))
    if len(rest) == len(members):
        return annotation, False
    if get_origin(annotation) is Literal:
        return Literal[rest], True
    return Union[rest], True  # noqa: UP007 - of a tuple only known here


def _type_of_literals(kind: Any) -> Any:
    for plain in (str, bool, int):
        if all(isinstance(literal, plain) for literal in get_args(kind)):
            return plain
    return kind


def _without_nul(text: str) -> str:
    # PostgreSQL cannot store this one character; a view must not get stuck on it.
    return text.replace("\x00", "\ufffd") if "\x00" in text else text


_encode_json = msgspec.json.Encoder().encode


def _to_json(value: Any) -> str:
    text = _encode_json(value).decode()
    return _NUL_ESCAPED.sub(r"\1\\ufffd", text) if "\\u0000" in text else text


def _from_json(kind: Any) -> Convert:
    decode = msgspec.json.Decoder(kind).decode

    def read(stored: Any) -> Any:
        # A pool with a jsonb codec of its own hands over what it has already decoded.
        return decode(stored) if isinstance(stored, str | bytes) else msgspec.convert(stored, kind)

    return read
