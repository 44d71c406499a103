"""Two small contexts to try messaging on: a sender of letters and a receiver who files them."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid5

import asyncpg
import msgspec
from nats.aio.client import Client

from keqing_shared.domain import Aggregate, Command, Fact, Recorded, RuleBroken
from keqing_shared.ending import end
from keqing_shared.log import LOG_SCHEMA, Codec, Log, Meta
from keqing_shared.messaging import (
    MESSAGING_SCHEMA,
    Consumers,
    Event,
    Parked,
    Published,
    Reactions,
    Relay,
    Within,
    connection,
)
from keqing_shared.messaging.envelope import Envelope, opened
from keqing_shared.streams import Streams

SPACE = UUID("1b1f0d2c-55cb-4a0e-8a55-0f4f8f2a7c10")
ANNA, BELA, CARO = (uuid5(SPACE, name) for name in ("anna", "bela", "caro"))


class LetterSent(Fact, topic="sender.letter-sent.v1"):
    customer: UUID | None
    text: str


class DraftBurned(Fact, topic="sender.draft-burned.v1"):
    """None of the others' business."""


class SendLetter(Command):
    customer: UUID | None
    text: str


class BurnDraft(Command):
    pass


def _decide_sender(command: SendLetter | BurnDraft, state: Any, policy: object) -> list[Fact]:
    match command:
        case SendLetter(customer=customer, text=text):
            return [LetterSent(customer=customer, text=text)]
        case BurnDraft():
            return [DraftBurned()]


def _evolve_sender(state: Fact | None, fact: Fact) -> Fact:
    return fact


OUTBOX: Aggregate[Any] = Aggregate(
    name="outbox",
    facts=(LetterSent, DraftBurned),
    decide=_decide_sender,
    evolve=_evolve_sender,
    customer_of=lambda id, fact: getattr(fact, "customer", None),
)


def publish(it: Recorded[Any]) -> Published | None:
    match it.fact:
        case LetterSent(text=text):
            return Published("LetterSent", {"text": text})
    return None


class LetterFiled(Fact, topic="receiver.letter-filed.v1"):
    customer: UUID
    text: str


class FileLetter(Command):
    customer: UUID
    text: str


class Unreadable(RuleBroken):
    """This letter cannot be read"""


class Folder(Fact):
    customer: UUID
    texts: tuple[str, ...] = ()


def _decide_receiver(command: FileLetter, folder: Folder | None, policy: object) -> list[Fact]:
    if command.text == "illegible":
        raise Unreadable("ask for another")
    return [LetterFiled(customer=command.customer, text=command.text)]


def _evolve_receiver(folder: Folder | None, fact: LetterFiled) -> Folder:
    folder = folder or Folder(customer=fact.customer)
    return msgspec.structs.replace(folder, texts=(*folder.texts, fact.text))


FOLDER: Aggregate[Folder] = Aggregate(
    name="folder",
    facts=(LetterFiled,),
    decide=_decide_receiver,
    evolve=_evolve_receiver,
    customer_of=lambda id, folder: folder.customer,
    state=Folder,
)


class LetterMessage(msgspec.Struct):
    text: str


async def file_letter(event: Event[LetterMessage], within: Within) -> None:
    customer = event.customer_id or SPACE
    await within.execute(FOLDER, customer, FileLetter(customer=customer, text=event.data.text))


def filing() -> Reactions:
    reactions = Reactions()
    reactions.on("sender", "LetterSent", LetterMessage)(file_letter)
    return reactions


def letters(count: int, start: int = 0) -> list[tuple[Any, str]]:
    return [((ANNA, BELA, CARO)[number % 3], f"letter {number}") for number in range(start, start + count)]


def texts(count: int) -> list[str]:
    return [text for _, text in letters(count)]


class WallClock:
    def now(self) -> datetime:
        return datetime.now(UTC)


@dataclass
class Named:
    name: str


