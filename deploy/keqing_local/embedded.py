"""A server of ours, from its wheel: launched, ready, stopped, killed."""

import signal
import time
from abc import ABC, abstractmethod
from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

from keqing_local.failure import CannotRun
from keqing_local.process import ServerProcess


class EmbeddedServer(ABC):
    """Under ``home``, ours alone, dying with us."""

    name: ClassVar[str]
    stopped_by: ClassVar[Sequence[signal.Signals]]
    """The second when the first does not help, and so on."""
    stops_within: ClassVar[float] = 10.0
    """Seconds that each of them is given."""

    def __init__(self, home: Path) -> None:
        self.home = home.resolve()
        self._process: ServerProcess | None = None

    @property
    def pid(self) -> int:
        return self._running.pid

    def start(self, timeout: float = 60.0) -> None:
        """Launch and wait until it is ready."""
        self.launch()
        until = time.monotonic() + timeout
        while not self.ready():
            if time.monotonic() > until:
                self.kill()
                raise CannotRun(f"{self.name} is not ready after {timeout:.0f} s (see {self.home / 'log'})")
            time.sleep(0.01)

    @abstractmethod
    def launch(self) -> None:
        """Start without waiting; ``ready`` tells when it is up."""

    def ready(self) -> bool:
        """Whether clients are answered by now; ``CannotRun`` with its last words when it died instead."""
        self._running.check()
        return self._answers()

    @abstractmethod
    def _answers(self) -> bool: ...

    def epitaph(self) -> str:
        """The last words of a server that died."""
        return self._running.epitaph()

    def died(self) -> bool:
        return self._process is not None and self._process.died()

    def stop(self) -> None:
        """It writes everything down and goes."""
        if self._process is not None:
            self._process.stop(*self.stopped_by, patience=self.stops_within)
            self._process = None

    def kill(self) -> None:
        """As a power cut would; the next start recovers."""
        if self._process is not None:
            self._process.stop(signal.SIGKILL)
            self._process = None

    @property
    def _running(self) -> ServerProcess:
        assert self._process is not None, "not started"
        return self._process
