"""The life of a complaint from the first word to the last, as its facts and its steps."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from keqing_service_desk.complaint import COMPLAINT
from keqing_service_desk.complaint.commands import (
    AcceptSolution,
    Acknowledge,
    ApproveSettlement,
    CloseComplaint,
    EstablishFacts,
    FollowUpGoodwill,
    OpenComplaint,
    ProposeSolution,
    Settle,
)
from keqing_service_desk.complaint.facts import (
    ComplaintAcknowledged,
    ComplaintClosed,
    ComplaintFact,
    ComplaintOpened,
    ComplaintSettled,
    FactsEstablished,
    GoodwillFollowedUp,
    SettlementAwaitsApproval,
    SolutionAccepted,
    SolutionProposed,
    WaitingForCustomer,
    WorkResumed,
)
from keqing_service_desk.complaint.values import (
    Category,
    Cause,
    Form,
    Level,
    Settlement,
    Severity,
    Side,
    Solution,
    Step,
)
from keqing_service_desk.policy import ServiceDeskPolicy
from keqing_shared.domain import Command
from keqing_shared.testing import Given, given

POLICY = ServiceDeskPolicy()
CUSTOMER = UUID(int=1)
INVOICE = UUID(int=2)
MONDAY = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
"""10:00 in Shanghai on a working Monday."""
WEDNESDAY = MONDAY + timedelta(days=2)


def after(minutes: int) -> datetime:
    return MONDAY + timedelta(minutes=minutes)


OPENED = ComplaintOpened(
    customer_id=CUSTOMER,
    category=Category.QUALITY,
    severity=Severity.MAJOR,
    what_happened="The pump leaks.",
    received_at=MONDAY,
    received_on=date(2026, 3, 2),
    opened_by="zhao.min",
    response_due_at=after(5 * 60),
    solution_due_at=MONDAY + timedelta(days=3),
    product="pump P2",
    invoices=(INVOICE,),
    assigned_to="zhao.min",
)
ACKNOWLEDGED = ComplaintAcknowledged(
    apology="We are sorry.", at=after(10), by="zhao.min", assigned_to="zhao.min"
)
ESTABLISHED = FactsEstablished(
    evidence="The seal is torn.",
    cause=Cause.PRODUCT_QUALITY,
    responsible_side=Side.COMPANY,
    at=after(20),
    by="zhao.min",
    assigned_to="zhao.min",
)
PROPOSED = SolutionProposed(
    description="A new seal, today.", at=after(30), by="zhao.min", assigned_to="zhao.min"
)
WAITING = WaitingForCustomer(at=after(30), by="zhao.min")
RESUMED = WorkResumed(at=after(40), by="zhao.min", solution_due_at=MONDAY + timedelta(days=3, minutes=10))
ACCEPTED = SolutionAccepted(at=after(40), by="zhao.min", assigned_to="zhao.min")
SETTLED = ComplaintSettled(form=Form.REPAIR, proposed_by="zhao.min", at=after(50), by="zhao.min")
FOLLOWED = GoodwillFollowedUp(
    contact="Called them.", suggestion="Check the seal yearly.", at=after(60), by="zhao.min"
)
CLOSED = ComplaintClosed(satisfaction=4, at=after(70), by="zhao.min")
LIFE: tuple[ComplaintFact, ...] = (
    OPENED, ACKNOWLEDGED, ESTABLISHED, PROPOSED, WAITING, RESUMED, ACCEPTED, SETTLED, FOLLOWED, CLOSED,
)  # fmt: skip


def complaint(until: ComplaintFact | None = None, *more: ComplaintFact) -> Given:
    facts = () if until is None else (*LIFE[: LIFE.index(until) + 1], *more)
    return given(COMPLAINT, *facts, policy=POLICY)


def open_now(**changes: object) -> OpenComplaint:
    return OpenComplaint(
        **{
            "customer_id": CUSTOMER,
            "category": Category.QUALITY,
            "severity": Severity.MAJOR,
            "what_happened": "The pump leaks.",
            "at": MONDAY,
            "by": "zhao.min",
            **changes,
        }
    )


REPAIR = Settle(settlement=Settlement(form=Form.REPAIR), at=after(50), by="zhao.min", roles=("agent",))
STEPS: dict[Step, Command] = {
    Step.ACKNOWLEDGEMENT: Acknowledge(apology="We are sorry.", heard_out=True, at=after(10), by="zhao.min"),
    Step.FACTS: EstablishFacts(
        evidence="The seal is torn.",
        cause=Cause.PRODUCT_QUALITY,
        responsible_side=Side.COMPANY,
        at=after(20),
        by="zhao.min",
    ),
    Step.SOLUTION: ProposeSolution(
        solution=Solution(description="A new seal, today."), at=after(30), by="zhao.min"
    ),
    Step.ANSWER: AcceptSolution(at=after(40), by="zhao.min"),
    Step.SETTLEMENT: REPAIR,
    Step.APPROVAL: ApproveSettlement(at=after(55), by="qian.li", roles=("supervisor",)),
    Step.GOODWILL: FollowUpGoodwill(
        contact="Called them.", suggestion="Check the seal yearly.", at=after(60), by="zhao.min"
    ),
    Step.CLOSING: CloseComplaint(satisfaction=4, at=after(70), by="zhao.min"),
}
AWAITS = SettlementAwaitsApproval(
    form=Form.REPAIR, needs=Level.SUPERVISOR, proposed_by="zhao.min", at=after(50), assigned_to="zhao.min"
)
DUE: dict[Step, Given] = {
    Step.ACKNOWLEDGEMENT: complaint(OPENED),
    Step.FACTS: complaint(ACKNOWLEDGED),
    Step.SOLUTION: complaint(ESTABLISHED),
    Step.ANSWER: complaint(WAITING),
    Step.SETTLEMENT: complaint(ACCEPTED),
    Step.APPROVAL: complaint(ACCEPTED, AWAITS),
    Step.GOODWILL: complaint(SETTLED),
    Step.CLOSING: complaint(FOLLOWED),
}
