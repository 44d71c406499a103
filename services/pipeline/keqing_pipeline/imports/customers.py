"""Customers imported: registered, or amended when their row has changed."""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from uuid import UUID

from keqing_pipeline.customer.facts import CustomerRegistered
from keqing_pipeline.customer.likeness import Marks
from keqing_pipeline.customer.sameness import EXTERNAL, Candidate, Key, duplicate, holding, taken
from keqing_pipeline.duplicates import as_seen, near_to
from keqing_pipeline.imports.customer_row import CustomerRow
from keqing_pipeline.imports.earlier import EarlierRows
from keqing_pipeline.imports.rows import ROWS_AT_ONCE, CustomerImport
from keqing_pipeline.imports.standing import Importer
from keqing_shared.http import Doing
from keqing_shared.imports import Carrying, RowResult, Rows, RowStatus, waves
from keqing_shared.log import Taken


async def import_customers(do: Doing, rows: Rows[CustomerImport], *, dry_run: bool) -> list[RowResult]:
    importing = Importing(
        do,
        await Importer.of(do, (row.owner for row in rows.good.values())),
        Carrying(do, CustomerRegistered, dry_run=dry_run, refusal=_named),
    )
    results: list[RowResult] = []
    for part in rows.parts(ROWS_AT_ONCE):
        results += part.bad
        results += await importing.part([CustomerRow(line, row, rows) for line, row in part.good.items()])
    return results


class Importing:
    """The rows of one file, a part at a time."""

    def __init__(self, do: Doing, importer: Importer, carrying: Carrying) -> None:
        self._do = do
        self._importer = importer
        self._carrying = carrying
        self._held = Held()
        self._earlier = EarlierRows(importer, do.policy.duplicates)
        self._went_in: dict[UUID, int] = {}
        """By customer, the line that last said what it is."""

    async def part(self, rows: Sequence[CustomerRow]) -> list[RowResult]:
        """What became of them, each meeting the earlier ones that it has a key in common with or is like."""
        await self._held.learn(self._do, [key for row in rows for key in row.references])
        for row in rows:
            row.found(self._held)
        versions = await self._do.service.log.versions([row.id for row in rows if not row.is_here])
        for row in rows:
            row.is_here = row.is_here or row.id in versions
        # Of new ones the append says whether somebody has their name or phone: nobody asks twice.
        asked = [row for row in rows if self._carrying.dry_run or row.says_more(self._held)]
        await self._held.learn(self._do, [key for row in asked for key in row.own_keys])
        new = {row.line: marks for row in rows if (marks := row.new_marks(self._held)) is not None}
        near = await self._near(new)
        names: dict[int, list[Hashable]] = {row.line: [row.id.int, *row.keys] for row in rows}
        before: dict[int, list[tuple[int, Candidate]]] = {}
        for row in rows:
            for line, candidate in self._earlier.like(new[row.line]) if row.line in new else ():
                before.setdefault(row.line, []).append((line, candidate))
                names[row.line].append(candidate.id.int)  # whose rows go first
            self._earlier.add(row)
        by_line = {row.line: row for row in rows}
        results: list[RowResult] = []
        for wave in waves(names):
            together = [by_line[line] for line in wave]
            for row in together:
                said = (one for line, one in before.get(row.line, ()) if self._went_in.get(one.id) == line)
                row.near = (*near.get(row.line, ()), *said)
                row.is_here = row.is_here or row.id in self._went_in
            results += await self._carried(together)
        return results

    async def _near(self, marks: Mapping[int, Marks]) -> dict[int, tuple[Candidate, ...]]:
        """By line, who is nearly the same and was there before."""
        near = await near_to(self._do, marks, score=self._do.policy.duplicates.refused_from)
        return {line: await as_seen(self._do, candidates) for line, candidates in near.items()}

    async def _carried(self, rows: Sequence[CustomerRow]) -> list[RowResult]:
        """Rows that have nothing in common."""
        today = self._do.today
        pieces = {row.line: row.piece(self._importer, self._held, today) for row in rows}
        results = await self._carrying.carry(pieces)
        refused = {result.line for result in results if result.outcome is RowStatus.REFUSED}
        for row in rows:
            if row.line not in refused:
                self._went_in[row.id] = row.line
                self._held.changed(row.id, row.taken, row.left)
        return results


class Held(dict[Key, UUID]):
    """Who holds which key, with what earlier rows took and left: a dry run tells the log nothing of it."""

    def __init__(self) -> None:
        super().__init__()
        self._asked: set[Key] = set()

    async def learn(self, do: Doing, keys: Iterable[Key]) -> None:
        """Asks the log about those not asked about yet."""
        new = [key for key in keys if key not in self._asked]
        self._asked.update(new)
        if new:
            self.update(await do.service.log.claimed_many(new))

    def changed(self, id: UUID, taken: Sequence[Key], left: Sequence[Key]) -> None:
        self.update(dict.fromkeys(taken, id))
        for key in left:
            self.pop(key, None)


def _named(refusal: Exception) -> Exception:
    """Somebody was faster, or an earlier row of this import: the same refusal as to a later one."""
    if not isinstance(refusal, Taken):
        return refusal
    scope, key = refusal.members["scope"], refusal.members["key"]
    holder = holding(refusal.holder, [scope])
    return taken([key], [holder]) if scope == EXTERNAL else duplicate([holder])
