"""Whatever happens to a complaint, in whatever order it is tried, the queue shows what the stream knows."""

from datetime import timedelta
from decimal import Decimal
from functools import reduce
from typing import Any
from uuid import UUID

from hypothesis import given as generated
from hypothesis import settings
from hypothesis import strategies as st

from keqing_service_desk.complaint import COMPLAINT, Complaint
from keqing_service_desk.complaint.clocks import runs_out_at
from keqing_service_desk.complaint.commands import (
    CheckClocks,
    DeclineSettlement,
    Escalate,
    Reassign,
    RejectSolution,
    ReopenComplaint,
    ResumeWork,
    Settle,
    WaitForCustomer,
)
from keqing_service_desk.complaint.values import Form, Level, Settlement, Severity
from keqing_service_desk.views.pareto import PARETO, Pareto
from keqing_service_desk.views.queue import QUEUE, Queue, QueueRow
from keqing_shared.domain import Command, Fact, Money, Recorded, RuleBroken
from keqing_shared.views import project_all

from .complaint_life import MONDAY, POLICY, STEPS, open_now

AT = MONDAY
GIFT = Settlement(form=Form.GIFT, amount=Money(amount=Decimal(800)))
COMMANDS: tuple[Command, ...] = (
    *STEPS.values(),
    RejectSolution(reason="No.", at=AT, by="zhao.min"),
    Settle(settlement=GIFT, at=AT, by="zhao.min", roles=("agent",)),
    DeclineSettlement(reason="No.", at=AT, by="qian.li", roles=("supervisor",)),
    Escalate(to=Level.MANAGER, reason="They insist.", at=AT, by="zhao.min"),
    Reassign(to="sun.lan", at=AT, by="qian.li", roles=("supervisor",)),
    WaitForCustomer(awaited="Photos.", at=AT, by="zhao.min"),
    ResumeWork(at=AT, by="zhao.min"),
    CheckClocks(at=AT),
)
Tried = tuple[Command | None, int]
"""A command, or None for whichever step is due; and so many minutes after the one before."""
WISHES = st.one_of(st.none(), st.none(), st.sampled_from(COMMANDS))
TRIED = st.lists(st.tuples(WISHES, st.integers(min_value=0, max_value=20 * 60)), max_size=40)
REOPEN = ReopenComplaint(reason="Again.", at=AT, by="zhao.min")


def at(command: Command, moment: Any) -> Command:
    return type(command)(**{**{n: getattr(command, n) for n in command.__struct_fields__}, "at": moment})


def lived(severity: Severity, tried: list[Tried]) -> list[Fact]:
    """What became of a complaint when these were tried, so many minutes apart."""
    facts: list[Fact] = COMPLAINT.decide(open_now(severity=severity), None, POLICY)
    now = MONDAY
    for command, minutes in tried:
        now += timedelta(minutes=minutes)
        state: Complaint | None = reduce(COMPLAINT.evolve, facts, None)
        assert state is not None
        wish = command or (
            STEPS[state.due] if state.due else ReopenComplaint(reason="Again.", at=now, by="x")
        )
        try:
            facts += COMPLAINT.decide(at(wish, now), state, POLICY)
        except RuleBroken:
            continue
    return facts


def recorded(facts: list[Fact]) -> list[Recorded[Any]]:
    return [
        Recorded(
            fact=fact,
            originator_id=UUID(int=5),
            originator_version=version,
            position=version,
            customer_id=UUID(int=1),
            recorded_at=MONDAY,
            who="zhao.min",
            why=None,
            command_id=UUID(int=9),
            correlation_id="",
            causation_id=None,
        )
        for version, fact in enumerate(facts, 1)
    ]


@settings(max_examples=300, deadline=None)
@generated(severity=st.sampled_from(Severity), tried=TRIED)
def test_the_queue_agrees_with_the_stream(severity: Severity, tried: list[Tried]) -> None:
    facts = lived(severity, tried)
    state: Complaint | None = reduce(COMPLAINT.evolve, facts, None)
    assert state is not None
    assert state.response is not None
    assert state.solution is not None
    [row] = project_all(Queue(), recorded(facts)).all(QUEUE)
    assert isinstance(row, QueueRow)
    assert (row.step, row.cause, row.assigned_to) == (state.due, state.cause, state.assigned_to)
    assert (row.escalated_to, row.waiting_since) == (state.escalated_to, state.waiting_since)
    assert row.needs == (state.pending and state.pending.needs)
    assert row.runs_out_at == runs_out_at(state)
    for prefix, clock in (("response", state.response), ("solution", state.solution)):
        shown = tuple(getattr(row, f"{prefix}_{part}") for part in ("due_at", "met_at", "missed"))
        assert shown == (clock.due_at, clock.met_at, clock.missed)
    [counted] = project_all(Pareto(), recorded(facts)).all(PARETO)
    assert counted.cause == state.cause
