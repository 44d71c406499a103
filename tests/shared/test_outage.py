"""What asyncpg says when the database goes is known for what it is: it passes, and speaks against no fact."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from urllib.parse import parse_qs, quote, urlsplit

import asyncpg
import pytest

from keqing_shared.http.problem import problem_of_failure
from keqing_shared.outage import CONNECTION_LOST, DATABASE_AWAY, is_outage


@asynccontextmanager
async def without_an_end(url: str, folder: Path) -> AsyncIterator[tuple[str, asyncio.Event]]:
    """A way to the database on which its last words arrive, and then not the end of the connection; and
    when they have been passed on."""
    parts = urlsplit(url)
    socket = f"{parse_qs(parts.query)['host'][0]}/.s.PGSQL.5432"
    writers: list[asyncio.StreamWriter] = []
    said_all = asyncio.Event()

    async def pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while said := await reader.read(65536):
                writer.write(said)

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        its_reader, its_writer = await asyncio.open_unix_connection(socket)
        writers.extend((writer, its_writer))
        asking = asyncio.create_task(pass_on(reader, its_writer))
        await pass_on(its_reader, writer)
        said_all.set()
        await asking

    server = await asyncio.start_unix_server(connected, folder / ".s.PGSQL.5432")
    try:
        yield parts._replace(query=f"host={quote(str(folder), safe='/')}").geturl(), said_all
    finally:
        for writer in writers:
            writer.close()
        server.close()
        await server.wait_closed()


async def test_a_session_whose_end_was_announced_and_has_not_come_is_an_outage(
    database: str, tmp_home: Path
) -> None:
    other = await asyncpg.connect(database)
    async with without_an_end(database, tmp_home) as (url, said_all):
        connection = await asyncpg.connect(url)
        await other.execute("SELECT pg_terminate_backend($1)", connection.get_server_pid())
        await asyncio.wait_for(said_all.wait(), 10)
        for _ in range(10):
            await asyncio.sleep(0)  # it lies in the socket: let it be read
        with pytest.raises(asyncpg.InternalClientError) as said:
            await connection.fetchval("SELECT 1")
        connection.terminate()
    await other.close()
    assert is_outage(said.value)
    assert isinstance(said.value, CONNECTION_LOST)
    assert isinstance(said.value, DATABASE_AWAY)
    assert problem_of_failure(said.value).status_code == 503


@pytest.mark.parametrize(
    ("error", "outage"),
    [
        (asyncpg.AdminShutdownError("x"), True),
        (asyncpg.DeadlockDetectedError("x"), True),
        (asyncpg.IdleInTransactionSessionTimeoutError("x"), True),
        (asyncpg.InterfaceError("the connection is closed"), True),
        (asyncpg.InvalidCachedStatementError("x"), True),
        (ConnectionRefusedError("x"), True),
        (asyncpg.UniqueViolationError("x"), False),
        (asyncpg.UndefinedTableError("x"), False),
        (asyncpg.DataError("x"), False),
        (asyncpg.InternalServerError("x"), False),
        (KeyError("x"), False),
    ],
)
def test_a_facts_or_a_codes_mistake_is_none(error: Exception, outage: bool) -> None:
    assert is_outage(error) is outage
