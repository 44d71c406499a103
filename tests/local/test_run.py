"""``keqing run``: everything in one process, in order, whatever happened before."""

import base64
import json
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest
from joserfc.jwk import ECKey

Keqing = Callable[..., subprocess.CompletedProcess[str]]
SERVICES = ("pipeline", "service-desk", "collections", "notify")

pytestmark = pytest.mark.timeout(180)


def refusal(done: subprocess.CompletedProcess[str]) -> str:
    """The one line on stderr of a command that could not run."""
    assert done.returncode == 1, done.stderr
    assert "Traceback" not in done.stderr
    lines = done.stderr.strip().splitlines()
    assert len(lines) == 1, done.stderr
    assert lines[0].startswith("keqing: ")
    return lines[0]


def alive(process: psutil.Process) -> bool:
    """A zombie waits only for its parent to notice."""
    return process.is_running() and process.status() != psutil.STATUS_ZOMBIE


def test_everything_answers_at_one_address(start: Callable[..., Any]) -> None:
    run = start().ready()
    page = httpx.get(run.url)
    assert page.status_code == 200
    for name in SERVICES:
        assert f'href="/{name}/docs"' in page.text
        documentation = httpx.get(f"{run.url}/{name}/docs")
        assert documentation.status_code == 200
        needed = re.findall(r'(?:src|href)="([^"]+)"', documentation.text)
        assert len(needed) >= 3
        for asset in needed:  # of this server, for a page must show without any other
            assert asset.startswith(f"/{name}/docs/assets/")
            assert httpx.get(run.url + asset).status_code == 200
        assert httpx.get(f"{run.url}/{name}/openapi.json").json()["paths"]
        assert f"{run.url}/{name}/docs" in run.output
    health = httpx.get(f"{run.url}/health/ready")
    assert health.status_code == 200
    assert health.json()["status"] == "ready"
    assert sorted(health.json()["services"]) == sorted(SERVICES)
    assert httpx.get(f"{run.url}/health/live").json() == {"status": "alive"}
    metrics = httpx.get(f"{run.url}/metrics").text
    for name in SERVICES:
        assert f'keqing_log_position{{context="{name}"}}' in metrics
    nowhere = httpx.get(f"{run.url}/nowhere")
    assert nowhere.status_code == 404
    assert nowhere.headers["content-type"] == "application/problem+json"
    assert run.stop() == 0
    assert run.errors == ""


def test_the_printed_token_opens_the_doors(start: Callable[..., Any]) -> None:
    run = start().ready()
    assert httpx.get(f"{run.url}/pipeline/development/clock").status_code == 401
    assert run.get("/pipeline/development/clock").status_code == 200
    assert run.stop() == 0


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_stop_is_in_order_and_a_second_run_finds_everything(
    start: Callable[..., Any], number: signal.Signals
) -> None:
    first = start().ready()
    token = first.token
    set_clock = httpx.put(
        f"{first.url}/pipeline/development/clock",
        headers={"Authorization": f"Bearer {token}"},
        json={"now": "2031-05-05T09:00:00+08:00"},
    )
    assert set_clock.status_code == 200
    children = psutil.Process(first.process.pid).children(recursive=True)
    assert {"postgres", "nats-server"} <= {child.name() for child in children}
    first.process.send_signal(number)
    assert first.ended() == 0
    assert first.errors == ""
    assert [child for child in children if alive(child)] == []
    assert not (first.home / "postgres" / "data" / "postmaster.pid").exists()
    assert "database system is shut down" in (first.home / "postgres" / "log").read_text()

    second = start().ready()
    clock = httpx.get(
        f"{second.url}/pipeline/development/clock", headers={"Authorization": f"Bearer {token}"}
    )
    assert clock.status_code == 200, "yesterday's token is still good"
    assert clock.json()["now"].startswith("2031-05-05")
    assert second.stop() == 0


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a child that its parent died")
def test_a_killed_run_leaves_nothing_that_blocks_the_next(start: Callable[..., Any]) -> None:
    first = start().ready()
    children = psutil.Process(first.process.pid).children(recursive=True)
    first.process.kill()
    assert first.ended() == -signal.SIGKILL
    second = start().ready()
    assert httpx.get(f"{second.url}/health/ready").json()["status"] == "ready"
    assert second.stop() == 0
    assert [child for child in children if alive(child)] == []


def test_a_stop_while_starting_is_a_stop(start: Callable[..., Any]) -> None:
    run = start()
    while not (run.home / "postgres" / "log").exists():
        assert run.process.poll() is None, run.errors
    assert run.stop() == 0
    assert run.errors == ""
    assert start().ready().stop() == 0


def test_an_open_event_stream_does_not_hold_up_the_end(start: Callable[..., Any]) -> None:
    run = start().ready()
    with httpx.stream(
        "GET", f"{run.url}/notify/stream", headers={"Authorization": f"Bearer {run.token}"}, timeout=60
    ) as stream:
        assert stream.status_code == 200
        run.process.terminate()
        for _ in stream.iter_lines():  # ends by itself, not by a cut connection
            pass
    assert run.ended() == 0


