"""Care over HTTP: requested, approved or rejected, done or cancelled; the register and the calendar."""

from datetime import date, timedelta
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import Field

from keqing_pipeline.account.rules import ACCOUNT
from keqing_pipeline.account.state import account_of
from keqing_pipeline.care.commands import (
    ApproveCare,
    CancelCare,
    FinishCare,
    RejectCare,
    SubmitCare,
    Surroundings,
)
from keqing_pipeline.care.refusals import CareUnknown, NotAtCustomer
from keqing_pipeline.care.rules import CARE, care_of
from keqing_pipeline.care.values import CareKind, CareRequest, CareStatus, CareWish
from keqing_pipeline.contact.rules import CONTACT
from keqing_pipeline.ownership import leader_of
from keqing_pipeline.routes.accounts import READERS, SALES, Reason
from keqing_pipeline.views.care_calendar import CareDay, care_days
from keqing_pipeline.views.care_register import RegisterLine, care_register, care_request
from keqing_pipeline.whole import check_its_own, files_of
from keqing_shared.domain import Command, Day, Login, Money, Note, value
from keqing_shared.http import Ask, Do, Doing, Page, Paging, Receipt, allow, check_period
from keqing_shared.streams import Unit

router = APIRouter(tags=["care"])

DECIDERS = allow("sales_manager", "admin")
LONGEST_SPAN = 92
"""Days of the calendar shown at once."""


@value
class Carried:
    outcome: Note
    """How it was received."""
    cost: Money


@router.post("/customers/{customer_id}/care-requests", status_code=201, dependencies=[SALES])
async def submit(customer_id: UUID, body: CareWish, do: Do) -> Receipt:
    """Ask for a gift, a meal or an activity for somebody at the customer. The receipt's ``id`` is the
    request's; its version that of all care for the customer."""
    await do.see_customer(customer_id)
    request_id, own = do.new_id(), care_of(customer_id)
    approver = await leader_of(do, do.user.login)

    async def work(unit: Unit) -> None:
        await check_its_own(unit, customer_id)
        contact = (await unit.load(CONTACT, body.contact_id)).state
        if contact is None or contact.customer_id != customer_id or contact.left_on is not None:
            raise NotAtCustomer("choose one of the customer's contacts", field="contact_id")
        command = SubmitCare(
            customer_id=customer_id,
            request_id=request_id,
            wish=body,
            surroundings=await _surroundings(unit, customer_id, own),
            today=do.today,
            by=do.user.login,
            approver=approver,
            top_executive=contact.profile.top_executive,
            title=contact.profile.title,
        )
        await unit.execute(CARE, own, command)

    return await do.transact(work, made=request_id)


@router.post("/customers/{customer_id}/care-requests/{request_id}/approval", dependencies=[DECIDERS])
async def approve(customer_id: UUID, request_id: UUID, do: Do) -> Receipt:
    """Approve somebody else's request; every guard is looked at again. An admin decides for whom nobody
    leads."""
    await do.see_customer(customer_id)

    async def work(unit: Unit) -> None:
        holder = await _holder(unit, customer_id, request_id)
        command = ApproveCare(
            request_id=request_id,
            surroundings=await _surroundings(unit, customer_id, holder),
            today=do.today,
            **await _deciding(do, unit, holder, request_id),
        )
        await unit.execute(CARE, holder, command)

    return await do.transact(work)


@router.post("/customers/{customer_id}/care-requests/{request_id}/rejection", dependencies=[DECIDERS])
async def reject(customer_id: UUID, request_id: UUID, body: Reason, do: Do) -> Receipt:
    """Reject somebody else's request, with the reason. An admin decides for whom nobody leads."""
    await do.see_customer(customer_id)

    async def work(unit: Unit) -> None:
        holder = await _holder(unit, customer_id, request_id)
        deciding = await _deciding(do, unit, holder, request_id)
        command = RejectCare(request_id=request_id, reason=body.reason, **deciding)
        await unit.execute(CARE, holder, command)

    return await do.transact(work)


@router.post("/customers/{customer_id}/care-requests/{request_id}/completion", dependencies=[SALES])
async def finish(customer_id: UUID, request_id: UUID, body: Carried, do: Do) -> Receipt:
    """Say how it went and what it cost, no more than was approved."""
    command = FinishCare(
        request_id=request_id, outcome=body.outcome, cost=body.cost, today=do.today, by=do.user.login
    )
    return await _upon(do, customer_id, request_id, command)


