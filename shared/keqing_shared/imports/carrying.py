"""Rows carried out together, in few round trips: for good, or only tried."""

from collections.abc import Awaitable, Callable, Collection, Hashable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from keqing_shared.domain import Aggregate, Fact
from keqing_shared.http import Doing
from keqing_shared.imports.report import RowResult, RowStatus, refused
from keqing_shared.log import Meta
from keqing_shared.streams import Rehearsal, Unit

WHY = "import"
"""The reason kept with facts of an import whose sender gave none."""

Work = Callable[[Unit], Awaitable[list[Fact]]]
"""Executes on the unit it is given and says which facts were decided; run again after a conflict."""


@dataclass(frozen=True)
class Piece:
    """A row as work to be done."""

    work: Work
    id: UUID
    """Of what it makes or amends."""
    external: str
    """What it is known again by."""
    streams: tuple[tuple[Aggregate[Any], UUID], ...]
    """Those it will load."""
    names: tuple[Hashable, ...] = ()
    """What it must not meet another row about, beside its id."""


class Carrying:
    """Pieces of one request, each succeeding or refused alone.

    In a dry run nothing is appended; later rows see what earlier ones would have done, but claims are
    not looked at: a work that makes some checks them itself.
    """

    def __init__(
        self,
        do: Doing,
        begins: type[Fact],
        *,
        dry_run: bool,
        refusal: Callable[[Exception], Exception] = lambda why: why,
    ) -> None:
        """``begins``: the first fact of what a row creates. ``refusal``: how a row's refusal is told."""
        self._do = do
        self._begins = begins
        self._refusal = refusal
        self._rehearsal = Rehearsal(do.service.streams) if dry_run else None

    async def carry(self, pieces: Mapping[int, Piece]) -> list[RowResult]:
        """By line; of pieces about the same thing the later ones meet what came of the earlier."""
        results: list[RowResult] = []
        for wave in waves({line: (piece.id, *piece.names) for line, piece in pieces.items()}):
            together = [pieces[line] for line in wave]
            outcomes = await self._carried(together)
            for line, piece, outcome in zip(wave, together, outcomes, strict=True):
                results.append(self._result(line, piece, outcome))
        return results

    def _result(self, line: int, piece: Piece, outcome: list[Fact] | Exception) -> RowResult:
        if isinstance(outcome, Exception):
            return refused(line, self._refusal(outcome), piece.external)
        if not outcome:
            status = RowStatus.UNCHANGED
        else:
            status = RowStatus.CREATED if isinstance(outcome[0], self._begins) else RowStatus.AMENDED
        return RowResult(line=line, outcome=status, id=piece.id, external=piece.external)

    async def _carried(self, pieces: list[Piece]) -> list[list[Fact] | Exception]:
        do, streams = self._do, self._do.service.streams
        preload = [name for piece in pieces for name in piece.streams]
        if self._rehearsal is not None:
            await streams.preload(preload)
            return [await self._rehearsal.tried(piece.work) for piece in pieces]
        decided: list[list[Fact]] = [[] for _ in pieces]

        def work(index: int) -> Callable[[Unit], Awaitable[None]]:
            async def one(unit: Unit) -> None:
                decided[index] = await pieces[index].work(unit)

            return one

        def meta(_: int) -> Meta:
            return Meta(who=do.user.login, why=do.why or WHY, correlation_id=do.correlation_id)

        receipts = await streams.transact_many([work(i) for i in range(len(pieces))], meta, preload)
        return [
            receipt if isinstance(receipt, Exception) else facts
            for receipt, facts in zip(receipts, decided, strict=True)
        ]


def waves(names: Mapping[int, Collection[Hashable]]) -> list[list[int]]:
    """The lines in groups to be carried out one after the other: lines that have a name in common
    keep their order, the others go together."""
    groups: list[list[int]] = []
    wave_after: dict[Hashable, int] = {}
    for line, own in names.items():
        wave = max((wave_after.get(name, 0) for name in own), default=0)
        wave_after.update(dict.fromkeys(own, wave + 1))
        if wave == len(groups):
            groups.append([])
        groups[wave].append(line)
    return groups
