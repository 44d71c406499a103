"""Rows carried out together, in few round trips: for good, or only tried."""

from collections.abc import Awaitable, Callable, Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from keqing_shared.domain import Aggregate, Fact
from keqing_shared.http import Doing
from keqing_shared.imports.report import RowResult, RowStatus, refused
from keqing_shared.log import IMPORT, Meta
from keqing_shared.streams import Rehearsal, Unit

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
    new: bool = False
    """Whether nobody is likely to have begun them: they are not read then. Should one be there all the same,
    the append conflicts, and the row is decided upon what is there."""


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
        self.dry_run = dry_run
        self._rehearsal = Rehearsal(do.service.streams) if dry_run else None

    async def carry(self, pieces: Mapping[int, Piece]) -> list[RowResult]:
        """By line; of pieces about the same thing the later ones meet what came of the earlier."""
        results: list[RowResult] = []
        for wave in waves({line: (piece.id.int,) for line, piece in pieces.items()}):
            together = [pieces[line] for line in wave]
            outcomes = await self._carried(together)
            for line, piece, outcome in zip(wave, together, outcomes, strict=True):
                results.append(self._result(line, piece, outcome))
        return results

    def _result(self, line: int, piece: Piece, outcome: Sequence[str] | Exception) -> RowResult:
        if isinstance(outcome, Exception):
            return refused(line, self._refusal(outcome), piece.external)
        if not outcome:
            status = RowStatus.UNCHANGED
        else:
            status = RowStatus.CREATED if outcome[0] == self._begins.__name__ else RowStatus.AMENDED
        return RowResult(line=line, outcome=status, id=piece.id, external=piece.external)

    async def _carried(self, pieces: list[Piece]) -> list[Sequence[str] | Exception]:
        """The names of the facts that came of each."""
        do, streams = self._do, self._do.service.streams
        if self._rehearsal is not None:
            await self._rehearsal.read_ahead([name for piece in pieces for name in piece.streams])
            tried = [await self._rehearsal.tried(piece.work) for piece in pieces]
            return [
                facts if isinstance(facts, Exception) else [type(fact).__name__ for fact in facts]
                for facts in tried
            ]

        def meta(_: int) -> Meta:
            return Meta(who=do.user.login, why=do.why or IMPORT, correlation_id=do.correlation_id)

        ahead = [name for piece in pieces if not piece.new for name in piece.streams]
        absent = [name for piece in pieces if piece.new for name in piece.streams]
        receipts = await streams.transact_many([piece.work for piece in pieces], meta, ahead, absent)
        return [receipt if isinstance(receipt, Exception) else receipt.facts for receipt in receipts]


def waves(names: Mapping[int, Collection[Hashable]]) -> list[list[int]]:
    """The lines in groups to be carried out one after the other: lines that have a name in common
    keep their order, the others go together."""
    if len(set().union(*names.values())) == sum(map(len, names.values())):
        return [list(names)] if names else []  # as nearly always: no line has to do with another
    groups: list[list[int]] = []
    wave_after: dict[Hashable, int] = {}
    for line, own in names.items():
        wave = max((wave_after.get(name, 0) for name in own), default=0)
        wave_after.update(dict.fromkeys(own, wave + 1))
        if wave == len(groups):
            groups.append([])
        groups[wave].append(line)
    return groups
