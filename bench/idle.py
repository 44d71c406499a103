"""The whole local stack as ``make run`` starts it: when it is ready, and the memory it takes while idle.

Memory that processes share counts once, where the system tells it apart (PSS).
"""

import os
import signal
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import psutil

from bench.ground import Ground
from bench.measure import START_SECONDS, Limit, free_port

READY_SECONDS = 5.0
MOST_MB = 500.0
SETTLED_SECONDS = 10.0
"""After the start, before the memory is looked at."""


def measure(ground: Ground) -> list[Limit]:
    """The first start makes the databases; the others find them."""
    home = ground.home / "idle"
    with _run(home, ground.home / "idle.log") as (first, process):
        time.sleep(SETTLED_SECONDS)
        taken = _megabytes(process)
    again = []
    for _ in range(ground.rounds):
        with _run(home, ground.home / "idle.log") as (seconds, _process):
            again.append(seconds)
    for name, megabytes in taken.items():
        ground.told(f"{name}: {megabytes:.0f} MB")
    return [
        Limit("the whole stack is ready, its first start", first, READY_SECONDS, "s"),
        Limit("the whole stack is ready, any later start", statistics.median(again), READY_SECONDS, "s"),
        Limit("the whole stack, idle", sum(taken.values()), MOST_MB, "MB"),
    ]


@contextmanager
def _run(home: Path, log: Path) -> Iterator[tuple[float, psutil.Process]]:
    """``keqing run``, as soon as it says that it is ready: after how many seconds, and its process."""
    port = free_port()
    command = [str(Path(sys.executable).with_name("keqing")), "run"]
    settings = {"KEQING_ENV": "development", "KEQING_HOME": str(home), "KEQING_PORT": str(port)}
    begin = time.perf_counter()
    with (
        log.open("wb") as said,
        subprocess.Popen(command, env={**os.environ, **settings}, stdout=said, stderr=said) as it,
    ):
        try:
            _wait_until_ready(port, it, log)
            yield time.perf_counter() - begin, psutil.Process(it.pid)
        finally:
            it.send_signal(signal.SIGINT)
            it.wait(30)


def _wait_until_ready(port: int, process: "subprocess.Popen[bytes]", log: Path) -> None:
    until = time.monotonic() + START_SECONDS
    with httpx.Client(trust_env=False) as client:
        while time.monotonic() < until and process.poll() is None:
            try:
                if client.get(f"http://127.0.0.1:{port}/health/ready").is_success:
                    return
            except httpx.TransportError:
                time.sleep(0.02)
    raise RuntimeError(f"it did not get ready: {log.read_text(errors='replace')[-2000:]}")


def _megabytes(process: psutil.Process) -> dict[str, float]:
    """By program."""
    taken: dict[str, float] = {}
    for one in (process, *process.children(recursive=True)):
        memory = one.memory_full_info()
        used = getattr(memory, "pss", memory.rss)
        taken[one.name()] = taken.get(one.name(), 0.0) + used / 1e6
    return taken
