"""Given facts, when a command comes, then facts follow or a rule refuses it.

``given(DealOpened(...)).when(CloseDeal(...)).then(DealClosed(...))``
``given(...).when(...).refused(EvidenceMissing, missing=["asks_price"])``
"""

from dataclasses import dataclass
from functools import reduce
from typing import Any

import pytest

from keqing_shared.domain import Aggregate, Command, Fact, RuleBroken


@dataclass(frozen=True)
class Tried:
    aggregate: Aggregate[Any]
    history: tuple[Fact, ...]
    command: Command
    policy: Any

    def outcome(self) -> list[Fact]:
        """The facts that were decided; raises the rule that refused."""
        state = reduce(self.aggregate.evolve, self.history, None)
        return list(self.aggregate.decide(self.command, state, self.policy))

    def state(self) -> Any:
        """The state after history and the decided facts."""
        return reduce(self.aggregate.evolve, [*self.history, *self.outcome()], None)

    def then(self, *expected: Fact) -> None:
        """Exactly these facts follow, in this order."""
        assert self.outcome() == list(expected)

    def refused(self, rule: type[RuleBroken], **members: Any) -> RuleBroken:
        """The rule refuses the command, naming these members."""
        with pytest.raises(RuleBroken) as caught:
            self.outcome()
        assert type(caught.value) is rule, f"refused by {type(caught.value).__name__}: {caught.value}"
        for name, expected in members.items():
            assert caught.value.members[name] == expected
        return caught.value


@dataclass(frozen=True)
class Given:
    aggregate: Aggregate[Any]
    history: tuple[Fact, ...]
    policy: Any

    def when(self, command: Command) -> Tried:
        return Tried(self.aggregate, self.history, command, self.policy)


def given(aggregate: Aggregate[Any], *history: Fact, policy: Any = None) -> Given:
    """The aggregate with this history behind it, under this policy."""
    return Given(aggregate, history, policy)
