"""Live: what was raised just now, handed to whoever listens for it; one reading of the log for all."""

import asyncio
import signal
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from types import FrameType
from typing import Any
from weakref import WeakKeyDictionary

import structlog
import uvicorn

from keqing_notify.notification import NotificationRaised
from keqing_notify.views.inbox import InboxRow, raised_row
from keqing_shared.outage import DATABASE_AWAY
from keqing_shared.service import Service

MOST_WAITING = 1000
"""Notifications a slow client may be behind; then its stream ends, and it resumes from the last it got."""
PAUSE_AFTER_OUTAGE = 0.5

_log = structlog.get_logger(__name__)


class Listener:
    """One client's place in the stream."""

    def __init__(self, since: int) -> None:
        self.since = since
        """Everything beyond this position will be heard here."""
        self._waiting: asyncio.Queue[InboxRow | None] = asyncio.Queue(MOST_WAITING + 1)
        self._ended = False

    def tell(self, row: InboxRow) -> None:
        if self._ended:
            return
        if self._waiting.qsize() >= MOST_WAITING:
            self.end()
        else:
            self._waiting.put_nowait(row)

    def end(self) -> None:
        """After what is waiting already."""
        if not self._ended:
            self._ended = True
            self._waiting.put_nowait(None)

    async def next(self, timeout: float) -> InboxRow | None:
        """None at the end. Raises TimeoutError when nothing came for so many seconds."""
        async with asyncio.timeout(timeout):
            return await self._waiting.get()


class Live:
    """Reads the log only while somebody listens."""

    def __init__(self, service: Service) -> None:
        self._log = service.log
        self._stopping = service.stopping
        self._listeners: dict[str, set[Listener]] = {}
        self._position = 0
        self._tasks: list[asyncio.Task[None]] = []
        self._starting = asyncio.Lock()
        _end_with_server(self._stopping)

    @asynccontextmanager
    async def listening(self, login: str) -> AsyncIterator[Listener]:
        """Hears what is raised for this person from now on."""
        async with self._starting:
            if not self._tasks:
                self._position = await self._log.head()
                self._tasks = [
                    asyncio.create_task(self._follow(), name="live:follow"),
                    asyncio.create_task(self._end_all(), name="live:end"),
                ]
        listener = Listener(self._position)
        self._listeners.setdefault(login, set()).add(listener)
        if self._stopping.is_set():
            listener.end()
        try:
            yield listener
        finally:
            self._listeners[login].discard(listener)
            if not self._listeners[login]:
                del self._listeners[login]
            if not self._listeners:
                tasks, self._tasks = self._tasks, []
                for task in tasks:
                    task.cancel()

    async def _follow(self) -> None:
        while True:
            try:
                async for it in self._log.subscribe(self._position):
                    self._position = it.position
                    if isinstance(it.fact, NotificationRaised):
                        for listener in self._listeners.get(it.fact.recipient, ()):
                            listener.tell(raised_row(it, it.fact))
            except DATABASE_AWAY as problem:
                _log.warning("live.database_away", problem=str(problem))
                await asyncio.sleep(PAUSE_AFTER_OUTAGE)

    async def _end_all(self) -> None:
        await self._stopping.wait()
        for listeners in self._listeners.values():
            for listener in listeners:
                listener.end()


def _end_with_server(stopping: asyncio.Event) -> None:
    """uvicorn, asked to stop, waits for open answers before it tells anybody, and a stream has no end:
    so where it minds the signals, the streams hear them as well.
    """
    if threading.current_thread() is not threading.main_thread():
        return
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        stop = signal.getsignal(number)
        if callable(stop) and isinstance(getattr(stop, "__self__", None), uvicorn.Server):
            signal.signal(number, _both(lambda: loop.call_soon_threadsafe(stopping.set), stop))


def _both(first: Callable[[], object], then: Callable[[int, FrameType | None], Any]) -> Callable[..., None]:
    def handle(number: int, frame: FrameType | None) -> None:
        first()
        then(number, frame)

    return handle


_live: WeakKeyDictionary[Service, Live] = WeakKeyDictionary()


def live_of(service: Service) -> Live:
    """The one of this service."""
    if service not in _live:
        _live[service] = Live(service)
    return _live[service]
