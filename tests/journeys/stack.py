"""`keqing run` beside the tests: imports into it, and questions once it knows what was imported."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.data_sets import DATA
from tests.port import free_port

KEQING = Path(sys.executable).with_name("keqing")
PATIENCE = 180.0

SALES = ("sales-opportunities", DATA / "sales-opportunities")
RECEIVABLE = ("accounts-receivable", DATA / "accounts-receivable.csv")
COMPLAINTS = ("consumer-complaints", DATA / "consumer-complaints.csv")


class Stack:
    """`keqing run` as a process of its own, on servers of this test run."""

    def __init__(self, home: Path, database_url: str, nats_url: str) -> None:
        port = free_port()
        self._home = home
        self._environ = {
            **{name: value for name, value in os.environ.items() if not name.startswith("KEQING_")},
            "KEQING_ENV": "development",
            "KEQING_HOME": str(home),
            "KEQING_PORT": str(port),
            "KEQING_DATABASE_URL": database_url,
            "KEQING_NATS_URL": nats_url,
        }
        self._output = (home / "output").open("w+b")
        self._process = subprocess.Popen(
            [KEQING, "run"], env=self._environ, stdout=self._output, stderr=self._output, cwd=home
        )
        url = f"http://127.0.0.1:{port}"
        try:
            self._until_ready(url)
            bearer = self._said("token", "--user", "zhou.ce", "--role", "auditor", "--role", "admin")
        except BaseException:
            self.stop()
            raise
        self._client = httpx.Client(
            base_url=url, headers={"Authorization": f"Bearer {bearer}"}, timeout=PATIENCE, trust_env=False
        )

    def import_(self, profile: str, path: Path, *options: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [KEQING, "import", profile, path, *options],
            env=self._environ,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )

    def interrupted_import(self, profile: str, path: Path, *options: str, rows: int) -> tuple[int, str]:
        """Ctrl-C as soon as so many facts are there; the exit code and what was said on stderr."""
        begun = subprocess.Popen(
            [KEQING, "import", profile, path, *options],
            env=self._environ,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        until = time.monotonic() + PATIENCE
        while self.heads()["pipeline"] < rows:
            assert begun.poll() is None, begun.communicate()
            assert time.monotonic() < until
        begun.send_signal(signal.SIGINT)
        _, said = begun.communicate(timeout=PATIENCE)
        return begun.returncode, said

    def get(self, path: str, **params: Any) -> Any:
        """The answer once everything imported so far is known to whoever answers."""
        after = f"{path.split('/')[1]}:{self.heads()[path.split('/')[1]]}"
        until = time.monotonic() + PATIENCE
        while True:
            answer = self._client.get(path, params=params, headers={"Keqing-After": after})
            if answer.status_code != httpx.codes.SERVICE_UNAVAILABLE:
                assert answer.is_success, answer.text
                return answer.json()
            assert time.monotonic() < until, answer.text

    def pages(self, path: str, **params: Any) -> list[Any]:
        items: list[Any] = []
        after: dict[str, str] = {}
        while True:
            page = self.get(path, limit=200, **params, **after)
            items += page["items"]
            if page["next"] is None:
                return items
            after = {"after": page["next"]}

    def heads(self) -> dict[str, int]:
        """The position of each context's latest fact."""
        services = self._client.get("/health/ready").json()["services"]
        return {name: service["head"] for name, service in services.items()}

    def settled_heads(self) -> dict[str, int]:
        """The same, once everybody has heard and answered everything."""
        until = time.monotonic() + PATIENCE
        before: dict[str, int] = {}
        while True:
            services = self._client.get("/health/ready").json()["services"]
            heads = {name: service["head"] for name, service in services.items()}
            quiet = not any(service["relay_lag"] for service in services.values())
            if quiet and heads == before:
                return heads
            assert time.monotonic() < until, services
            before = heads
            for name in services:
                for heard, position in heads.items():
                    self._client.get(f"/{name}/policy", headers={"Keqing-After": f"{heard}:{position}"})

    def stop(self) -> None:
        self._process.terminate()
        try:
            self._process.wait(30)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._output.close()

    def close(self) -> None:
        self._client.close()
        self.stop()

    def _until_ready(self, url: str) -> None:
        until = time.monotonic() + PATIENCE
        while True:
            assert self._process.poll() is None, (self._home / "output").read_text()
            assert time.monotonic() < until, (self._home / "output").read_text()
            try:
                if httpx.get(f"{url}/health/ready", trust_env=False).is_success:
                    return
            except httpx.TransportError:
                time.sleep(0.05)

    def _said(self, *arguments: str) -> str:
        done = subprocess.run(
            [KEQING, *arguments], env=self._environ, capture_output=True, text=True, check=True, timeout=60
        )
        return done.stdout.strip()


@pytest.fixture(scope="module")
def stack(
    module_database: str, module_nats_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Stack]:
    running = Stack(tmp_path_factory.mktemp("home"), module_database, module_nats_url)
    yield running
    running.close()


@pytest.fixture(scope="module")
def rehearsed(stack: Stack) -> dict[str, str]:
    """What a dry run of each says, on empty logs that stay empty."""
    said: dict[str, str] = {}
    for profile, path in (SALES, RECEIVABLE, COMPLAINTS):
        done = stack.import_(profile, path, "--dry-run")
        assert done.returncode == 0, done.stderr
        said[profile] = done.stdout
    heads = stack.settled_heads()
    assert heads.pop("pipeline") <= 1  # the classes of the month, which the clockwork works out by itself
    assert set(heads.values()) == {0}
    assert stack.get("/pipeline/users")["items"] == stack.get("/pipeline/customers")["items"] == []
    return said


@pytest.fixture(scope="module")
def imported(stack: Stack, rehearsed: dict[str, str]) -> Stack:
    """All three, the first one interrupted and started again."""
    code, said = stack.interrupted_import(*SALES, "--chunk", "100", rows=500)
    assert code == 130
    assert "it goes on" in said
    for profile, path in (SALES, RECEIVABLE, COMPLAINTS):
        done = stack.import_(profile, path)
        assert done.returncode == 0, done.stderr
        assert "refused" not in done.stdout
        assert done.stderr == "", "no progress bar where nobody watches"
    return stack
