"""The clocks: working time only, paused while waiting, the pause credited once, a miss told once.

All of it happens in the week of Monday 2 March 2026 in Shanghai: nine to six, lunch from twelve to one.
"""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from keqing_service_desk.complaint import COMPLAINT
from keqing_service_desk.complaint.clocks import runs_out_at
from keqing_service_desk.complaint.commands import Acknowledge, CheckClocks, ResumeWork, WaitForCustomer
from keqing_service_desk.complaint.facts import (
    ComplaintAcknowledged,
    ComplaintEscalated,
    ResponseOverdue,
    SolutionOverdue,
    WaitingForCustomer,
    WorkResumed,
)
from keqing_service_desk.complaint.rules import AlreadyWaiting, NotWaiting
from keqing_service_desk.complaint.values import Level, Severity, Step
from keqing_shared.testing import given

from .complaint_life import (
    ACCEPTED,
    ACKNOWLEDGED,
    CLOSED,
    ESTABLISHED,
    OPENED,
    POLICY,
    PROPOSED,
    RESUMED,
    SETTLED,
    STEPS,
    complaint,
    open_now,
)

SHANGHAI = ZoneInfo("Asia/Shanghai")


def on(day: int, hour: int, minute: int = 0) -> datetime:
    """Of March 2026, Shanghai time."""
    return datetime(2026, 3, day, hour, minute, tzinfo=SHANGHAI).astimezone(UTC)


@pytest.mark.parametrize(
    ("severity", "response", "solution"),
    [
        (Severity.CRITICAL, on(2, 11), on(3, 10)),  # 1 h and 8 h from Monday 10:00
        (Severity.MAJOR, on(2, 15), on(5, 10)),  # 4 h and 24 h
        (Severity.MINOR, on(3, 10), on(13, 10)),  # 8 h and 72 h: nine working days
    ],
)
def test_severity_sets_the_terms_in_working_time(
    severity: Severity, response: datetime, solution: datetime
) -> None:
    [fact] = complaint().when(open_now(severity=severity)).outcome()
    assert (fact.response_due_at, fact.solution_due_at) == (response, solution)


def test_a_complaint_of_friday_evening_is_answered_on_monday() -> None:
    [fact] = complaint().when(open_now(severity=Severity.CRITICAL, at=on(6, 17, 30))).outcome()
    assert fact.response_due_at == on(9, 9, 30)


def test_a_missed_first_response_is_told_once_and_escalates() -> None:
    overdue = ResponseOverdue(due_at=on(2, 15), at=on(2, 15, 1), assigned_to="zhao.min")
    escalated = ComplaintEscalated(
        to=Level.SUPERVISOR, cause="response_overdue", at=on(2, 15, 1), by="clockwork", assigned_to="zhao.min"
    )
    check = CheckClocks(at=on(2, 15, 1))
    complaint(OPENED).when(check).then(overdue, escalated)
    complaint(OPENED, overdue, escalated).when(check).then()
    complaint(OPENED).when(CheckClocks(at=on(2, 15))).then()


def test_a_missed_solution_escalates_further_but_never_beyond_the_manager() -> None:
    facts = complaint(OPENED).when(CheckClocks(at=on(6, 9))).outcome()
    assert [type(fact) for fact in facts] == [
        ResponseOverdue, ComplaintEscalated, SolutionOverdue, ComplaintEscalated,
    ]  # fmt: skip
    assert [fact.to for fact in facts if isinstance(fact, ComplaintEscalated)] == ["supervisor", "manager"]
    at_manager = ComplaintEscalated(
        to=Level.MANAGER, cause="by_hand", at=on(2, 11), by="zhao.min", assigned_to="zhao.min"
    )
    facts = complaint(OPENED, at_manager).when(CheckClocks(at=on(6, 9))).outcome()
    assert [type(fact) for fact in facts] == [ResponseOverdue, SolutionOverdue]


def test_a_step_taken_late_tells_of_the_miss_that_nobody_had_noticed() -> None:
    late = Acknowledge(apology="We are sorry.", heard_out=True, at=on(2, 16), by="zhao.min")
    complaint(OPENED).when(late).then(
        ResponseOverdue(due_at=on(2, 15), at=on(2, 16), assigned_to="zhao.min"),
        ComplaintEscalated(
            to=Level.SUPERVISOR,
            cause="response_overdue",
            at=on(2, 16),
            by="clockwork",
            assigned_to="zhao.min",
        ),
        ComplaintAcknowledged(apology="We are sorry.", at=on(2, 16), by="zhao.min", assigned_to="zhao.min"),
    )


