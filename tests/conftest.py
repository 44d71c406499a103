"""Real servers for the tests (``tests/servers.py``): one PostgreSQL 18 and one NATS per run.

``database`` / ``module_database``       URL of an empty database of one's own (per test / per module)
``nats_url`` / ``module_nats_url``       URL of a NATS account of one's own: no other test's streams in it
``postgres_url``                         the server itself (per run)
``KEQING_MASTER_KEY``                    is set in the environment: no test's service makes one in a file
``tmp_home``                             an empty folder with a short path, for servers one starts oneself:
                                         ``EmbeddedPostgres(tmp_home / "postgres", THROW_AWAY)``

Tests and async fixtures of any scope share one event loop per worker. Hang guard: 60 s a test
(``@pytest.mark.timeout(...)`` for more).
"""

import base64
import gc
import os
import signal
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, asynccontextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from keqing_local.database import create_database, drop_database
from tests.servers import Servers, short_folder, started

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    # A shell's background job ignores Ctrl-C, and so would every process that the tests interrupt.
    signal.signal(signal.SIGINT, signal.default_int_handler)

os.environ["KEQING_MASTER_KEY"] = base64.b64encode(b"a master key for the tests alone").decode()

_SHARED = pytest.StashKey[dict[str, str]]()


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """In the controller, once for each worker: it is told where the servers are."""
    config: pytest.Config = node.config
    if _SHARED not in config.stash:
        running = ExitStack()
        config.stash[_SHARED] = asdict(running.enter_context(started()))
        config.add_cleanup(running.close)
    node.workerinput["servers"] = config.stash[_SHARED]


def pytest_collection_finish() -> None:
    gc.collect()
    gc.freeze()  # the collected tests stay: the collector need not look at them again


@pytest.fixture(scope="session")
def servers(request: pytest.FixtureRequest) -> Iterator[Servers]:
    shared = getattr(request.config, "workerinput", {}).get("servers")
    if shared:
        yield Servers(**shared)
        return
    with started() as own:
        yield own


@pytest.fixture
def tmp_home() -> Iterator[Path]:
    with short_folder() as folder:
        yield folder


@pytest.fixture(scope="session")
def postgres_url(servers: Servers) -> str:
    return servers.postgres_url


@pytest.fixture
async def database(servers: Servers) -> AsyncIterator[str]:
    async with _own_database(servers) as url:
        yield url


@pytest.fixture(scope="module")
async def module_database(servers: Servers) -> AsyncIterator[str]:
    async with _own_database(servers) as url:
        yield url


@pytest.fixture
def nats_url(servers: Servers) -> str:
    return servers.nats_url()


@pytest.fixture(scope="module")
def module_nats_url(servers: Servers) -> str:
    return servers.nats_url()


@asynccontextmanager
async def _own_database(servers: Servers) -> AsyncIterator[str]:
    name = f"test_{servers.number('databases')}"
    yield await create_database(servers.postgres_url, name)
    await drop_database(servers.postgres_url, name)