def test_postgresql_dying_ends_the_run_with_its_reason(start: Callable[..., Any]) -> None:
    run = start().ready()
    children = psutil.Process(run.process.pid).children()
    next(child for child in children if child.name() == "postgres").send_signal(signal.SIGQUIT)
    assert run.ended() == 1
    assert run.errors.startswith("keqing: PostgreSQL has stopped by itself")
    assert len(run.errors.splitlines()) == 1


def test_a_busy_port_is_said(keqing: Keqing) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        said = refusal(keqing("run", KEQING_PORT=str(port)))
    assert f"127.0.0.1:{port}: somebody else listens there" in said
    assert "KEQING_PORT" in said


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("KEQING_PORT", "eighty"),
        ("KEQING_PORT", "70000"),
        ("KEQING_TIME_ZONE", "Mars/Olympus"),
        ("KEQING_DATABASE_URL", "mysql://localhost/keqing"),
        ("KEQING_DATABASE_URL", "postgresql://keqing:secret@127.0.0.1:1/keqing"),
        ("KEQING_DATABASE_URL", "postgresql://keqing:secret@no-such-host.invalid/keqing"),
        ("KEQING_NATS_URL", "http://127.0.0.1:4222"),
        ("KEQING_NATS_URL", "nats://keqing:secret@127.0.0.1:1"),
    ],
)
def test_a_wrong_setting_is_named(keqing: Keqing, setting: str, value: str) -> None:
    said = refusal(keqing("run", **{setting: value}))
    assert setting in said
    assert "secret" not in said


def test_a_database_that_is_not_there_is_said(keqing: Keqing, postgres_url: str) -> None:
    said = refusal(keqing("run", KEQING_DATABASE_URL=postgres_url.replace("/postgres?", "/missing?")))
    assert 'database "missing" does not exist' in said


def test_an_unwritable_home_is_said(keqing: Keqing, tmp_home: Path) -> None:
    (tmp_home / "home").write_text("a file, not a folder")
    assert "KEQING_HOME" in refusal(keqing("run"))


def test_a_folder_without_the_right_to_write_is_said(keqing: Keqing, tmp_home: Path) -> None:
    home = tmp_home / "home"
    home.mkdir(mode=0o500)
    if os.geteuid() == 0:
        home = Path("/proc/keqing")  # where root may not write either
    assert f"cannot write to {home} (KEQING_HOME)" in refusal(keqing("run", KEQING_HOME=str(home)))


def test_a_second_run_in_the_same_home_is_refused(start: Callable[..., Any], keqing: Keqing) -> None:
    run = start().ready()
    assert "another run uses" in refusal(keqing("run"))
    assert run.stop() == 0


def test_servers_of_ones_own_are_used_instead(
    start: Callable[..., Any],
    database: str,
    nats_url: str,
) -> None:
    run = start(KEQING_DATABASE_URL=database, KEQING_NATS_URL=nats_url).ready()
    assert httpx.get(f"{run.url}/health/ready").json()["status"] == "ready"
    assert {path.name for path in run.home.iterdir()} <= {"lock", "dev-signing-key.json", "master-key"}
    assert run.stop() == 0


def test_outside_of_development_tokens_come_from_elsewhere(
    start: Callable[..., Any], keqing: Keqing, tmp_home: Path
) -> None:
    said = refusal(keqing("run", KEQING_ENV="production"))
    assert "KEQING_JWKS_URL" in said
    assert "development" in refusal(
        keqing("token", "--user", "li.wei", "--role", "rep", KEQING_ENV="staging")
    )
    assert "development" in refusal(keqing("token", "--user", "li.wei", "--role", "rep", KEQING_ENV=""))

    development = keqing("token", "--user", "root.of.all", "--role", "admin").stdout.strip()
    keys = tmp_home / "keys.json"
    key = ECKey.generate_key("P-256", {"use": "sig", "alg": "ES256"}, private=False, auto_kid=True)
    keys.write_text(json.dumps({"keys": [key.as_dict(private=False)]}))
    assert "KEQING_ISSUER" in refusal(keqing("run", KEQING_ENV="production", KEQING_JWKS_FILE=str(keys)))
    elsewhere = {"KEQING_JWKS_FILE": str(keys), "KEQING_ISSUER": "https://login.example"}
    assert "KEQING_MASTER_KEY" in refusal(keqing("run", KEQING_ENV="production", **elsewhere))
    elsewhere["KEQING_MASTER_KEY"] = base64.b64encode(os.urandom(32)).decode()
    run = start(KEQING_ENV="production", **elsewhere).ready()
    assert not re.search(r"^ey", run.output, re.MULTILINE)
    with_token = {"Authorization": f"Bearer {development}"}
    assert httpx.get(f"{run.url}/pipeline/board", headers=with_token).status_code == 401
    clock = httpx.put(f"{run.url}/pipeline/development/clock", headers=with_token, json={"now": None})
    assert clock.status_code == 404
    assert run.stop() == 0