def test_met_clocks_are_never_missed() -> None:
    complaint(ACKNOWLEDGED).when(
        CheckClocks(at=on(3, 9))
    ).then()  # responded in time; solution due on Thursday
    complaint(SETTLED).when(CheckClocks(at=on(30, 9))).then()
    complaint(CLOSED).when(CheckClocks(at=on(30, 9))).then()


def test_waiting_for_the_customer_stops_the_clocks_and_the_pause_is_credited_once() -> None:
    wait = WaitForCustomer(awaited="photos", at=on(2, 14), by="zhao.min")
    waiting = WaitingForCustomer(awaited="photos", at=on(2, 14), by="zhao.min")
    complaint(OPENED).when(wait).then(waiting)
    paused = complaint(OPENED, waiting)
    paused.when(CheckClocks(at=on(20, 9))).then()
    paused.when(wait).refused(AlreadyWaiting, since=on(2, 14).isoformat())
    resumed = WorkResumed(
        response_due_at=on(4, 10),  # one hour was left, from Wednesday 9:00
        solution_due_at=on(6, 15),  # 21 h were left: Wednesday 8, Thursday 8, Friday 5 with lunch between
        at=on(4, 9),
        by="zhao.min",
    )
    facts = paused.when(ResumeWork(at=on(4, 9), by="zhao.min")).outcome()
    assert facts == [resumed]
    again = complaint(OPENED, waiting, *facts)
    again.when(ResumeWork(at=on(4, 9, 30), by="zhao.min")).refused(NotWaiting)


def test_a_pause_over_the_weekend_costs_and_credits_nothing() -> None:
    waiting = WaitingForCustomer(awaited="photos", at=on(6, 18), by="zhao.min")
    opened = complaint().when(open_now(severity=Severity.MINOR, at=on(6, 17))).outcome()
    [resumed] = (
        given(COMPLAINT, *opened, waiting, policy=POLICY)
        .when(ResumeWork(at=on(9, 9), by="zhao.min"))
        .outcome()
    )
    assert resumed.response_due_at == opened[0].response_due_at == on(9, 17)
    assert resumed.solution_due_at == opened[0].solution_due_at


def test_waiting_begun_after_the_deadline_does_not_undo_the_miss() -> None:
    wait = WaitForCustomer(awaited="photos", at=on(2, 16), by="zhao.min")
    late = complaint(OPENED).when(wait).outcome()
    assert [type(fact) for fact in late] == [ResponseOverdue, ComplaintEscalated, WaitingForCustomer]
    [resumed] = complaint(OPENED, *late).when(ResumeWork(at=on(3, 9), by="zhao.min")).outcome()
    assert resumed.response_due_at is None
    assert resumed.solution_due_at == on(5, 12)  # 18 h were left on Monday at 16:00: two days and two hours


def test_while_the_customer_weighs_the_proposal_we_are_not_late() -> None:
    proposed = complaint(ESTABLISHED).when(STEPS[Step.SOLUTION]).outcome()
    state = complaint(ESTABLISHED, *proposed).when(CheckClocks(at=on(30, 9))).state()
    assert proposed[0] == PROPOSED
    assert runs_out_at(state) is None


def test_the_clock_that_runs_next_is_known() -> None:
    def runs(*facts: object) -> datetime | None:
        return runs_out_at(given(COMPLAINT, *facts, policy=POLICY).when(CheckClocks(at=on(2, 10))).state())  # type: ignore[arg-type]

    assert runs(OPENED) == OPENED.response_due_at
    assert runs(OPENED, ACKNOWLEDGED) == OPENED.solution_due_at
    assert runs(OPENED, ACKNOWLEDGED, RESUMED, ACCEPTED) == RESUMED.solution_due_at
    assert runs(OPENED, ACKNOWLEDGED, SETTLED) is None


def test_lunch_nights_weekends_and_holidays_are_no_working_time() -> None:
    work = POLICY.working_time
    assert work.after(on(2, 11, 30), timedelta(hours=1)) == on(2, 13, 30)
    assert work.between(on(2, 11, 30), on(2, 13, 30)) == timedelta(hours=1)
    assert work.between(on(6, 17), on(9, 10)) == timedelta(hours=2)
    assert work.between(on(9, 10), on(6, 17)) == timedelta()
    national_day = datetime(2026, 9, 30, 17, tzinfo=SHANGHAI)
    assert work.between(national_day, datetime(2026, 10, 8, 10, tzinfo=SHANGHAI)) == timedelta(hours=2)
