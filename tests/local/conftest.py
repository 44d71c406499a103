"""`keqing` as its users run it: a process of its own, in a home of its own, on a port of its own."""

import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from tests.port import free_port

KEQING = Path(sys.executable).with_name("keqing")
PATIENCE = 60.0


class Run:
    """A ``keqing run`` under way."""

    def __init__(self, home: Path, environ: dict[str, str]) -> None:
        self.home = home
        self.port = int(environ["KEQING_PORT"])
        self.url = f"http://127.0.0.1:{self.port}"
        self.environ = environ
        self._output = (home.parent / f"output-{time.monotonic_ns()}").open("w+b")
        self._errors = (home.parent / f"errors-{time.monotonic_ns()}").open("w+b")
        self.process = subprocess.Popen(
            [KEQING, "run"], env=environ, stdout=self._output, stderr=self._errors, cwd=home.parent
        )

    def ready(self) -> "Run":
        until = time.monotonic() + PATIENCE
        while "Ctrl-C stops everything" not in self.output:
            assert self.process.poll() is None, f"ended with {self.process.returncode}: {self.errors}"
            assert time.monotonic() < until, f"not ready: {self.output[-2000:]} {self.errors[-2000:]}"
            time.sleep(0.02)
        return self

    def ended(self) -> int:
        return self.process.wait(PATIENCE)

    def stop(self) -> int:
        self.process.terminate()
        return self.ended()

    @property
    def output(self) -> str:
        return Path(self._output.name).read_text()

    @property
    def errors(self) -> str:
        return Path(self._errors.name).read_text()

    @property
    def token(self) -> str:
        found = re.search(r"^ey\S+$", self.output, re.MULTILINE)
        assert found is not None, self.output
        return found[0]

    def get(self, path: str) -> httpx.Response:
        return httpx.get(self.url + path, headers={"Authorization": f"Bearer {self.token}"}, timeout=PATIENCE)

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self._output.close()
        self._errors.close()


Start = Callable[..., Run]


@pytest.fixture
def start(tmp_home: Path) -> Iterator[Start]:
    """``start(KEQING_X="...")``: a run in this test's home; nothing of it outlives the test."""
    runs: list[Run] = []
    port = free_port()

    def started(**environ: str) -> Run:
        runs.append(Run(tmp_home / "home", environment(tmp_home / "home", port, **environ)))
        return runs[-1]

    yield started
    for run in runs:
        run.close()


@pytest.fixture
def keqing(tmp_home: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """``keqing("token", "--user", ...)``: another subcommand, to its end, in this test's home."""

    def called(*arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [KEQING, *arguments],
            env=environment(tmp_home / "home", free_port(), **environ),
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
            cwd=tmp_home,
        )

    return called


def environment(home: Path, port: int, **given: str) -> dict[str, str]:
    """Ours, without settings of whoever runs the tests."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("KEQING_")}
    ours = {"KEQING_ENV": "development", "KEQING_HOME": str(home), "KEQING_PORT": str(port)}
    return {**clean, **ours, **given}
