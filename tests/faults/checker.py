"""What writers were told, held against what observers saw. It knows no store: any that can be written to and
observed can be held against it.

Every attempt to append carries a token of its own. A writer says of each what it was told: acknowledged,
or refused; of the others (a connection lost, a process killed) nobody knows, and they may be there or not.
"""

import os
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple


class Seen(NamedTuple):
    """A fact as an observer saw it; ``at`` by the machine's monotonic clock, which all processes share."""

    position: int
    token: int
    stream: str
    version: int
    at: float


@dataclass
class Ledger:
    """What the writers were told, by token."""

    acknowledged: dict[int, float] = field(default_factory=dict)
    """When."""
    refused: set[int] = field(default_factory=set)
    """In conflict, or taken back by the writer: to be seen by nobody."""


@dataclass
class Outcome:
    """Of one fault; summed up over all observers, the stall being the longest of any."""

    facts: int = 0
    missed: int = 0
    repeated: int = 0
    reordered: int = 0
    ghosts: int = 0
    """Refused, and seen all the same."""
    stall: float = 0.0
    """Seconds in which an observer made no progress though a fact it had not seen was acknowledged."""
    slowest: str = ""
    """Whose stall that was."""

    @property
    def sound(self) -> bool:
        return not (self.missed or self.repeated or self.reordered or self.ghosts)


class Sight:
    """One observer, and what it saw in its order."""

    def __init__(self, name: str, wanted: Callable[[int], bool] = lambda token: True) -> None:
        self.name = name
        self.wanted = wanted
        """Which tokens it ought to see."""
        self.in_streams = False
        """Whether only each stream's order is promised (while some wait for their customer's poison)."""
        self.unseen: set[int] = set()
        """Acknowledged, wanted and not seen yet."""
        self.reached = 0.0
        """When it last saw something."""
        self._seen: set[int] = set()
        self._position = 0
        self._versions: dict[str, int] = {}
        self._before = 0.0
        self.begin()

    def begin(self) -> None:
        """From here on another fault is counted."""
        self.repeated = self.reordered = 0
        self._arrived: list[tuple[Seen, float]] = []

    def forget(self) -> None:
        """What it looks at begins anew (a stream of messages that was written again)."""
        self.unseen |= self._seen
        self._seen, self._position, self._versions = set(), 0, {}

    def acknowledged(self, tokens: Iterable[int]) -> None:
        self.unseen.update(token for token in tokens if token not in self._seen and self.wanted(token))

    def saw(self, sightings: Iterable[Seen]) -> None:
        for one in sightings:
            if one.at > self.reached:
                self._before, self.reached = self.reached, one.at
            if one.token in self._seen:
                self.repeated += 1
                continue
            self._seen.add(one.token)
            self.unseen.discard(one.token)
            later = one.version > self._versions.get(one.stream, 0)
            if not later or (one.position <= self._position and not self.in_streams):
                self.reordered += 1
            self._position = max(self._position, one.position)
            self._versions[one.stream] = one.version
            self._arrived.append((one, self._before))

    def arrived(self) -> Sequence[Seen]:
        """Since the fault began."""
        return [one for one, _ in self._arrived]

    def stall(self, ledger: Ledger, excused: Collection[str] = ()) -> float:
        """Streams that are ``excused`` had to wait."""
        waited = (
            one.at - max(ledger.acknowledged[one.token], before)
            for one, before in self._arrived
            if one.token in ledger.acknowledged and one.stream not in excused
        )
        return max(waited, default=0.0)


def judge(
    ledger: Ledger, sights: Sequence[Sight], *, excused: Collection[str] = (), away: Collection[str] = ()
) -> Outcome:
    """Of a fault that is over, once nothing more is on its way. ``excused`` streams had to wait, observers
    that were ``away`` could not look."""
    outcome = Outcome(facts=len(ledger.acknowledged))
    places: dict[int, int] = {}
    ghosts: set[int] = set()
    for sight in sights:
        outcome.missed += len(sight.unseen)
        outcome.repeated += sight.repeated
        outcome.reordered += sight.reordered
        if sight.name not in away and (stall := sight.stall(ledger, excused)) > outcome.stall:
            outcome.stall, outcome.slowest = stall, sight.name
        for one in sight.arrived():
            if places.setdefault(one.position, one.token) != one.token:
                outcome.reordered += 1  # two observers, two orders
            if one.token in ledger.refused:
                ghosts.add(one.token)
    outcome.ghosts = len(ghosts)
    return outcome


class Report:
    """A file of lines, written so that a killed process loses none."""

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)

    def write(self, lines: Iterable[str]) -> None:
        os.write(self._file, "".join(f"{line}\n" for line in lines).encode())

    def close(self) -> None:
        os.close(self._file)


class Reading:
    """The lines of a report that were not read before."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._at = 0

    def news(self) -> list[list[str]]:
        """Each as its words."""
        if not self._path.exists():
            return []
        with self._path.open("rb") as file:
            file.seek(self._at)
            whole, _, _ = file.read().rpartition(b"\n")
        if not whole:
            return []
        self._at += len(whole) + 1
        return [line.decode(errors="replace").split() for line in whole.splitlines()]
