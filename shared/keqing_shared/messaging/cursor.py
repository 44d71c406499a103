"""A consumer's place in another context's stream: a durable pull consumer, put where the checkpoint says.

The truth about what was taken in is the checkpoint in PostgreSQL. The durable consumer is made anew
from it whenever a replica begins, so nothing has to wait for acknowledgements that were lost.
"""

import asyncio
from collections import deque
from typing import Any

import msgspec
import structlog
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.aio.subscription import Subscription
from nats.errors import Error
from nats.js.api import AckPolicy, ConsumerConfig, DeliverPolicy, Header
from nats.js.errors import NotFoundError

from keqing_shared.messaging.stream import ContextStream

CREDIT = 400
"""Messages asked for ahead."""
HEARTBEAT_SECONDS = 0.5
SILENCE_SECONDS = 2.0
"""A server that owes us messages and says nothing for so long has forgotten that it does."""
LOOK_SECONDS = 0.2
"""How often one who waits looks whether the connection is still the same."""
REQUEST_SECONDS = 30.0
ACK_WAIT_SECONDS = 60.0

_log = structlog.get_logger(__name__)


class Interrupted(Exception):
    """The stream no longer delivers to this cursor; open another."""


class Cursor:
    """Delivers the messages beyond a log position, in the stream's order, asked for ahead in large pulls."""

    def __init__(self, nats: Client, stream: ContextStream, durable: str, position: int) -> None:
        self._nats = nats
        self._stream = stream
        self._durable = durable
        self._position = position
        self._arrived: deque[Msg] = deque()
        self._news = asyncio.Event()
        self._credit = 0
        self._broken: str | None = None
        self._subscription: Subscription | None = None

    async def __aenter__(self) -> "Cursor":
        """Raises NotFoundError while there is no such stream."""
        self._reconnects = self._nats.stats["reconnects"]
        jetstream = self._stream.jetstream
        sequence = await self._stream.sequence_after(self._position)
        try:
            await jetstream.delete_consumer(self._stream.name, self._durable)
        except NotFoundError:
            _log.debug("consumer.new", stream=self._stream.name, durable=self._durable)
        await jetstream.add_consumer(
            self._stream.name,
            ConsumerConfig(
                durable_name=self._durable,
                ack_policy=AckPolicy.ALL,
                ack_wait=ACK_WAIT_SECONDS,
                deliver_policy=DeliverPolicy.BY_START_SEQUENCE,
                opt_start_seq=sequence,
                max_ack_pending=10 * CREDIT,
            ),
        )
        self._inbox = self._nats.new_inbox()
        self._subscription = await self._nats.subscribe(self._inbox, cb=self._receive)
        await self._pull()
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._subscription is not None:
            try:
                await self._subscription.unsubscribe()
            except Error as error:
                _log.debug("cursor.unsubscribed", error=type(error).__name__)

    async def batch(self, size: int) -> list[Msg]:
        """The next messages, at least one. Raises Interrupted."""
        until = asyncio.get_running_loop().time() + SILENCE_SECONDS
        while not self._arrived:
            self._news.clear()
            if self._broken is not None:
                raise Interrupted(self._broken)
            if self._nats.stats["reconnects"] != self._reconnects or not self._nats.is_connected:
                raise Interrupted("the connection was lost")
            if self._credit <= 0:
                await self._pull()
            try:
                async with asyncio.timeout(LOOK_SECONDS):
                    await self._news.wait()
                until = asyncio.get_running_loop().time() + SILENCE_SECONDS
            except TimeoutError:
                if asyncio.get_running_loop().time() > until:
                    raise Interrupted("the server is silent") from None
        taken = [self._arrived.popleft() for _ in range(min(size, len(self._arrived)))]
        if self._credit < CREDIT // 2 and len(self._arrived) < CREDIT:
            await self._pull()
        return taken

    async def acknowledge(self, message: Msg) -> None:
        """This message and all before it: a courtesy to the server, so one that is lost is no matter."""
        try:
            await message.ack()
        except Error as error:
            _log.debug("ack.lost", error=type(error).__name__)

    async def _pull(self) -> None:
        self._credit += CREDIT
        request: dict[str, Any] = {
            "batch": CREDIT,
            "expires": int(REQUEST_SECONDS * 1e9),
            "idle_heartbeat": int(HEARTBEAT_SECONDS * 1e9),
        }
        await self._nats.publish(
            f"$JS.API.CONSUMER.MSG.NEXT.{self._stream.name}.{self._durable}",
            msgspec.json.encode(request),
            reply=self._inbox,
        )

    async def _receive(self, message: Msg) -> None:
        headers = message.headers or {}
        status = headers.get(Header.STATUS) if not message.data else None
        match status:
            case None:
                self._credit -= 1
                self._arrived.append(message)
            case "100":
                pass
            case "404" | "408":  # that pull is over, what it did not deliver will not come
                self._credit -= int(headers.get("Nats-Pending-Messages", CREDIT))
            case _:
                self._broken = f"{status} {headers.get(Header.DESCRIPTION, '')}"
        self._news.set()
