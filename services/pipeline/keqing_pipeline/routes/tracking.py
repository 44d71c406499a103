"""Tracking lists and the open pool over HTTP."""

from datetime import date
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query

from keqing_pipeline.customer.file import Kind
from keqing_pipeline.customer.rules import CUSTOMER
from keqing_pipeline.opportunity.stage import Stage
from keqing_pipeline.ownership import check_owner, leader_of
from keqing_pipeline.pursuing import claim, remove, track
from keqing_pipeline.tracking.band import Band
from keqing_pipeline.tracking.pursuit_commands import RemoveToPool
from keqing_pipeline.tracking.refusals import BandFull
from keqing_pipeline.tracking.removal import RemovalReason
from keqing_pipeline.views.occupancy import ListOccupancy, occupancy
from keqing_pipeline.views.open_pool import PoolCard, open_pool
from keqing_pipeline.views.opportunities import open_of
from keqing_pipeline.views.tracked import TrackedCustomer, effort_about, tracking_list
from keqing_shared.domain import Login, Note, value
from keqing_shared.http import Ask, Asking, Do, Page, Paging, Receipt, allow

router = APIRouter(tags=["tracking"])

SALES = allow("rep", "sales_manager")
READERS = allow("rep", "sales_manager", "auditor", "admin")


@value
class ToTrack:
    customer_id: UUID
    override_capacity: bool = False
    """A manager's: although the band is full."""


@value
class Removal:
    reason: RemovalReason
    note: Note | None = None
    """Needed when the reason is ``other``."""


@value
class Claiming:
    override_capacity: bool = False


@router.get("/tracking-list", dependencies=[READERS])
async def show_list(
    ask: Ask,
    paging: Paging,
    owner: Annotated[Login | None, Query(description="only this person's list")] = None,
    band: Annotated[Band | None, Query()] = None,
) -> Page[TrackedCustomer]:
    """Who is on the lists that you may see."""
    rows = await tracking_list(
        ask.db,
        await ask.visible_owners(),
        owner=owner,
        band=band,
        after=paging.after(str, UUID),
        limit=paging.fetch,
    )
    return paging.page(rows, key=lambda row: (row.owner, row.customer_id))


@router.get("/occupancy", dependencies=[READERS])
async def show_occupancy(
    ask: Ask, owner: Annotated[Login | None, Query(description="only this person's list")] = None
) -> list[ListOccupancy]:
    """How full each list is, band by band."""
    return await occupancy(ask.db, await ask.visible_owners(), ask.policy.band_capacities, owner)


@router.post("/tracking-list", status_code=201, dependencies=[SALES])
async def put_on_list(body: ToTrack, do: Do) -> Receipt:
    """Put a customer on its owner's list, in the band of the furthest of its open opportunities."""
    await do.see_customer(body.customer_id)
    await do.all_shown()
    opportunities = await open_of(do.db, body.customer_id)

    async def work(unit: Any) -> None:
        await track(
            unit,
            body.customer_id,
            opportunities,
            do.now,
            override_capacity=body.override_capacity,
            may_override="sales_manager" in do.user.roles,
        )

    return await do.transact(naming_the_weakest(do, work))


@router.post("/tracking-list/{customer_id}/removal", dependencies=[SALES])
async def remove_from_list(customer_id: UUID, body: Removal, do: Do) -> Receipt:
    """Give a customer up to the open pool. Until somebody claims it, the sales manager above its owner
    keeps it."""
    await do.see_customer(customer_id)
    await do.all_shown()
    effort = await effort_about(do.db, customer_id)

    async def work(unit: Any) -> None:
        owner = (await do.see_customer(customer_id)).owner
        keeper = await keeper_for(do, owner or do.user.login)
        command = RemoveToPool(reason=body.reason, keeper=keeper, at=do.now, effort=effort, note=body.note)
        await remove(unit, customer_id, command)

    return await do.transact(work)


@router.get("/open-pool", dependencies=[READERS])
async def show_pool(
    ask: Ask,
    paging: Paging,
    kind: Annotated[Kind | None, Query()] = None,
    stage: Annotated[Stage | None, Query()] = None,
) -> Page[PoolCard]:
    """Customers that were given up, the longest there first; the same for everybody."""
    rows = await open_pool(
        ask.db,
        ask.policy,
        by=ask.user.login,
        manages="sales_manager" in ask.user.roles,
        kind=kind,
        stage=stage,
        after=paging.after(date, UUID),
        limit=paging.fetch,
    )
    return paging.page(rows, key=lambda row: (row.given_up_on, row.customer_id))


@router.post("/open-pool/{customer_id}/claim", dependencies=[SALES])
async def claim_from_pool(customer_id: UUID, do: Do, body: Claiming = Claiming()) -> Receipt:
    """Take a customer out of the open pool onto your list; of several who try at once one gets it."""

    async def work(unit: Any) -> None:
        await check_owner(unit, do.user.login, do.user.login)
        await claim(
            unit,
            customer_id,
            do.user.login,
            do.now,
            do.today,
            manages="sales_manager" in do.user.roles,
            override_capacity=body.override_capacity,
        )

    return await do.transact(naming_the_weakest(do, work))


async def keeper_for(ask: Asking, owner: str) -> str:
    """The nearest sales manager above the owner. Where there is none, the owner, or whoever gives it up
    when the owner has left: there is always one to answer for it."""
    if (leader := await leader_of(ask, owner)) is not None:
        return leader
    person = await ask.directory.person(owner)
    return owner if person is not None and person.active else ask.user.login


def naming_the_weakest(ask: Asking, work: Any) -> Any:
    """A full band's refusal tells its customers by name; their ids are among the candidates."""

    async def named(unit: Any) -> None:
        try:
            await work(unit)
        except BandFull as full:
            candidates = [
                {"customer_id": id, "name": (await unit.load(CUSTOMER, UUID(id))).state.name}
                for id in full.weakest
            ]
            names = {"weakest": [one["name"] for one in candidates], "candidates": candidates}
            raise BandFull(full.template, **full.members | names) from full

    return named
