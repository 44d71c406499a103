"""Lists, pool, owners and opportunities kept in step: several streams written together or not at all.

``follow`` belongs into every work that changes a stage, an outcome or an owner. What is written without it
(imports, say) is made up for by the clockwork.
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from keqing_pipeline.customer.commands import ReassignCustomer
from keqing_pipeline.customer.file import Kind
from keqing_pipeline.customer.rules import CUSTOMER
from keqing_pipeline.customer.state import Customer
from keqing_pipeline.opportunity.commands import LetGo, TakeUp
from keqing_pipeline.opportunity.refusals import CustomerInOpenPool
from keqing_pipeline.opportunity.rules import OPPORTUNITY
from keqing_pipeline.opportunity.stage import Outcome, Stage
from keqing_pipeline.opportunity.state import Opportunity
from keqing_pipeline.owning import owned
from keqing_pipeline.tracking.pursuit import PURSUIT, Pursuit, Standing, pursuit_id
from keqing_pipeline.tracking.pursuit_commands import (
    ClaimFromPool,
    EndTracking,
    JoinOpportunity,
    PartOpportunity,
    PassOn,
    RemoveToPool,
    TrackCustomer,
)
from keqing_pipeline.tracking.refusals import NothingToTrack
from keqing_pipeline.tracking.tracking_list import (
    TRACKING_LIST,
    LeavePlace,
    MovePlace,
    TakePlace,
    tracking_list_id,
)


async def track(
    unit: Any,
    customer_id: UUID,
    opportunities: Sequence[UUID],
    at: datetime,
    *,
    override_capacity: bool,
    may_override: bool,
) -> None:
    """Puts the customer on its owner's list. ``opportunities``: those of the customer that may be open."""
    await follow(unit, customer_id, at)
    customer = await _customer(unit, customer_id)
    if forgotten(customer):
        raise NothingToTrack("this person was forgotten; there is nobody to contact")
    owner = customer.owner
    pursued = await _open(unit, customer_id, opportunities)
    stage = _furthest(pursued)
    if stage is None or stage is Stage.REFUSED:
        raise NothingToTrack("open one with the customer, of stage 0 or above")
    command = TrackCustomer(customer_id=customer_id, owner=owner, opportunities=tuple(pursued), at=at)
    if await unit.execute(PURSUIT, pursuit_id(customer_id), command):
        place = TakePlace(
            owner=owner,
            customer_id=customer_id,
            stage=stage,
            at=at,
            override_capacity=override_capacity,
            may_override=may_override,
        )
        await unit.execute(TRACKING_LIST, tracking_list_id(owner), place)


async def follow(unit: Any, customer_id: UUID | None, at: datetime, *also: UUID) -> None:
    """Brings list and pool up to who owns the customer and how far its open opportunities have come.
    ``also``: opportunities it may not have been pursued by so far."""
    if customer_id is None or (pursuit := await _pursuit(unit, customer_id)) is None:
        return
    customer = await _customer(unit, customer_id)
    if forgotten(customer):
        await end(unit, customer_id, at)
        return
    owner = customer.owner
    match pursuit.standing:
        case Standing.TRACKED:
            await _follow_tracked(unit, pursuit, owner, at, also)
        case Standing.POOLED if await unit.execute(
            PURSUIT, pursuit_id(customer_id), PassOn(owner=owner, at=at)
        ):
            for id, opportunity in (await _open(unit, customer_id, pursuit.opportunities)).items():
                await unit.execute(OPPORTUNITY, id, TakeUp(owner=opportunity.owner, at=at))


async def _follow_tracked(
    unit: Any, pursuit: Pursuit, owner: str, at: datetime, also: Sequence[UUID]
) -> None:
    customer_id, previous = pursuit.customer_id, pursuit.owner
    for id in await _open(unit, customer_id, also):
        await unit.execute(PURSUIT, pursuit_id(customer_id), JoinOpportunity(opportunity_id=id))
    known = dict.fromkeys((*pursuit.opportunities, *also))
    stage = _furthest(await _open(unit, customer_id, tuple(known)))
    if stage is None:
        await unit.execute(PURSUIT, pursuit_id(customer_id), EndTracking(at=at))
        await _leave(unit, previous, customer_id, at)
    elif await unit.execute(PURSUIT, pursuit_id(customer_id), PassOn(owner=owner, at=at)):
        await _leave(unit, previous, customer_id, at)
        place = TakePlace(owner=owner, customer_id=customer_id, stage=stage, at=at, never_refused=True)
        await unit.execute(TRACKING_LIST, tracking_list_id(owner), place)
    else:
        move = MovePlace(customer_id=customer_id, stage=stage, at=at)
        await unit.execute(TRACKING_LIST, tracking_list_id(owner), move)


async def end(unit: Any, customer_id: UUID, at: datetime) -> None:
    """Off list and pool: the customer's file is part of another now, or its person was forgotten."""
    pursuit = await _pursuit(unit, customer_id)
    if pursuit is not None and await unit.execute(PURSUIT, pursuit_id(customer_id), EndTracking(at=at)):
        await _leave(unit, pursuit.owner, customer_id, at)


