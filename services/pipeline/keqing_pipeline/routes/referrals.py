"""Referrals over HTTP: asked for, given, and what came of them."""

from dataclasses import replace
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query

from keqing_pipeline.customer.file import LeadSource
from keqing_pipeline.ownership import appointed
from keqing_pipeline.referral.rules import REFERRALS, AskReferral, GiveReferral, LinkBack, referrals_of
from keqing_pipeline.routes.accounts import READERS, SALES
from keqing_pipeline.routes.customers import Registration, file_in, registering
from keqing_pipeline.views.purchases import times_bought
from keqing_pipeline.views.referrals import (
    ReferralLine,
    ReferredCustomer,
    referral_report,
    referred_by,
)
from keqing_pipeline.whole import check_its_own
from keqing_shared.domain import Login, Note, value
from keqing_shared.http import Ask, Do, Page, Paging, Receipt
from keqing_shared.streams import Unit

router = APIRouter(tags=["referrals"])


@value
class Asking:
    note: Note | None = None


@value
class ReferredRegistration(Registration):
    """The file of whom the customer has named; its source is the referral chain, whatever it says."""

    referral_note: Note | None = None
    """What the customer said of them."""


@router.post("/customers/{customer_id}/referral-requests", status_code=201, dependencies=[SALES])
async def ask_referral(customer_id: UUID, do: Do, body: Asking = Asking()) -> Receipt:
    """Note that a customer who has bought was asked whom else one might speak with."""
    await do.see_customer(customer_id)
    await do.all_shown()
    command = AskReferral(
        customer_id=customer_id,
        purchases=await times_bought(do.db, customer_id),
        on=do.today,
        by=do.user.login,
        note=body.note,
    )

    async def work(unit: Unit) -> None:
        await check_its_own(unit, customer_id)
        await unit.execute(REFERRALS, referrals_of(customer_id), command)

    return await do.transact(work)


@router.post("/customers/{customer_id}/referrals", status_code=201, dependencies=[SALES])
async def give_referral(customer_id: UUID, body: ReferredRegistration, do: Do) -> Receipt:
    """Register whom the customer has named, linked both ways; the receipt is the new customer's. Where it was
    found is the referral chain (`source`), whatever the file says."""
    await do.see_customer(customer_id)
    file, referred_id = replace(file_in(body), source=LeadSource.REFERRAL_CHAIN), do.new_id()
    owner = await appointed(do, body.owner, do.user.login)
    register = registering(do, referred_id, file, owner, body.distinct_because)

    async def work(unit: Unit) -> None:
        await check_its_own(unit, customer_id)
        await register(unit)
        giving = GiveReferral(
            customer_id=customer_id,
            referred_id=referred_id,
            on=do.today,
            by=do.user.login,
            note=body.referral_note,
        )
        await unit.execute(REFERRALS, referrals_of(customer_id), giving)
        back = LinkBack(customer_id=referred_id, referrer_id=customer_id, on=do.today)
        await unit.execute(REFERRALS, referrals_of(referred_id), back)

    return await do.transact(work)


@router.get("/customers/{customer_id}/referrals", dependencies=[READERS])
async def show_referrals(customer_id: UUID, ask: Ask, paging: Paging) -> Page[ReferredCustomer]:
    """Whom the customer has named, as far as you may see them."""
    await ask.see_customer(customer_id)
    key = paging.after(UUID)
    rows = await referred_by(
        ask.db,
        await ask.visible_owners(),
        customer_id,
        after=key[0] if key else None,
        limit=paging.fetch,
    )
    return paging.page(rows, key=lambda row: (row.customer_id,))


@router.get("/referrals", dependencies=[READERS])
async def report(
    ask: Ask,
    paging: Paging,
    owner: Annotated[Login | None, Query(description="only customers of this owner")] = None,
) -> Page[ReferralLine]:
    """Customers who were asked for referrals or gave some: how many, and how many of those have bought."""
    key = paging.after(UUID)
    rows = await referral_report(
        ask.db,
        await ask.visible_owners(),
        owner=owner,
        after=key[0] if key else None,
        limit=paging.fetch,
    )
    return paging.page(rows, key=lambda row: (row.customer_id,))
