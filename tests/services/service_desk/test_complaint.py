"""A complaint step by step: in order only, heard out, honoured, closed, reopened."""

from dataclasses import replace
from datetime import date, timedelta

import msgspec
import pytest

from keqing_service_desk.complaint import COMPLAINT
from keqing_service_desk.complaint.commands import (
    Acknowledge,
    CheckClocks,
    DeclineSettlement,
    Escalate,
    ProposeSolution,
    Reassign,
    RejectSolution,
    ReopenComplaint,
    ResumeWork,
    WaitForCustomer,
)
from keqing_service_desk.complaint.facts import (
    ComplaintEscalated,
    ComplaintFact,
    ComplaintOpened,
    ComplaintReassigned,
    ComplaintReopened,
    SettlementDeclined,
    SolutionRejected,
)
from keqing_service_desk.complaint.rules import (
    AlreadyClosed,
    AlreadyEscalated,
    AlreadyOpened,
    NoSuchComplaint,
    NotYours,
    ReceivedInFuture,
    StepOutOfOrder,
    StoryNotHeardOut,
)
from keqing_service_desk.complaint.values import (
    Category,
    Complainant,
    Level,
    Manner,
    Severity,
    Solution,
    Step,
)
from keqing_shared.domain import Command, ExternalReference
from keqing_shared.testing import given

from .complaint_life import (
    ACCEPTED,
    ACKNOWLEDGED,
    AWAITS,
    CLOSED,
    CUSTOMER,
    DUE,
    ESTABLISHED,
    FOLLOWED,
    INVOICE,
    LIFE,
    MONDAY,
    OPENED,
    POLICY,
    PROPOSED,
    REPAIR,
    RESUMED,
    SETTLED,
    STEPS,
    WAITING,
    WEDNESDAY,
    after,
    complaint,
    open_now,
)


def test_a_complaint_is_opened_with_its_clocks_running_from_its_receipt() -> None:
    received = MONDAY - timedelta(hours=1)  # 09:00, the start of the working day
    complaint().when(
        open_now(
            received_at=received,
            complainant=Complainant(name="Wang Fang", manner=Manner.IRRITABLE),
            invoices=(INVOICE, INVOICE),
            external=ExternalReference(system="hotline", id="77"),
        )
    ).then(
        ComplaintOpened(
            customer_id=CUSTOMER,
            category=Category.QUALITY,
            severity=Severity.MAJOR,
            what_happened="The pump leaks.",
            received_at=received,
            received_on=date(2026, 3, 2),
            opened_by="zhao.min",
            response_due_at=received + timedelta(hours=5),  # 4 working hours, lunch between
            solution_due_at=received + timedelta(days=2, hours=9),  # 24 working hours: three full days
            complainant_name="Wang Fang",
            manner=Manner.IRRITABLE,
            invoices=(INVOICE,),
            external=ExternalReference(system="hotline", id="77"),
        )
    )


def test_a_complaint_is_not_received_in_the_future() -> None:
    complaint().when(open_now(received_at=after(1))).refused(ReceivedInFuture, field="received_at")


def test_a_complaint_is_opened_once() -> None:
    complaint(OPENED).when(open_now()).refused(AlreadyOpened)


def test_acknowledging_needs_the_story_heard_out() -> None:
    complaint(OPENED).when(
        Acknowledge(apology="We are sorry.", heard_out=False, at=after(10), by="zhao.min")
    ).refused(StoryNotHeardOut, field="heard_out")


@pytest.mark.parametrize(
    ("step", "facts"),
    [
        (Step.ACKNOWLEDGEMENT, [ACKNOWLEDGED]),
        (Step.FACTS, [ESTABLISHED]),
        (Step.SOLUTION, [PROPOSED, WAITING]),
        (Step.SETTLEMENT, [SETTLED]),
        (Step.GOODWILL, [FOLLOWED]),
        (Step.CLOSING, [CLOSED]),
    ],
)
def test_the_step_that_is_due_is_taken(step: Step, facts: list[ComplaintFact]) -> None:
    DUE[step].when(STEPS[step]).then(*facts)


@pytest.mark.parametrize("due", list(Step))
@pytest.mark.parametrize("tried", list(Step))
def test_a_step_out_of_order_is_refused_naming_the_step_that_is_due(due: Step, tried: Step) -> None:
    if tried is not due:
        DUE[due].when(STEPS[tried]).refused(StepOutOfOrder, due=str(due))


@pytest.mark.parametrize("tried", list(Step))
def test_no_step_is_due_once_closed(tried: Step) -> None:
    complaint(CLOSED).when(STEPS[tried]).refused(StepOutOfOrder, due=None)


def test_nothing_is_asked_of_a_complaint_that_is_not_there() -> None:
    for command in STEPS.values():
        complaint().when(command).refused(NoSuchComplaint)
    complaint().when(CheckClocks(at=MONDAY)).refused(NoSuchComplaint)


def test_the_customers_answer_ends_the_waiting() -> None:
    complaint(WAITING).when(STEPS[Step.ANSWER]).then(RESUMED, ACCEPTED)


