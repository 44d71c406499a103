"""Paired measuring: every contestant once a round, rounds repeated, medians told of the rounds' ratios."""

import json
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import httpx

from keqing_shared.collector import sparing_collector

START_SECONDS = 30.0


@dataclass
class Contestant:
    """Somebody who is measured; ``run`` does one round and says how many things it did in a second."""

    name: str
    run: Callable[[], float]
    rates: list[float] = field(default_factory=list)

    @property
    def median(self) -> float:
        return statistics.median(self.rates)


@dataclass(frozen=True)
class Row:
    """A line of the table: we against a rival, at least ``bound`` times as much."""

    what: str
    ours: float
    rival: str
    theirs: float
    ratio: float
    bound: float | None
    """None: told for what it is; the budgets do not speak of it."""
    unit: str = "/s"

    @classmethod
    def against(cls, rival: Contestant, what: str, ours: Contestant, bound: float | None) -> "Row":
        """The ratio is the median of the rounds' own, so that a machine that slows down blurs it less."""
        ratios = (we / they for we, they in zip(ours.rates, rival.rates, strict=True))
        return cls(what, ours.median, rival.name, rival.median, statistics.median(ratios), bound)

    @classmethod
    def budgeted(cls, what: str, ours: Contestant, budget: float, bound: float | None = 1.0) -> "Row":
        """There is no rival: the budget is a number."""
        return cls(what, ours.median, "the budget", budget, ours.median / budget, bound)

    @property
    def kept(self) -> bool:
        return self.bound is None or self.ratio >= self.bound

    def cells(self) -> tuple[str, ...]:
        least = "" if self.bound is None else f"{self.bound:.3g}×"
        return (self.what, figure(self.ours, self.unit), self.rival, figure(self.theirs, self.unit),
                f"{self.ratio:.2f}×", least)  # fmt: skip

    def members(self) -> dict[str, Any]:
        return {**asdict(self), "ratio": round(self.ratio, 3), "kept": self.kept}


@dataclass(frozen=True)
class Limit:
    """A line of the table without a rival: so much of ours, and not more."""

    what: str
    ours: float
    most: float | None
    unit: str

    @property
    def bound(self) -> float | None:
        return self.most

    @property
    def kept(self) -> bool:
        return self.most is None or self.ours <= self.most

    def cells(self) -> tuple[str, ...]:
        unit = f" {self.unit}" if self.unit else ""
        most = "" if self.most is None else f"≤ {figure(self.most, unit)}"
        return (self.what, figure(self.ours, unit), "", "", "", most)

    def members(self) -> dict[str, Any]:
        return {**asdict(self), "kept": self.kept}


def figure(number: float, unit: str) -> str:
    return f"{number:,.0f}{unit}" if abs(number) >= 100 else f"{number:.3g}{unit}"


def paired(contestants: Sequence[Contestant], rounds: int, told: Callable[[str], None]) -> None:
    """Everybody in every round, the order turning, so that a slow moment of the machine hits all alike.

    The garbage collector is set as in every process of ours that serves, for the rivals as well.
    """
    with sparing_collector():
        for number in range(rounds):
            turned = [*contestants[number % len(contestants) :], *contestants[: number % len(contestants)]]
            for contestant in turned:
                rate = contestant.run()
                contestant.rates.append(rate)
                told(f"round {number + 1}/{rounds}  {contestant.name}: {figure(rate, '/s')}")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def served(
    app: str, environment: Mapping[str, str], log: Path, *, within: float = START_SECONDS
) -> Iterator[int]:
    """``uvicorn APP``, one worker, uvloop and httptools, without access log; yields its port."""
    port = free_port()
    command = [sys.executable, "-m", "uvicorn", app, "--port", str(port), "--loop", "uvloop"]
    command += ["--http", "httptools", "--no-access-log", "--log-level", "warning"]
    with (
        log.open("wb") as said,
        subprocess.Popen(command, env=dict(environment), stdout=said, stderr=said) as it,
    ):
        try:
            _wait_until_serving(port, it, log, within)
            yield port
        finally:
            it.terminate()
            it.wait(20)


def _wait_until_serving(port: int, process: "subprocess.Popen[bytes]", log: Path, within: float) -> None:
    until = time.monotonic() + within
    with httpx.Client(trust_env=False) as client:
        while True:
            if process.poll() is not None or time.monotonic() > until:
                raise RuntimeError(f"it did not start: {log.read_text(errors='replace')[-2000:]}")
            try:
                client.get(f"http://127.0.0.1:{port}/openapi.json")
                return
            except httpx.TransportError:
                time.sleep(0.05)


def load(port: int, requests: Sequence[str], seconds: float) -> dict[str, Any]:
    """What ``bench.load`` measured from a process of its own. Raises when an answer was not 201."""
    done = subprocess.run(
        [sys.executable, "-m", "bench.load", str(port), str(seconds)],
        input=json.dumps(list(requests)), capture_output=True, text=True, timeout=seconds + 30, check=True,
    )  # fmt: skip
    measured: dict[str, Any] = json.loads(done.stdout)
    if measured["wrong"]:
        raise RuntimeError(f"{measured['wrong']} of {measured['done']} answers were not 201")
    return measured
