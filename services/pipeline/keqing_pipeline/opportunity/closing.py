"""What becomes of an opportunity: won, lost, opened again."""

from datetime import date

from keqing_pipeline.opportunity import refusals as no
from keqing_pipeline.opportunity.commands import LoseOpportunity, ReopenOpportunity, WinOpportunity
from keqing_pipeline.opportunity.facts import DealLost, DealWon, OpportunityFact, OpportunityReopened
from keqing_pipeline.opportunity.stage import Outcome
from keqing_pipeline.opportunity.stage_change import check_open, reason_given
from keqing_pipeline.opportunity.state import Opportunity
from keqing_pipeline.opportunity.touch import next_touch
from keqing_pipeline.policy import PipelinePolicy
from keqing_shared.domain import Words


def win(command: WinOpportunity, opportunity: Opportunity, policy: PipelinePolicy) -> list[OpportunityFact]:
    check_open(opportunity)
    if opportunity.customer_id is None:
        raise no.CustomerMissing("say whose purchase it is before it is won")
    if command.amount.amount <= 0:
        raise no.AmountNotPositive(field="amount")
    today = policy.day_of(command.at)
    on = _closing_day(command.won_on or today, today, opportunity.opened_on, "won_on")
    return [
        DealWon(
            owner=opportunity.owner,
            amount=command.amount,
            won_on=on,
            products=command.products or opportunity.interests,
            next_touch_on=None
            if opportunity.forgotten
            else next_touch(policy, opportunity.stage, on, won=True),
        )
    ]


def lose(command: LoseOpportunity, opportunity: Opportunity, policy: PipelinePolicy) -> list[OpportunityFact]:
    check_open(opportunity)
    reason = reason_given(command.reason, Words("say why it was lost"))
    today = policy.day_of(command.at)
    on = _closing_day(command.lost_on or today, today, opportunity.opened_on, "lost_on")
    return [DealLost(owner=opportunity.owner, reason=reason, lost_on=on, rival=command.rival)]


def _closing_day(on: date, today: date, opened_on: date | None, field: str) -> date:
    if on > today:
        raise no.DateInFuture("today is {today}", field=field, today=today.isoformat())
    if opened_on is not None and on < opened_on:
        raise no.ClosedBeforeOpened(
            "it was opened on {opened_on}", field=field, opened_on=opened_on.isoformat()
        )
    return on


def reopen(
    command: ReopenOpportunity, opportunity: Opportunity, policy: PipelinePolicy
) -> list[OpportunityFact]:
    if opportunity.outcome is Outcome.OPEN:
        raise no.NotDecided
    on = policy.day_of(command.at)
    return [
        OpportunityReopened(
            was=opportunity.outcome,
            stage=opportunity.stage,
            on=on,
            reason=reason_given(command.reason, Words("say why it is open again")),
            next_touch_on=next_touch(policy, opportunity.stage, on),
        )
    ]