@dataclass
class Party:
    """A context with its own schema; what ``Reacting`` asks of a service."""

    context: Named
    pool: Any
    log: Log
    streams: Streams
    nats: Client
    clock: WallClock = field(default_factory=WallClock)
    policy: Any = None

    async def send(self, *letters: tuple[UUID | None, str]) -> int:
        """The log's position afterwards."""
        position = 0
        for customer, text in letters:
            receipt = await self.streams.execute(
                OUTBOX,
                uuid5(SPACE, text),
                SendLetter(customer=customer, text=text),
                Meta(who="li.wei", correlation_id="c-1"),
            )
            position = receipt.position
        return position

    async def burn(self) -> int:
        return (await self.streams.execute(OUTBOX, SPACE, BurnDraft(), Meta(who="li.wei"))).position

    async def filed(self) -> list[str]:
        """In the order of the log."""
        return [it.fact.text for it in await self.log.read(0, 100_000) if isinstance(it.fact, LetterFiled)]

    async def folder(self, customer: UUID) -> list[str]:
        state = (await self.streams.load(FOLDER, customer)).state
        return list(state.texts) if state else []

    async def checkpoint(self, source: str = "sender") -> int:
        return await self.pool.fetchval("SELECT position FROM consumers WHERE source = $1", source) or 0

    async def relayed(self) -> int:
        return await self.pool.fetchval("SELECT position FROM relay") or 0

    def relay(self, **options: Any) -> Relay:
        return Relay(self.pool, self.log, publish, self.nats, self.context.name, **options)

    def consumers(self, reactions: Reactions | None = None, **options: Any) -> Consumers:
        return Consumers(self, reactions or filing(), **options)

    def parked(self, reactions: Reactions | None = None) -> Parked:
        return Parked(self, reactions or filing())


@asynccontextmanager
async def party(name: str, database: str, nats_url: str, aggregate: Aggregate[Any]) -> AsyncIterator[Party]:
    async with AsyncExitStack() as stack:
        pool = await stack.enter_async_context(
            asyncpg.create_pool(database, min_size=1, max_size=6, server_settings={"search_path": name})
        )
        await pool.execute(f"CREATE SCHEMA IF NOT EXISTS {name}")
        for _ in range(2):  # as at every later start
            await pool.execute(LOG_SCHEMA)
            await pool.execute(MESSAGING_SCHEMA)
        log = await stack.enter_async_context(Log(pool, Codec(aggregate.facts), name))
        nats = await stack.enter_async_context(connection(nats_url, f"test {name}"))
        yield Party(Named(name), pool, log, Streams(log, WallClock(), None), nats)


@asynccontextmanager
async def running(*parts: Callable[[], Awaitable[None]]) -> AsyncIterator[None]:
    """Runs them meanwhile, then stops them as an orderly shutdown does."""
    tasks = [asyncio.ensure_future(part()) for part in parts]
    try:
        yield
    finally:
        assert all(await asyncio.gather(*(end(task, 10) for task in tasks)))
        for ended in await asyncio.gather(*tasks, return_exceptions=True):
            assert isinstance(ended, asyncio.CancelledError), ended


async def until(holds: Callable[[], Awaitable[bool]], seconds: float = 15.0) -> None:
    """Waits for what has no event of its own, looking again and again at the real thing."""
    async with asyncio.timeout(seconds):
        while not await holds():  # noqa: ASYNC110 - a look at the database or the server, not a guess at a time
            await asyncio.sleep(0.01)


async def streamed(nats: Client, name: str = "KEQING_SENDER") -> list[Envelope]:
    """What is in the stream."""
    jetstream = nats.jetstream()
    state = (await jetstream.stream_info(name)).state
    found = []
    for sequence in range(max(state.first_seq, 1), state.last_seq + 1):
        raw = await jetstream.get_msg(name, seq=sequence)
        found.append(opened(raw.data or b""))
    return found
