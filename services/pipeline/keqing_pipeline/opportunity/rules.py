"""The rules of an opportunity: opened, amended, handed over, touches missed, grades crossed."""

from datetime import date
from typing import get_args
from uuid import UUID

from keqing_pipeline.customer.commands import FollowCustomer
from keqing_pipeline.opportunity import refusals as no
from keqing_pipeline.opportunity.closing import lose, reopen, win
from keqing_pipeline.opportunity.commands import (
    AmendOpportunity,
    AnswerRecommendation,
    ChangeStage,
    ConfirmNeed,
    CorrectOpportunity,
    DescribePurchase,
    DiagnoseNeed,
    EndTouches,
    HandOver,
    ImportOpportunity,
    LetGo,
    LogCall,
    LogMessage,
    LogVisit,
    LoseOpportunity,
    NameCustomer,
    NeedCommand,
    NoteGrade,
    NoteMissedTouch,
    OpenOpportunity,
    OpportunityCommand,
    Prospect,
    Recommend,
    ReopenOpportunity,
    TakeUp,
    WinOpportunity,
)
from keqing_pipeline.opportunity.diagnosis import diagnose
from keqing_pipeline.opportunity.facts import (
    CustomerNamed,
    FollowUpMissed,
    GradeChanged,
    OpportunityAmended,
    OpportunityFact,
    OpportunityHandedOver,
    OpportunityLetGo,
    OpportunityOpened,
    OpportunityTakenUp,
    PurchaseProjectDescribed,
    TouchesEnded,
)
from keqing_pipeline.opportunity.grade import grade
from keqing_pipeline.opportunity.imported import correct_row, import_row
from keqing_pipeline.opportunity.logged import log_contact
from keqing_pipeline.opportunity.stage import Outcome, Stage
from keqing_pipeline.opportunity.stage_change import change_stage
from keqing_pipeline.opportunity.state import Opportunity, evolve
from keqing_pipeline.opportunity.touch import next_touch, next_watch
from keqing_pipeline.policy import PipelinePolicy
from keqing_shared.domain import Aggregate, CustomerIsErased, Money

WORK = (
    AmendOpportunity,
    LogCall,
    LogVisit,
    LogMessage,
    ChangeStage,
    DescribePurchase,
    *get_args(NeedCommand),
    WinOpportunity,
    LoseOpportunity,
)
"""What nobody does while the customer lies in the open pool."""


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
    if opportunity.in_pool and isinstance(command, WORK):
        raise no.CustomerInOpenPool("claim the customer first")
    if opportunity.forgotten and isinstance(command, (*WORK, ReopenOpportunity)) and not _ends(command):
        raise CustomerIsErased(customer_id=str(opportunity.customer_id))
    match command:
        case CorrectOpportunity():
            return correct_row(command, opportunity, policy)
        case AmendOpportunity(prospect=prospect):
            return _amended(prospect, opportunity)
        case HandOver(owner=owner, reason=reason):
            if owner == opportunity.owner:
                return []
            return [OpportunityHandedOver(owner=owner, previous=opportunity.owner, reason=reason)]
        case EndTouches(at=at):
            gone = TouchesEnded(owner=opportunity.owner, on=policy.day_of(at))
            return [] if opportunity.forgotten else [gone]
        case LetGo() | TakeUp():
            return _through_the_pool(command, opportunity, policy)
        case NameCustomer(customer_id=customer_id):
            if opportunity.customer_id == customer_id:
                return []
            if opportunity.customer_id is not None:
                raise no.CustomerFixed
            return [CustomerNamed(customer_id=customer_id)]
        case FollowCustomer(customer_id=customer_id):
            return [] if opportunity.customer_id == customer_id else [CustomerNamed(customer_id=customer_id)]
        case LogCall() | LogVisit() | LogMessage():
            return log_contact(command, opportunity, policy)
        case ChangeStage():
            return change_stage(command, opportunity, policy)
        case DescribePurchase(project=project):
            _check_expected(project.budget, "budget")
            return [PurchaseProjectDescribed(project=project)]
        case DiagnoseNeed() | ConfirmNeed() | Recommend() | AnswerRecommendation():
            return diagnose(command, opportunity, policy)
        case WinOpportunity():
            return win(command, opportunity, policy)
        case LoseOpportunity():
            return lose(command, opportunity, policy)
        case ReopenOpportunity():
            return reopen(command, opportunity, policy)
        case NoteMissedTouch(today=today):
            return _missed(today, opportunity, policy)
        case NoteGrade(today=today):
            return _graded(today, opportunity, policy)


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


def _missed(today: date, opportunity: Opportunity, policy: PipelinePolicy) -> list[OpportunityFact]:
    due_on = opportunity.watch_on
    if due_on is None or due_on >= today:
        return []
    won, in_a_row = opportunity.outcome is Outcome.WON, opportunity.missed_in_a_row + 1
    return [
        FollowUpMissed(
            owner=opportunity.owner,
            due_on=due_on,
            in_a_row=in_a_row,
            level="manager" if in_a_row >= policy.missed_in_a_row_for_manager else "owner",
            watch_on=next_watch(policy, opportunity.stage, due_on, today, won=won),
        )
    ]


def _ends(command: OpportunityCommand) -> bool:
    """What became of it may still be said: the amounts remain."""
    return isinstance(command, WinOpportunity | LoseOpportunity)


def _through_the_pool(
    command: LetGo | TakeUp, opportunity: Opportunity, policy: PipelinePolicy
) -> list[OpportunityFact]:
    on, previous = policy.day_of(command.at), opportunity.owner
    match command:
        case LetGo(keeper=keeper) if not opportunity.in_pool and opportunity.outcome is Outcome.OPEN:
            return [OpportunityLetGo(owner=keeper, previous=previous, on=on)]
        case TakeUp(owner=owner) if opportunity.in_pool:
            due = next_touch(policy, opportunity.stage, on)
            return [OpportunityTakenUp(owner=owner, previous=previous, on=on, next_touch_on=due)]
        case _:
            return []


def _graded(today: date, opportunity: Opportunity, policy: PipelinePolicy) -> list[OpportunityFact]:
    if opportunity.outcome is not Outcome.OPEN:
        return []
    before = opportunity.graded or grade(
        opportunity.first_expected_on, opportunity.opened_on, policy.grade_within
    )
    after = grade(opportunity.expected_close_on, today, policy.grade_within)
    if after is before:
        return []
    return [GradeChanged(owner=opportunity.owner, before=before, after=after, on=today)]


def _check_expected(amount: Money | None, field: str = "amount") -> None:
    if amount is not None and amount.amount < 0:
        raise no.AmountNegative(field=field)


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
