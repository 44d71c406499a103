"""The embedded PostgreSQL: for root too, behind closed folders, after a kill, with leftovers about."""

import os
import resource
import stat
import subprocess
import sys
from pathlib import Path

import asyncpg
import psutil
import pytest

from keqing_local.database import create_database
from keqing_local.failure import CannotRun
from keqing_local.postgres import DURABLE, EmbeddedPostgres
from keqing_local.process import Identity

KEEPER = """
import sys, time
from pathlib import Path
from keqing_local.postgres import EmbeddedPostgres
server = EmbeddedPostgres(Path(sys.argv[1]))
server.start()
print(server.pid, flush=True)
time.sleep(600)
"""


async def note(server: EmbeddedPostgres, text: str) -> None:
    url = await create_database(server.url(), "notes")
    connection = await asyncpg.connect(url)
    await connection.execute("CREATE TABLE IF NOT EXISTS note (text text)")
    await connection.execute("INSERT INTO note VALUES ($1)", text)
    await connection.close()


async def notes(server: EmbeddedPostgres) -> list[str]:
    connection = await asyncpg.connect(server.url("notes"))
    found = [row["text"] for row in await connection.fetch("SELECT text FROM note ORDER BY text")]
    await connection.close()
    return found


async def test_a_second_start_finds_the_data_of_the_first(tmp_home: Path) -> None:
    server = EmbeddedPostgres(tmp_home / "postgres")
    server.start()
    await note(server, "kept")
    server.stop()
    server.start()
    assert await notes(server) == ["kept"]
    server.stop()


async def test_its_log_quotes_nobody(tmp_home: Path) -> None:
    server = EmbeddedPostgres(tmp_home / "postgres")
    server.start()
    url = await create_database(server.url(), "notes")
    connection = await asyncpg.connect(url)
    await connection.execute("CREATE TABLE note (text text UNIQUE CHECK (length(text) < 9), more jsonb)")
    await connection.execute("INSERT INTO note VALUES ($1)", "secret-1")
    for text, more in (("secret-1", None), ("secret-12", None), ("s", '{"a": secret-2}'), ("s", '"\\u0000"')):
        with pytest.raises(asyncpg.PostgresError):
            await connection.execute("INSERT INTO note VALUES ($1, $2::text::jsonb)", text, more)
    await connection.close()
    server.stop()
    log = (server.home / "log").read_text()
    assert "duplicate key" in log
    assert "secret" not in log


async def test_a_power_cut_loses_nothing_committed(tmp_home: Path) -> None:
    server = EmbeddedPostgres(tmp_home / "postgres")
    server.start()
    await note(server, "committed")
    server.kill()
    server.start()
    assert await notes(server) == ["committed"]
    server.stop()


async def test_every_commit_reaches_the_disk(tmp_home: Path) -> None:
    server = EmbeddedPostgres(tmp_home / "postgres", DURABLE)
    server.start()
    connection = await asyncpg.connect(server.url("postgres"))
    assert await connection.fetchval("SHOW fsync") == "on"
    assert await connection.fetchval("SHOW synchronous_commit") == "on"
    assert await connection.fetchval("SHOW listen_addresses") == ""
    await connection.close()
    server.stop()


def test_nobody_else_may_enter_the_folders(tmp_home: Path) -> None:
    server = EmbeddedPostgres(tmp_home / "postgres")
    server.start()
    for folder in (server.home, server.data, server.sockets):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    server.stop()


@pytest.mark.skipif(os.geteuid() != 0 or sys.platform != "linux", reason="asks what root gets, on Linux")
@pytest.mark.parametrize("first", ["namespace", "dropped"])
@pytest.mark.parametrize("second", ["namespace", "dropped"])
async def test_root_may_run_it_below_a_folder_only_root_may_enter(
    tmp_home: Path, first: Identity, second: Identity
) -> None:
    closed = tmp_home / "closed"
    closed.mkdir(mode=0o700)
    for identity in (first, second):
        server = EmbeddedPostgres(closed / "postgres", identity=identity)
        server.start()
        await note(server, "root was here")
        as_root = psutil.Process(server.pid).uids().effective == 0
        assert as_root == (identity == "namespace")
        server.stop()
    assert stat.S_IMODE(closed.stat().st_mode) == 0o700
    assert closed.stat().st_uid == 0


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a child that its parent died")
async def test_the_server_dies_with_a_killed_parent_and_the_next_start_works(tmp_home: Path) -> None:
    home = tmp_home / "postgres"
    keeper = subprocess.Popen([sys.executable, "-c", KEEPER, str(home)], stdout=subprocess.PIPE, text=True)
    assert keeper.stdout is not None
    orphan = psutil.Process(int(keeper.stdout.readline()))
    keeper.kill()
    keeper.wait()
    keeper.stdout.close()
    server = EmbeddedPostgres(home)
    server.start()  # while the orphan is still stopping
    await note(server, "after")
    assert not orphan.is_running() or orphan.status() == psutil.STATUS_ZOMBIE
    server.stop()


async def test_a_server_that_outlived_its_run_is_stopped_first(tmp_home: Path) -> None:
    forgotten = EmbeddedPostgres(tmp_home / "postgres")
    forgotten.start()
    await note(forgotten, "from the forgotten one")
    server = EmbeddedPostgres(tmp_home / "postgres")
    server.start()
    assert forgotten.died()
    assert await notes(server) == ["from the forgotten one"]
    server.stop()


async def test_a_pid_file_that_names_a_stranger_is_no_obstacle(tmp_home: Path) -> None:
    server = EmbeddedPostgres(tmp_home / "postgres")
    server.start()
    server.stop()
    stranger = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    (server.data / "postmaster.pid").write_text(f"{stranger.pid}\n{server.data}\n")
    server.start()
    await note(server, "started")
    assert stranger.poll() is None
    stranger.kill()
    stranger.wait()
    server.stop()


def test_a_half_made_data_folder_is_made_anew(tmp_home: Path) -> None:
    server = EmbeddedPostgres(tmp_home / "postgres")
    (server.home / "data.new").mkdir(parents=True)
    (server.home / "data.new" / "PG_VERSION").write_text("18")
    server.start()
    server.stop()


def test_what_hinders_the_making_of_the_data_folder_is_said(tmp_home: Path) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, hard))  # as on a disk that is full
    try:
        with pytest.raises(CannotRun, match="cannot make its data folder") as caught:
            EmbeddedPostgres(tmp_home / "postgres").start()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert "removing" not in str(caught.value)


async def test_a_home_too_deep_for_a_socket_gets_one_elsewhere(tmp_home: Path) -> None:
    server = EmbeddedPostgres(tmp_home / ("a-long-name-" * 9) / "postgres")
    assert tmp_home not in server.sockets.parents
    server.start()
    await note(server, "reached")
    assert stat.S_IMODE(server.sockets.stat().st_mode) == 0o700
    server.stop()
    server.sockets.rmdir()


def test_a_broken_setting_is_said_in_one_line(tmp_home: Path) -> None:
    server = EmbeddedPostgres(tmp_home / "postgres", {**DURABLE, "shared_buffers": "a lot"})
    with pytest.raises(CannotRun, match=r"PostgreSQL does not start: .*shared_buffers") as said:
        server.start()
    assert "\n" not in str(said.value)


def test_the_server_ignores_the_terminals_ctrl_c(tmp_home: Path) -> None:
    server = EmbeddedPostgres(tmp_home / "postgres")
    server.start()
    assert os.getsid(server.pid) != os.getsid(0)
    server.stop()
