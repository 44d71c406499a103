"""Two files of one customer merged, and parted again, with all that follows: together or not at all."""

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

from keqing_pipeline.contact.rules import CONTACT
from keqing_pipeline.customer.commands import (
    AbsorbCustomer,
    FollowCustomer,
    MergeCustomer,
    ReleaseCustomer,
    UndoMerge,
)
from keqing_pipeline.customer.facts import Follower
from keqing_pipeline.customer.refusals import CustomerUnknown
from keqing_pipeline.customer.rules import CUSTOMER
from keqing_pipeline.customer.state import Customer
from keqing_pipeline.opportunity.rules import OPPORTUNITY
from keqing_pipeline.pursuing import check_not_pooled, end, follow
from keqing_pipeline.views import contacts, opportunities
from keqing_shared.domain import Aggregate
from keqing_shared.http import Asking, Doing, Receipt

PATIENCE = 2.0
"""Seconds to wait for the views before what follows a customer is collected."""

FOLLOWING: dict[str, tuple[Aggregate[Any], Callable[[Any, UUID], Awaitable[list[UUID]]]]] = {
    OPPORTUNITY.name: (OPPORTUNITY, opportunities.all_of),
    CONTACT.name: (CONTACT, contacts.all_of),
}
"""What goes with its customer, and how it is found; each obeys ``FollowCustomer``."""


async def merged(do: Doing, customer_id: UUID, into: UUID, reason: str) -> Receipt:
    followers = await _followers(do, customer_id)

    async def work(unit: Any) -> None:
        await check_not_pooled(unit, customer_id)
        await check_not_pooled(unit, into)
        file = (await _file(unit, customer_id)).file
        await unit.execute(
            CUSTOMER, customer_id, MergeCustomer(customer_id=customer_id, into=into, reason=reason)
        )
        absorb = AbsorbCustomer(merged=customer_id, file=file, followers=followers)
        await unit.execute(CUSTOMER, into, absorb)
        for one in followers:
            await unit.execute(FOLLOWING[one.kind][0], one.id, FollowCustomer(customer_id=into))
        await end(unit, customer_id, do.now)
        moved = [one.id for one in followers if one.kind == OPPORTUNITY.name]
        await follow(unit, into, do.now, *moved)

    return await do.transact(work)


async def parted(do: Doing, customer_id: UUID, reason: str) -> Receipt:
    async def work(unit: Any) -> None:
        survivor_id = (await _file(unit, customer_id)).merged_into
        await unit.execute(CUSTOMER, customer_id, UndoMerge(reason=reason))
        if survivor_id is None:
            return  # refused above
        survivor = await _file(unit, survivor_id)
        await unit.execute(CUSTOMER, survivor_id, ReleaseCustomer(merged=customer_id))
        for one in survivor.followers_of(customer_id):
            aggregate = FOLLOWING[one.kind][0]
            if (await unit.load(aggregate, one.id)).state.customer_id == survivor_id:
                await unit.execute(aggregate, one.id, FollowCustomer(customer_id=customer_id))
        await follow(unit, survivor_id, do.now)

    return await do.transact(work)


async def _followers(ask: Asking, customer_id: UUID) -> tuple[Follower, ...]:
    await ask.service.views.wait_for(await ask.service.log.head(), PATIENCE)
    followers: list[Follower] = []
    for kind, (_, found) in FOLLOWING.items():
        followers += [Follower(kind=kind, id=id) for id in await found(ask.db, customer_id)]
    return tuple(followers)


async def _file(unit: Any, customer_id: UUID) -> Customer:
    state: Customer | None = (await unit.load(CUSTOMER, customer_id)).state
    if state is None:
        raise CustomerUnknown
    return state
