"""What is here as the rows that its import takes, each known again by ``keqing:<id>``."""

from collections.abc import Sequence
from uuid import UUID

from keqing_pipeline.contact.profile import ContactProfile
from keqing_pipeline.contact.rules import Contact
from keqing_pipeline.customer.file import CustomerFile, file_of
from keqing_pipeline.customer.state import Customer
from keqing_pipeline.imports.rows import ContactImport, CustomerImport, OpportunityImport
from keqing_pipeline.opportunity.imported import present_row
from keqing_pipeline.opportunity.stage import Outcome
from keqing_pipeline.opportunity.state import Opportunity
from keqing_pipeline.own_reference import own_reference
from keqing_pipeline.views.contacts import ContactRow
from keqing_pipeline.views.customers import CustomerRow
from keqing_pipeline.views.opportunity_row import OpportunityRow
from keqing_shared.domain import Fact, RuleBroken


class ChangedSinceExport(RuleBroken):
    """It has changed since the file was made."""


def check_as_exported(facts: Sequence[Fact], exported: int | None, now: int) -> None:
    """Raises ChangedSinceExport: what the row would undo may be what others have done meanwhile."""
    if facts and exported not in (None, now):
        raise ChangedSinceExport(
            "the row is of version {exported}, there is {now} now: export it again, or leave out version",
            field="version",
            exported=exported,
            now=now,
        )


def customer_row(row: CustomerRow) -> CustomerImport:
    file = file_of(row.kind, row.name, row.details)
    return _customer(row.customer_id, row.version, file, row.owner)


def customer_now(id: UUID, version: int, customer: Customer) -> CustomerImport:
    return _customer(id, version, customer.file, customer.owner)


def _customer(id: UUID, version: int, file: CustomerFile, owner: str) -> CustomerImport:
    external = (own_reference(id), *file.external)
    return CustomerImport(**{**vars(file), "external": external}, owner=owner, version=version)


def contact_row(row: ContactRow) -> ContactImport:
    return _contact(row.contact_id, row.version, row.profile, row)


def contact_now(id: UUID, version: int, contact: Contact) -> ContactImport:
    return _contact(id, version, contact.profile, contact)


def _contact(id: UUID, version: int, profile: ContactProfile, contact: ContactRow | Contact) -> ContactImport:
    return ContactImport(
        **vars(profile),
        external=own_reference(id),
        customer=contact.customer_id,
        covered_by=contact.covered_by,
        version=version,
    )


def opportunity_row(row: OpportunityRow) -> OpportunityImport:
    return OpportunityImport(
        external=own_reference(row.opportunity_id),
        title=row.title,
        owner=row.owner,
        customer=row.customer_id,
        amount=row.amount,
        expected_close_on=row.expected_close_on,
        interests=row.interests,
        stage=row.stage,
        source_stage=row.source_stage,
        engaged_on=row.opened_on,
        outcome=row.outcome,
        closed_on=row.closed_on,
        close_value=row.won,
        reason=row.lost_because,
        rival=row.rival,
        next_on=row.next_touch_on if row.outcome is Outcome.OPEN else None,
        version=row.version,
    )


def opportunity_now(
    id: UUID, version: int, opportunity: Opportunity, lost_because: str | None
) -> OpportunityImport:
    said = dict(vars(present_row(opportunity, own_reference(id), lost_because)))
    prospect, customer = vars(said.pop("prospect")), said.pop("customer_id")
    return OpportunityImport(**prospect, **said, customer=customer, version=version)
