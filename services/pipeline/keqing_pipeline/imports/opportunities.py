"""Opportunities imported with their history."""

import dataclasses
from collections.abc import Callable
from functools import partial
from uuid import UUID

from keqing_pipeline.imports.exported import check_as_exported, opportunity_now
from keqing_pipeline.imports.named import CustomersNamed
from keqing_pipeline.imports.rows import ROWS_AT_ONCE, OpportunityImport
from keqing_pipeline.imports.standing import Importer
from keqing_pipeline.opportunity.commands import (
    CorrectOpportunity,
    ImportedOpportunity,
    ImportOpportunity,
    Prospect,
)
from keqing_pipeline.opportunity.facts import OpportunityOpened
from keqing_pipeline.opportunity.imported import opportunity_id, row_digest
from keqing_pipeline.opportunity.refusals import OpportunityUnknown
from keqing_pipeline.opportunity.rules import OPPORTUNITY
from keqing_pipeline.opportunity.stage import Outcome
from keqing_pipeline.own_reference import check_not_own, own_id
from keqing_pipeline.ownership import see_opportunity
from keqing_pipeline.views.opportunities import reasons_of_losses
from keqing_shared.domain import Fact
from keqing_shared.http import Doing
from keqing_shared.imports import Carrying, Piece, RowResult, Rows
from keqing_shared.sheets.members import Members, upon
from keqing_shared.streams import Unit


async def import_opportunities(do: Doing, rows: Rows[OpportunityImport], *, dry_run: bool) -> list[RowResult]:
    importer = await Importer.of(do, (row.owner for row in rows.good.values()))
    customers = await CustomersNamed.by(do, importer, (row.customer for row in rows.good.values()))
    reasons = await _reasons(do, [id for row in rows.good.values() if (id := own_id(row.external))])
    carrying = Carrying(do, OpportunityOpened, dry_run=dry_run)
    results: list[RowResult] = []
    for part in rows.parts(ROWS_AT_ONCE):
        pieces = {
            line: _piece(do, importer, row, customers, partial(part.given, line))
            if (own := own_id(row.external)) is None
            else _correction(do, importer, row, customers, own, part.given(line), reasons.get(own))
            for line, row in part.good.items()
        }
        results += part.bad + await carrying.carry(pieces)
    return results


def _piece(
    do: Doing,
    importer: Importer,
    row: OpportunityImport,
    customers: CustomersNamed,
    given: Callable[[], Members],
) -> Piece:
    """Of one that is here what the row says nothing of stays."""
    id = opportunity_id(row.external)

    async def work(unit: Unit) -> list[Fact]:
        check_not_own([row.external])
        customer = None if row.customer is None else customers.of(row.customer)
        said = _imported(row, customer)
        loaded = await unit.load(OPPORTUNITY, id)
        state = loaded.state
        if state is not None and not importer.sees(state.owner):
            raise OpportunityUnknown
        wanted, reason = None, None
        if state is None or state.import_digest != row_digest(said):
            if state is not None:
                if state.outcome is Outcome.LOST:
                    reason = (await _reasons(do, [id])).get(id)
                now = _upon(opportunity_now(id, loaded.version, state, reason), row, given())
                wanted = _imported(now, customer or state.customer_id)
            importer.check(row.owner, over=(wanted or said).outcome is not Outcome.OPEN)
        command = ImportOpportunity(row=said, at=do.now, wanted=wanted, lost_because=reason)
        facts = await unit.execute(OPPORTUNITY, id, command)
        check_as_exported(facts, row.version, loaded.version)
        return facts

    return Piece(work, id, str(row.external), ((OPPORTUNITY, id),))


def _upon(present: OpportunityImport, row: OpportunityImport, given: Members) -> OpportunityImport:
    """What is here, with what the row says in its place. Of another outcome it says when and how much."""
    if "outcome" in given and row.outcome is not present.outcome:
        present = dataclasses.replace(present, closed_on=None, close_value=None, reason=None, rival=None)
    return upon(present, row, given)


async def _reasons(do: Doing, ids: list[UUID]) -> dict[UUID, str]:
    """Why those of them that are lost were."""
    if not ids:
        return {}
    await do.all_shown()
    return await reasons_of_losses(do.db, ids)


def _correction(
    do: Doing,
    importer: Importer,
    row: OpportunityImport,
    customers: CustomersNamed,
    id: UUID,
    given: Members,
    reason: str | None,
) -> Piece:
    """Of one that is here: as the row says it shall be, with all that it says nothing of as it is."""

    async def work(unit: Unit) -> list[Fact]:
        loaded = await unit.load(OPPORTUNITY, id)
        known = await see_opportunity(do, loaded.state)
        wanted = _upon(opportunity_now(id, loaded.version, known, reason), row, given)
        customer = known.customer_id if wanted.customer == known.customer_id else None
        if wanted.customer is not None and customer is None:
            customer = customers.of(wanted.customer)
        if wanted.owner != known.owner:
            importer.check(wanted.owner, over=wanted.outcome is not Outcome.OPEN)
        command = CorrectOpportunity(row=_imported(wanted, customer), at=do.now, lost_because=reason)
        facts = await unit.execute(OPPORTUNITY, id, command)
        check_as_exported(facts, row.version, loaded.version)
        return facts

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
