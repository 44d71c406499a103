"""Publishing to JetStream without waiting for one acknowledgement before the next message.

nats-py's own ``publish_async`` never tells its caller of a refusal (the error is raised past the
future), and refusals are what keeps a stream in order here.
"""

import asyncio
from collections.abc import Mapping
from itertools import count

import msgspec
import structlog
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.errors import Error
from nats.js.api import Header

_log = structlog.get_logger(__name__)


class Refused(Exception):
    """JetStream did not store the message."""


class _Why(msgspec.Struct):
    description: str = ""
    err_code: int = 0


class _Answer(msgspec.Struct):
    seq: int = 0
    error: _Why | None = None


_decode = msgspec.json.Decoder(_Answer).decode


class Publisher:
    """``async with Publisher(nats) as publisher:``; what is unanswered at the end is cancelled."""

    def __init__(self, nats: Client) -> None:
        self._nats = nats
        self._numbers = count()
        self._waiting: dict[str, asyncio.Future[int]] = {}

    async def __aenter__(self) -> "Publisher":
        self._inbox = self._nats.new_inbox()
        self._subscription = await self._nats.subscribe(f"{self._inbox}.*", cb=self._answered)
        return self

    async def __aexit__(self, *_: object) -> None:
        for future in self._waiting.values():
            future.cancel()
        self._waiting.clear()
        try:
            await self._subscription.unsubscribe()
        except Error as error:
            _log.debug("publisher.unsubscribed", error=type(error).__name__)

    async def publish(
        self, subject: str, payload: bytes, headers: Mapping[str, str]
    ) -> "asyncio.Future[int]":
        """A future of the message's sequence in the stream; it raises Refused."""
        reply = f"{self._inbox}.{next(self._numbers)}"
        future: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self._waiting[reply] = future
        await self._nats.publish(subject, payload, reply=reply, headers=dict(headers))
        return future

    async def _answered(self, message: Msg) -> None:
        future = self._waiting.pop(message.subject, None)
        if future is None or future.done():
            return
        if message.headers and Header.STATUS in message.headers:
            future.set_exception(Refused("there is no such stream"))
            return
        answer = _decode(message.data)
        if answer.error is not None:
            future.set_exception(Refused(f"{answer.error.description} ({answer.error.err_code})"))
        else:
            future.set_result(answer.seq)
