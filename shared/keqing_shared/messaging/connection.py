"""The connection to NATS: made in the background and for ever anew, so that nothing waits for it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import structlog
from nats.aio.client import Client
from nats.errors import Error

POLL_SECONDS = 0.05
CLOSE_SECONDS = 3.0

_log = structlog.get_logger(__name__)


@asynccontextmanager
async def connection(url: str, name: str) -> AsyncIterator[Client]:
    """A client that yields at once, connects when the server can be reached, and reconnects whenever it
    is back. ``name`` is shown in the server's monitoring."""
    nats = Client()

    async def failed(error: Exception) -> None:
        _log.info("nats.trouble", error=str(error) or type(error).__name__)

    async def disconnected() -> None:
        if not nats.is_closed:  # we were not the ones who closed it
            _log.warning("nats.disconnected", name=name)

    async def reconnected() -> None:
        _log.info("nats.reconnected", name=name)

    connecting = asyncio.create_task(
        nats.connect(
            url,
            name=name,
            error_cb=failed,
            disconnected_cb=disconnected,
            reconnected_cb=reconnected,
            max_reconnect_attempts=-1,
            reconnect_time_wait=0.2,  # type: ignore[arg-type]  # seconds, and used as such
            connect_timeout=2,
            ping_interval=10,
        ),
        name=f"nats:{name}",
    )
    try:
        yield nats
    finally:
        connecting.cancel()
        with suppress(asyncio.CancelledError, Error, OSError):
            await connecting
        with suppress(TimeoutError, Error, OSError):
            async with asyncio.timeout(CLOSE_SECONDS):
                await nats.close()


async def until_connected(nats: Client) -> None:
    """Returns as soon as the server can be reached."""
    while not nats.is_connected:  # noqa: ASYNC110 - the client has no event to wait for
        await asyncio.sleep(POLL_SECONDS)
