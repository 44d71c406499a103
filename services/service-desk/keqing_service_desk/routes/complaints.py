"""Complaints: opened, seen, handed over, escalated, paused."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter
from pydantic import Field

from keqing_service_desk.complaint import COMPLAINT
from keqing_service_desk.complaint.commands import (
    Escalate,
    OpenComplaint,
    Reassign,
    ReopenComplaint,
    ResumeWork,
    WaitForCustomer,
)
from keqing_service_desk.complaint.rules import AssigneeUnknown
from keqing_service_desk.complaint.values import (
    Category,
    Cause,
    Channel,
    Complainant,
    Level,
    Severity,
)
from keqing_service_desk.routes.sight import complaint_seen
from keqing_service_desk.views.card import ComplaintCard, card
from keqing_service_desk.views.pareto import repeats
from keqing_shared.domain import ExternalReference, Line, Login, Moment, Note, value
from keqing_shared.http import Ask, Do, Doing, Receipt, allow
from keqing_shared.log import Claim

router = APIRouter(tags=["complaints"])

HANDLERS = frozenset({"agent", "supervisor"})


@value
class NewComplaint:
    """What is known when somebody complains."""

    customer_id: UUID
    category: Category
    severity: Severity
    what_happened: Note
    """In the complainant's words."""
    complainant: Complainant = Complainant()
    cause: Cause | None = None
    """As far as known; established with the facts."""
    product: Line | None = None
    issue: Line | None = None
    """What it is about in a few words, the same words each time: the Pareto counts them."""
    channel: Channel | None = None
    invoices: Annotated[tuple[UUID, ...], Field(max_length=100)] = ()
    """That the complaint concerns; collections holds their dunning."""
    external: ExternalReference | None = None
    received_at: Moment | None = None
    """When it reached us, if not just now: the clocks run from then."""
    assigned_to: Login | None = None
    """An agent or supervisor; left out: you, if you are one, else nobody."""


@value
class Escalation:
    to: Level
    reason: Note


@value
class Reassignment:
    assigned_to: Login


@value
class Waiting:
    awaited: Note
    """What we wait for."""


@value
class Reopening:
    reason: Note


@router.post("/complaints", status_code=201, dependencies=[allow("agent", "supervisor", "rep")])
async def open_complaint(body: NewComplaint, do: Do) -> Receipt:
    """Open a complaint. Its clocks run in working time from its receipt, by severity."""
    await do.serve_customer(body.customer_id)
    if body.assigned_to is not None:
        await _can_handle(do, body.assigned_to)
    return await do(
        COMPLAINT,
        do.new_id(),
        OpenComplaint(
            customer_id=body.customer_id,
            category=body.category,
            severity=body.severity,
            what_happened=body.what_happened,
            complainant=body.complainant,
            cause=body.cause,
            product=body.product,
            issue=body.issue,
            channel=body.channel,
            invoices=body.invoices,
            external=body.external,
            received_at=body.received_at,
            assigned_to=body.assigned_to or (do.user.login if do.user.roles & HANDLERS else None),
            at=do.now,
            by=do.user.login,
        ),
        claims=() if body.external is None else (Claim("external", str(body.external)),),
    )


@router.get(
    "/complaints/{complaint_id}",
    dependencies=[allow("agent", "supervisor", "rep", "sales_manager", "auditor")],
)
async def complaint_card(complaint_id: UUID, ask: Ask) -> ComplaintCard:
    """The card: every step so far, the step that is due, the clocks, and how to meet the complainant."""
    complaint, version = await complaint_seen(ask, complaint_id)
    ask.etag(version)
    earlier = await repeats(ask.db, complaint_id, ask.policy.repeat_days, await ask.visible_owners())
    return card(complaint_id, version, complaint, ask.now, earlier)


@router.post(
    "/complaints/{complaint_id}/escalation", status_code=201, dependencies=[allow("agent", "supervisor")]
)
async def escalate(complaint_id: UUID, body: Escalation, do: Do) -> Receipt:
    """Escalate to the supervisor or the manager."""
    return await do(
        COMPLAINT, complaint_id, Escalate(to=body.to, reason=body.reason, at=do.now, by=do.user.login)
    )


@router.post(
    "/complaints/{complaint_id}/reassignment", status_code=201, dependencies=[allow("agent", "supervisor")]
)
async def reassign(complaint_id: UUID, body: Reassignment, do: Do) -> Receipt:
    """Hand over to an agent or supervisor: an agent what is theirs or nobody's, a supervisor anything."""
    await _can_handle(do, body.assigned_to)
    return await do(
        COMPLAINT,
        complaint_id,
        Reassign(to=body.assigned_to, at=do.now, by=do.user.login, roles=tuple(sorted(do.user.roles))),
    )


@router.post(
    "/complaints/{complaint_id}/waiting", status_code=201, dependencies=[allow("agent", "supervisor")]
)
async def wait_for_customer(complaint_id: UUID, body: Waiting, do: Do) -> Receipt:
    """Wait for the customer: the clocks stand still. A proposed solution waits by itself."""
    return await do(
        COMPLAINT, complaint_id, WaitForCustomer(awaited=body.awaited, at=do.now, by=do.user.login)
    )


@router.post(
    "/complaints/{complaint_id}/resumed", status_code=201, dependencies=[allow("agent", "supervisor")]
)
async def resume_work(complaint_id: UUID, do: Do) -> Receipt:
    """The customer has reacted: the clocks go on. Any step taken resumes the work by itself."""
    return await do(COMPLAINT, complaint_id, ResumeWork(at=do.now, by=do.user.login))


@router.post(
    "/complaints/{complaint_id}/reopening", status_code=201, dependencies=[allow("agent", "supervisor")]
)
async def reopen(complaint_id: UUID, body: Reopening, do: Do) -> Receipt:
    """Reopen a closed complaint: a new solution is due, on a fresh clock."""
    return await do(COMPLAINT, complaint_id, ReopenComplaint(reason=body.reason, at=do.now, by=do.user.login))


async def _can_handle(do: Doing, login: str) -> None:
    if login == do.user.login and do.user.roles & HANDLERS:
        return  # the token says so, whatever the directory has heard
    person = await do.directory.person(login)
    if person is None or not person.active or not HANDLERS & set(person.roles):
        raise AssigneeUnknown("{login} is no active agent or supervisor", field="assigned_to", login=login)
