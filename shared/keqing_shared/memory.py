"""States of streams kept in memory; correctness never depends on them."""

from collections import OrderedDict
from typing import Any
from uuid import UUID

from keqing_shared.reading import Loaded, Name

KEPT = 20_000
"""States; least recently used ones leave."""


class Memory:
    """The newest state known of each stream, with its version; it may be stale."""

    def __init__(self) -> None:
        self._states: OrderedDict[Name, Loaded[Any]] = OrderedDict()
        self.forgotten = 0
        """How often: a state that was on its way here meanwhile is not kept."""

    def __contains__(self, name: Name) -> bool:
        return name in self._states

    def get(self, name: Name) -> Loaded[Any] | None:
        return self._states.get(name)

    def used(self, name: Name) -> None:
        """It stays longer than those that are not."""
        self._states.move_to_end(name)

    def remember(
        self, aggregate: str, id: UUID, loaded: Loaded[Any], forgotten: int, *, known_only: bool = False
    ) -> None:
        """Keeps a committed state, unless all were forgotten since it was read; ``known_only``: where there
        is an earlier one."""
        if forgotten != self.forgotten:
            return
        name = (aggregate, id)
        known = self._states.get(name)
        if known is loaded or (known is None and known_only):
            return
        if known is None or known.version <= loaded.version:
            self._states[name] = loaded
            self._states.move_to_end(name)
            if len(self._states) > KEPT:
                self._states.popitem(last=False)

    def forget(self) -> None:
        """All states: somebody's personal data is in one of them, and was erased."""
        self.forgotten += 1
        self._states.clear()

    def forget_one(self, aggregate: str, id: UUID) -> None:
        """Its state is read from the log the next time."""
        self._states.pop((aggregate, id), None)
