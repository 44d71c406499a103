"""``KEQING_HOME``: the folder that holds what the local stack remembers, used by one run at a time."""

import fcntl
import os
from pathlib import Path
from types import TracebackType

from keqing_local.failure import CannotRun


class Home:
    """As a context: held by us, until we leave or die."""

    def __init__(self, path: Path) -> None:
        self.path = path.absolute()
        self._lock: int | None = None

    def try_hold(self) -> bool:
        """Hold it, unless another run does."""
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            lock = os.open(self.path / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as problem:
            raise CannotRun(f"cannot write to {self.path} (KEQING_HOME): {problem.strerror}") from None
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(lock)
            return False
        self._lock = lock
        return True

    def release(self) -> None:
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def __enter__(self) -> "Home":
        if not self.try_hold():
            raise CannotRun(f"another run uses {self.path}: stop it, or give this one its own KEQING_HOME")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()
