"""Contacts as they are logged: fresh, not of the future, and the next touch due from them."""

from datetime import date, timedelta

from keqing_pipeline.opportunity import refusals as no
from keqing_pipeline.opportunity.commands import LogCall, LogMessage, LogVisit
from keqing_pipeline.opportunity.contact import Contact
from keqing_pipeline.opportunity.facts import CallLogged, MessageLogged, OpportunityFact, VisitLogged
from keqing_pipeline.opportunity.stage import Outcome
from keqing_pipeline.opportunity.state import Opportunity
from keqing_pipeline.opportunity.touch import next_touch, promise_after
from keqing_pipeline.policy import PipelinePolicy


def log_contact(
    command: LogCall | LogVisit | LogMessage, opportunity: Opportunity, policy: PipelinePolicy
) -> list[OpportunityFact]:
    match command:
        case LogCall(call=contact) | LogVisit(visit=contact) | LogMessage(message=contact):
            at, by, on = contact.at or command.at, command.by, _contact_day(contact, command, policy)
            due = _touch_after(contact, on, opportunity, policy)
    match command:
        case LogCall(call=call):
            return [CallLogged(call=call, at=at, on=on, by=by, next_touch_on=due)]
        case LogVisit(visit=visit):
            return [VisitLogged(visit=visit, at=at, on=on, by=by, next_touch_on=due)]
        case LogMessage(message=message):
            return [MessageLogged(message=message, at=at, on=on, by=by, next_touch_on=due)]


def _contact_day(contact: Contact, command: LogCall | LogVisit | LogMessage, policy: PipelinePolicy) -> date:
    at, window = contact.at or command.at, policy.contact_recorded_within_days
    if at > command.at:
        raise no.ContactInFuture(
            "{at} has not come yet; log it once it has happened", field="at", at=at.isoformat()
        )
    if at < command.at - timedelta(days=window):
        raise no.ContactTooOld("log a contact within {days} days", field="at", days=window)
    on = policy.day_of(at)
    if contact.next_on is not None and contact.next_on < on:
        raise no.PromiseBeforeContact("the contact was on {on}", field="next_on", on=on.isoformat())
    if contact.signals and not contact.outcome.reached:
        raise no.SignalsNeedAnswer(
            "the outcome is {outcome}: leave the signals out", field="signals", outcome=contact.outcome
        )
    if contact.with_decider and not contact.outcome.reached:
        raise no.DeciderNeedsAnswer(
            "the outcome is {outcome}: leave with_decider out", field="with_decider", outcome=contact.outcome
        )
    return on


def _touch_after(contact: Contact, on: date, opportunity: Opportunity, policy: PipelinePolicy) -> date | None:
    last_on, promised_on = on, promise_after(opportunity.promised_on, on, contact.next_on)
    if opportunity.last_contact_on is not None and opportunity.last_contact_on > on:
        # Logged late: a later contact has already set the pace.
        last_on, promised_on = opportunity.last_contact_on, opportunity.promised_on
    if opportunity.outcome is Outcome.LOST:
        return None if promised_on is None else policy.working_day(promised_on)
    won = opportunity.outcome is Outcome.WON
    return next_touch(policy, opportunity.stage, last_on, promised_on, won=won)
