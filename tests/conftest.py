"""Real servers for the tests: one PostgreSQL 18 and one NATS per run, from the wheels, gone afterwards.

``database`` / ``module_database``       URL of an empty database of one's own (per test / per module)
``nats_url`` / ``module_nats_url``       URL of a NATS account of one's own: no other test's streams in it
``postgres_url``, ``nats_server``        the servers themselves (per run)
``tmp_home``                             an empty folder with a short path, for servers one starts oneself:
                                         ``EmbeddedPostgres(tmp_home / "postgres", THROW_AWAY)``

Tests and async fixtures of any scope share one event loop per run. Hang guard: 60 s a test
(``@pytest.mark.timeout(...)`` for more).
"""

import itertools
import shutil
import signal
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from keqing_local.database import create_database, drop_database
from keqing_local.nats import EmbeddedNats
from keqing_local.postgres import THROW_AWAY, EmbeddedPostgres

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    # A shell's background job ignores Ctrl-C, and so would every process that the tests interrupt.
    signal.signal(signal.SIGINT, signal.default_int_handler)

_NUMBERS = itertools.count(1)
_NATS_ACCOUNTS = [f"test-{number}" for number in range(1, 1001)]
_ACCOUNTS_LEFT = iter(_NATS_ACCOUNTS)


@pytest.fixture(scope="session")
def servers_home() -> Iterator[Path]:
    with _short_folder() as folder:
        yield folder


@pytest.fixture
def tmp_home() -> Iterator[Path]:
    with _short_folder() as folder:
        yield folder


@pytest.fixture(scope="session")
def postgres_server(servers_home: Path) -> Iterator[EmbeddedPostgres]:
    server = EmbeddedPostgres(servers_home / "postgres", THROW_AWAY)
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def postgres_url(postgres_server: EmbeddedPostgres) -> str:
    return postgres_server.url("postgres")


@pytest.fixture
async def database(postgres_url: str) -> AsyncIterator[str]:
    name = f"test_{next(_NUMBERS)}"
    yield await create_database(postgres_url, name)
    await drop_database(postgres_url, name)


@pytest.fixture(scope="module")
async def module_database(postgres_url: str) -> AsyncIterator[str]:
    name = f"test_{next(_NUMBERS)}"
    yield await create_database(postgres_url, name)
    await drop_database(postgres_url, name)


@pytest.fixture(scope="session")
def nats_server(servers_home: Path) -> Iterator[EmbeddedNats]:
    server = EmbeddedNats(servers_home / "nats", accounts=_NATS_ACCOUNTS)
    server.start()
    yield server
    server.stop()


@pytest.fixture
def nats_url(nats_server: EmbeddedNats) -> str:
    return nats_server.url(next(_ACCOUNTS_LEFT))


@pytest.fixture(scope="module")
def module_nats_url(nats_server: EmbeddedNats) -> str:
    return nats_server.url(next(_ACCOUNTS_LEFT))


class _short_folder:  # noqa: N801 - reads as a function at its uses
    """pytest's own temporary paths are too long for a unix socket."""

    def __enter__(self) -> Path:
        self._path = Path(tempfile.mkdtemp(prefix="kq-"))
        return self._path

    def __exit__(self, *_: object) -> None:
        shutil.rmtree(self._path, ignore_errors=True)
