"""A server of ours as a child process: started, watched, stopped, and found again after a killed run."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Literal

import psutil

from keqing_local.failure import CannotRun

Identity = Literal["keep", "never-root", "namespace", "dropped"]

_TETHERED = Path(__file__).with_name("tethered.py")
_LOG_KEPT = 5_000_000
"""Bytes of a server's log file beyond which the next start begins it anew."""


def tethered(
    program: Sequence[str], *, folder: Path, dies_by: signal.Signals, identity: Identity = "keep"
) -> list[str]:
    """The command line that runs ``program`` so that it dies with us and never as root.

    The tie is to the starting *thread*: start servers from the main one.
    """
    tie = [str(os.getpid()), str(int(dies_by)), str(folder), identity]
    return [sys.executable, "-I", "-S", str(_TETHERED), *tie, "--", *program]


class ServerProcess:
    """One running server, with its output in a log file."""

    def __init__(self, name: str, command: Sequence[str], log: Path, environ: dict[str, str]) -> None:
        self.name, self.log = name, log
        if log.exists() and log.stat().st_size > _LOG_KEPT:
            log.unlink()
        with log.open("ab") as output:
            self._log_start = output.tell()
            self._process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, env=environ
            )

    @property
    def pid(self) -> int:
        return self._process.pid

    def died(self) -> bool:
        return self._process.poll() is not None

    def check(self) -> None:
        """``CannotRun`` with the log's last words when it died."""
        if self.died():
            raise CannotRun(f"{self.name} does not start: {self._last_words()}")

    def said(self, words: str) -> bool:
        return any(words in line for line in self._lines())

    def epitaph(self) -> str:
        return f"{self.name} has stopped by itself: {self._last_words()}"

    def _last_words(self) -> str:
        """The last thing this run wrote, preferring what it called fatal."""
        lines = self._lines()
        grave = [line for line in lines if "FATAL" in line or "PANIC" in line or "[FTL]" in line]
        return f"{(grave or lines or ['it said nothing'])[-1].strip()} (see {self.log})"

    def _lines(self) -> list[str]:
        with self.log.open("rb") as output:
            output.seek(self._log_start)
            return [line for line in output.read().decode(errors="replace").splitlines() if line.strip()]

    def stop(self, *signals: signal.Signals, patience: float = 10.0) -> None:
        """Send the signals one after the other, each when the one before did not help in time."""
        for number in (*signals, signal.SIGKILL):
            if self.died():
                return
            self._process.send_signal(number)
            try:
                self._process.wait(patience)
            except subprocess.TimeoutExpired:
                continue
        self._process.wait(patience)


def end_leftover(pid: int, belongs: Callable[[psutil.Process], bool], *signals: signal.Signals) -> None:
    """Stop a server that outlived a killed run, if ``pid`` still is that server and not a stranger."""
    try:
        process = psutil.Process(pid)
        if not belongs(process):
            return
        for number in (*signals, signal.SIGKILL):
            process.send_signal(number)
            try:
                process.wait(10)
                return
            except psutil.TimeoutExpired:
                continue
    except psutil.NoSuchProcess:
        return
