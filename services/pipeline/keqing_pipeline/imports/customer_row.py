"""A row of customers on its way in: what it is known by, whom it is like, which keys it takes and leaves."""

import dataclasses
from collections.abc import Mapping
from datetime import date
from uuid import NAMESPACE_URL, UUID, uuid5

from msgspec.structs import replace

from keqing_pipeline.claims import claims_on
from keqing_pipeline.customer.amending import owner_said
from keqing_pipeline.customer.commands import CorrectCustomer, ImportCustomer
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
from keqing_pipeline.customer.state import Customer
from keqing_pipeline.imports.exported import check_as_exported, customer_now
from keqing_pipeline.imports.rows import CustomerImport
from keqing_pipeline.imports.standing import Importer
from keqing_pipeline.own_reference import own_id
from keqing_pipeline.owning import owned
from keqing_shared.domain import Fact
from keqing_shared.imports import Piece, Rows
from keqing_shared.sheets.members import upon
from keqing_shared.streams import Loaded, Unit

Holders = Mapping[Key, UUID]
"""Who holds which key, as far as is known."""


class CustomerRow:
    """One row, and what has come to light about it."""

    def __init__(self, line: int, row: CustomerImport, rows: Rows[CustomerImport]) -> None:
        """``rows``: those of the file."""
        self.line = line
        self.row = row
        self._rows = rows
        self._here = own_id(row.external[0])
        self.marks = Marks(name=row.name, phones=row.phones)
        self.own_keys = keys_of(self.marks)
        self.references = reference_keys(row)
        self.keys = (*self.own_keys, *self.references)
        self.external = str(row.external[0])
        self.id: UUID = self._here or uuid5(NAMESPACE_URL, f"keqing:customer:{self.external}")
        """The same row will always get it, unless somebody holds its first reference already."""
        self.near: tuple[Candidate, ...] = ()
        """Who is nearly the same."""
        self.is_here = self._here is not None
        """Whether somebody answers to what it is known by."""
        self.taken: tuple[Key, ...] = ()
        self.left: tuple[Key, ...] = ()

    def found(self, held: Holders) -> None:
        """It is whoever holds its first reference."""
        holder = None if self._here else held.get((EXTERNAL, self.external))
        if holder is not None:
            self.id = holder
            self.is_here = True

    def says_more(self, held: Holders) -> bool:
        """Than that there is a new customer: about one that is here, or of whom others may be the same."""
        return (
            self.is_here
            or self.row.distinct_because is not None
            or any(reference in held for reference in self.references)
        )

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
        here = self._here

        async def work(unit: Unit) -> list[Fact]:
            loaded = await unit.load(CUSTOMER, self.id)
            state = loaded.state
            command, keys = (
                self._importing(loaded, today)
                if here is None
                else self._correcting(here, loaded, importer, today)
            )
            if state is None or owner_said(command, state):
                importer.check(command.owner)
            self.taken = keys
            self.left = ()
            if state is not None:
                if not importer.sees(state.owner):
                    raise CustomerUnknown
                before = (*name_and_phone_keys(state.file), *reference_keys(state.file))
                self.taken = tuple(key for key in keys if key not in before)
                # A row knows only its own references: those of others stay, only names and phones are let go.
                self.left = tuple(key for key in before if key not in keys and key[0] != EXTERNAL)
            facts = await owned(
                unit,
                self.id,
                replace(command, resembles=self._others(held)),
                today,
                claims=claims_on(self.taken, self.row.distinct_because),
                releases=claims_on(self.left, None),
            )
            check_as_exported(facts, self.row.version, loaded.version)
            return facts

        return Piece(work, self.id, self.external, ((CUSTOMER, self.id),), new=not self.is_here)

    def _importing(self, loaded: Loaded[Customer], today: date) -> tuple[ImportCustomer, tuple[Key, ...]]:
        """Of one that is here what the row says nothing of stays."""
        row, known = self.row, loaded.state
        file, because = part_of(row, CustomerFile), row.distinct_because
        command = ImportCustomer(file=file, owner=row.owner, today=today, distinct_because=because)
        if known is None or not owner_said(command, known):
            return command, self.keys
        wanted = part_of(self._upon(self.id, loaded.version, known), CustomerFile)
        return replace(command, wanted=wanted), (*name_and_phone_keys(wanted), *self.references)

    def _upon(self, id: UUID, version: int, known: Customer) -> CustomerImport:
        """What is here, with what the row says in its place."""
        return upon(customer_now(id, version, known), self.row, self._rows.given(self.line))

    def _correcting(
        self, id: UUID, loaded: Loaded[Customer], importer: Importer, today: date
    ) -> tuple[CorrectCustomer, tuple[Key, ...]]:
        """Of one that is here: as the row says it shall be, with all that it says nothing of as it is."""
        if loaded.state is None or not importer.sees(loaded.state.owner):
            raise CustomerUnknown("no customer {named}", field="external", named=self.external)
        wanted = self._upon(id, loaded.version, loaded.state)
        file = dataclasses.replace(part_of(wanted, CustomerFile), external=wanted.external[1:])
        command = CorrectCustomer(
            file=file, owner=wanted.owner, today=today, distinct_because=wanted.distinct_because
        )
        return command, (*name_and_phone_keys(file), *reference_keys(file))

    def _others(self, held: Holders) -> tuple[UUID, ...]:
        """Whom it is another than, for a reason. Raises DuplicateCustomer, ReferenceTaken."""
        own = self.id
        others = {key: held[key] for key in self.taken if key in held and held[key] != own}
        near = [one for one in self.near if one.id != own] if self.taken else []
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
