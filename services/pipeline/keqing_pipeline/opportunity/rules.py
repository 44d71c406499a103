"""The rules of an opportunity: contacts, stages with evidence, won and lost, touches missed."""

from datetime import date, timedelta
from typing import get_args
from uuid import UUID

from keqing_pipeline.opportunity import refusals as no
from keqing_pipeline.opportunity.commands import (
    AmendOpportunity,
    ChangeStage,
    HandOver,
    ImportOpportunity,
    LogCall,
    LogVisit,
    LoseOpportunity,
    NameCustomer,
    NoteMissedTouch,
    OpenOpportunity,
    OpportunityCommand,
    Prospect,
    ReopenOpportunity,
    WinOpportunity,
)
from keqing_pipeline.opportunity.contact import Call
from keqing_pipeline.opportunity.facts import (
    CallLogged,
    CustomerNamed,
    DealLost,
    DealWon,
    FollowUpMissed,
    OpportunityAmended,
    OpportunityFact,
    OpportunityHandedOver,
    OpportunityOpened,
    OpportunityReopened,
    VisitLogged,
)
from keqing_pipeline.opportunity.imported import import_row
from keqing_pipeline.opportunity.stage import Outcome, Stage
from keqing_pipeline.opportunity.stage_change import change_stage, check_open, reason_given
from keqing_pipeline.opportunity.state import Opportunity, evolve
from keqing_pipeline.opportunity.touch import next_touch, next_watch
from keqing_pipeline.policy import PipelinePolicy
from keqing_shared.domain import Aggregate, Money


def decide(
    command: OpportunityCommand, opportunity: Opportunity | None, policy: PipelinePolicy
) -> list[OpportunityFact]:
    match command:
        case OpenOpportunity():
            return _opened(command, opportunity, policy)
        case ImportOpportunity():
            return import_row(command, opportunity, policy)
    if opportunity is None:
        raise no.OpportunityUnknown
    match command:
        case AmendOpportunity(prospect=prospect):
            return _amended(prospect, opportunity)
        case HandOver(owner=owner, reason=reason):
            if owner == opportunity.owner:
                return []
            return [OpportunityHandedOver(owner=owner, previous=opportunity.owner, reason=reason)]
        case NameCustomer(customer_id=customer_id):
            if opportunity.customer_id == customer_id:
                return []
            if opportunity.customer_id is not None:
                raise no.CustomerFixed
            return [CustomerNamed(customer_id=customer_id)]
        case LogCall(call=call):
            at, on = command.call.at or command.at, _contact_day(call, command, policy)
            due = _touch_after(call, on, opportunity, policy)
            return [CallLogged(call=call, at=at, on=on, by=command.by, next_touch_on=due)]
        case LogVisit(visit=visit):
            at, on = command.visit.at or command.at, _contact_day(visit, command, policy)
            due = _touch_after(visit, on, opportunity, policy)
            return [VisitLogged(visit=visit, at=at, on=on, by=command.by, next_touch_on=due)]
        case ChangeStage():
            return change_stage(command, opportunity, policy)
        case WinOpportunity():
            return _won(command, opportunity, policy)
        case LoseOpportunity():
            return _lost(command, opportunity, policy)
        case ReopenOpportunity():
            return _reopened(command, opportunity, policy)
        case NoteMissedTouch(today=today):
            return _missed(today, opportunity, policy)


def _opened(
    command: OpenOpportunity, opportunity: Opportunity | None, policy: PipelinePolicy
) -> list[OpportunityFact]:
    if opportunity is not None:
        raise no.AlreadyOpened
    wanted, today = command.prospect, policy.day_of(command.at)
    _check_expected(wanted.amount)
    return [
        OpportunityOpened(
            customer_id=command.customer_id,
            owner=command.owner,
            title=wanted.title,
            stage=Stage.UNAWARE,
            amount=wanted.amount,
            expected_close_on=wanted.expected_close_on,
            interests=wanted.interests,
            opened_on=today,
            next_touch_on=next_touch(policy, Stage.UNAWARE, today),
        )
    ]


