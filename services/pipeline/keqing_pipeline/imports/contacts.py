"""Contacts imported: added with who covers them, or amended when their row says something else."""

import hashlib
from collections.abc import Callable
from functools import partial
from uuid import NAMESPACE_URL, UUID, uuid5

import msgspec

from keqing_pipeline.contact.commands import AddContact, AmendContact, CoverContact, UncoverContact
from keqing_pipeline.contact.facts import ContactAdded
from keqing_pipeline.contact.profile import ContactProfile
from keqing_pipeline.contact.refusals import ContactElsewhere
from keqing_pipeline.contact.rules import CONTACT, Contact
from keqing_pipeline.customer.file import part_of
from keqing_pipeline.imports.exported import check_as_exported, contact_now
from keqing_pipeline.imports.named import CustomersNamed
from keqing_pipeline.imports.rows import ROWS_AT_ONCE, ContactImport
from keqing_pipeline.imports.standing import Importer
from keqing_pipeline.own_reference import check_not_own, own_id
from keqing_pipeline.ownership import see_contact
from keqing_shared.domain import ExternalReference, Fact
from keqing_shared.http import Doing
from keqing_shared.imports import Carrying, Piece, RowResult, Rows
from keqing_shared.sheets.members import Members, upon
from keqing_shared.streams import Unit


def contact_id(external: ExternalReference) -> UUID:
    """The id that the same row will always get."""
    return uuid5(NAMESPACE_URL, f"keqing:contact:{external}")


def row_digest(profile: ContactProfile, covered_by: tuple[str, ...]) -> str:
    """Tells a row from a changed one."""
    return hashlib.sha256(msgspec.json.encode((profile, covered_by))).hexdigest()


async def import_contacts(do: Doing, rows: Rows[ContactImport], *, dry_run: bool) -> list[RowResult]:
    given = rows.good.values()
    importer = await Importer.of(do, (login for row in given for login in row.covered_by))
    customers = await CustomersNamed.by(do, importer, (row.customer for row in given))
    carrying = Carrying(do, ContactAdded, dry_run=dry_run)
    results: list[RowResult] = []
    for part in rows.parts(ROWS_AT_ONCE):
        pieces = {
            line: _piece(do, importer, row, customers, partial(part.given, line))
            if (own := own_id(row.external)) is None
            else _correction(do, importer, row, customers, own, part.given(line))
            for line, row in part.good.items()
        }
        results += part.bad + await carrying.carry(pieces)
    return results


def _piece(
    do: Doing,
    importer: Importer,
    row: ContactImport,
    customers: CustomersNamed,
    given: Callable[[], Members],
) -> Piece:
    """Of one who is here what the row says nothing of stays."""
    id = contact_id(row.external)

    async def work(unit: Unit) -> list[Fact]:
        check_not_own([row.external])
        customer_id = customers.of(row.customer)
        loaded = await unit.load(CONTACT, id)
        known = loaded.state
        profile = part_of(row, ContactProfile)
        digest = row_digest(profile, row.covered_by)
        again = known is not None and known.import_digest == digest
        command: AddContact | AmendContact
        if known is None:
            command = AddContact(
                customer_id=customer_id, profile=profile, today=do.today, import_digest=digest
            )
        else:
            _check_there(known, customer_id)
            if not again:
                now = contact_now(id, loaded.version, known)
                profile = part_of(upon(now, row, given()), ContactProfile)
            command = AmendContact(profile=profile, today=do.today, import_digest=digest)
        facts = await unit.execute(CONTACT, id, command)
        for login in () if again else row.covered_by:
            if known is None or login not in known.covered_by:
                importer.check_in_sales(login)
                facts = [*facts, *await unit.execute(CONTACT, id, CoverContact(login=login))]
        check_as_exported(facts, row.version, loaded.version)
        return facts

    return Piece(work, id, str(row.external), ((CONTACT, id),))


def _correction(
    do: Doing, importer: Importer, row: ContactImport, customers: CustomersNamed, id: UUID, given: Members
) -> Piece:
    """Of one who is here: as the row says they shall be, with all that it says nothing of as it is."""

    async def work(unit: Unit) -> list[Fact]:
        loaded = await unit.load(CONTACT, id)
        known = await see_contact(do, loaded.state)
        customers.check_not_erased(row.customer)
        wanted = upon(contact_now(id, loaded.version, known), row, given)
        if wanted.customer != known.customer_id:
            _check_there(known, customers.of(wanted.customer))
        profile = part_of(wanted, ContactProfile)
        facts = await unit.execute(CONTACT, id, AmendContact(profile=profile, today=do.today))
        for login in wanted.covered_by:
            if login not in known.covered_by:
                importer.check_in_sales(login)
                facts = [*facts, *await unit.execute(CONTACT, id, CoverContact(login=login))]
        for login in known.covered_by:
            if login not in wanted.covered_by:
                facts = [*facts, *await unit.execute(CONTACT, id, UncoverContact(login=login))]
        check_as_exported(facts, row.version, loaded.version)
        return facts

    return Piece(work, id, str(row.external), ((CONTACT, id),))


def _check_there(known: Contact, customer_id: UUID) -> None:
    if known.customer_id != customer_id:
        raise ContactElsewhere("say that they moved, or name {customer_id}", customer_id=known.customer_id)
