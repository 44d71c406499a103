"""The servers of a test run: one PostgreSQL 18 and one NATS, from the wheels, gone afterwards.

Without pytest-xdist they start when a test first asks for them. With it, the controller starts them, for a
server dies with the process that started it, and any worker may be done before the others; it hands
``Servers`` to them. What must not be used twice, by whichever worker, is counted in one tally.
"""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from keqing_local.nats import EmbeddedNats
from keqing_local.postgres import THROW_AWAY, EmbeddedPostgres

NATS_ACCOUNTS = 1_500
"""As many tests of a run may have one of their own. They cost the server memory."""

MEMORY_NEEDED = 2 << 30
"""Bytes free in ``/dev/shm``, without which the servers' data is on disk."""


@dataclass(frozen=True)
class Servers:
    """Where they are. Plain texts, for these travel to the workers."""

    postgres_url: str
    nats_url_of_account: str
    """With ``{account}`` in it."""
    tallies: str
    """A folder."""

    def number(self, of: str) -> int:
        """1, 2, 3, ...: each once, whichever worker asks."""
        with (Path(self.tallies) / of).open("ab", buffering=0) as marks:
            marks.write(b".")  # appending is one step, after which we stand behind our own mark
            return marks.tell()

    def nats_url(self) -> str:
        """Of an account that nobody else has: no other test's streams are in it."""
        return self.nats_url_of_account.format(account=f"test-{self.number('accounts')}")


@contextmanager
def started() -> Iterator[Servers]:
    """From the main thread: the servers die with it."""
    with short_folder() as home, short_folder() as tallies:
        postgres = EmbeddedPostgres(home / "postgres", THROW_AWAY)
        nats = EmbeddedNats(
            home / "nats", accounts=[f"test-{number}" for number in range(1, NATS_ACCOUNTS + 1)]
        )
        try:
            postgres.start()
            nats.start()
            yield Servers(postgres.url("postgres"), nats.url("{account}"), str(tallies))
        finally:
            nats.stop()
            postgres.stop()


class short_folder:  # noqa: N801 - reads as a function at its uses
    """An empty folder, gone afterwards: pytest's own temporary paths are too long for a unix socket.

    In memory where there is room: a disk's file system takes longer to make and remove the 300 files of a
    database than most tests take.
    """

    def __enter__(self) -> Path:
        self._path = Path(tempfile.mkdtemp(prefix="kq-", dir=_in_memory()))
        return self._path

    def __exit__(self, *_: object) -> None:
        shutil.rmtree(self._path, ignore_errors=True)


def _in_memory() -> Path | None:
    folder = Path("/dev/shm")
    roomy = folder.is_dir() and os.access(folder, os.W_OK) and shutil.disk_usage(folder).free > MEMORY_NEEDED
    return folder if roomy else None
