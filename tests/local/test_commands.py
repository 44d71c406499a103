"""The other subcommands, beside a run and without one."""

import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Keqing = Callable[..., subprocess.CompletedProcess[str]]

pytestmark = pytest.mark.timeout(180)


def test_help_lists_the_subcommands(keqing: Keqing) -> None:
    listed = keqing("--help")
    assert listed.returncode == 0
    for name in ("run", "token", "migrate", "rebuild", "docs"):
        assert name in listed.stdout


def test_an_unknown_subcommand_is_a_usage_error(keqing: Keqing) -> None:
    assert keqing("fly").returncode == 2


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (("--user", "li.wei", "--role", "emperor"), "no such role: emperor"),
        (("--user", "Li Wei", "--role", "rep"), "is no login"),
    ],
)
def test_a_token_for_nobody_is_refused(keqing: Keqing, arguments: tuple[str, ...], reason: str) -> None:
    done = keqing("token", *arguments)
    assert done.returncode == 1
    assert reason in done.stderr


def test_migrate_works_without_a_run_and_again(keqing: Keqing) -> None:
    for _ in range(2):
        done = keqing("migrate")
        assert done.returncode == 0, done.stderr
        assert done.stdout.count(": current, 0 facts") == 4


def test_a_view_is_rebuilt_beside_a_run_and_without_one(start: Callable[..., Any], keqing: Keqing) -> None:
    run = start().ready()
    done = keqing("rebuild", "pipeline", "board")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("pipeline board: rebuilt as of position")
    assert run.stop() == 0
    assert keqing("rebuild", "collections", "all").returncode == 0


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (("pipelines", "board"), "there is no context 'pipelines'"),
        (("pipeline", "boards"), "pipeline has no view 'boards': it has "),
    ],
)
def test_a_rebuild_of_nothing_says_what_there_is(
    keqing: Keqing, arguments: tuple[str, ...], reason: str
) -> None:
    done = keqing("rebuild", *arguments)
    assert done.returncode == 1
    assert reason in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_watching_nobody_says_so(keqing: Keqing) -> None:
    done = keqing("watch")
    assert done.returncode == 1
    assert "no NATS was started" in done.stderr


def test_watching_a_run_that_has_ended_says_so(start: Callable[..., Any], keqing: Keqing) -> None:
    assert start().ready().stop() == 0
    done = keqing("watch")
    assert done.returncode == 1
    assert "is it running?" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_generated_documents_are_written_and_checked(keqing: Keqing, tmp_home: Path) -> None:
    assert "run this in the checkout" in keqing("docs").stderr
    (tmp_home / "docs").mkdir()
    assert "out of date: docs/openapi/pipeline.json" in keqing("docs", "--check").stderr
    assert keqing("docs").stdout.count("wrote ") == 9
    assert keqing("docs", "--check").returncode == 0
    stale = tmp_home / "docs" / "openapi" / "notify.json"
    stale.write_text(stale.read_text().replace("inbox", "outbox"))
    done = keqing("docs", "--check")
    assert done.returncode == 1
    assert "out of date: docs/openapi/notify.json (make docs)" in done.stderr
