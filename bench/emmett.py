"""Emmett's event store on PostgreSQL, in Node: installed by name, beside everything, where npm is at hand."""

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

SOURCE = Path(__file__).parent / "rivals" / "emmett"
BATCH = 1_000
"""Facts that its projector pulls at a time: its own 100 make it slower."""


class Emmett:
    """Each measurement is a process of its own, which times itself."""

    def __init__(self, home: Path) -> None:
        self._home = home

    @classmethod
    def installed(cls, home: Path, told: Callable[[str], None]) -> "Emmett | None":
        """None, with a word about it, where it cannot be had."""
        npm = shutil.which("npm")
        if npm is None or shutil.which("node") is None:
            told("Emmett is left out: npm is not installed here")
            return None
        shutil.copytree(SOURCE, home)
        command = [npm, "install", "--no-audit", "--no-fund", "--no-package-lock", "--loglevel=error"]
        done = subprocess.run(command, cwd=home, capture_output=True, text=True, timeout=300)
        if done.returncode:
            told(f"Emmett is left out: npm does not get it: {done.stderr.strip()[-300:]}")
            return None
        return cls(home)

    def fill(self, url: str, streams: int, facts: int) -> None:
        """So many facts into each of so many new streams."""
        self._said("fill", url, streams, facts)

    def load(self, url: str, facts: int, seconds: float) -> float:
        """Loads a second of the first stream of so many facts."""
        return self._said("load", url, facts, seconds)

    def rebuild(self, url: str, facts: int) -> float:
        """Facts a second, of the so many that there are."""
        return self._said("rebuild", url, facts, BATCH)

    def _said(self, what: str, *given: object) -> float:
        command = ["node", "rival.mjs", what, *map(str, given)]
        done = subprocess.run(command, cwd=self._home, capture_output=True, text=True, timeout=600)
        if done.returncode:
            raise RuntimeError(f"Emmett, {what}: {done.stderr[-2000:]}")
        return float(json.loads(done.stdout) or 0.0)
