"""Callbacks (回访): the 3-3-3 plan after a win: three days, three weeks, three months later."""

from calendar import monthrange
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import TypeAlias, get_args
from uuid import UUID, uuid5

import msgspec
from msgspec.structs import replace

from keqing_service_desk.policy import CallbackKind, CallbackTerm, ServiceDeskPolicy
from keqing_shared.domain import Aggregate, Command, Fact, InvalidInput, NotFound, Personal, RuleBroken

PLANS = UUID("5f1c7a62-3d0e-5b8e-9c35-1f0f6f7a3330")
"""Namespace of callback ids: the same win always plans the same callbacks."""


class CallbackOutcome(StrEnum):
    SATISFIED = "satisfied"
    UNSATISFIED = "unsatisfied"
    DECLINED = "declined"
    """Reached, but would not talk."""


class CallbackPlanned(Fact, topic="service-desk.callback-planned.v1"):
    customer_id: UUID
    opportunity_id: UUID
    kind: CallbackKind
    won_on: date
    due_on: date


class CallbackDue(Fact, topic="service-desk.callback-due.v1"):
    on: date


class CallbackDone(Fact, topic="service-desk.callback-done.v1"):
    outcome: CallbackOutcome
    at: datetime
    by: str
    answers: Personal[str | None] = None
    """What the customer said, in our words."""


class CallbackMissed(Fact, topic="service-desk.callback-missed.v1"):
    on: date


CallbackFact: TypeAlias = CallbackPlanned | CallbackDue | CallbackDone | CallbackMissed


class PlanCallback(Command):
    customer_id: UUID
    opportunity_id: UUID
    kind: CallbackKind
    won_on: date
    today: date


class RecordCallback(Command):
    outcome: CallbackOutcome
    answers: str | None
    at: datetime
    by: str


class CheckCallback(Command):
    """Is it due, or missed? Asked by the clockwork; says nothing twice."""

    today: date


CallbackCommand: TypeAlias = PlanCallback | RecordCallback | CheckCallback


class Callback(msgspec.Struct, frozen=True, kw_only=True):
    customer_id: UUID
    opportunity_id: UUID
    kind: CallbackKind
    due_on: date
    announced: bool = False
    missed: bool = False
    done: CallbackDone | None = None


class NoSuchCallback(NotFound):
    """There is no such callback, or none that you may see."""


class AlreadyDone(RuleBroken):
    """The callback has been made."""


class AnswersMissing(InvalidInput):
    """Say what the dissatisfied customer said."""


def decide(command: CallbackCommand, state: Callback | None, policy: ServiceDeskPolicy) -> list[CallbackFact]:
    """A missed callback may still be made: late is better than never."""
    match command:
        case PlanCallback(kind=kind, won_on=won_on):
            term = next(term for term in policy.callbacks if term.kind == kind)
            due = due_on(won_on, term)
            if state is not None or command.today > due + timedelta(days=policy.callback_grace_days):
                return []  # planned already; or the win is history, and it is too late to call
            return [
                CallbackPlanned(
                    customer_id=command.customer_id,
                    opportunity_id=command.opportunity_id,
                    kind=kind,
                    won_on=won_on,
                    due_on=due,
                )
            ]
    if state is None:
        raise NoSuchCallback
    match command:
        case RecordCallback(outcome=outcome, answers=answers, at=at, by=by):
            if state.done is not None:
                raise AlreadyDone("by {by} at {at}", by=state.done.by, at=state.done.at.isoformat())
            if outcome is CallbackOutcome.UNSATISFIED and answers is None:
                raise AnswersMissing(field="answers")
            return [CallbackDone(outcome=outcome, answers=answers, at=at, by=by)]
        case CheckCallback(today=today):
            if state.done is not None or state.missed:
                return []
            if today > state.due_on + timedelta(days=policy.callback_grace_days):
                return [CallbackMissed(on=today)]
            if today >= state.due_on and not state.announced:
                return [CallbackDue(on=today)]
            return []


def evolve(state: Callback | None, fact: CallbackFact) -> Callback | None:
    match fact:
        case CallbackPlanned():
            return Callback(
                customer_id=fact.customer_id,
                opportunity_id=fact.opportunity_id,
                kind=fact.kind,
                due_on=fact.due_on,
            )
    if state is None:
        return None
    match fact:
        case CallbackDue():
            return replace(state, announced=True)
        case CallbackDone():
            return replace(state, done=fact)
        case CallbackMissed():
            return replace(state, missed=True)


def due_on(won_on: date, term: CallbackTerm) -> date:
    """The same day of the later month, or its last where the month is too short; then the days."""
    months = won_on.year * 12 + won_on.month - 1 + term.months
    year, month = months // 12, months % 12 + 1
    return date(year, month, min(won_on.day, monthrange(year, month)[1])) + timedelta(days=term.days)


def callback_id(opportunity_id: UUID, won_on: date, kind: CallbackKind) -> UUID:
    return uuid5(PLANS, f"{opportunity_id} {won_on.isoformat()} {kind}")


def _customer_of(_: UUID, callback: Callback) -> UUID:
    return callback.customer_id


CALLBACK: Aggregate[Callback] = Aggregate(
    name="callback",
    facts=get_args(CallbackFact),
    decide=decide,
    evolve=evolve,
    customer_of=_customer_of,
    state=Callback,
)
