"""A unit of work: streams read and facts decided over them, before anything is appended."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import UUID

import msgspec

from keqing_shared.domain import Aggregate, Command, Fact, RuleBroken
from keqing_shared.log import Claim, Conflict, HeldClaim, Meta, NewFact, Request
from keqing_shared.reading import Loaded, Name

if TYPE_CHECKING:
    from keqing_shared.context import Heed
    from keqing_shared.streams import Streams

S = TypeVar("S")
T = TypeVar("T")


class Unit:
    """Streams read and facts decided that will be appended together or not at all: not when one of the
    streams has moved on since, whether it would be written to or was only looked at."""

    def __init__(
        self,
        streams: "Streams",
        connection: Any,
        *,
        fresh: bool,
        upon: Mapping[Name, Loaded[Any]] | None = None,
    ) -> None:
        """``upon``: streams as others would leave them; the rest is as the log has it."""
        self._streams = streams
        self._connection = connection
        self._fresh = fresh
        self._upon = upon or {}
        self._loaded: dict[Name, Loaded[Any]] = {}
        self.seen: dict[Name, int] = {}
        """The version of every stream it has looked at, before anything it decided itself."""
        self._forgotten = streams.memory.forgotten
        self._facts: list[NewFact] = []
        self._claims: dict[tuple[str, str], HeldClaim] = {}
        self.expected = False
        """Whether the caller named a version, so that a conflict is the caller's to mend."""
        self.idle = False
        """Whether a command had nothing new to say."""
        self.subject: UUID | None = None
        self.made: UUID | None = None
        """What the receipt is to name instead of the subject, when that is something within it."""
        self.awaited: int | None = None
        """The version that the first command must meet, where the caller named one."""
        self.heed: Heed | None = None
        """What every command has to pass once it is decided."""
        self.why: str | None = None
        """As ``heed`` is told."""

    @property
    def loaded(self) -> Mapping[Name, Loaded[Any]]:
        """Every stream it has looked at, as it would leave it."""
        return self._loaded

    @property
    def facts(self) -> list[Fact]:
        """Everything decided so far."""
        return [new.fact for new in self._facts]

    async def load(self, aggregate: Aggregate[S], id: UUID) -> Loaded[S]:
        """The stream as this unit sees it, its own new facts included."""
        name = (aggregate.name, id)
        loaded = self._loaded.get(name)
        if loaded is None:
            loaded = self._loaded[name] = self._upon.get(name) or await self._streams.current(
                aggregate, id, connection=self._connection, fresh=self._fresh
            )
            self.seen[name] = loaded.version
        return loaded

    async def execute(
        self,
        aggregate: Aggregate[Any],
        id: UUID,
        command: Command,
        *,
        expected: int | None = None,
        claims: Sequence[Claim] = (),
        releases: Sequence[Claim] = (),
    ) -> list[Fact]:
        """Decides and evolves; raises the RuleBroken, or Conflict when ``expected`` is not the version."""
        loaded = await self.load(aggregate, id)
        state, version = loaded.state, loaded.version
        if expected is None:
            expected = self.awaited
        self.awaited = None
        if self.subject is None:
            self.subject = id
        if expected is not None:
            self.expected = True
            if expected != version:
                raise Conflict(
                    "{aggregate} {id} is at version {version}, not {expected}",
                    aggregate=aggregate.name,
                    id=id,
                    version=version,
                    expected=expected,
                )
        facts: list[Fact] = aggregate.decide(command, state, self._streams.policy)
        self.idle = self.idle or not facts
        new: list[NewFact] = []
        for fact in facts:
            state = aggregate.evolve(state, fact)
            version += 1
            customer_id = aggregate.customer_of(id, state)
            if customer_id is not None and new and new[-1].customer_id is None:
                # Said together: what comes before the customer is named is about the customer as well.
                new = [msgspec.structs.replace(one, customer_id=customer_id) for one in new]
            new.append(NewFact(id, version, fact, customer_id))
        self._facts += new
        self._loaded[aggregate.name, id] = Loaded(state, version)
        for claim in releases:
            self._claims[claim.scope, claim.key] = HeldClaim(claim.scope, claim.key, id, "r")
        for claim in claims:
            kind = "e" if claim.exclusive else "s"
            self._claims[claim.scope, claim.key] = HeldClaim(claim.scope, claim.key, id, kind)
        if self.heed is not None:
            await self.heed(self, aggregate, new, self.why)
        return facts

    def request(self, meta: Meta, recorded_at: datetime) -> Request:
        """What to append: nothing new when the work only looked. Raises ValueError when it did not even."""
        subject = self.subject or next((id for _, id in self._loaded), None)
        if subject is None:
            raise ValueError("a unit of work must load or execute something")
        version = 0
        upon: list[tuple[UUID, int]] = []
        for ((_, id), seen), now in zip(self.seen.items(), self._loaded.values(), strict=True):
            if id == subject:
                version = max(version, now.version)
            if now.version == seen:  # else the places that its facts want tell as much
                upon.append((id, seen))
        claims = tuple(self._claims.values())
        return Request(
            tuple(self._facts), meta, recorded_at, subject, version, claims, tuple(upon), self.made
        )

    def remember(self, *, known_only: bool = False) -> None:
        """What was appended is what the stream is now, unless it was not kept as it was said."""
        altered = self._streams.altered(self._facts)
        for (aggregate, id), loaded in self._loaded.items():
            if altered and id in altered:
                self._streams.memory.forget_one(aggregate, id)
            else:
                self._streams.memory.remember(aggregate, id, loaded, self._forgotten, known_only=known_only)


Work = Callable[[Unit], Awaitable[Any]]


class Rehearsal:
    """Works tried one upon the other and never appended. Claims are not looked at."""

    def __init__(self, streams: "Streams") -> None:
        self._streams = streams
        self._loaded: dict[Name, Loaded[Any]] = {}

    async def read_ahead(self, names: Sequence[tuple[Aggregate[Any], UUID]]) -> None:
        """Those that will be looked at, in few queries."""
        self._loaded = {**await self._streams.read_ahead(names, fresh=True), **self._loaded}

    async def tried(self, work: Callable[[Unit], Awaitable[T]]) -> T | RuleBroken | Conflict:
        """What the work says, or why it is refused; then later ones see nothing of it."""
        unit = Unit(self._streams, None, fresh=False, upon=self._loaded)
        try:
            said = await work(unit)
        except (RuleBroken, Conflict) as refusal:
            return refusal
        self._loaded.update(unit.loaded)
        return said
