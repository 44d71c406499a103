"""Aggregates: one kind of stream with its rules, as data."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Generic, TypeVar
from uuid import UUID

from keqing_shared.domain.fact import Fact
from keqing_shared.domain.personal import holds_personal

S = TypeVar("S")


@dataclass(frozen=True, eq=False)
class Aggregate(Generic[S]):
    """A kind of stream: its facts and its pure rules.

    ``decide(command, state, policy)`` returns facts or raises ``RuleBroken``;
    ``evolve(state, fact)`` never refuses history; the state before the first fact is ``None``.
    """

    name: str
    """What HTTP and the audit call it: ``opportunity``."""
    facts: tuple[type[Fact], ...]
    decide: Callable[[Any, S | None, Any], list[Any]]
    evolve: Callable[[S | None, Any], S | None]
    customer_of: Callable[[UUID, S], UUID | None]
    """Whose history this stream belongs to, from its own id and state; None: nobody's."""
    state: type[S] | None = None
    """The state's type, for showing it as JSON as of a moment and for snapshots of long streams."""
    snapshot_version: int = 1
    """Raise it when old facts should now give another state though neither the state's shape nor the
    file of ``evolve`` has changed (these two are noticed without it): snapshots are then made anew."""

    @cached_property
    def keeps_personal(self) -> bool:
        """Whether its states hold anything of a customer's that is personal. One that does not is folded
        without the customers' keys."""
        return self.state is None or holds_personal(self.state)
