"""Opportunities imported with their history."""

from uuid import UUID

from keqing_pipeline.customer.refusals import CustomerUnknown
from keqing_pipeline.customer.sameness import EXTERNAL
from keqing_pipeline.imports.rows import OpportunityImport
from keqing_pipeline.imports.standing import Importer
from keqing_pipeline.opportunity.commands import ImportedOpportunity, ImportOpportunity, Prospect
from keqing_pipeline.opportunity.facts import OpportunityOpened
from keqing_pipeline.opportunity.imported import opportunity_id, row_digest
from keqing_pipeline.opportunity.refusals import OpportunityUnknown
from keqing_pipeline.opportunity.rules import OPPORTUNITY
from keqing_pipeline.opportunity.stage import Outcome
from keqing_shared.directory import survivor
from keqing_shared.domain import ExternalReference, Fact, RuleBroken
from keqing_shared.http import Doing
from keqing_shared.imports import Carrying, Piece, RowResult, Rows
from keqing_shared.streams import Unit


async def import_opportunities(do: Doing, rows: Rows[OpportunityImport], *, dry_run: bool) -> list[RowResult]:
    importer = await Importer.of(do, (row.owner for row in rows.good.values()))
    customers = await _customers(do, importer, rows)
    pieces = {line: _piece(do, importer, row, customers) for line, row in rows.good.items()}
    return rows.bad + await Carrying(do, OpportunityOpened, dry_run=dry_run).carry(pieces)


Named = UUID | ExternalReference


async def _customers(
    do: Doing, importer: Importer, rows: Rows[OpportunityImport]
) -> dict[Named, UUID | RuleBroken]:
    """Each customer that a row names, once: its id, or why there is none."""
    named = dict.fromkeys(row.customer for row in rows.good.values() if row.customer is not None)
    references = [one for one in named if isinstance(one, ExternalReference)]
    held = await do.service.log.claimed_many([(EXTERNAL, str(one)) for one in references])
    found: dict[Named, UUID | RuleBroken] = {}
    for one in named:
        id = held.get((EXTERNAL, str(one))) if isinstance(one, ExternalReference) else one
        entry = None if id is None else await survivor(do.directory, id)
        if entry is None or not importer.sees(entry.owner):
            found[one] = CustomerUnknown("no customer {named}", field="customer", named=one)
        else:
            found[one] = entry.customer_id
    return found


def _piece(
    do: Doing,
    importer: Importer,
    row: OpportunityImport,
    customers: dict[Named, UUID | RuleBroken],
) -> Piece:
    id = opportunity_id(row.external)

    async def work(unit: Unit) -> list[Fact]:
        customer = None if row.customer is None else customers[row.customer]
        if isinstance(customer, RuleBroken):
            raise customer
        said = _imported(row, customer)
        state = (await unit.load(OPPORTUNITY, id)).state
        if state is not None and not importer.sees(state.owner):
            raise OpportunityUnknown
        if state is None or state.import_digest != row_digest(said):
            importer.check(row.owner, over=row.outcome is not Outcome.OPEN)
        return await unit.execute(OPPORTUNITY, id, ImportOpportunity(row=said, at=do.now))

    return Piece(work, id, str(row.external), ((OPPORTUNITY, id),))


def _imported(row: OpportunityImport, customer_id: UUID | None) -> ImportedOpportunity:
    return ImportedOpportunity(
        external=row.external,
        prospect=Prospect(
            title=row.title,
            amount=row.amount,
            expected_close_on=row.expected_close_on,
            interests=row.interests,
        ),
        customer_id=customer_id,
        owner=row.owner,
        stage=row.stage,
        source_stage=row.source_stage,
        engaged_on=row.engaged_on,
        outcome=row.outcome,
        closed_on=row.closed_on,
        close_value=row.close_value,
        reason=row.reason,
        rival=row.rival,
        next_on=row.next_on,
    )
