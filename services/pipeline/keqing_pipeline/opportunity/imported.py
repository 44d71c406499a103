"""Opportunities that come with their history: business dates kept, no evidence asked for."""

import hashlib
from datetime import date
from uuid import NAMESPACE_URL, UUID, uuid5

import msgspec

from keqing_pipeline.opportunity import refusals as no
from keqing_pipeline.opportunity.commands import ImportedOpportunity, ImportOpportunity
from keqing_pipeline.opportunity.facts import (
    CustomerNamed,
    DealLost,
    DealWon,
    ImportRepeated,
    OpportunityAmended,
    OpportunityFact,
    OpportunityHandedOver,
    OpportunityOpened,
    OpportunityReopened,
    StageAdvanced,
    StageReceded,
)
from keqing_pipeline.opportunity.stage import Outcome
from keqing_pipeline.opportunity.state import Opportunity
from keqing_pipeline.policy import PipelinePolicy
from keqing_shared.domain import ExternalReference, Money

WHY = "import"
"""The reason that facts of an import give where one is asked for."""


def opportunity_id(external: ExternalReference) -> UUID:
    """The id that the same row will always get."""
    return uuid5(NAMESPACE_URL, f"keqing:opportunity:{external}")


def row_digest(row: ImportedOpportunity) -> str:
    """Tells a row from a changed one."""
    return hashlib.sha256(msgspec.json.encode(row)).hexdigest()


def import_row(
    command: ImportOpportunity, opportunity: Opportunity | None, policy: PipelinePolicy
) -> list[OpportunityFact]:
    """Opens it as the row says; a row that came before unchanged says nothing new.

    No touch is due until the row promises one or somebody logs a contact: a list of the past
    must not bury its owners in missed touches.
    """
    row, digest = command.row, row_digest(command.row)
    if opportunity is not None and digest == opportunity.import_digest:
        return []
    _check(row, command, policy)
    if opportunity is None:
        return [_opened(row, digest, policy), *_outcome(row)]
    if opportunity.worked_on:
        raise no.WorkedOnSince("row {external} has changed as well", external=str(row.external))
    return [
        *_changes(row, opportunity, policy.day_of(command.at)),
        ImportRepeated(
            import_digest=digest,
            source_stage=row.source_stage,
            opened_on=row.engaged_on,
            next_touch_on=_promised(row, policy),
        ),
    ]


def _check(row: ImportedOpportunity, command: ImportOpportunity, policy: PipelinePolicy) -> None:
    today = policy.day_of(command.at)
    for field, day in (("engaged_on", row.engaged_on), ("closed_on", row.closed_on)):
        if day is not None and day > today:
            raise no.DateInFuture("{day} has not come yet", field=field, day=day.isoformat())
    if row.engaged_on and row.closed_on and row.closed_on < row.engaged_on:
        raise no.ClosedBeforeOpened(
            "engaged on {engaged_on}", field="closed_on", engaged_on=row.engaged_on.isoformat()
        )
    amount = row.prospect.amount
    if amount is not None and amount.amount < 0:
        raise no.AmountNegative(field="amount")
    if row.outcome is Outcome.OPEN:
        return
    if row.closed_on is None:
        raise no.OutcomeIncomplete("say when it was {outcome}", field="closed_on", outcome=row.outcome)
    if row.outcome is Outcome.WON:
        if row.close_value is None:
            raise no.OutcomeIncomplete("say for how much it was won", field="close_value")
        if row.close_value.amount <= 0:
            raise no.AmountNotPositive(field="close_value")
        if row.customer_id is None:
            raise no.CustomerMissing("say whose purchase it was")


def _opened(row: ImportedOpportunity, digest: str, policy: PipelinePolicy) -> OpportunityOpened:
    wanted = row.prospect
    return OpportunityOpened(
        customer_id=row.customer_id,
        owner=row.owner,
        title=wanted.title,
        stage=row.stage,
        amount=wanted.amount,
        expected_close_on=wanted.expected_close_on,
        interests=wanted.interests,
        opened_on=row.engaged_on,
        next_touch_on=_promised(row, policy),
        external=row.external,
        source_stage=row.source_stage,
        import_digest=digest,
    )


def _promised(row: ImportedOpportunity, policy: PipelinePolicy) -> date | None:
    if row.next_on is None or row.outcome is not Outcome.OPEN:
        return None
    return policy.working_day(row.next_on)


def _outcome(row: ImportedOpportunity) -> list[OpportunityFact]:
    if row.outcome is Outcome.WON and row.close_value is not None and row.closed_on is not None:
        return [
            DealWon(
                owner=row.owner,
                amount=row.close_value,
                won_on=row.closed_on,
                products=row.prospect.interests,
                imported=True,
            )
        ]
    if row.outcome is Outcome.LOST and row.closed_on is not None:
        reason, rival = row.reason or "not said", row.rival
        return [DealLost(owner=row.owner, reason=reason, lost_on=row.closed_on, rival=rival, imported=True)]
    return []


def _changes(row: ImportedOpportunity, now: Opportunity, today: date) -> list[OpportunityFact]:
    """What leads from how it is to what the row says."""
    facts: list[OpportunityFact] = []
    if row.customer_id is not None and row.customer_id != now.customer_id:
        if now.customer_id is not None:
            raise no.CustomerFixed(field="customer")
        facts.append(CustomerNamed(customer_id=row.customer_id))
    if row.owner != now.owner:
        facts.append(OpportunityHandedOver(owner=row.owner, previous=now.owner, reason=WHY))
    wanted = row.prospect
    if (wanted.title, wanted.amount, wanted.expected_close_on, wanted.interests) != (
        now.title,
        now.amount,
        now.expected_close_on,
        now.interests,
    ):
        facts.append(
            OpportunityAmended(
                title=wanted.title,
                amount=wanted.amount,
                expected_close_on=wanted.expected_close_on,
                interests=wanted.interests,
            )
        )
    same_outcome = (row.outcome, row.closed_on, _won_for(row)) == (now.outcome, now.closed_on, now.won)
    if now.closed_on is not None and not same_outcome:
        facts.append(OpportunityReopened(was=now.outcome, stage=now.stage, on=now.closed_on, reason=WHY))
    if row.stage is not now.stage:
        on = row.engaged_on or today
        change = StageAdvanced if row.stage.rank > now.stage.rank else StageReceded
        facts.append(change(before=now.stage, after=row.stage, on=on, owner=row.owner, reason=WHY))
    return facts if same_outcome else facts + _outcome(row)


def _won_for(row: ImportedOpportunity) -> Money | None:
    return row.close_value if row.outcome is Outcome.WON else None
