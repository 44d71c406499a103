"""``keqing run``: the whole system in one process."""

import asyncio
import contextlib
import errno
import os
import signal
import socket
from collections.abc import Callable, Iterator

import typer
import uvicorn
import uvloop

from keqing_local.failure import CannotRun
from keqing_local.gateway import Gateway
from keqing_local.home import Home
from keqing_local.servers import Servers, without_password
from keqing_local.services import applications
from keqing_shared.http.auth import check_keys
from keqing_shared.http.signing import issue_token
from keqing_shared.log.signing_key import checkpoints_file, signing_key
from keqing_shared.privacy import master_keys
from keqing_shared.settings import Settings

ADDRESS = "127.0.0.1"
DRAINING = 5
"""Seconds that requests under way are given at the end; open event streams are cut then."""


def run() -> None:
    """Start everything and serve until Ctrl-C or SIGTERM.

    PostgreSQL and NATS are embedded under KEQING_HOME, unless KEQING_DATABASE_URL and KEQING_NATS_URL
    name others.
    """
    settings = Settings.from_env()
    check_keys(settings)
    with Home(settings.home), _listening(settings.port) as listener:
        master_keys(settings)
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(_Run(settings, listener).until_asked_to_stop())


class _Run:
    def __init__(self, settings: Settings, listener: socket.socket) -> None:
        self._settings = settings
        self._listener = listener
        self._servers = Servers(settings)
        self._server: _Server | None = None
        self._failure: str | None = None

    async def until_asked_to_stop(self) -> None:
        """Raises CannotRun when something does not start, or dies on the way."""
        task = asyncio.current_task()
        assert task is not None
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            asyncio.get_running_loop().add_signal_handler(number, self._stop, task)
        try:
            await self._serve()
        except asyncio.CancelledError:
            task.uncancel()  # asked to stop before everything was up
        finally:
            self._servers.stop()
        if self._failure:
            raise CannotRun(self._failure)

    def _stop(self, task: "asyncio.Task[None]") -> None:
        if self._server is None:
            task.cancel()
        elif self._server.should_exit:
            self._server.force_exit = True  # a second Ctrl-C does not wait for open requests
        else:
            self._server.should_exit = True

    async def _serve(self) -> None:
        self._servers.launch()
        gateway = Gateway(applications())  # imported while the servers come up
        await self._servers.wait_ready()
        os.environ["KEQING_DATABASE_URL"] = self._servers.database_url
        os.environ["KEQING_NATS_URL"] = self._servers.nats_url
        os.environ["KEQING_HOME"] = str(self._settings.home.absolute())
        checkpoints = checkpoints_file(self._settings)
        if checkpoints is not None and signing_key(self._settings) is not None:
            os.environ["KEQING_CHECKPOINTS"] = str(checkpoints.absolute())
        async with gateway.running():
            self._server = _Server(gateway, self._announce)
            watch = asyncio.create_task(self._watch())
            try:
                await self._server.serve(sockets=[self._listener])
            finally:
                watch.cancel()

    async def _watch(self) -> None:
        """An embedded server that dies takes the run with it: a half-alive stack helps nobody."""
        while self._failure is None:
            await asyncio.sleep(0.5)
            self._failure = self._servers.dead()
        if self._server is not None:
            self._server.should_exit = True

    def _announce(self) -> None:
        settings, port = self._settings, self._listener.getsockname()[1]
        lines = [
            "",
            f"Keqing runs on http://{ADDRESS}:{port}",
            "",
            *(f"  http://{ADDRESS}:{port}/{name}/docs" for name in applications()),
            "",
            f"  PostgreSQL  {without_password(self._servers.database_url)}",
            f"  NATS        {without_password(self._servers.nats_url)}",
            "",
        ]
        if settings.development and settings.jwks_url is None and settings.jwks_file is None:
            lines += [
                "Development token of the user admin, in the role admin:",
                "",
                issue_token(settings, "admin", ["admin"]),
                "",
                "Others: .venv/bin/keqing token --user li.wei --role rep   (KEQING_ENV=development)",
            ]
        lines += ["Ctrl-C stops everything in order.", ""]
        typer.echo("\n".join(lines))


class _Server(uvicorn.Server):
    """uvicorn, leaving the signals to us, who have more to stop than HTTP."""

    def __init__(self, app: Gateway, announce: Callable[[], None]) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                loop="uvloop",
                http="httptools",
                ws="none",
                lifespan="off",
                log_config=None,
                access_log=False,
                server_header=False,
                timeout_graceful_shutdown=DRAINING,
            )
        )
        self._gateway = app
        self._announce = announce

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._announce()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._gateway.about_to_stop()
        await super().shutdown(sockets)


@contextlib.contextmanager
def _listening(port: int) -> Iterator[socket.socket]:
    """The address is ours before anything is started for it."""
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        try:
            listener.bind((ADDRESS, port))
            listener.listen(2048)
        except OSError as problem:
            busy = problem.errno == errno.EADDRINUSE
            why = "somebody else listens there" if busy else (problem.strerror or str(problem)).lower()
            raise CannotRun(f"cannot listen on {ADDRESS}:{port}: {why} (set KEQING_PORT)") from None
        yield listener
    finally:
        listener.close()
