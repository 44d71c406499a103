"""Every state of every context survives being written down: a snapshot gives what the facts gave."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import is_dataclass
from decimal import Decimal
from enum import Enum
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints
from uuid import UUID

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from keqing_shared.domain import Aggregate
from keqing_shared.snapshots import form_of
from tests.journeys.house import CONTEXTS

AGGREGATES = {
    f"{context.name}: {aggregate.name}": aggregate for context in CONTEXTS for aggregate in context.kept
}

NEVER_SNAPSHOTTED: frozenset[str] = frozenset()
"""Those whose state cannot be written down: named here so that nobody finds out by a slow stream."""

DAYS = st.dates(dt.date(1900, 1, 1), dt.date(2199, 12, 31))
LEAVES: dict[Any, st.SearchStrategy[Any]] = {
    str: st.text(max_size=20),
    bytes: st.binary(max_size=20),
    int: st.integers(-(2**53), 2**53),
    bool: st.booleans(),
    float: st.floats(allow_nan=False, allow_infinity=False),
    Decimal: st.decimals(
        allow_nan=False, allow_infinity=False, places=2, min_value=-(10**16), max_value=10**16
    ),
    UUID: st.uuids(),
    dt.date: DAYS,
    dt.time: st.times(),
    dt.timedelta: st.timedeltas(dt.timedelta(days=-999), dt.timedelta(days=999)),
    dt.datetime: st.datetimes(dt.datetime(1900, 1, 1), dt.datetime(2199, 12, 31), timezones=st.just(dt.UTC)),
    NoneType: st.none(),
    Any: st.one_of(st.none(), st.text(max_size=20), st.integers(-(2**53), 2**53)),
}


def values_of(hint: Any) -> st.SearchStrategy[Any]:
    """Any value that the type allows, in the sense in which facts and states use it."""
    origin, arguments = get_origin(hint), get_args(hint)
    if hint in LEAVES:
        return LEAVES[hint]
    if origin is Annotated:
        return values_of(arguments[0])
    if origin in (Union, UnionType):
        return st.one_of([values_of(one) for one in arguments])
    if origin is Literal:
        return st.sampled_from(arguments)
    if origin is tuple and arguments[-1] is ...:
        return st.lists(values_of(arguments[0]), max_size=4).map(tuple)
    if origin is tuple:
        return st.tuples(*map(values_of, arguments))
    if origin in (list, set, frozenset):
        return st.lists(values_of(arguments[0]), max_size=4).map(origin)
    if isinstance(origin, type) and issubclass(origin, Iterable) and len(arguments) == 2:
        return st.dictionaries(values_of(arguments[0]), values_of(arguments[1]), max_size=4)
    if isinstance(hint, type) and issubclass(hint, Enum):
        return st.sampled_from(list(hint))
    if isinstance(hint, type) and (issubclass(hint, msgspec.Struct) or is_dataclass(hint)):
        members = get_type_hints(hint, include_extras=True)
        known = hint.__struct_fields__ if issubclass(hint, msgspec.Struct) else hint.__dataclass_fields__
        return st.builds(hint, **{name: values_of(members[name]) for name in known})
    raise TypeError(f"this test does not know how to make a {hint}")


def test_only_these_are_folded_from_their_first_fact_every_time() -> None:
    assert {name for name, aggregate in AGGREGATES.items() if form_of(aggregate) is None} == NEVER_SNAPSHOTTED


@pytest.mark.parametrize("name", sorted(AGGREGATES.keys() - NEVER_SNAPSHOTTED))
def test_a_state_read_back_is_the_state_that_was_written(name: str) -> None:
    aggregate: Aggregate[Any] = AGGREGATES[name]
    form = form_of(aggregate)
    assert form is not None

    @settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
    @given(values_of(aggregate.state))
    def survives(state: Any) -> None:
        back = form.decode(form.encode(state))
        assert back == state
        assert aggregate.customer_of(UUID(int=1), back) == aggregate.customer_of(UUID(int=1), state)

    survives()


def test_no_two_aggregates_take_each_others_snapshots() -> None:
    """They are told apart by the aggregate's name within a context's own table."""
    for context in CONTEXTS:
        names = [aggregate.name for aggregate in context.kept]
        assert len(names) == len(set(names))
