"""A webhook's receiver: a real HTTP server on this machine that notes what it gets."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from standardwebhooks import Webhook


@dataclass(frozen=True)
class Received:
    request: str
    """The request line."""
    headers: dict[str, str]
    body: bytes

    @property
    def message_id(self) -> str:
        return self.headers["webhook-id"]

    def verified(self, secret: str) -> dict[str, Any]:
        """The message, once the signature is found right by the receiving side's own library."""
        message: dict[str, Any] = Webhook(secret).verify(self.body, self.headers)
        return message


@dataclass
class Receiver:
    """Answers with ``status``, once ``open_gate`` lets it."""

    port: int = 0
    status: int | Callable[[int], int] = 204
    """Or a function of how many came before."""
    extra: str = ""
    """Further header lines."""
    received: list[Received] = field(default_factory=list)
    gate: asyncio.Event = field(default_factory=asyncio.Event)
    at_once: int = 0
    most_at_once: int = 0
    _changed: asyncio.Condition = field(default_factory=asyncio.Condition)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook?from=keqing"

    async def until(self, count: int) -> list[Received]:
        """Once so many have come; the test's own time limit ends a wait in vain."""
        async with self._changed:
            await self._changed.wait_for(lambda: len(self.received) >= count)
        return self.received

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
            headers = {
                name.lower(): text for name, _, text in (line.partition(": ") for line in head[1:] if line)
            }
            body = await reader.readexactly(int(headers["content-length"]))
            answer = self.status(len(self.received)) if callable(self.status) else self.status
            async with self._changed:
                self.received.append(Received(head[0], headers, body))
                self._changed.notify_all()
            await self.gate.wait()
            writer.write(
                f"HTTP/1.1 {answer} So\r\nContent-Length: 0\r\n{self.extra}Connection: close\r\n\r\n".encode()
            )
            await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            return
        finally:
            self.at_once -= 1
            writer.close()


@asynccontextmanager
async def receiving(
    status: int | Callable[[int], int] = 204, *, held: bool = False
) -> AsyncIterator[Receiver]:
    """``held``: reads requests but does not answer before ``gate`` is set."""
    receiver = Receiver(status=status)
    if not held:
        receiver.gate.set()
    server = await asyncio.start_server(receiver.serve, "127.0.0.1", 0)
    receiver.port = server.sockets[0].getsockname()[1]
    try:
        yield receiver
    finally:
        receiver.gate.set()
        server.close()
        await server.wait_closed()