async def tracked(unit: Any, customer_id: UUID) -> bool:
    """Whether it is on somebody's list."""
    pursuit = await _pursuit(unit, customer_id)
    return pursuit is not None and pursuit.standing is Standing.TRACKED


async def part(unit: Any, customer_id: UUID, opportunities: Sequence[UUID], at: datetime) -> None:
    """These opportunities went back with a file that had been part of the customer's."""
    for id in opportunities:
        await unit.execute(PURSUIT, pursuit_id(customer_id), PartOpportunity(opportunity_id=id))
    await follow(unit, customer_id, at)


async def tracked_again(unit: Any, customer_id: UUID, opportunities: Sequence[UUID], at: datetime) -> None:
    """Back on its owner's list, where there was room for it before its file was merged; the band may be
    overfilled by it. Nothing when it is pursued by nothing any more."""
    owner = (await _customer(unit, customer_id)).owner
    pursued = await _open(unit, customer_id, opportunities)
    stage = _furthest(pursued)
    if stage is None or stage is Stage.REFUSED:
        return
    command = TrackCustomer(customer_id=customer_id, owner=owner, opportunities=tuple(pursued), at=at)
    await unit.execute(PURSUIT, pursuit_id(customer_id), command)
    place = TakePlace(owner=owner, customer_id=customer_id, stage=stage, at=at, never_refused=True)
    await unit.execute(TRACKING_LIST, tracking_list_id(owner), place)


async def remove(unit: Any, customer_id: UUID, command: RemoveToPool) -> None:
    """From its owner's list to the open pool, where the keeper answers for it."""
    at, keeper = command.at, command.keeper
    await follow(unit, customer_id, at)
    [removed] = await unit.execute(PURSUIT, pursuit_id(customer_id), command)
    await _leave(unit, removed.owner, customer_id, at)
    passed = ReassignCustomer(owner=keeper, reason=f"open pool: {command.reason}")
    await unit.execute(CUSTOMER, customer_id, passed)
    pursuit = await _pursuit(unit, customer_id)
    pursued = await _open(unit, customer_id, pursuit.opportunities if pursuit else ())
    for id, opportunity in pursued.items():
        if opportunity.owner == removed.owner:
            await unit.execute(OPPORTUNITY, id, LetGo(keeper=keeper, at=at))


async def claim(
    unit: Any,
    customer_id: UUID,
    by: str,
    at: datetime,
    today: date,
    *,
    manages: bool,
    override_capacity: bool,
) -> None:
    """Out of the open pool onto the claimer's list, with the opportunities that were let go."""
    await follow(unit, customer_id, at)
    command = ClaimFromPool(by=by, at=at, manages=manages)
    await unit.execute(PURSUIT, pursuit_id(customer_id), command)
    pursuit = await _pursuit(unit, customer_id)
    pursued = await _open(unit, customer_id, pursuit.opportunities if pursuit else ())
    place = TakePlace(
        owner=by,
        customer_id=customer_id,
        stage=_furthest(pursued) or Stage.UNAWARE,
        at=at,
        claimed=True,
        override_capacity=override_capacity,
        may_override=manages,
    )
    await unit.execute(TRACKING_LIST, tracking_list_id(by), place)
    claimed = ReassignCustomer(owner=by, reason="claimed from the open pool")
    await owned(unit, customer_id, claimed, today)
    for id in pursued:
        await unit.execute(OPPORTUNITY, id, TakeUp(owner=by, at=at))


async def check_not_pooled(unit: Any, customer_id: UUID | None) -> None:
    """Raises CustomerInOpenPool."""
    pursuit = None if customer_id is None else await _pursuit(unit, customer_id)
    if pursuit is not None and pursuit.standing is Standing.POOLED:
        raise CustomerInOpenPool("claim the customer first")


async def _pursuit(unit: Any, customer_id: UUID) -> Pursuit | None:
    pursuit: Pursuit | None = (await unit.load(PURSUIT, pursuit_id(customer_id))).state
    return pursuit


async def _customer(unit: Any, customer_id: UUID) -> Customer:
    customer: Customer = (await unit.load(CUSTOMER, customer_id)).state
    return customer


def forgotten(customer: Customer) -> bool:
    """Of an enterprise only its people are."""
    return customer.erasure is not None and customer.kind is Kind.INDIVIDUAL


async def _open(unit: Any, customer_id: UUID, ids: Sequence[UUID]) -> dict[UUID, Opportunity]:
    """Those of them that are open and (still) the customer's."""
    loaded: dict[UUID, Opportunity | None] = {id: (await unit.load(OPPORTUNITY, id)).state for id in ids}
    return {
        id: state
        for id, state in loaded.items()
        if state and state.outcome is Outcome.OPEN and state.customer_id == customer_id
    }


def _furthest(pursued: dict[UUID, Opportunity]) -> Stage | None:
    return max((each.stage for each in pursued.values()), key=lambda stage: stage.rank, default=None)


async def _leave(unit: Any, owner: str, customer_id: UUID, at: datetime) -> None:
    command = LeavePlace(customer_id=customer_id, at=at)
    await unit.execute(TRACKING_LIST, tracking_list_id(owner), command)
