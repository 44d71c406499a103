"""No personal data travels on NATS: every fact is published once with marked personal fields."""

import dataclasses
import enum
import re
import types
import typing
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from importlib import import_module
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import msgspec
import pytest

from keqing_local.services import SERVICES
from keqing_shared.context import Context
from keqing_shared.domain import Fact, Personal, Recorded
from keqing_shared.domain.fact import PERSONAL
from keqing_shared.messaging import Published

MARK = "a secret of theirs"
MARKED_DAY = date(1911, 10, 10)
MOMENT = datetime(2026, 3, 2, 9, tzinfo=UTC)
PLAIN: dict[Any, Any] = {
    str: "plain",
    int: 1,
    float: 1.0,
    bytes: b"1",
    Decimal: Decimal("1.00"),
    date: date(2026, 3, 2),
    datetime: MOMENT,
    time: time(9),
    timedelta: timedelta(days=1),
    UUID: UUID(int=7),
    Any: "plain",
    object: "plain",
    type(None): None,
}
MARKED: dict[Any, Any] = {
    str: MARK,
    Any: MARK,
    date: MARKED_DAY,
    datetime: datetime(1911, 10, 10, tzinfo=UTC),
}


def sample(annotation: Any, choice: int, marked: bool = False) -> Any:
    """A value of the annotated type, personal parts marked. ``choice`` picks among the members of codes,
    between yes and no, and whether what may be missing is: imported history, say, is told to nobody."""
    origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
    if origin is typing.Annotated:
        return sample(arguments[0], choice, marked or PERSONAL in arguments[1:])
    if origin in (typing.Union, types.UnionType):
        present = [argument for argument in arguments if argument is not type(None)]
        if len(present) < len(arguments) and not marked and choice % 4 >= 2:
            return None
        return sample(present[choice % len(present)], choice, marked)
    if origin is typing.Literal:
        return arguments[choice % len(arguments)]
    if origin in (tuple, list, set, frozenset) or annotation in (tuple, list):
        kinds = [kind for kind in arguments if kind is not Ellipsis] or [str]
        return (origin or annotation)(sample(kind, choice, marked) for kind in kinds)
    if origin is not None and issubclass(origin, Mapping):
        return {sample(arguments[0], choice, marked): sample(arguments[1], choice, marked)}
    if isinstance(annotation, type) and issubclass(annotation, enum.Enum):
        members = list(annotation)
        return members[choice % len(members)]
    if dataclasses.is_dataclass(annotation) or (
        isinstance(annotation, type) and issubclass(annotation, msgspec.Struct)
    ):
        return build(annotation, choice, marked)
    if annotation is bool:
        return choice % 2 == 0
    kinds_known = {**PLAIN, **MARKED} if marked else PLAIN
    if annotation not in kinds_known:
        raise TypeError(f"no sample for {annotation!r}: teach this test")
    return kinds_known[annotation]


def build(kind: Any, choice: int, marked: bool = False) -> Any:
    hints = typing.get_type_hints(kind, include_extras=True)
    names = (
        [field.name for field in dataclasses.fields(kind)]
        if dataclasses.is_dataclass(kind)
        else kind.__struct_fields__
    )
    return kind(**{name: sample(hints[name], choice, marked) for name in names})


def recorded(fact: Fact) -> Recorded[Any]:
    return Recorded(
        fact=fact,
        originator_id=uuid4(),
        originator_version=1,
        position=1,
        customer_id=uuid4(),
        recorded_at=MOMENT,
        who="li.wei",
        why=MARK,  # a reason may say anything about anybody
        command_id=uuid4(),
        correlation_id="c",
        causation_id=None,
    )


def leaks(published: Published | None) -> bool:
    if published is None:
        return False
    travels = msgspec.json.encode(published.data, enc_hook=str).decode()
    return MARK in travels or MARKED_DAY.isoformat() in travels


def contexts() -> Iterator[Context]:
    for module in SERVICES.values():
        yield import_module(module).CONTEXT


@pytest.mark.parametrize("service", SERVICES)
def test_no_fact_publishes_its_personal_fields(service: str) -> None:
    context: Context = import_module(SERVICES[service]).CONTEXT
    assert context.facts
    leaking = {
        fact.__name__
        for fact in context.facts
        for choice in range(8)
        if leaks(context.publish(recorded(build(fact, choice))))
    }
    assert leaking == set()


def test_the_facts_do_hold_personal_fields_to_look_for() -> None:
    marked = {
        fact.__name__ for context in contexts() for fact in context.facts if MARK in repr(build(fact, 0))
    }
    assert {"CustomerRegistered", "CallLogged", "ComplaintOpened"} <= marked


@pytest.mark.parametrize("service", SERVICES)
def test_whatever_is_told_at_all_is_looked_at(service: str) -> None:
    """A fact that no sample of makes a message would never be caught leaking."""
    context: Context = import_module(SERVICES[service]).CONTEXT
    named = (Path(import_module(SERVICES[service]).__file__ or "").parent / "published.py").read_text()
    silent = {
        fact.__name__
        for fact in context.facts
        if re.search(rf"\b{fact.__name__}\b", named)
        and not any(context.publish(recorded(build(fact, choice))) for choice in range(8))
    }
    assert silent <= {"AllocationReceived", "AllocationWithdrawn", "PurchaseCounted"}


def test_a_leak_is_found() -> None:
    class Met(Fact, topic="test.met.v1"):
        name: Personal[str]
        born: Personal[date | None] = None
        place: str

    met = build(Met, 0)
    assert leaks(Published("Met", {"name": met.name}))
    assert leaks(Published("Met", {"deep": [{"born": met.born}]}))
    assert not leaks(Published("Met", {"place": met.place}))
