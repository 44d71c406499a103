"""The Keqing that the demo fills: the one that runs, or one of our own when none does."""

import os
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

import httpx

from keqing_local.failure import CannotRun
from keqing_local.process import ServerProcess, tethered
from keqing_shared.settings import Settings

READY_SECONDS = 120.0
_PROGRAM = "from keqing_local.cli import main; main()"


class OwnStack:
    """``keqing run`` as our child: in a session of its own, for Ctrl-C is for us, who have the clock to
    give back first."""

    def __init__(self, settings: Settings, url: str) -> None:
        home = settings.home.absolute()
        _make(home)
        command = tethered(
            [sys.executable, "-c", _PROGRAM, "run"],
            folder=home,
            dies_by=signal.SIGTERM,
        )
        self._url = url
        self._process = ServerProcess("keqing run", command, home / "demo-run.log", dict(os.environ))

    def wait_ready(self) -> None:
        """Raises CannotRun with its last words when it does not come up."""
        until = time.monotonic() + READY_SECONDS
        while not self._answers():
            self._process.check()
            if time.monotonic() > until:
                raise CannotRun(f"keqing run is not ready after {READY_SECONDS:.0f} s: {self._process.log}")
            time.sleep(0.1)

    def _answers(self) -> bool:
        """It takes its port first, and answers late, or with a reset when it does not come up."""
        try:
            return answers(self._url)
        except CannotRun:
            return False

    def serve(self) -> None:
        """Until Ctrl-C or SIGTERM, or until it ends by itself: CannotRun."""
        asked = False

        def stop(_number: int, _frame: FrameType | None) -> None:
            nonlocal asked
            asked = True

        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, stop)
        while not asked:
            if self._process.died():
                raise CannotRun(self._process.epitaph())
            time.sleep(0.2)

    def stop(self) -> None:
        """In order, as Ctrl-C would."""
        self._process.stop(signal.SIGTERM, patience=30.0)


@contextmanager
def running(settings: Settings, url: str) -> Iterator[OwnStack | None]:
    """None: one runs already, at ``url`` or here. Else our own, stopped at the end. Raises CannotRun."""
    here = f"http://127.0.0.1:{settings.port}"
    if url or answers(here):
        yield None
        return
    own = OwnStack(settings, here)
    try:
        own.wait_ready()
        yield own
    finally:
        own.stop()


def answers(url: str) -> bool:
    """Whether Keqing does there. Raises CannotRun when something else does."""
    try:
        response = httpx.get(f"{url}/pipeline/health/live", timeout=5.0, trust_env=False)
    except httpx.ConnectError:
        return False
    except httpx.TimeoutException:
        raise CannotRun(f"{url} does not answer in time") from None
    except httpx.TransportError as problem:
        raise CannotRun(f"{url} is not Keqing: {str(problem) or type(problem).__name__}") from None
    if not response.is_success or "alive" not in response.text:
        raise CannotRun(f"something else than Keqing answers at {url} (set KEQING_PORT)")
    return True


def _make(home: Path) -> None:
    try:
        home.mkdir(parents=True, exist_ok=True)
    except OSError as problem:
        raise CannotRun(f"cannot write to {home} (KEQING_HOME): {problem.strerror}") from None
