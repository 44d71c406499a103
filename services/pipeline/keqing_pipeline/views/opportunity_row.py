"""What is shown of an opportunity: what it was opened with, and what each fact made of it."""

from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

from keqing_pipeline.opportunity.facts import (
    CallLogged,
    CustomerNamed,
    DealLost,
    DealWon,
    FollowUpMissed,
    ImportRepeated,
    MessageLogged,
    NeedConfirmed,
    NeedDiagnosed,
    OpportunityAmended,
    OpportunityHandedOver,
    OpportunityLetGo,
    OpportunityOpened,
    OpportunityReopened,
    OpportunityTakenUp,
    PurchaseProjectDescribed,
    RecommendationAccepted,
    RecommendationMade,
    RecommendationRejected,
    StageAdvanced,
    StageReceded,
    TouchesEnded,
    VisitLogged,
)
from keqing_pipeline.opportunity.need import Diagnosis
from keqing_pipeline.opportunity.purchase import PurchaseProject
from keqing_pipeline.opportunity.stage import Outcome, Signal, Stage
from keqing_pipeline.opportunity.state import diagnosed
from keqing_shared.domain import ExternalReference, Money, Personal, value


@value
class Step:
    """A change of its stage or outcome."""

    to: str
    on: date | None
    reason: Personal[str | None] = None
    evidence: tuple[Signal, ...] = ()


@value
class OpportunityRow:
    opportunity_id: UUID
    customer_id: UUID | None
    owner: str
    title: str
    amount: Money | None
    expected_close_on: date | None
    interests: tuple[str, ...]
    stage: Stage
    source_stage: str | None
    outcome: Outcome
    won: Money | None
    products: tuple[str, ...]
    lost_because: Personal[str | None]
    rival: str | None
    opened_on: date | None
    closed_on: date | None
    contacts: int
    effective_contacts: int
    last_contact_on: date | None
    next_touch_on: date | None
    missed_in_a_row: int
    steps: tuple[Step, ...]
    purchase: PurchaseProject | None
    diagnosis: Diagnosis | None
    external: ExternalReference | None
    version: int


def opened(opportunity_id: UUID, fact: OpportunityOpened, version: int) -> OpportunityRow:
    return OpportunityRow(
        opportunity_id=opportunity_id,
        customer_id=fact.customer_id,
        owner=fact.owner,
        title=fact.title,
        amount=fact.amount,
        expected_close_on=fact.expected_close_on,
        interests=fact.interests,
        stage=fact.stage,
        source_stage=fact.source_stage,
        outcome=Outcome.OPEN,
        won=None,
        products=(),
        lost_because=None,
        rival=None,
        opened_on=fact.opened_on,
        closed_on=None,
        contacts=0,
        effective_contacts=0,
        last_contact_on=None,
        next_touch_on=fact.next_touch_on,
        missed_in_a_row=0,
        steps=(Step(to=fact.stage, on=fact.opened_on),),
        purchase=None,
        diagnosis=None,
        external=fact.external,
        version=version,
    )


def changed(row: OpportunityRow, fact: Any) -> OpportunityRow:
    match fact:
        case OpportunityAmended():
            return replace(
                row,
                title=fact.title,
                amount=fact.amount,
                expected_close_on=fact.expected_close_on,
                interests=fact.interests,
            )
        case OpportunityHandedOver(owner=owner):
            return replace(row, owner=owner)
        case OpportunityLetGo(owner=owner):
            return replace(row, owner=owner, next_touch_on=None)
        case TouchesEnded():
            return replace(row, next_touch_on=None)
        case OpportunityTakenUp(owner=owner, next_touch_on=due):
            return replace(row, owner=owner, next_touch_on=due, missed_in_a_row=0)
        case CustomerNamed(customer_id=customer_id):
            return replace(row, customer_id=customer_id)
        case ImportRepeated():
            return replace(
                row,
                source_stage=fact.source_stage,
                opened_on=fact.opened_on,
                next_touch_on=fact.next_touch_on,
            )
        case CallLogged(call=contact) | VisitLogged(visit=contact) | MessageLogged(message=contact):
            on_time = row.next_touch_on is None or fact.on <= row.next_touch_on
            return replace(
                row,
                contacts=row.contacts + 1,
                effective_contacts=row.effective_contacts + contact.outcome.effective,
                last_contact_on=max(row.last_contact_on or fact.on, fact.on),
                next_touch_on=fact.next_touch_on,
                missed_in_a_row=0 if on_time else row.missed_in_a_row,
            )
        case StageAdvanced(evidence=evidence):
            step = Step(to=fact.after, on=fact.on, reason=fact.reason, evidence=evidence)
            return _stepped(row, step, stage=fact.after, next_touch_on=fact.next_touch_on, source_stage=None)
        case StageReceded():
            step = Step(to=fact.after, on=fact.on, reason=fact.reason)
            return _stepped(row, step, stage=fact.after, next_touch_on=fact.next_touch_on, source_stage=None)
        case DealWon():
            return _stepped(
                row,
                Step(to=Outcome.WON, on=fact.won_on),
                outcome=Outcome.WON,
                won=fact.amount,
                products=fact.products,
                closed_on=fact.won_on,
                next_touch_on=fact.next_touch_on,
            )
        case DealLost():
            return _stepped(
                row,
                Step(to=Outcome.LOST, on=fact.lost_on, reason=fact.reason),
                outcome=Outcome.LOST,
                lost_because=fact.reason,
                rival=fact.rival,
                closed_on=fact.lost_on,
                next_touch_on=None,
            )
        case OpportunityReopened():
            return _stepped(
                row,
                Step(to=fact.stage, on=fact.on, reason=fact.reason),
                outcome=Outcome.OPEN,
                stage=fact.stage,
                won=None,
                products=(),
                lost_because=None,
                rival=None,
                closed_on=None,
                next_touch_on=fact.next_touch_on,
                missed_in_a_row=0,
            )
        case PurchaseProjectDescribed(project=project):
            return replace(row, purchase=project)
        case (
            NeedDiagnosed()
            | NeedConfirmed()
            | RecommendationMade()
            | RecommendationAccepted()
            | RecommendationRejected()
        ):
            return replace(row, diagnosis=diagnosed(row.diagnosis, fact))
        case FollowUpMissed(in_a_row=in_a_row):
            return replace(row, missed_in_a_row=in_a_row)
        case _:
            return row


def _stepped(row: OpportunityRow, step: Step, **changes: Any) -> OpportunityRow:
    return replace(row, steps=(*row.steps, step), **changes)
