"""What is known of a complaint, and how each fact changes it."""

from datetime import date, datetime
from uuid import UUID

import msgspec
from msgspec.structs import replace

from keqing_service_desk.complaint.facts import (
    ComplaintAcknowledged,
    ComplaintClosed,
    ComplaintEscalated,
    ComplaintFact,
    ComplaintImported,
    ComplaintOpened,
    ComplaintReassigned,
    ComplaintReopened,
    ComplaintSettled,
    FactsEstablished,
    GoodwillFollowedUp,
    ResponseOverdue,
    SettlementApproved,
    SettlementAwaitsApproval,
    SettlementDeclined,
    SolutionAccepted,
    SolutionOverdue,
    SolutionProposed,
    SolutionRejected,
    WaitingForCustomer,
    WorkResumed,
)
from keqing_service_desk.complaint.values import Category, Cause, Level, Severity, Step


class Clock(msgspec.Struct, frozen=True, kw_only=True):
    """A term that runs in working time."""

    due_at: datetime
    met_at: datetime | None = None
    missed: bool = False


class Complaint(msgspec.Struct, frozen=True, kw_only=True):
    customer_id: UUID
    category: Category
    severity: Severity
    opened: ComplaintOpened | None = None
    imported: ComplaintImported | None = None
    due: Step | None
    """The step that is due; None once closed."""
    cause: Cause | None = None
    product: str | None = None
    assigned_to: str | None = None
    escalated_to: Level | None = None
    response: Clock | None = None
    """First response; None for imported history, which never had our clocks."""
    solution: Clock | None = None
    waiting_since: datetime | None = None
    awaited: str | None = None
    acknowledged: ComplaintAcknowledged | None = None
    established: FactsEstablished | None = None
    proposed: tuple[SolutionProposed, ...] = ()
    """Every proposal so far, the last one the current."""
    rejections: tuple[SolutionRejected, ...] = ()
    accepted: SolutionAccepted | None = None
    pending: SettlementAwaitsApproval | None = None
    declined: tuple[SettlementDeclined, ...] = ()
    settled: ComplaintSettled | None = None
    goodwill: GoodwillFollowedUp | None = None
    closed: ComplaintClosed | None = None
    reopened: tuple[ComplaintReopened, ...] = ()

    @property
    def received_on(self) -> date:
        """The business date, or the day that imported history says."""
        told = self.opened or self.imported
        assert told is not None, "one of the two began it"
        return told.received_on

    @property
    def invoices(self) -> tuple[UUID, ...]:
        return self.opened.invoices if self.opened else ()


def evolve(state: Complaint | None, fact: ComplaintFact) -> Complaint | None:
    match fact:
        case ComplaintOpened():
            return Complaint(
                customer_id=fact.customer_id,
                category=fact.category,
                severity=fact.severity,
                opened=fact,
                due=Step.ACKNOWLEDGEMENT,
                cause=fact.cause,
                product=fact.product,
                assigned_to=fact.assigned_to,
                response=Clock(due_at=fact.response_due_at),
                solution=Clock(due_at=fact.solution_due_at),
            )
        case ComplaintImported():
            return Complaint(
                customer_id=fact.customer_id,
                category=fact.category,
                severity=fact.severity,
                imported=fact,
                due=None if fact.closed else Step.ACKNOWLEDGEMENT,
                cause=fact.cause,
                product=fact.product,
            )
    if state is None:
        return None
    match fact:
        case ComplaintAcknowledged(at=at):
            return replace(state, acknowledged=fact, due=Step.FACTS, response=_met(state.response, at))
        case FactsEstablished(cause=cause):
            return replace(state, established=fact, cause=cause, due=Step.SOLUTION)
        case SolutionProposed():
            return replace(state, proposed=(*state.proposed, fact), accepted=None, due=Step.ANSWER)
        case SolutionAccepted():
            return replace(state, accepted=fact, due=Step.SETTLEMENT)
        case SolutionRejected():
            return replace(state, rejections=(*state.rejections, fact), due=Step.SOLUTION)
        case SettlementAwaitsApproval():
            return replace(state, pending=fact, due=Step.APPROVAL)
        case SettlementApproved():
            return replace(state, pending=None)
        case SettlementDeclined():
            return replace(state, pending=None, declined=(*state.declined, fact), due=Step.SOLUTION)
        case ComplaintSettled(at=at):
            return replace(state, settled=fact, due=Step.GOODWILL, solution=_met(state.solution, at))
        case GoodwillFollowedUp():
            return replace(state, goodwill=fact, due=Step.CLOSING)
        case ComplaintClosed():
            return replace(state, closed=fact, due=None, waiting_since=None, awaited=None)
        case ComplaintReopened(solution_due_at=due_at):
            return replace(
                state,
                reopened=(*state.reopened, fact),
                due=_first_missing(state),
                solution=Clock(due_at=due_at),
                waiting_since=None,
                awaited=None,
            )
        case ComplaintEscalated(to=to):
            return replace(state, escalated_to=to)
        case ComplaintReassigned(assigned_to=assigned_to):
            return replace(state, assigned_to=assigned_to)
        case WaitingForCustomer(at=at, awaited=awaited):
            return replace(state, waiting_since=at, awaited=awaited)
        case WorkResumed(response_due_at=response_due_at, solution_due_at=solution_due_at):
            return replace(
                state,
                waiting_since=None,
                awaited=None,
                response=_moved(state.response, response_due_at),
                solution=_moved(state.solution, solution_due_at),
            )
        case ResponseOverdue():
            return replace(state, response=_missed(state.response))
        case SolutionOverdue():
            return replace(state, solution=_missed(state.solution))
    return state


def _first_missing(state: Complaint) -> Step:
    """Reopened history may lack the first steps; of our own complaints a new solution is due."""
    if state.acknowledged is None:
        return Step.ACKNOWLEDGEMENT
    return Step.FACTS if state.established is None else Step.SOLUTION


def _met(clock: Clock | None, at: datetime) -> Clock | None:
    return clock and replace(clock, met_at=at)


def _moved(clock: Clock | None, due_at: datetime | None) -> Clock | None:
    return clock if clock is None or due_at is None else replace(clock, due_at=due_at)


def _missed(clock: Clock | None) -> Clock | None:
    return clock and replace(clock, missed=True)
