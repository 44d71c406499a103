"""The PostgreSQL and NATS a command works on: those named by the environment, or the embedded ones."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlsplit

import asyncpg
import nats

from keqing_local.database import create_database
from keqing_local.failure import CannotRun
from keqing_local.home import Home
from keqing_local.nats import EmbeddedNats
from keqing_local.postgres import EmbeddedPostgres
from keqing_shared.outage import DATABASE_AWAY
from keqing_shared.settings import Settings

_PATIENCE = 5.0
"""Seconds an outside server may take to answer at the start."""


class Servers:
    """Outside ones (``KEQING_DATABASE_URL``, ``KEQING_NATS_URL``), each else an embedded one under home."""

    def __init__(self, settings: Settings) -> None:
        given = settings.model_fields_set
        self._given_database = settings.database_url if "database_url" in given else None
        self._given_nats = settings.nats_url if "nats_url" in given else None
        home = settings.home.absolute()
        self._postgres = None if self._given_database else EmbeddedPostgres(home / "postgres")
        self._nats = None if self._given_nats else EmbeddedNats(home / "nats")

    @property
    def embedded(self) -> bool:
        """Whether anything runs under home."""
        return self._postgres is not None or self._nats is not None

    @property
    def database_url(self) -> str:
        return self._given_database or self._embedded_postgres().url()

    @property
    def nats_url(self) -> str:
        return self._given_nats or self._embedded_nats().url()

    def launch(self) -> None:
        """Start what is embedded without waiting. From the main thread: the servers die with it."""
        try:
            for server in self._own():
                server.launch()
        except OSError as problem:
            raise CannotRun(f"cannot use {problem.filename} (KEQING_HOME): {problem.strerror}") from None

    async def wait_ready(self, timeout: float = 120.0) -> None:
        """All answer, and the embedded PostgreSQL has its database; ``CannotRun`` says who does not."""
        until = time.monotonic() + timeout
        while not all(server.ready() for server in self._own()):
            if time.monotonic() > until:
                raise CannotRun(f"the embedded servers are not ready after {timeout:.0f} s: {self._logs()}")
            await asyncio.sleep(0.01)
        if self._postgres:
            await create_database(self._postgres.url(), "keqing")
        if self._given_database:
            await _database_answers(self._given_database, "KEQING_DATABASE_URL")
        if self._given_nats:
            await _nats_answers(self._given_nats, "KEQING_NATS_URL")

    async def wait_running(self) -> None:
        """All answer, the embedded ones started by somebody else: a ``keqing run`` of this home."""
        if self._nats:
            self._nats.recall()
        embedded = "is it running? make run"
        await _database_answers(
            self.database_url, "KEQING_DATABASE_URL" if self._given_database else embedded
        )
        await _nats_answers(self.nats_url, "KEQING_NATS_URL" if self._given_nats else embedded)

    def dead(self) -> str | None:
        """Which embedded server has gone, if one has."""
        return next((server.epitaph() for server in self._own() if server.died()), None)

    def stop(self) -> None:
        """NATS first: PostgreSQL is the truth and goes last."""
        if self._nats:
            self._nats.stop()
        if self._postgres:
            self._postgres.stop()

    def _own(self) -> list[EmbeddedPostgres | EmbeddedNats]:
        return [server for server in (self._postgres, self._nats) if server is not None]

    def _logs(self) -> str:
        return ", ".join(str(server.home / "log") for server in self._own())

    def _embedded_postgres(self) -> EmbeddedPostgres:
        assert self._postgres is not None
        return self._postgres

    def _embedded_nats(self) -> EmbeddedNats:
        assert self._nats is not None
        return self._nats


@asynccontextmanager
async def servers() -> AsyncIterator[Servers]:
    """For a command: the servers, whether or not a ``keqing run`` is at it.

    Embedded ones of a running ``keqing run`` are used as they are; else they run as long as this lasts.
    """
    settings = Settings.from_env()
    home = Home(settings.home)
    mine = Servers(settings)
    if not mine.embedded or not home.try_hold():
        await mine.wait_running()
        yield mine
        return
    try:
        mine.launch()
        await mine.wait_ready()
        yield mine
    finally:
        mine.stop()
        home.release()


async def _database_answers(url: str, hint: str) -> None:
    try:
        connection = await asyncpg.connect(url, timeout=_PATIENCE)
    except (*DATABASE_AWAY, ValueError, TimeoutError) as problem:
        raise CannotRun(
            f"no PostgreSQL database at {without_password(url)} ({hint}): {_reason(problem)}"
        ) from None
    await connection.close()


async def _nats_answers(url: str, hint: str) -> None:
    refused: asyncio.Future[Exception] = asyncio.get_running_loop().create_future()

    async def note(problem: Exception) -> None:
        if not refused.done():
            refused.set_result(problem)

    # The library tries on for longer than anybody watches: its first complaint is the answer.
    connecting = asyncio.ensure_future(nats.connect(url, allow_reconnect=False, error_cb=note))
    either: set[asyncio.Future[Any]] = {connecting, refused}
    await asyncio.wait(either, timeout=_PATIENCE, return_when=asyncio.FIRST_COMPLETED)
    try:
        if not connecting.done():
            connecting.cancel()
            raise refused.result() if refused.done() else TimeoutError
        client = connecting.result()
    except (OSError, nats.errors.Error, ValueError, TimeoutError) as problem:
        raise CannotRun(f"no NATS at {without_password(url)} ({hint}): {_reason(problem)}") from None
    try:
        await client.jetstream().account_info()
    except (nats.errors.Error, nats.js.errors.Error) as problem:
        raise CannotRun(
            f"the NATS at {without_password(url)} offers no JetStream: {_reason(problem)}"
        ) from None
    finally:
        await client.close()


def without_password(url: str) -> str:
    """The address, fit for a message."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return "that address"
    login, at, place = parts.netloc.rpartition("@")
    shown = [one for one in parts.query.split("&") if one and not one.startswith("password=")]
    query = f"?{'&'.join(shown)}" if shown else ""
    return f"{parts.scheme}://{login.partition(':')[0]}{at}{place}{parts.path}{query}"


def _reason(problem: BaseException) -> str:
    said = str(problem).strip().splitlines()
    return said[0] if said else "no answer in time" if isinstance(problem, TimeoutError) else "no answer"