@router.post("/customers/{customer_id}/care-requests/{request_id}/cancellation", dependencies=[SALES])
async def cancel(customer_id: UUID, request_id: UUID, body: Reason, do: Do) -> Receipt:
    """Call it off: one's own request, or as a manager anybody's."""
    command = CancelCare(
        request_id=request_id,
        reason=body.reason,
        by=do.user.login,
        leads="sales_manager" in do.user.roles,
    )
    return await _upon(do, customer_id, request_id, command)


async def _deciding(do: Doing, unit: Unit, holder: UUID, request_id: UUID) -> dict[str, Any]:
    """Who decides upon it, and who leads whoever asked."""
    care = (await unit.load(CARE, holder)).state
    if care is None:
        raise CareUnknown
    leader = await leader_of(do, care.request(request_id).requested_by)
    return {"by": do.user.login, "leader": leader, "admin": "sales_manager" not in do.user.roles}


async def _upon(do: Doing, customer_id: UUID, request_id: UUID, command: Command) -> Receipt:
    """Executes it where the request is, of a customer whom the user may see."""
    await do.see_customer(customer_id)

    async def work(unit: Unit) -> None:
        await unit.execute(CARE, await _holder(unit, customer_id, request_id), command)

    return await do.transact(work)


async def _holder(unit: Unit, customer_id: UUID, request_id: UUID) -> UUID:
    """The stream that has the request: the customer's, or that of a file that is part of it by now."""
    for file in await files_of(unit, customer_id):
        care = (await unit.load(CARE, care_of(file))).state
        if care is not None and any(request.request_id == request_id for request in care.requests):
            return care_of(file)
    return care_of(customer_id)


async def _surroundings(unit: Unit, customer_id: UUID, holder: UUID) -> Surroundings:
    """What is known of all files of the customer. Nobody writes to a file that is part of another, but to
    decide upon what was requested there before."""
    elsewhere = list[CareRequest]()
    complaint_open = tender_open = False
    for file in await files_of(unit, customer_id):
        account = (await unit.load(ACCOUNT, account_of(file))).state
        if account is not None:
            complaint_open |= account.complaint_open
            tender_open |= bool(account.tenders)
        care = (await unit.load(CARE, care_of(file))).state
        if care is not None and care_of(file) != holder:
            elsewhere += care.requests
    return Surroundings(complaint_open=complaint_open, tender_open=tender_open, elsewhere=tuple(elsewhere))


@router.get("/care-requests", dependencies=[READERS])
async def register(
    ask: Ask,
    paging: Paging,
    status: Annotated[CareStatus | None, Query()] = None,
    kind: Annotated[CareKind | None, Query()] = None,
    customer_id: Annotated[UUID | None, Query()] = None,
    contact_id: Annotated[UUID | None, Query()] = None,
    requested_by: Annotated[Login | None, Query()] = None,
    since: Annotated[Day | None, Query(description="on this day or later")] = None,
    until: Annotated[Day | None, Query(description="on this day or earlier")] = None,
) -> Page[RegisterLine]:
    """The register: every request with who asked, who decided and what came of it, the latest day first."""
    check_period(since, until)
    rows = await care_register(
        ask.db,
        await ask.visible_owners(),
        status=status,
        kind=kind,
        customer_id=customer_id,
        contact_id=contact_id,
        requested_by=requested_by,
        since=since,
        until=until,
        after=paging.after(date, UUID),
        limit=paging.fetch,
    )
    return paging.page(rows, key=lambda row: (row.on, row.request_id))


@router.get("/care-requests/{request_id}", dependencies=[READERS])
async def show_request(request_id: UUID, ask: Ask) -> RegisterLine:
    """One entry of the register."""
    entry = await care_request(ask.db, request_id)
    if entry is None:
        raise CareUnknown
    await ask.see_part(entry.customer_id)
    return entry


@router.get("/care-calendar", dependencies=[READERS])
async def calendar(
    ask: Ask,
    paging: Paging,
    since: Annotated[Day | None, Query(description="left out: today")] = None,
    days: Annotated[int, Field(ge=1, le=LONGEST_SPAN), Query(description="how many days")] = 14,
    owner: Annotated[Login | None, Query(description="only what this person owns")] = None,
) -> Page[CareDay]:
    """Birthdays, festivals and company anniversaries to come, day by day."""
    first = since or ask.today
    rows = await care_days(
        ask.db,
        await ask.visible_owners(),
        first,
        first + timedelta(days=days - 1),
        ask.policy.care.festivals,
        owner=owner,
        after=paging.after(date, str, str, UUID, UUID),
        limit=paging.fetch,
    )
    return paging.page(rows, key=CareDay.key)
