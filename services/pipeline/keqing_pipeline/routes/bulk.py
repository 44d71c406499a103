"""Bulk actions over HTTP: a leaver's customers and opportunities passed on, stale opportunities closed."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from fastapi import APIRouter

from keqing_pipeline.bulk import BulkReceipt, Go, Work, carry_out
from keqing_pipeline.customer.rules import CUSTOMER
from keqing_pipeline.handing_over import hand_customer_over
from keqing_pipeline.opportunity.commands import HandOver, LoseOpportunity
from keqing_pipeline.opportunity.refusals import NotYetStale
from keqing_pipeline.opportunity.rules import OPPORTUNITY
from keqing_pipeline.opportunity.stage import Outcome
from keqing_pipeline.ownership import check_may_appoint
from keqing_pipeline.pursuing import check_not_pooled, follow
from keqing_pipeline.views.bulk import customers_of, open_of_customers, open_of_person, stale
from keqing_shared.domain import Day, Login, value
from keqing_shared.http import Do, Doing, allow
from keqing_shared.imports import DryRun

router = APIRouter(tags=["bulk"])

MANAGER = allow("sales_manager")


@value
class PassingOn(Go):
    """From one owner to another."""

    previous: Login
    """Who leaves; may have left already."""
    owner: Login


@value
class Closing(Go):
    """The reason is why they are lost."""

    untouched_since: Day
    """Open ones whose last contact, or else opening, is before this day, which lies the longest interval
    between two touches back, or more."""
    owner: Login | None = None
    """Only this person's."""


async def _up_to_date(do: Doing) -> None:
    await do.all_shown()


@router.post("/bulk/customers/owner", dependencies=[MANAGER])
async def pass_customers_on(body: PassingOn, do: Do, dry_run: DryRun = False) -> BulkReceipt:
    """Give all of somebody's customers to a colleague, with the open opportunities that the previous owner
    has with them. Repeat it with ``after`` until ``next`` is null."""
    await do.see_owner(body.previous)
    await check_may_appoint(do, body.owner)
    await _up_to_date(do)
    found = await customers_of(do.db, body.previous, after=body.after, limit=body.most + 1)
    along = await open_of_customers(do.db, found, body.previous)

    def work(customer_id: UUID) -> Work:
        async def one(unit: Any) -> None:
            customer = (await unit.load(CUSTOMER, customer_id)).state
            if customer is not None and customer.owner == body.previous:
                opportunities = along.get(customer_id, ())
                await hand_customer_over(
                    unit, customer_id, body.owner, body.reason, opportunities, do.now, do.today
                )

        return one

    return await carry_out(do, body, found, work, lambda id: [(CUSTOMER, id)], dry_run=dry_run)


@router.post("/bulk/opportunities/owner", dependencies=[MANAGER])
async def pass_opportunities_on(body: PassingOn, do: Do, dry_run: DryRun = False) -> BulkReceipt:
    """Give all of somebody's open opportunities to a colleague, whoever owns the customers."""
    await do.see_owner(body.previous)
    await check_may_appoint(do, body.owner)
    await _up_to_date(do)
    found = await open_of_person(do.db, body.previous, after=body.after, limit=body.most + 1)

    def work(opportunity_id: UUID) -> Work:
        async def one(unit: Any) -> None:
            opportunity = (await unit.load(OPPORTUNITY, opportunity_id)).state
            if opportunity is not None and opportunity.owner == body.previous:
                command = HandOver(owner=body.owner, reason=body.reason)
                await unit.execute(OPPORTUNITY, opportunity_id, command)

        return one

    return await carry_out(do, body, found, work, lambda id: [(OPPORTUNITY, id)], dry_run=dry_run)


@router.post("/bulk/opportunities/lost", dependencies=[MANAGER])
async def close_stale(body: Closing, do: Do, dry_run: DryRun = False) -> BulkReceipt:
    """Close open opportunities of your people that nobody has touched for long, as lost. One to whom
    a day was promised that is still ahead stays, and counts as unchanged."""
    latest = do.today - timedelta(days=do.policy.touch_every.longest)
    if body.untouched_since > latest:
        raise NotYetStale("{latest} or earlier", field="untouched_since", latest=latest.isoformat())
    if body.owner is not None:
        await do.see_owner(body.owner)
    await _up_to_date(do)
    found = await stale(
        do.db,
        await do.visible_owners() if body.owner is None else {body.owner},
        body.untouched_since,
        after=body.after,
        limit=body.most + 1,
    )

    def work(opportunity_id: UUID) -> Work:
        async def one(unit: Any) -> None:
            opportunity = (await unit.load(OPPORTUNITY, opportunity_id)).state
            if opportunity is None or opportunity.outcome is not Outcome.OPEN:
                return
            touched = opportunity.last_contact_on or opportunity.opened_on
            if touched is not None and touched >= body.untouched_since:
                return
            if opportunity.promised_on is not None and opportunity.promised_on > do.today:
                return
            await check_not_pooled(unit, opportunity.customer_id)
            await unit.execute(OPPORTUNITY, opportunity_id, LoseOpportunity(reason=body.reason, at=do.now))
            await follow(unit, opportunity.customer_id, do.now, opportunity_id)

        return one

    return await carry_out(do, body, found, work, lambda id: [(OPPORTUNITY, id)], dry_run=dry_run)
