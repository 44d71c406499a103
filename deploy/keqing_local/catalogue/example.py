"""Examples of facts, built from their types: always the same ones."""

import dataclasses
import enum
import types
import typing
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import msgspec

from keqing_shared.domain import Fact, Recorded
from keqing_shared.domain.personal import PERSONAL

MOMENT = datetime(2026, 3, 2, 1, 30, tzinfo=UTC)
CUSTOMER = UUID("0198f0c4-5f00-7a00-8000-000000000001")
STREAM = UUID("0198f0c4-5f00-7a00-8000-000000000002")
OTHER = UUID("0198f0c4-5f00-7a00-8000-000000000003")
COMMAND = UUID("0198f0c4-5f00-7a00-8000-000000000004")
MOST_CODES = 20
"""No list of codes that a fact refers to is longer; an example for each of them is asked for."""

PLAIN: dict[Any, Any] = {
    str: "text",
    int: 1,
    float: 1.0,
    bytes: b"1",
    Decimal: Decimal("1200.00"),
    date: date(2026, 3, 2),
    datetime: MOMENT,
    time: time(9),
    timedelta: timedelta(days=1),
    UUID: OTHER,
    Any: "text",
    object: "text",
    type(None): None,
}
NAMED = {
    "owner": "li.wei",
    "login": "li.wei",
    "by": "li.wei",
    "assigned_to": "chen.jing",
    "manager": "zhao.min",
    "previous": "wang.fang",
    "currency": "CNY",
    "number": "INV-2026-001",
    "system": "crm",
    "id": "77",
}
"""Text that a field of this name has."""


@dataclass(frozen=True)
class Example:
    """How examples are to be."""

    choice: int = 0
    """Picks among the members of codes and unions."""
    truth: bool = True
    """What all booleans are."""
    absent: bool = False
    """Whether what may be null is, unless it is personal."""
    personal: str = "王丽"
    """Stands in each personal text."""
    personal_day: date = date(1985, 10, 10)

    def build(self, kind: Any, given: Collection[str] | None = None, marked: bool = False) -> Any:
        """With these of the fields that may be left out; None: with all of them."""
        hints = typing.get_type_hints(kind, include_extras=True)
        wanted = [
            name
            for name, required in fields(kind).items()
            if required or given is None or name in given
        ]  # fmt: skip
        return kind(**{name: self.of(hints[name], name, marked) for name in wanted})

    def of(self, annotation: Any, name: str = "", marked: bool = False) -> Any:
        """A value of the annotated type, personal where it is marked so."""
        origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
        if origin is typing.Annotated:
            return self.of(arguments[0], name, marked or PERSONAL in arguments[1:])
        if origin in (typing.Union, types.UnionType):
            present = [argument for argument in arguments if argument is not type(None)]
            if self.absent and not marked and len(present) < len(arguments):
                return None
            return self.of(present[self.choice % len(present)], name, marked)
        if origin is typing.Literal:
            return arguments[self.choice % len(arguments)]
        if origin in (tuple, list, set, frozenset) or annotation in (tuple, list):
            kinds = [kind for kind in arguments if kind is not Ellipsis] or [str]
            return (origin or annotation)(self.of(kind, name, marked) for kind in kinds)
        if origin is not None and issubclass(origin, Mapping):
            return {self.of(arguments[0], "", marked): self.of(arguments[1], "", marked)}
        if isinstance(annotation, type) and issubclass(annotation, enum.Enum):
            members = list(annotation)
            return members[self.choice % len(members)]
        if is_object(annotation):
            return self.build(annotation, marked=marked)
        return self._simple(annotation, name, marked)

    def _simple(self, annotation: Any, name: str, marked: bool) -> Any:
        if annotation is bool:
            return self.truth
        if marked and annotation in (str, Any):
            return self.personal
        if marked and annotation is date:
            return self.personal_day
        if marked and annotation is datetime:
            return datetime.combine(self.personal_day, time(), UTC)
        if annotation not in PLAIN:
            raise TypeError(f"no example of {annotation!r}: teach {__name__}")
        return NAMED.get(name, PLAIN[str]) if annotation is str else PLAIN[annotation]


def is_object(kind: Any) -> bool:
    return isinstance(kind, type) and (dataclasses.is_dataclass(kind) or issubclass(kind, msgspec.Struct))


def fields(kind: Any) -> dict[str, bool]:
    """Name -> whether it must be given."""
    if dataclasses.is_dataclass(kind):
        missing = dataclasses.MISSING
        return {
            it.name: it.default is missing and it.default_factory is missing
            for it in dataclasses.fields(kind)
        }
    return {it.name: it.required for it in msgspec.structs.fields(kind)}


def recorded(fact: Fact, why: str | None = None) -> Recorded[Any]:
    """The fact in a log."""
    return Recorded(
        fact=fact,
        originator_id=STREAM,
        originator_version=1,
        position=1042,
        customer_id=CUSTOMER,
        recorded_at=MOMENT,
        who="li.wei",
        why=why,
        command_id=COMMAND,
        correlation_id="0198f0c4-5f00-7a00-8000-000000000005",
        causation_id=None,
    )


def codes(kind: type[Fact]) -> Iterator[Fact]:
    """Distinct examples, each code of each list at least once; then as empty as may be, in two ways."""
    seen: list[Fact] = []
    for choice in range(MOST_CODES):
        fact = Example(choice).build(kind)
        if fact not in seen:
            seen.append(fact)
            yield fact
    for fact in (Example(truth=False, absent=True).build(kind), Example().build(kind, given=())):
        if fact not in seen:
            seen.append(fact)
            yield fact


def variations(kind: type[Fact]) -> Iterator[Fact]:
    """Each optional field given and left out in turn: what is told of a fact may depend on any of them."""
    optional = [name for name, required in fields(kind).items() if not required]
    chosen = [set[str](), *({name} for name in optional)]
    chosen += [set(optional) - one for one in chosen]
    for given in chosen:
        for example in (Example(0), Example(1, truth=False), Example(2, truth=False, absent=True)):
            yield example.build(kind, given)