def _amended(wanted: Prospect, opportunity: Opportunity) -> list[OpportunityFact]:
    _check_expected(wanted.amount)
    present = Prospect(
        title=opportunity.title,
        amount=opportunity.amount,
        expected_close_on=opportunity.expected_close_on,
        interests=opportunity.interests,
    )
    if wanted == present:
        return []
    return [
        OpportunityAmended(
            title=wanted.title,
            amount=wanted.amount,
            expected_close_on=wanted.expected_close_on,
            interests=wanted.interests,
        )
    ]


def _contact_day(contact: Call, command: LogCall | LogVisit, policy: PipelinePolicy) -> date:
    at, window = contact.at or command.at, policy.contact_recorded_within_days
    if at > command.at:
        raise no.ContactInFuture(f"{at.isoformat()} has not come yet", field="at")
    if at < command.at - timedelta(days=window):
        raise no.ContactTooOld(f"log a contact within {window} days", field="at", days=window)
    on = policy.day_of(at)
    if contact.next_on is not None and contact.next_on < on:
        raise no.PromiseBeforeContact(f"the contact was on {on}", field="next_on")
    if contact.signals and not contact.outcome.reached:
        raise no.SignalsNeedAnswer(f"the outcome is {contact.outcome}", field="signals")
    return on


def _touch_after(contact: Call, on: date, opportunity: Opportunity, policy: PipelinePolicy) -> date | None:
    last_on, promised_on = on, contact.next_on
    if opportunity.last_contact_on is not None and opportunity.last_contact_on > on:
        # Logged late: a later contact has already set the pace.
        last_on, promised_on = opportunity.last_contact_on, opportunity.promised_on
    if opportunity.outcome is Outcome.LOST:
        return None if promised_on is None else policy.working_day(promised_on)
    won = opportunity.outcome is Outcome.WON
    return next_touch(policy, opportunity.stage, last_on, promised_on, won=won)


def _won(command: WinOpportunity, opportunity: Opportunity, policy: PipelinePolicy) -> list[OpportunityFact]:
    check_open(opportunity)
    if opportunity.customer_id is None:
        raise no.CustomerMissing("whose purchase would this be")
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
            next_touch_on=next_touch(policy, opportunity.stage, on, won=True),
        )
    ]


def _lost(
    command: LoseOpportunity, opportunity: Opportunity, policy: PipelinePolicy
) -> list[OpportunityFact]:
    check_open(opportunity)
    reason = reason_given(command.reason, "say why it was lost")
    today = policy.day_of(command.at)
    on = _closing_day(command.lost_on or today, today, opportunity.opened_on, "lost_on")
    return [DealLost(owner=opportunity.owner, reason=reason, lost_on=on, rival=command.rival)]


def _closing_day(on: date, today: date, opened_on: date | None, field: str) -> date:
    if on > today:
        raise no.DateInFuture(f"today is {today}", field=field)
    if opened_on is not None and on < opened_on:
        raise no.ClosedBeforeOpened(f"it was opened on {opened_on}", field=field)
    return on


def _reopened(
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
            reason=reason_given(command.reason, "say why it is open again"),
            next_touch_on=next_touch(policy, opportunity.stage, on),
        )
    ]


def _missed(today: date, opportunity: Opportunity, policy: PipelinePolicy) -> list[OpportunityFact]:
    due_on = opportunity.watch_on
    if due_on is None or due_on >= today:
        return []
    won = opportunity.outcome is Outcome.WON
    return [
        FollowUpMissed(
            owner=opportunity.owner,
            due_on=due_on,
            in_a_row=opportunity.missed_in_a_row + 1,
            watch_on=next_watch(policy, opportunity.stage, due_on, today, won=won),
        )
    ]


def _check_expected(amount: Money | None) -> None:
    if amount is not None and amount.amount < 0:
        raise no.AmountNegative(field="amount")


def _customer_of(opportunity_id: UUID, opportunity: Opportunity) -> UUID | None:
    return opportunity.customer_id


OPPORTUNITY: Aggregate[Opportunity] = Aggregate(
    name="opportunity",
    facts=get_args(OpportunityFact),
    decide=decide,
    evolve=evolve,
    customer_of=_customer_of,
    state=Opportunity,
)
