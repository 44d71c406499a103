"""The steps of a complaint, in the order they are due. Out of order: 409, ``due`` names the step that is."""

from typing import Any
from uuid import UUID

from fastapi import APIRouter

from keqing_service_desk.complaint import COMPLAINT
from keqing_service_desk.complaint.commands import (
    AcceptSolution,
    Acknowledge,
    ApproveSettlement,
    CloseComplaint,
    DeclineSettlement,
    EstablishFacts,
    FollowUpGoodwill,
    ProposeSolution,
    RejectSolution,
    Settle,
)
from keqing_service_desk.complaint.rules import ReasonMissing
from keqing_service_desk.complaint.values import Cause, Satisfaction, Settlement, Side, Solution
from keqing_service_desk.routes.sight import complaint_seen
from keqing_shared.domain import Line, Note, value
from keqing_shared.http import Do, Receipt, allow

router = APIRouter(tags=["complaint steps"])

HANDLES: Any = allow("agent", "supervisor")


@value
class Acknowledgement:
    apology: Note
    """What was said."""
    heard_out: bool
    """Whether the story was heard out; until it was, nothing is acknowledged."""


@value
class Facts:
    evidence: Note
    cause: Cause
    responsible_side: Side
    responsible_unit: Line | None = None


@value
class Answer:
    accepted: bool
    comment: Note | None = None
    """Of a rejection: the reason, required."""


@value
class Approval:
    approved: bool
    reason: Note | None = None
    """Why not; required when it is declined."""


@value
class GoodwillContact:
    contact: Note
    """How we got in touch, and what came of it."""
    suggestion: Note
    """What we suggested to the customer."""


@value
class Closing:
    satisfaction: Satisfaction
    comment: Note | None = None


@router.post("/complaints/{complaint_id}/acknowledgement", status_code=201, dependencies=[HANDLES])
async def acknowledge(complaint_id: UUID, body: Acknowledgement, do: Do) -> Receipt:
    """Apologise and hear the story out: the first response."""
    return await do(
        COMPLAINT,
        complaint_id,
        Acknowledge(apology=body.apology, heard_out=body.heard_out, at=do.now, by=do.user.login),
    )


@router.post("/complaints/{complaint_id}/facts", status_code=201, dependencies=[HANDLES])
async def establish_facts(complaint_id: UUID, body: Facts, do: Do) -> Receipt:
    """Establish what happened, why, and whose doing it was."""
    return await do(
        COMPLAINT,
        complaint_id,
        EstablishFacts(
            evidence=body.evidence,
            cause=body.cause,
            responsible_side=body.responsible_side,
            responsible_unit=body.responsible_unit,
            at=do.now,
            by=do.user.login,
        ),
    )


@router.post("/complaints/{complaint_id}/solution", status_code=201, dependencies=[HANDLES])
async def propose_solution(complaint_id: UUID, body: Solution, do: Do) -> Receipt:
    """Propose a solution. A form and amount named here bind the settlement; the clocks wait meanwhile."""
    return await do(COMPLAINT, complaint_id, ProposeSolution(solution=body, at=do.now, by=do.user.login))


@router.post("/complaints/{complaint_id}/solution/answer", status_code=201, dependencies=[HANDLES])
async def answer_solution(complaint_id: UUID, body: Answer, do: Do) -> Receipt:
    """The customer's answer to the solution proposed. Rejected: a new proposal is due."""
    if body.accepted:
        return await do(
            COMPLAINT, complaint_id, AcceptSolution(comment=body.comment, at=do.now, by=do.user.login)
        )
    if body.comment is None:
        raise ReasonMissing("why did the customer reject it?", field="comment")
    return await do(COMPLAINT, complaint_id, RejectSolution(reason=body.comment, at=do.now, by=do.user.login))


@router.post("/complaints/{complaint_id}/settlement", status_code=201, dependencies=[HANDLES])
async def settle(complaint_id: UUID, body: Settlement, do: Do) -> Receipt:
    """Settle: repair, replace, return, refund, credit_note, discount, gift or apology.

    Beyond your authority it awaits the approval of the supervisor or the manager.
    """
    return await do(
        COMPLAINT,
        complaint_id,
        Settle(settlement=body, at=do.now, by=do.user.login, roles=tuple(sorted(do.user.roles))),
    )


@router.post(
    "/complaints/{complaint_id}/settlement/approval",
    status_code=201,
    dependencies=[allow("supervisor", "sales_manager")],
)
async def decide_on_settlement(complaint_id: UUID, body: Approval, do: Do) -> Receipt:
    """Approve or decline a settlement that somebody else proposed. Declined: a new solution is due."""
    await complaint_seen(do, complaint_id)
    roles = tuple(sorted(do.user.roles))
    if body.approved:
        return await do(COMPLAINT, complaint_id, ApproveSettlement(at=do.now, by=do.user.login, roles=roles))
    if body.reason is None:
        raise ReasonMissing("why is it declined?", field="reason")
    return await do(
        COMPLAINT,
        complaint_id,
        DeclineSettlement(reason=body.reason, at=do.now, by=do.user.login, roles=roles),
    )


@router.post("/complaints/{complaint_id}/goodwill", status_code=201, dependencies=[HANDLES])
async def follow_up_goodwill(complaint_id: UUID, body: GoodwillContact, do: Do) -> Receipt:
    """Get in touch after the settlement, and make a suggestion."""
    return await do(
        COMPLAINT,
        complaint_id,
        FollowUpGoodwill(contact=body.contact, suggestion=body.suggestion, at=do.now, by=do.user.login),
    )


@router.post("/complaints/{complaint_id}/closing", status_code=201, dependencies=[HANDLES])
async def close(complaint_id: UUID, body: Closing, do: Do) -> Receipt:
    """Close with the customer's satisfaction."""
    return await do(
        COMPLAINT,
        complaint_id,
        CloseComplaint(satisfaction=body.satisfaction, comment=body.comment, at=do.now, by=do.user.login),
    )
