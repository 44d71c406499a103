"""What a store must offer to be held against the checker. ``make faults ARGS="--store module:Class"``."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple, Protocol
from uuid import UUID

if TYPE_CHECKING:
    from tests.faults.observers import Observer


class Refused(Exception):
    """The store says that this version of the stream is taken."""


class Tailed(NamedTuple):
    """A fact as a tailing reader gets it."""

    position: int
    token: int
    stream: UUID
    version: int


class Given(NamedTuple):
    """What a store is opened with, in each process anew."""

    database_url: str
    nats_url: str | None
    home: Path
    place: str
    """``north`` and ``south`` write, ``far`` only reads (and is where another context listens)."""
    twice: bool = False
    """Whether messages from elsewhere are to be delivered all over again, each twice."""


class Store(Protocol):
    """A log on PostgreSQL: positions rise in the order in which a reader gets them."""

    table: ClassVar[str]
    """Where facts are inserted, for triggers that slow it down."""
    victims: ClassVar[Mapping[str, str]]
    """Who can be cut off: ``writers``, ``readers`` -> LIKE pattern of their last query."""

    @classmethod
    def opened(cls, given: Given) -> "AbstractAsyncContextManager[Store]": ...

    @classmethod
    def observers(cls, database_url: str, nats_url: str | None) -> "Sequence[Observer]":
        """Who else sees the facts, beside the tailing readers."""
        ...

    async def append(self, stream: UUID, version: int, token: int, *, poison: bool = False) -> None:
        """Returns once it is committed. Raises Refused; anything else: nobody knows."""
        ...

    async def take_back(self, stream: UUID, version: int, token: int) -> None:
        """Appends in a transaction that is then rolled back."""
        ...

    def tail(self, after: int) -> AsyncIterator[Tailed]:
        """Every fact beyond the position, then those to come."""
        ...

    async def do(self, command: str) -> Any:
        """What only this store knows how to do."""
        ...


def named(name: str) -> type[Store]:
    """The class that ``module:Class`` names."""
    module, _, member = name.partition(":")
    found: type[Store] = getattr(import_module(module), member)
    return found