def test_a_rejected_solution_makes_a_new_one_due() -> None:
    rejected = SolutionRejected(reason="Too slow.", at=after(40), by="zhao.min", assigned_to="zhao.min")
    complaint(WAITING).when(RejectSolution(reason="Too slow.", at=after(40), by="zhao.min")).then(
        RESUMED, rejected
    )
    complaint(WAITING, RESUMED, rejected).when(STEPS[Step.SETTLEMENT]).refused(StepOutOfOrder, due="solution")
    second = ProposeSolution(solution=Solution(description="A new pump."), at=after(45), by="zhao.min")
    state = complaint(WAITING, RESUMED, rejected).when(second).state()
    assert [proposal.description for proposal in state.proposed] == ["A new seal, today.", "A new pump."]
    assert state.due is Step.ANSWER


def test_a_declined_settlement_makes_a_new_solution_due() -> None:
    decline = DeclineSettlement(reason="Too much.", at=after(55), by="qian.li", roles=("supervisor",))
    declined = SettlementDeclined(reason="Too much.", at=after(55), by="qian.li", assigned_to="zhao.min")
    complaint(ACCEPTED, AWAITS).when(decline).then(declined)
    complaint(ACCEPTED, AWAITS, declined).when(REPAIR).refused(StepOutOfOrder, due="solution")


def test_reopening_gives_a_fresh_solution_clock_and_asks_for_a_new_solution() -> None:
    reopen = ReopenComplaint(reason="It leaks again.", at=WEDNESDAY, by="zhao.min")
    # 24 working hours from Wednesday 10:00: seven on Wednesday, Thursday and Friday full, one on Monday
    reopened = ComplaintReopened(
        reason="It leaks again.",
        solution_due_at=MONDAY + timedelta(days=7),
        at=WEDNESDAY,
        by="zhao.min",
        assigned_to="zhao.min",
    )
    complaint(CLOSED).when(reopen).then(reopened)
    complaint(CLOSED, reopened).when(STEPS[Step.CLOSING]).refused(StepOutOfOrder, due="solution")
    complaint(FOLLOWED).when(reopen).refused(StepOutOfOrder, due="closing")


def test_escalation_goes_up_only() -> None:
    def escalate(to: Level) -> Escalate:
        return Escalate(to=to, reason="They insist.", at=after(5), by="zhao.min")

    def escalated(to: Level) -> ComplaintEscalated:
        return ComplaintEscalated(
            to=to, cause="by_hand", reason="They insist.", at=after(5), by="zhao.min", assigned_to="zhao.min"
        )

    complaint(OPENED).when(escalate(Level.SUPERVISOR)).then(escalated(Level.SUPERVISOR))
    at_supervisor = complaint(OPENED, escalated(Level.SUPERVISOR))
    at_supervisor.when(escalate(Level.MANAGER)).then(escalated(Level.MANAGER))
    at_supervisor.when(escalate(Level.SUPERVISOR)).refused(AlreadyEscalated, escalated_to="supervisor")
    complaint(OPENED, escalated(Level.MANAGER)).when(escalate(Level.SUPERVISOR)).refused(AlreadyEscalated)


def test_an_agent_hands_over_only_what_is_theirs_or_nobodys() -> None:
    def reassign(by: str, *roles: str) -> Reassign:
        return Reassign(to="sun.lan", at=after(5), by=by, roles=roles)

    moved = ComplaintReassigned(assigned_to="sun.lan", previous="zhao.min", at=after(5), by="zhao.min")
    complaint(OPENED).when(reassign("zhao.min", "agent")).then(moved)
    complaint(OPENED).when(reassign("sun.lan", "agent")).refused(NotYours)
    complaint(OPENED).when(reassign("qian.li", "supervisor")).then(
        msgspec.structs.replace(moved, by="qian.li")
    )
    complaint(OPENED, moved).when(reassign("sun.lan", "agent")).then()
    unassigned = given(COMPLAINT, msgspec.structs.replace(OPENED, assigned_to=None), policy=POLICY)
    unassigned.when(reassign("sun.lan", "agent")).then(
        ComplaintReassigned(assigned_to="sun.lan", previous=None, at=after(5), by="sun.lan")
    )


@pytest.mark.parametrize(
    "command",
    [
        Escalate(to=Level.MANAGER, reason="They insist.", at=WEDNESDAY, by="zhao.min"),
        Reassign(to="sun.lan", at=WEDNESDAY, by="qian.li", roles=("supervisor",)),
        WaitForCustomer(awaited="photos", at=WEDNESDAY, by="zhao.min"),
        ResumeWork(at=WEDNESDAY, by="zhao.min"),
    ],
)
def test_a_closed_complaint_is_left_alone(command: Command) -> None:
    complaint(CLOSED).when(command).refused(AlreadyClosed)


def test_policies_with_other_terms_change_only_what_comes_after() -> None:
    faster = replace(POLICY, terms=tuple(replace(term, solution_hours=1) for term in POLICY.terms))
    reopen = ReopenComplaint(reason="It leaks again.", at=WEDNESDAY, by="zhao.min")
    state = given(COMPLAINT, *LIFE, policy=faster).when(reopen).state()
    assert state.opened.solution_due_at == OPENED.solution_due_at
    assert state.solution.due_at == WEDNESDAY + timedelta(hours=1)
