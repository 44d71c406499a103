"""The rules of a complaint: which facts a command leads to, or why it is refused."""

from keqing_service_desk.complaint.clocks import misses, resumption, solution_due
from keqing_service_desk.complaint.commands import (
    CheckClocks,
    ComplaintCommand,
    Escalate,
    ImportComplaint,
    OpenComplaint,
    Reassign,
    ReopenComplaint,
    ResumeWork,
    WaitForCustomer,
)
from keqing_service_desk.complaint.facts import (
    ComplaintEscalated,
    ComplaintFact,
    ComplaintReassigned,
    ComplaintReopened,
    WaitingForCustomer,
)
from keqing_service_desk.complaint.opening import imported, opened
from keqing_service_desk.complaint.rules import (
    AlreadyClosed,
    AlreadyEscalated,
    AlreadyWaiting,
    NoSuchComplaint,
    NotWaiting,
    NotYours,
    StepOutOfOrder,
)
from keqing_service_desk.complaint.state import Complaint
from keqing_service_desk.complaint.steps import step
from keqing_service_desk.complaint.values import Level
from keqing_service_desk.policy import ServiceDeskPolicy
from keqing_shared.domain import Words


def decide(
    command: ComplaintCommand, state: Complaint | None, policy: ServiceDeskPolicy
) -> list[ComplaintFact]:
    """A step taken while waiting ends the waiting; clocks that have run out are told of first."""
    match command:
        case OpenComplaint():
            return [opened(command, state, policy)]
        case ImportComplaint():
            return imported(command, state)
    if state is None:
        raise NoSuchComplaint
    match command:
        case ReopenComplaint(reason=reason, at=at, by=by):
            if state.due is not None:
                raise StepOutOfOrder(Words("reopening"), state.due)
            due_at = solution_due(state.severity, at, policy)
            return [
                ComplaintReopened(
                    reason=reason, solution_due_at=due_at, at=at, by=by, assigned_to=state.assigned_to
                )
            ]
        case CheckClocks(at=at):
            return misses(state, at)
    if state.due is None:
        if isinstance(command, Escalate | Reassign | WaitForCustomer | ResumeWork):
            raise AlreadyClosed("reopen it first")
        return step(command, state, policy)
    late = misses(state, command.at)
    match command:
        case Escalate():
            return [*late, _escalated(command, late, state)]
        case Reassign():
            return [*late, *_reassigned(command, state)]
        case WaitForCustomer(awaited=awaited, at=at, by=by):
            if state.waiting_since is not None:
                since = state.waiting_since.isoformat()
                raise AlreadyWaiting("since {since}", since=since)
            return [*late, WaitingForCustomer(awaited=awaited, at=at, by=by)]
        case ResumeWork(at=at, by=by):
            if state.waiting_since is None:
                raise NotWaiting
            return [resumption(state, at, by, policy)]
    facts = step(command, state, policy)
    if state.waiting_since is not None:
        facts.insert(0, resumption(state, command.at, command.by, policy))
    return [*late, *facts]


def _escalated(command: Escalate, late: list[ComplaintFact], state: Complaint) -> ComplaintEscalated:
    level = state.escalated_to
    for fact in late:
        if isinstance(fact, ComplaintEscalated):
            level = fact.to
    if level is Level.MANAGER or level is command.to:
        raise AlreadyEscalated("to the {escalated_to}", escalated_to=level)
    return ComplaintEscalated(
        to=command.to,
        cause="by_hand",
        at=command.at,
        by=command.by,
        reason=command.reason,
        assigned_to=state.assigned_to,
    )


def _reassigned(command: Reassign, state: Complaint) -> list[ComplaintFact]:
    if "supervisor" not in command.roles and state.assigned_to not in (None, command.by):
        raise NotYours("this one is assigned to {assigned_to}", assigned_to=state.assigned_to)
    if command.to == state.assigned_to:
        return []
    return [
        ComplaintReassigned(assigned_to=command.to, previous=state.assigned_to, at=command.at, by=command.by)
    ]
