"""A state says what of it is personal: one that says nothing is folded without the customers' keys."""

from collections.abc import Iterator

import pytest

from keqing_local.catalogue.example import Example
from keqing_local.services import SERVICES, context
from keqing_shared.domain import Aggregate, Fact
from keqing_shared.domain.personal import Blanks, erased_value

AGGREGATES = {
    aggregate.name: aggregate
    for name in SERVICES
    for aggregate in context(name).aggregates
    if not aggregate.keeps_personal
}
BLANKS = Blanks(erased_value)


def blank(fact: Fact) -> Fact:
    """As it reads once erased."""
    read: Fact = BLANKS.blank(fact, [])
    return read


def examples(kind: type[Fact]) -> Iterator[Fact]:
    return (Example(n, truth=n % 2 == 0, absent=n % 4 >= 2).build(kind) for n in range(4))


@pytest.mark.parametrize("name", AGGREGATES)
def test_its_states_are_the_same_without_what_is_personal(name: str) -> None:
    aggregate: Aggregate[object] = AGGREGATES[name]
    for first in (fact for kind in aggregate.facts for fact in examples(kind)):
        state = aggregate.evolve(None, first)
        assert state == aggregate.evolve(None, blank(first)), f"{name} declares nothing Personal of {first}"
        if state is None:
            continue
        for second in (fact for kind in aggregate.facts for fact in examples(kind)):
            after = aggregate.evolve(state, second)
            assert after == aggregate.evolve(state, blank(second)), f"{name} declares nothing of {second}"


def test_some_states_hold_nothing_personal() -> None:
    assert "opportunity" in AGGREGATES
