"""The two clocks of a complaint, in working time: first response, and solution (met by the settlement)."""

from datetime import datetime

from keqing_service_desk.complaint.facts import (
    ComplaintEscalated,
    ComplaintFact,
    ResponseOverdue,
    SolutionOverdue,
    WorkResumed,
)
from keqing_service_desk.complaint.state import Clock, Complaint
from keqing_service_desk.complaint.values import EscalationCause, Level, Severity
from keqing_service_desk.policy import ServiceDeskPolicy

CLOCKWORK = "clockwork"


def response_due(severity: Severity, start: datetime, policy: ServiceDeskPolicy) -> datetime:
    return policy.working_time.after(start, policy.term(severity).response)


def solution_due(severity: Severity, start: datetime, policy: ServiceDeskPolicy) -> datetime:
    return policy.working_time.after(start, policy.term(severity).solution)


def runs_out_at(state: Complaint) -> datetime | None:
    """When the clock that runs now will be missed; None while none runs (waiting, met, missed already)."""
    if state.due is None or state.waiting_since is not None:
        return None
    return min(
        (clock.due_at for clock in (state.response, state.solution) if clock and _runs(clock)), default=None
    )


def misses(state: Complaint, at: datetime) -> list[ComplaintFact]:
    """Clocks that ran out before ``at`` and of which nobody has said so yet; each miss escalates by one."""
    facts: list[ComplaintFact] = []
    if state.due is None or state.waiting_since is not None:
        return facts
    level, assigned_to = state.escalated_to, state.assigned_to
    if state.response is not None and _ran_out(state.response, at):
        facts.append(ResponseOverdue(due_at=state.response.due_at, at=at, assigned_to=assigned_to))
        level = _escalate(facts, level, "response_overdue", at, assigned_to)
    if state.solution is not None and _ran_out(state.solution, at):
        facts.append(SolutionOverdue(due_at=state.solution.due_at, at=at, assigned_to=assigned_to))
        _escalate(facts, level, "solution_overdue", at, assigned_to)
    return facts


def resumption(state: Complaint, at: datetime, by: str, policy: ServiceDeskPolicy) -> WorkResumed:
    """What was left of each clock when the waiting began is left of it again from ``at``."""
    since = state.waiting_since or at

    def moved(clock: Clock | None) -> datetime | None:
        if clock is None or not _runs(clock) or clock.due_at <= since:
            return None
        left = policy.working_time.between(since, clock.due_at)
        return policy.working_time.after(at, left)

    return WorkResumed(
        at=at, by=by, response_due_at=moved(state.response), solution_due_at=moved(state.solution)
    )


def _escalate(
    facts: list[ComplaintFact],
    level: Level | None,
    cause: EscalationCause,
    at: datetime,
    assigned_to: str | None,
) -> Level:
    above = Level.SUPERVISOR if level is None else Level.MANAGER
    if above != level:
        facts.append(ComplaintEscalated(to=above, cause=cause, at=at, by=CLOCKWORK, assigned_to=assigned_to))
    return above


def _ran_out(clock: Clock, at: datetime) -> bool:
    return _runs(clock) and clock.due_at < at


def _runs(clock: Clock) -> bool:
    return clock.met_at is None and not clock.missed
