"""The moments at which the clock stands while the plan is carried out: three of each working day."""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from keqing_local.demo.plan import Deed, Plan

HOURS = ((9, 40), (14, 10), (17, 20))
"""In the first slot the night's mail and the morning are written up, in the last the afternoon."""


@dataclass(frozen=True)
class Slot:
    moment: datetime
    morning: bool
    """The first of its day."""
    work: tuple[tuple[Deed, ...], ...]
    """Of each customer concerned, in order."""

    @property
    def contexts(self) -> frozenset[str]:
        """Who is asked to do something."""
        return frozenset(deed.context for deeds in self.work for deed in deeds)


def slots(plan: Plan) -> Iterator[Slot]:
    """In order. A deed is done in the first slot that is not before it."""
    days = list(plan.days.all())
    moments = [plan.days.at(day, *hour) for day in days for hour in HOURS]
    work: list[dict[int, list[Deed]]] = [{} for _ in moments]
    for number, diary in enumerate(plan.diaries):
        for deed in diary:
            work[_slot_of(deed, moments)].setdefault(number, []).append(deed)
    for index, moment in enumerate(moments):
        morning = index % len(HOURS) == 0
        if morning or work[index]:
            yield Slot(moment, morning, tuple(tuple(deeds) for deeds in work[index].values()))


def _slot_of(deed: Deed, moments: Sequence[datetime]) -> int:
    return bisect_left(moments, deed.at)
