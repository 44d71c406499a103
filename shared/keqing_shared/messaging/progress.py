"""How a consumer learns what a relay knows: core NATS requests, answered by the relay that leads.

Positions whose facts are not published never arrive, so a consumer cannot tell by itself whether it has
taken in everything up to one. It asks: the answer comes once the relay is past the position, and names
the last position published until then. Nothing is sent unless somebody waits.
"""

import asyncio
from dataclasses import dataclass

import msgspec
import structlog
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.errors import Error

KEPT_SECONDS = 10.0
"""A question older than this has been given up by its asker."""
ASK_AGAIN_SECONDS = 0.05
ANSWER_SECONDS = 1.0

_log = structlog.get_logger(__name__)


class Passed(msgspec.Struct, frozen=True):
    """The relay is past ``position``; the last one published by then was ``published``."""

    position: int
    published: int


def _asked(context: str) -> str:
    return f"keqing-relay.{context}.passed"


def _complained(context: str) -> str:
    return f"keqing-relay.{context}.gap"


async def passed(nats: Client, context: str, position: int) -> int:
    """Waits until the context's relay is past the position; the last position published until then."""
    while True:
        try:
            reply = await nats.request(_asked(context), str(position).encode(), timeout=ANSWER_SECONDS)
            return msgspec.json.decode(reply.data, type=Passed).published
        except (Error, OSError) as error:  # no relay leads just now, or NATS is away
            _log.debug("relay.silent", context=context, error=type(error).__name__)
        await asyncio.sleep(ASK_AGAIN_SECONDS)


async def complain(nats: Client, context: str, position: int) -> None:
    """Tells the relay that the stream lacks the message that should follow the position."""
    await nats.publish(_complained(context), str(position).encode())


@dataclass(frozen=True)
class _Question:
    position: int
    until: float
    message: Msg


class Answers:
    """The relay's side: questions wait here until it is past their position."""

    def __init__(self, nats: Client, context: str) -> None:
        self._nats = nats
        self._context = context
        self._waiting: list[_Question] = []
        self._now = Passed(-1, 0)
        self.complaint: int | None = None
        """The position after which a consumer found a gap."""

    async def __aenter__(self) -> "Answers":
        self._subscriptions = [
            await self._nats.subscribe(_asked(self._context), cb=self._question),
            await self._nats.subscribe(_complained(self._context), cb=self._complaint),
        ]
        return self

    async def __aexit__(self, *_: object) -> None:
        for subscription in self._subscriptions:
            try:
                await subscription.unsubscribe()
            except Error as error:
                _log.debug("relay.unsubscribed", error=type(error).__name__)

    async def now(self, position: int, published: int) -> None:
        """The relay is past this position: answers whoever waited for it."""
        self._now = Passed(position, published)
        if not self._waiting:
            return
        now = asyncio.get_running_loop().time()
        waiting, self._waiting = self._waiting, []
        for question in waiting:
            if question.position <= position:
                await question.message.respond(msgspec.json.encode(self._now))
            elif question.until > now:
                self._waiting.append(question)

    async def _question(self, message: Msg) -> None:
        position = _number(message)
        if position is None:
            return
        if position <= self._now.position:
            await message.respond(msgspec.json.encode(self._now))
        else:
            until = asyncio.get_running_loop().time() + KEPT_SECONDS
            self._waiting.append(_Question(position, until, message))

    async def _complaint(self, message: Msg) -> None:
        self.complaint = _number(message)


def _number(message: Msg) -> int | None:
    return int(message.data) if message.data.isdigit() and len(message.data) < 20 else None
