"""Customers imported: registered, or amended when their row has changed."""

from collections.abc import Iterable, Mapping
from dataclasses import fields
from uuid import NAMESPACE_URL, UUID, uuid5

from keqing_pipeline.claims import claims_on
from keqing_pipeline.customer.amending import row_digest
from keqing_pipeline.customer.commands import ImportCustomer
from keqing_pipeline.customer.facts import CustomerRegistered
from keqing_pipeline.customer.file import CustomerFile
from keqing_pipeline.customer.likeness import Marks
from keqing_pipeline.customer.refusals import CustomerUnknown
from keqing_pipeline.customer.rules import CUSTOMER
from keqing_pipeline.customer.sameness import (
    EXTERNAL,
    Candidate,
    Key,
    duplicate,
    holding,
    name_and_phone_keys,
    reference_keys,
    taken,
    together,
)
from keqing_pipeline.duplicates import as_seen, near_to
from keqing_pipeline.imports.rows import ROWS_AT_ONCE, CustomerImport
from keqing_pipeline.imports.standing import Importer
from keqing_shared.domain import Fact
from keqing_shared.http import Doing
from keqing_shared.imports import Carrying, Piece, RowResult, Rows, RowStatus, waves
from keqing_shared.log import Taken
from keqing_shared.streams import Unit


async def import_customers(do: Doing, rows: Rows[CustomerImport], *, dry_run: bool) -> list[RowResult]:
    importer = await Importer.of(do, (row.owner for row in rows.good.values()))
    carrying = Carrying(do, CustomerRegistered, dry_run=dry_run, refusal=_named)
    held = Held()
    results: list[RowResult] = []
    for part in rows.parts(ROWS_AT_ONCE):
        results += await _part(do, importer, carrying, part, held)
    return results


async def _part(
    do: Doing,
    importer: Importer,
    carrying: Carrying,
    rows: Rows[CustomerImport],
    held: "Held",
) -> list[RowResult]:
    keys = {line: _keys(row) for line, row in rows.good.items()}
    await held.learn(do, [key for of_row in keys.values() for key in of_row])
    ids = {line: _id_of(row, held) for line, row in rows.good.items()}
    near = await _near(do, {line: _new_marks(row, ids[line], held) for line, row in rows.good.items()})
    results = list(rows.bad)
    for wave in waves({line: (ids[line], *keys[line]) for line in rows.good}):
        tries = {line: Try(rows.good[line], ids[line], near.get(line, ())) for line in wave}
        carried = await carrying.carry({line: one.piece(importer, held) for line, one in tries.items()})
        for result in carried:
            if result.outcome is not RowStatus.REFUSED:
                tries[result.line].went_in(held)
        results += carried
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
        self.update(await do.service.log.claimed_many(new))


def _keys(row: CustomerImport) -> tuple[Key, ...]:
    return (*name_and_phone_keys(row), *reference_keys(row))


def _id_of(row: CustomerImport, held: dict[Key, UUID]) -> UUID:
    """Who holds its first reference, else an id that the same row will always get."""
    first = str(row.external[0])
    return held.get((EXTERNAL, first)) or uuid5(NAMESPACE_URL, f"keqing:customer:{first}")


def _new_marks(row: CustomerImport, own: UUID, held: Mapping[Key, UUID]) -> Marks:
    """The name and the phones that are not the row's own already."""
    name, *phones = name_and_phone_keys(row)
    return Marks(
        name=None if held.get(name) == own else row.name,
        phones=tuple(key for scope, key in phones if held.get((scope, key)) != own),
    )


async def _near(do: Doing, marks: Mapping[int, Marks]) -> dict[int, tuple[Candidate, ...]]:
    """By line, who is nearly the same; rows of one request meet each other by their keys only."""
    sought = {line: one for line, one in marks.items() if one != Marks()}
    near = await near_to(do, sought, score=do.policy.duplicates.refused_from)
    return {line: await as_seen(do, candidates) for line, candidates in near.items()}


class Try:
    """One row on its way in, and which keys that takes and leaves."""

    def __init__(self, row: CustomerImport, id: UUID, near: tuple[Candidate, ...]) -> None:
        self.row = row
        self.id = id
        self.near = tuple(one for one in near if one.id != id)
        self.taken: tuple[Key, ...] = ()
        self.left: tuple[Key, ...] = ()

    def went_in(self, held: dict[Key, UUID]) -> None:
        """Keeps ``held`` up to date."""
        held.update(dict.fromkeys(self.taken, self.id))
        for key in self.left:
            held.pop(key, None)

    def piece(self, importer: Importer, held: Mapping[Key, UUID]) -> Piece:
        """``held``: who holds which key, as far as is known."""
        row, because = self.row, self.row.distinct_because
        file = CustomerFile(**{f.name: getattr(row, f.name) for f in fields(CustomerFile)})
        keys = _keys(row)

        async def work(unit: Unit) -> list[Fact]:
            state = (await unit.load(CUSTOMER, self.id)).state
            if state is None or state.import_digest != row_digest(file, row.owner):
                importer.check(row.owner)
            before: tuple[Key, ...] = ()
            if state is not None:
                if not importer.sees(state.owner):
                    raise CustomerUnknown
                before = (*name_and_phone_keys(state.file), *reference_keys(state.file))
            self.taken = tuple(key for key in keys if key not in before)
            # A row knows only its own references: those of others stay, only names and phones are let go.
            self.left = tuple(key for key in before if key not in keys and key[0] != EXTERNAL)
            command = ImportCustomer(
                file=file,
                owner=row.owner,
                distinct_because=because,
                resembles=self._others(held, because),
            )
            return await unit.execute(
                CUSTOMER,
                self.id,
                command,
                claims=claims_on(self.taken, because),
                releases=claims_on(self.left, None),
            )

        return Piece(work, self.id, str(row.external[0]), ((CUSTOMER, self.id),))

    def _others(self, held: Mapping[Key, UUID], because: str | None) -> tuple[UUID, ...]:
        others = {key: held[key] for key in self.taken if held.get(key, self.id) != self.id}
        holders = [holding(holder, [scope]) for (scope, _), holder in others.items()]
        references = [key for scope, key in others if scope == EXTERNAL]
        if references:
            raise taken(references, together(*holders))
        found = together(*holders, *(self.near if self.taken else ()))
        if found and because is None:
            raise duplicate(found)
        return tuple(one.id for one in found)


def _named(refusal: Exception) -> Exception:
    """Somebody was faster, or an earlier row of this import: the same refusal as to a later one."""
    if not isinstance(refusal, Taken):
        return refusal
    scope, key = refusal.members["scope"], refusal.members["key"]
    holder = holding(refusal.holder, [scope])
    return taken([key], [holder]) if scope == EXTERNAL else duplicate([holder])
