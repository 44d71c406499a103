"""Personal data: which members hold it, and what stands in its place once it is erased."""

import enum
import types
from collections.abc import Callable, Mapping
from dataclasses import MISSING, fields, is_dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Annotated, Any, Literal, NamedTuple, TypeVar, Union, get_args, get_origin, get_type_hints
from uuid import UUID

import msgspec

PERSONAL = "personal"
"""Marks a field as a customer's personal data: never published on NATS, never logged."""

_T = TypeVar("_T")
Personal = Annotated[_T, PERSONAL]

ERASED = "[erased]"
"""What a personal text reads once it is erased."""

_ERASED: dict[Any, Any] = {
    str: ERASED,
    bool: False,
    int: 0,
    float: 0.0,
    Decimal: "0",
    UUID: str(UUID(int=0)),
    date: "1900-01-01",
    datetime: "1900-01-01T00:00:00Z",
    time: "00:00:00",
    timedelta: "PT0S",
    bytes: "",
    type(None): None,
    Any: None,
    object: None,
}
_COLLECTIONS = (tuple, list, set, frozenset)
_EMPTY: tuple[Any, ...] = ((), "", [], {}, frozenset())

Stand = Callable[[Any], Any]
"""From a personal member's annotation to what stands in its place."""


def erased(annotation: Any) -> Any:
    """What a member so annotated holds once it is erased, as JSON has it: a text reads ERASED, what may be
    missing is, a collection is empty. Raises TypeError for a type that it does not know."""
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return erased(arguments[0])
    if origin in (Union, types.UnionType):
        if str in map(_bare, arguments):
            return ERASED
        return None if type(None) in arguments else erased(arguments[0])
    if origin is Literal:
        return arguments[0]
    if origin is tuple and arguments[-1:] != (...,):
        return [erased(one) for one in arguments]
    if origin in _COLLECTIONS or annotation in _COLLECTIONS:
        return []
    if annotation is dict or (isinstance(origin, type) and issubclass(origin, Mapping)):
        return {}
    if annotation in _ERASED:
        return _ERASED[annotation]
    if isinstance(annotation, type) and issubclass(annotation, enum.Enum):
        return next(iter(annotation)).value
    if _has_members(annotation):
        hints = get_type_hints(annotation, include_extras=True)
        return {name: erased(hints[name]) for name, required in _members(annotation).items() if required}
    raise TypeError(f"it is not known how to erase a {annotation!r}")


def erased_value(annotation: Any) -> Any:
    """The same as an object of that type."""
    return msgspec.convert(erased(annotation), annotation)


class _Member(NamedTuple):
    name: str
    stand: Any
    """What stands in its place; only where it is personal itself."""
    personal: bool


class Blanks:
    """Takes the personal values out of facts, rows and values, however deep they lie.

    ``stand`` makes, from a member's annotation, what is put in its place.
    """

    def __init__(self, stand: Stand) -> None:
        self._stand = stand
        self._plans: dict[type, tuple[_Member, ...]] = {}

    def concern(self, kind: type) -> bool:
        """Whether values of this class may hold anything personal."""
        return bool(self._plan(kind))

    def blank(self, thing: Any, taken: list[Any]) -> Any:
        """The thing without its personal values, which go to ``taken`` in the order of their places.
        Those that say nothing (None, an empty text or collection) stay."""
        plan = self._plans.get(type(thing))
        if plan is None:
            plan = self._plan(type(thing))
        changes: dict[str, Any] = {}
        for name, stand, personal in plan:
            found = getattr(thing, name)
            if found is None or (not found and found in _EMPTY):
                continue
            if personal:
                taken.append(found)
                changes[name] = stand
            else:
                before = len(taken)
                inner = self._inside(found, taken)
                if len(taken) > before:
                    changes[name] = inner
        return _changed(thing, changes) if changes else thing

    def spoken(self, thing: Any) -> bool:
        """Whether ``blank`` would take anything."""
        kind = type(thing)
        if kind in _COLLECTIONS:
            return any(map(self.spoken, thing))
        if kind is dict:
            return any(map(self.spoken, thing.values()))
        for name, _, personal in self._plan(kind):
            found = getattr(thing, name)
            if found is None or (not found and found in _EMPTY):
                continue
            if personal or self.spoken(found):
                return True
        return False

    def _inside(self, found: Any, taken: list[Any]) -> Any:
        kind = type(found)
        if kind in _COLLECTIONS:
            return kind(self._inside(one, taken) for one in found)
        if kind is dict:
            return {key: self._inside(one, taken) for key, one in found.items()}
        return self.blank(found, taken)

    def _plan(self, kind: type) -> tuple[_Member, ...]:
        plan = self._plans.get(kind)
        if plan is None:
            plan = self._plans[kind] = tuple(self._planned(kind))
        return plan

    def _planned(self, kind: type) -> list[_Member]:
        if not _has_members(kind):
            return []
        hints = get_type_hints(kind, include_extras=True)
        plan = []
        for name in _members(kind):
            if is_personal(hints[name]):
                plan.append(_Member(name, self._stand(hints[name]), True))
            elif holds_personal(hints[name]):
                plan.append(_Member(name, None, False))
        return plan


def _bare(annotation: Any) -> Any:
    return get_args(annotation)[0] if get_origin(annotation) is Annotated else annotation


def is_personal(annotation: Any) -> bool:
    return get_origin(annotation) is Annotated and PERSONAL in get_args(annotation)[1:]


def holds_personal(annotation: Any, seen: frozenset[Any] = frozenset()) -> bool:
    """Whether there is a personal member somewhere below; ``seen`` ends what refers to itself."""
    if is_personal(annotation):
        return True
    if _has_members(annotation):
        if annotation in seen:
            return False
        hints = get_type_hints(annotation, include_extras=True)
        return any(holds_personal(hints[name], seen | {annotation}) for name in _members(annotation))
    return any(holds_personal(one, seen) for one in get_args(annotation) if not isinstance(one, str))


def _has_members(kind: Any) -> bool:
    return isinstance(kind, type) and (is_dataclass(kind) or issubclass(kind, msgspec.Struct))


def _members(kind: type) -> dict[str, bool]:
    """Name -> whether it must be given."""
    if issubclass(kind, msgspec.Struct):
        return {one.name: one.required for one in msgspec.structs.fields(kind)}
    return {
        one.name: one.default is MISSING and one.default_factory is MISSING
        for one in fields(kind)  # type: ignore[arg-type]
    }


def _changed(thing: Any, changes: dict[str, Any]) -> Any:
    if isinstance(thing, msgspec.Struct):
        return msgspec.structs.replace(thing, **changes)
    changed = object.__new__(type(thing))  # past ``__init__``: it may be given what stands in for a text
    changed.__dict__.update(thing.__dict__, **changes)
    return changed
