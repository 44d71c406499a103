"""A row of customers on its way in: what it is known by, whom it is like, which keys it takes and leaves."""

from collections.abc import Mapping
from datetime import date
from uuid import NAMESPACE_URL, UUID, uuid5

from keqing_pipeline.claims import claims_on
from keqing_pipeline.customer.amending import row_digest
from keqing_pipeline.customer.commands import ImportCustomer
from keqing_pipeline.customer.file import CustomerFile, part_of
from keqing_pipeline.customer.likeness import Marks
from keqing_pipeline.customer.refusals import CustomerUnknown
from keqing_pipeline.customer.rules import CUSTOMER
from keqing_pipeline.customer.sameness import (
    EXTERNAL,
    Candidate,
    Key,
    duplicate,
    holding,
    keys_of,
    name_and_phone_keys,
    reference_keys,
    taken,
    together,
)
from keqing_pipeline.imports.rows import CustomerImport
from keqing_pipeline.imports.standing import Importer
from keqing_pipeline.owning import owned
from keqing_shared.domain import Fact
from keqing_shared.imports import Piece
from keqing_shared.streams import Unit

Holders = Mapping[Key, UUID]
"""Who holds which key, as far as is known."""


class CustomerRow:
    """One row, and what has come to light about it."""

    def __init__(self, line: int, row: CustomerImport) -> None:
        self.line = line
        self.row = row
        self.marks = Marks(name=row.name, phones=row.phones)
        self.own_keys = keys_of(self.marks)
        self.keys = (*self.own_keys, *reference_keys(row))
        self.external = str(row.external[0])
        self.id: UUID = uuid5(NAMESPACE_URL, f"keqing:customer:{self.external}")
        """The same row will always get it, unless somebody holds its first reference already."""
        self.near: tuple[Candidate, ...] = ()
        """Who is nearly the same."""
        self.taken: tuple[Key, ...] = ()
        self.left: tuple[Key, ...] = ()

    def found(self, held: Holders) -> None:
        """It is whoever holds its first reference."""
        self.id = held.get((EXTERNAL, self.external), self.id)

    def new_marks(self, held: Holders) -> Marks | None:
        """The name and the phones that are not its own already; None when all are."""
        new = [key for key in self.own_keys if held.get(key) != self.id]
        if len(new) == len(self.own_keys):
            return self.marks
        if not new:
            return None
        named = new[0] == self.own_keys[0]
        phones = tuple(key for _, key in (new[1:] if named else new))
        return Marks(name=self.row.name if named else None, phones=phones)

    def piece(self, importer: Importer, held: Holders, today: date) -> Piece:
        row = self.row
        file = part_of(row, CustomerFile)

        async def work(unit: Unit) -> list[Fact]:
            state = (await unit.load(CUSTOMER, self.id)).state
            if state is None or state.import_digest != row_digest(file, row.owner):
                importer.check(row.owner)
            self.taken = self.keys
            self.left = ()
            if state is not None:
                if not importer.sees(state.owner):
                    raise CustomerUnknown
                before = (*name_and_phone_keys(state.file), *reference_keys(state.file))
                self.taken = tuple(key for key in self.keys if key not in before)
                # A row knows only its own references: those of others stay, only names and phones are let go.
                self.left = tuple(key for key in before if key not in self.keys and key[0] != EXTERNAL)
            command = ImportCustomer(
                file=file,
                owner=row.owner,
                distinct_because=row.distinct_because,
                resembles=self._others(held),
            )
            return await owned(
                unit,
                self.id,
                command,
                today,
                claims=claims_on(self.taken, row.distinct_because),
                releases=claims_on(self.left, None),
            )

        return Piece(work, self.id, self.external, ((CUSTOMER, self.id),))

    def _others(self, held: Holders) -> tuple[UUID, ...]:
        """Whom it is another than, for a reason. Raises DuplicateCustomer, ReferenceTaken."""
        others = {key: held[key] for key in self.taken if held.get(key, self.id) != self.id}
        near = [one for one in self.near if one.id != self.id] if self.taken else []
        if not others and not near:
            return ()
        holders = [holding(holder, [scope]) for (scope, _), holder in others.items()]
        references = [key for scope, key in others if scope == EXTERNAL]
        if references:
            raise taken(references, together(*holders))
        found = together(*holders, *near)
        if self.row.distinct_because is None:
            raise duplicate(found)
        return tuple(one.id for one in found)
