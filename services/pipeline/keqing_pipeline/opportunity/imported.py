"""Opportunities that come with their history: business dates kept, no evidence asked for."""

import dataclasses
import hashlib
from datetime import date
from uuid import NAMESPACE_URL, UUID, uuid5

import msgspec

from keqing_pipeline.opportunity import refusals as no
from keqing_pipeline.opportunity.commands import (
    CorrectOpportunity,
    ImportedOpportunity,
    ImportOpportunity,
    Prospect,
)
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
from keqing_shared.domain import CustomerIsErased, ExternalReference

WHY = "import"
"""The reason that facts of an import give where one is asked for."""
NOT_SAID = "not said"
HISTORY = (
    *("stage", "source_stage", "engaged_on", "next_on"),
    *("outcome", "closed_on", "close_value", "reason", "rival"),
)
"""Members of a row that tell what was done and decided."""


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
    row = command.wanted or row
    _check(row, command, policy)
    if opportunity is None:
        return [_opened(row, digest, policy), *_outcome(row)]
    if opportunity.forgotten:
        raise CustomerIsErased(customer_id=str(opportunity.customer_id))
    if opportunity.worked_on:
        raise no.WorkedOnSince("row {external} has changed as well", external=str(row.external))
    was_lost = opportunity.outcome is Outcome.LOST
    because = command.lost_because if was_lost and command.lost_because else decided(row).reason
    present = opportunity.next_touch_on
    return [
        *_changes(row, opportunity, policy.day_of(command.at), because),
        ImportRepeated(
            import_digest=digest,
            source_stage=row.source_stage,
            opened_on=row.engaged_on,
            next_touch_on=present if row.next_on == present else _promised(row, policy),
        ),
    ]


def correct_row(
    command: CorrectOpportunity, opportunity: Opportunity, policy: PipelinePolicy
) -> list[OpportunityFact]:
    """What leads to how the row says that it shall be. Its history is corrected only while it is that of an
    import which nobody has worked on."""
    row = decided(command.row)
    present = present_row(opportunity, row.external, command.lost_because)
    if row.next_on != present.next_on:
        row = dataclasses.replace(row, next_on=_promised(row, policy))
    if row == present:
        return []
    if opportunity.forgotten:
        raise CustomerIsErased(customer_id=str(opportunity.customer_id))
    if opportunity.in_pool:
        raise no.CustomerInOpenPool("claim the customer first")
    if present.customer_id not in (None, row.customer_id):
        raise no.CustomerFixed(field="customer")
    history = [name for name in HISTORY if getattr(row, name) != getattr(present, name)]
    imported = opportunity.import_digest
    if history and (imported is None or opportunity.worked_on):
        raise no.HistoryMadeHere(
            "leave {members} as exported, or change it here", field=history[0], members=history
        )
    _check(row, command, policy)
    facts = _changes(row, opportunity, policy.day_of(command.at), command.lost_because)
    if history and imported is not None:
        again = ImportRepeated(
            import_digest=imported,
            source_stage=row.source_stage,
            opened_on=row.engaged_on,
            next_touch_on=row.next_on,
        )
        facts.append(again)
    return facts


def present_row(
    opportunity: Opportunity, external: ExternalReference, lost_because: str | None
) -> ImportedOpportunity:
    """As a row would say it."""
    is_open = opportunity.outcome is Outcome.OPEN
    return ImportedOpportunity(
        external=external,
        prospect=Prospect(
            title=opportunity.title,
            amount=opportunity.amount,
            expected_close_on=opportunity.expected_close_on,
            interests=opportunity.interests,
        ),
        customer_id=opportunity.customer_id,
        owner=opportunity.owner,
        stage=opportunity.stage,
        source_stage=opportunity.source_stage,
        engaged_on=opportunity.opened_on,
        outcome=opportunity.outcome,
        closed_on=opportunity.closed_on,
        close_value=opportunity.won,
        reason=lost_because if opportunity.outcome is Outcome.LOST else None,
        rival=opportunity.rival,
        next_on=opportunity.next_touch_on if is_open else None,
    )


def decided(row: ImportedOpportunity) -> ImportedOpportunity:
    """Without what its outcome says nothing of, such as the reason of a loss that is none."""
    lost = row.outcome is Outcome.LOST
    return dataclasses.replace(
        row,
        closed_on=None if row.outcome is Outcome.OPEN else row.closed_on,
        close_value=row.close_value if row.outcome is Outcome.WON else None,
        reason=(row.reason or NOT_SAID) if lost else None,
        rival=row.rival if lost else None,
        next_on=row.next_on if row.outcome is Outcome.OPEN else None,
    )


def _check(
    row: ImportedOpportunity, command: ImportOpportunity | CorrectOpportunity, policy: PipelinePolicy
) -> None:
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
        reason, rival = row.reason or NOT_SAID, row.rival
        return [DealLost(owner=row.owner, reason=reason, lost_on=row.closed_on, rival=rival, imported=True)]
    return []


def _changes(
    row: ImportedOpportunity, now: Opportunity, today: date, lost_because: str | None
) -> list[OpportunityFact]:
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
    said = decided(row)
    same_outcome = (said.outcome, said.closed_on, said.close_value, said.reason, said.rival) == (
        now.outcome,
        now.closed_on,
        now.won,
        lost_because,
        now.rival,
    )
    if now.closed_on is not None and not same_outcome:
        facts.append(OpportunityReopened(was=now.outcome, stage=now.stage, on=now.closed_on, reason=WHY))
    if row.stage is not now.stage:
        on = row.engaged_on or today
        change = StageAdvanced if row.stage.rank > now.stage.rank else StageReceded
        facts.append(change(before=now.stage, after=row.stage, on=on, owner=row.owner, reason=WHY))
    return facts if same_outcome else facts + _outcome(row)
