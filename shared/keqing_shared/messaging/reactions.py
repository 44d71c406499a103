"""Reactions: what a context does when another one tells it something."""

import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Generic, Protocol, TypeVar
from uuid import NAMESPACE_URL, UUID, uuid5

import msgspec
from nats.aio.client import Client

from keqing_shared.domain import Aggregate, Command
from keqing_shared.log import Claim, Meta, Receipt
from keqing_shared.messaging.envelope import Envelope
from keqing_shared.streams import Loaded

D = TypeVar("D")
S = TypeVar("S")

WHO = "reactions"
"""The part of the system that acts; the person who began it is found by the fact's causation."""
_CONTEXT = re.compile(r"[a-z]+(-[a-z]+)*")


class Event(msgspec.Struct, Generic[D], frozen=True, kw_only=True):
    """Another context's fact as it was told to us."""

    id: str
    """``<context>:<position>``"""
    source: str
    """The context: ``pipeline``."""
    position: int
    name: str
    customer_id: UUID | None
    time: datetime
    """When the fact was recorded there."""
    who: str
    correlation_id: str
    data: D


class _Name(Protocol):
    @property
    def name(self) -> str: ...


class _Clock(Protocol):
    def now(self) -> datetime: ...


class _Log(Protocol):
    def signal(self, position: int) -> None: ...


class _Streams(Protocol):
    async def execute(
        self,
        aggregate: Aggregate[Any],
        id: UUID,
        command: Command,
        meta: Meta,
        *,
        claims: Sequence[Claim] = (),
        releases: Sequence[Claim] = (),
        within: Any = None,
    ) -> Receipt: ...

    async def current(self, aggregate: Aggregate[S], id: UUID, *, connection: Any = None) -> Loaded[S]: ...


class Reacting(Protocol):
    """What reactions need of a service."""

    @property
    def context(self) -> _Name: ...
    @property
    def clock(self) -> _Clock: ...
    @property
    def pool(self) -> Any: ...
    @property
    def nats(self) -> Client: ...
    @property
    def log(self) -> _Log: ...
    @property
    def streams(self) -> _Streams: ...
    @property
    def policy(self) -> Any: ...


@dataclass
class Within:
    """The transaction in which a message takes effect: all of its commands, its tables and the checkpoint,
    or nothing. ``db`` is the connection inside it."""

    db: Any
    now: datetime
    policy: Any
    service: Any
    envelope: Envelope
    receipts: list[Receipt] = field(default_factory=list)
    """Of the commands executed so far."""

    async def execute(
        self,
        aggregate: Aggregate[Any],
        id: UUID,
        command: Command,
        *,
        claims: Sequence[Claim] = (),
        releases: Sequence[Claim] = (),
    ) -> Receipt:
        """Raises what the rules raise. A RuleBroken that is let through makes the message a poisoned one."""
        cause = self.envelope.id
        receipt: Receipt = await self.service.streams.execute(
            aggregate,
            id,
            command,
            Meta(
                who=WHO,
                command_id=uuid5(
                    NAMESPACE_URL,
                    f"{cause}/{self.service.context.name}/{len(self.receipts)}/{aggregate.name}/{id}",
                ),
                correlation_id=self.envelope.correlationid or cause,
                causation_id=cause,
            ),
            claims=claims,
            releases=releases,
            within=self.db,
        )
        self.receipts.append(receipt)
        return receipt

    async def load(self, aggregate: Aggregate[S], id: UUID) -> Loaded[S]:
        """The stream's state as of this transaction."""
        loaded: Loaded[S] = await self.service.streams.current(aggregate, id, connection=self.db)
        return loaded


Handler = Callable[[Event[Any], Within], Awaitable[None]]
_H = TypeVar("_H", bound=Callable[..., Awaitable[None]])


@dataclass(frozen=True)
class _Reaction:
    name: str | None
    """None: any."""
    message: Any
    handler: Handler


class Reactions:
    """What a context does on hearing of what; several handlers of one event run in the order of their
    registration, in one transaction."""

    def __init__(self) -> None:
        self._by_source: dict[str, list[_Reaction]] = {}

    def on(self, source: str, name: str, message: type[D]) -> Callable[[_H], _H]:
        """``message``: the members one reads of the event's data; the others are left aside."""
        return self._register((source,), name, message)

    def on_any(self, *sources: str) -> Callable[[_H], _H]:
        """Every event of these contexts; ``data`` is a dict."""
        return self._register(sources, None, dict[str, Any])

    @property
    def sources(self) -> tuple[str, ...]:
        """The contexts that are listened to."""
        return tuple(self._by_source)

    def wants(self, envelope: Envelope) -> bool:
        return bool(self._for(envelope))

    async def react(self, envelope: Envelope, service: Reacting, db: Any) -> list[Receipt]:
        """Lets the message take effect inside the transaction of ``db``; the receipts of the commands.

        Raises what the handlers raise, or msgspec.ValidationError. Whoever commits then calls
        ``service.log.signal``.
        """
        within = Within(db, service.clock.now(), service.policy, service, envelope)
        for reaction in self._for(envelope):
            await reaction.handler(
                Event(
                    id=envelope.id,
                    source=envelope.context,
                    position=envelope.position,
                    name=envelope.name,
                    customer_id=envelope.subject,
                    time=envelope.time,
                    who=envelope.who,
                    correlation_id=envelope.correlationid,
                    data=msgspec.json.decode(envelope.data, type=reaction.message),
                ),
                within,
            )
        return within.receipts

    def _for(self, envelope: Envelope) -> list[_Reaction]:
        return [
            reaction
            for reaction in self._by_source.get(envelope.context, ())
            if reaction.name is None or reaction.name == envelope.name
        ]

    def _register(self, sources: Sequence[str], name: str | None, message: Any) -> Callable[[_H], _H]:
        for source in sources:
            if not _CONTEXT.fullmatch(source):
                raise ValueError(f"a context is called like service-desk, not {source!r}")

        def register(handler: _H) -> _H:
            for source in sources:
                self._by_source.setdefault(source, []).append(_Reaction(name, message, handler))
            return handler

        return register
