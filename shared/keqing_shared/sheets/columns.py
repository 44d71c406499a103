"""The columns of a table of values: one for each field, those of a value within a value included."""

from collections.abc import Iterable, Sequence
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from types import NoneType, UnionType
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints
from zoneinfo import ZoneInfo

import msgspec

from keqing_shared.domain import ExternalReference

Cell = str | bool | int | float | Decimal | date | datetime | None
Path = tuple[str, ...]

BETWEEN = "; "
"""Between the parts of a list in one cell."""
_PARTING = frozenset(";；\n\r")


class Columns:
    """Of rows of one ``@value`` class, its COLUMNS_FIRST first; ``amount.currency`` is the currency of the
    amount."""

    def __init__(self, row: type[Any]) -> None:
        self._paths = _paths(row, ())
        self.names = [".".join(path) for path in self._paths]

    def cells(self, row: Any, zone: ZoneInfo) -> list[Cell]:
        """The row's values in the order of the columns; moments by the clocks of the zone."""
        found: list[Cell] = []
        for path in self._paths:
            value = row
            for name in path:
                value = None if value is None else getattr(value, name)
            found.append(_cell(value, zone))
        return found


def _paths(row: type[Any], above: Path) -> list[Path]:
    hints = get_type_hints(row, include_extras=False)
    paths: list[Path] = []
    first: Sequence[str] = getattr(row, "COLUMNS_FIRST", ())
    names = [*first, *(one.name for one in fields(row) if one.name not in first)]
    for name in names:
        inner = _value_in(hints[name])
        path = (*above, name)
        paths += [path] if inner is None else _paths(inner, path)
    return paths


def _value_in(hint: Any) -> type[Any] | None:
    """The value class that a field holds, also when it may hold none."""
    if get_origin(hint) is Annotated:
        return _value_in(get_args(hint)[0])
    if get_origin(hint) in (Union, UnionType):
        kinds = [kind for kind in get_args(hint) if kind is not NoneType]
        return _value_in(kinds[0]) if len(kinds) == 1 else None
    return hint if isinstance(hint, type) and is_dataclass(hint) else None


_PART = str | int | Enum | ExternalReference


def _together(parts: Iterable[Any], written: list[str]) -> str:
    """Between semicolons; as JSON when that would not be read as the same parts."""
    cell = BETWEEN.join(written)
    plain = all(one and one == one.strip() and _PARTING.isdisjoint(one) for one in written)
    if plain and not cell.startswith("["):
        return cell
    return msgspec.json.encode(list(parts), enc_hook=str).decode() if written else ""


def _cell(value: Any, zone: ZoneInfo) -> Cell:
    match value:
        case Enum():
            return str(value.value)
        case None | bool() | int() | float() | Decimal() | str():
            return value
        case datetime():
            return value.astimezone(zone)
        case date():
            return value
        case ExternalReference():
            return str(value)
        case list() | tuple() | frozenset() if all(isinstance(part, _PART) for part in value):
            return _together(value, [str(_cell(part, zone)) for part in value])
        case _ if isinstance(value, list | tuple | dict) or is_dataclass(value):
            return msgspec.json.encode(value, enc_hook=str).decode()
        case _:
            return str(value)
