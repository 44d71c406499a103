"""A ledger in memory, for rules across streams; and collections served, one database per module."""

from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from functools import reduce
from typing import Any
from uuid import UUID

import pytest

from keqing_collections.app import CONTEXT
from keqing_shared.domain import Aggregate, Command, Fact
from tests.harness import serving
from tests.services.collections.desk import NOON, Desk


@dataclass(frozen=True)
class Seen:
    state: Any


@dataclass
class Ledger:
    """Runs units of work; keeps the facts of those that went through, and only those."""

    facts: dict[UUID, list[Fact]] = field(default_factory=lambda: defaultdict(list))
    staged: dict[UUID, list[Fact]] = field(default_factory=lambda: defaultdict(list))

    async def load(self, aggregate: Aggregate[Any], id: UUID) -> Seen:
        return Seen(reduce(aggregate.evolve, [*self.facts[id], *self.staged[id]], None))

    async def execute(self, aggregate: Aggregate[Any], id: UUID, command: Command) -> list[Fact]:
        facts = aggregate.decide(command, (await self.load(aggregate, id)).state, None)
        self.staged[id] += facts
        return list(facts)

    def transact(self, work: Callable[["Ledger"], Awaitable[None]]) -> None:
        """All of the work's facts or none; nothing in it waits, so no event loop is needed."""
        running = work(self).__await__()
        try:
            next(running)
        except StopIteration:
            for id, facts in self.staged.items():
                self.facts[id] += facts
        else:
            raise AssertionError("the work waited for something")
        finally:
            self.staged.clear()


@pytest.fixture
def ledger() -> Ledger:
    return Ledger()


@pytest.fixture
def make_ledger() -> type[Ledger]:
    return Ledger


@pytest.fixture(scope="module")
async def desk(module_database: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Desk]:
    home = tmp_path_factory.mktemp("home")
    async with serving(CONTEXT, module_database, home) as it:
        await it.set_clock(NOON)
        yield Desk(it)
