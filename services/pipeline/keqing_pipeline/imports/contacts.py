"""Contacts imported: added with who covers them, or amended when their row says something else."""

from dataclasses import fields
from uuid import NAMESPACE_URL, UUID, uuid5

from keqing_pipeline.contact.commands import AddContact, AmendContact, CoverContact
from keqing_pipeline.contact.facts import ContactAdded
from keqing_pipeline.contact.profile import ContactProfile
from keqing_pipeline.contact.refusals import ContactElsewhere
from keqing_pipeline.contact.rules import CONTACT
from keqing_pipeline.imports.named import CustomersNamed
from keqing_pipeline.imports.rows import ROWS_AT_ONCE, ContactImport
from keqing_pipeline.imports.standing import Importer
from keqing_shared.domain import ExternalReference, Fact
from keqing_shared.http import Doing
from keqing_shared.imports import Carrying, Piece, RowResult, Rows
from keqing_shared.streams import Unit


def contact_id(external: ExternalReference) -> UUID:
    """The id that the same row will always get."""
    return uuid5(NAMESPACE_URL, f"keqing:contact:{external}")


async def import_contacts(do: Doing, rows: Rows[ContactImport], *, dry_run: bool) -> list[RowResult]:
    given = rows.good.values()
    importer = await Importer.of(do, (login for row in given for login in row.covered_by))
    customers = await CustomersNamed.by(do, importer, (row.customer for row in given))
    carrying = Carrying(do, ContactAdded, dry_run=dry_run)
    results: list[RowResult] = []
    for part in rows.parts(ROWS_AT_ONCE):
        pieces = {line: _piece(do, importer, row, customers) for line, row in part.good.items()}
        results += part.bad + await carrying.carry(pieces)
    return results


def _piece(do: Doing, importer: Importer, row: ContactImport, customers: CustomersNamed) -> Piece:
    id = contact_id(row.external)
    profile = ContactProfile(**{f.name: getattr(row, f.name) for f in fields(ContactProfile)})

    async def work(unit: Unit) -> list[Fact]:
        customer_id = customers.of(row.customer)
        known = (await unit.load(CONTACT, id)).state
        if known is not None and known.customer_id != customer_id:
            raise ContactElsewhere(
                "say that they moved, or name {customer_id}", customer_id=known.customer_id
            )
        command = (
            AddContact(customer_id=customer_id, profile=profile, today=do.today)
            if known is None
            else AmendContact(profile=profile, today=do.today)
        )
        facts = await unit.execute(CONTACT, id, command)
        for login in row.covered_by:
            if known is None or login not in known.covered_by:
                importer.check_in_sales(login)
                facts = [*facts, *await unit.execute(CONTACT, id, CoverContact(login=login))]
        return facts

    return Piece(work, id, str(row.external), ((CONTACT, id),))
