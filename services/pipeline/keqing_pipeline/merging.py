"""Two files of one customer merged, and parted again, with all that follows: together or not at all."""

from collections.abc import Awaitable, Callable
from datetime import date, datetime
from typing import Any
from uuid import UUID

from keqing_pipeline.account.commands import (
    EndKeyAccount,
    GiveClassBack,
    RestoreKeyAccount,
    TakeClassOver,
    TakeKeyAccountOver,
)
from keqing_pipeline.account.rules import ACCOUNT
from keqing_pipeline.account.state import Account, account_of
from keqing_pipeline.account.values import KeyEnd
from keqing_pipeline.care.rules import CARE, care_of
from keqing_pipeline.contact.rules import CONTACT
from keqing_pipeline.contact.team import ACCOUNT_TEAM, team_id
from keqing_pipeline.customer.commands import (
    AbsorbCustomer,
    FollowCustomer,
    MergeCustomer,
    ReleaseCustomer,
    TakeAlong,
    UndoMerge,
)
from keqing_pipeline.customer.facts import Follower
from keqing_pipeline.customer.rules import CUSTOMER
from keqing_pipeline.opportunity.commands import EndTouches
from keqing_pipeline.opportunity.rules import OPPORTUNITY
from keqing_pipeline.pursuing import check_not_pooled, end, follow, forgotten, part, tracked, tracked_again
from keqing_pipeline.referral.rules import REFERRALS, referrals_of
from keqing_pipeline.tracking.pursuit import PURSUIT, pursuit_id
from keqing_pipeline.views import contacts, opportunities
from keqing_pipeline.whole import file_of, files_of
from keqing_shared.domain import Aggregate
from keqing_shared.http import Asking, Doing, Receipt

FOUND: dict[str, tuple[Aggregate[Any], Callable[[Any, UUID], Awaitable[list[UUID]]]]] = {
    OPPORTUNITY.name: (OPPORTUNITY, opportunities.all_of),
    CONTACT.name: (CONTACT, contacts.all_of),
}
"""What goes with its customer, and how it is found."""

KEPT: dict[str, tuple[Aggregate[Any], Callable[[UUID], UUID]]] = {
    ACCOUNT_TEAM.name: (ACCOUNT_TEAM, team_id),
    ACCOUNT.name: (ACCOUNT, account_of),
    CARE.name: (CARE, care_of),
    REFERRALS.name: (REFERRALS, referrals_of),
}
"""What there is one of for each file, and its id."""

FOLLOWING: dict[str, Aggregate[Any]] = {name: of[0] for name, of in {**FOUND, **KEPT}.items()}
"""By their names; each obeys ``FollowCustomer`` and says ``whose`` it is."""


async def merged(do: Doing, customer_id: UUID, into: UUID, reason: str) -> Receipt:
    found = await _found(do, customer_id)

    async def work(unit: Any) -> None:
        await check_not_pooled(unit, customer_id)
        await check_not_pooled(unit, into)
        file = (await file_of(unit, customer_id)).file
        followers = [*found, *await _kept(unit, customer_id)]
        listed = [Follower(kind=PURSUIT.name, id=pursuit_id(customer_id))]
        if not await tracked(unit, customer_id):
            listed = []
        await unit.execute(
            CUSTOMER, customer_id, MergeCustomer(customer_id=customer_id, into=into, reason=reason)
        )
        absorb = AbsorbCustomer(merged=customer_id, file=file, followers=(*followers, *listed))
        await unit.execute(CUSTOMER, into, absorb)
        for one in followers:
            await unit.execute(FOLLOWING[one.kind], one.id, FollowCustomer(customer_id=into))
        await _account_merged(unit, customer_id, into, do.today)
        await end(unit, customer_id, do.now)
        moved = [one.id for one in followers if one.kind == OPPORTUNITY.name]
        await follow(unit, into, do.now, *moved)

    return await do.transact(work)


async def parted(do: Doing, customer_id: UUID, reason: str) -> Receipt:
    async def work(unit: Any) -> None:
        survivor_id = (await file_of(unit, customer_id)).merged_into
        await unit.execute(CUSTOMER, customer_id, UndoMerge(reason=reason))
        if survivor_id is None:
            return  # refused above
        followers = (await file_of(unit, survivor_id)).followers_of(customer_id)
        await unit.execute(CUSTOMER, survivor_id, ReleaseCustomer(merged=customer_id))
        back: list[UUID] = []
        for one in followers:
            aggregate = FOLLOWING.get(one.kind)
            if aggregate and (await unit.load(aggregate, one.id)).state.whose == survivor_id:
                await unit.execute(aggregate, one.id, FollowCustomer(customer_id=customer_id))
                back += [one.id] if aggregate is OPPORTUNITY else []
        await _account_parted(unit, customer_id, survivor_id, do.today)
        await part(unit, survivor_id, back, do.now)
        if forgotten(await file_of(unit, customer_id)):  # while it was part of the other
            for id in back:
                await unit.execute(OPPORTUNITY, id, EndTouches(at=do.now))
        elif any(one.kind == PURSUIT.name for one in followers):
            await tracked_again(unit, customer_id, back, do.now)

    return await do.transact(work)


async def take_along(unit: Any, one: Follower, at: datetime) -> None:
    """What was added to a file while it became part of another comes after it, and goes back with it: nobody
    who merges sees what is appended at that moment. Nothing for what is where it belongs."""
    aggregate = FOLLOWING[one.kind]
    state = (await unit.load(aggregate, one.id)).state
    if state is None or state.whose is None:
        return
    whole: UUID = state.whose
    while (into := (await file_of(unit, whole)).merged_into) is not None:
        await unit.execute(CUSTOMER, into, TakeAlong(merged=whole, followers=(one,)))
        whole = into
    if whole != state.whose:
        await unit.execute(aggregate, one.id, FollowCustomer(customer_id=whole))
        await follow(unit, whole, at, *([one.id] if aggregate is OPPORTUNITY else []))


async def _account_merged(unit: Any, customer_id: UUID, into: UUID, on: date) -> None:
    """The better class of the two stands: what both bought is bought by one now. One key account at most
    is left, the survivor's if it is one."""
    ours, theirs = await _account(unit, customer_id), await _account(unit, into)
    if ours is None:
        return
    if ours.abc is not None:
        taking = TakeClassOver(customer_id=into, on=on, merged=customer_id, abc=ours.abc)
        await unit.execute(ACCOUNT, account_of(into), taking)
    if ours.key is None:
        return
    passed_on = theirs is None or theirs.key is None
    because = KeyEnd.TAKEN_OVER if passed_on else KeyEnd.MERGED
    ending = EndKeyAccount(customer_id=customer_id, on=on, because=because)
    await unit.execute(ACCOUNT, account_of(customer_id), ending)
    if passed_on:
        going_on = TakeKeyAccountOver(customer_id=into, on=on, merged=customer_id, standing=ours.key)
        await unit.execute(ACCOUNT, account_of(into), going_on)


async def _account_parted(unit: Any, customer_id: UUID, survivor_id: UUID, on: date) -> None:
    """A key account goes back with its file, unless it has been ended meanwhile."""
    ours, theirs = await _account(unit, customer_id), await _account(unit, survivor_id)
    if ours is None:
        return
    if theirs is not None:
        giving = GiveClassBack(customer_id=survivor_id, on=on, merged=customer_id)
        await unit.execute(ACCOUNT, account_of(survivor_id), giving)
    standing = ours.key_rests
    if theirs is not None and theirs.key is not None and theirs.key_came_with == customer_id:
        standing = theirs.key
        ending = EndKeyAccount(customer_id=survivor_id, on=on, because=KeyEnd.PARTED)
        await unit.execute(ACCOUNT, account_of(survivor_id), ending)
    if standing is not None:
        restoring = RestoreKeyAccount(customer_id=customer_id, on=on, standing=standing)
        await unit.execute(ACCOUNT, account_of(customer_id), restoring)


async def _account(unit: Any, customer_id: UUID) -> Account | None:
    state: Account | None = (await unit.load(ACCOUNT, account_of(customer_id))).state
    return state


async def _found(ask: Asking, customer_id: UUID) -> list[Follower]:
    await ask.all_shown()
    return [
        Follower(kind=kind, id=id)
        for kind, (_, all_of) in FOUND.items()
        for id in await all_of(ask.db, customer_id)
    ]


async def _kept(unit: Any, customer_id: UUID) -> list[Follower]:
    """Of the file, and of those that are part of it."""
    followers: list[Follower] = []
    for file in await files_of(unit, customer_id):
        for kind, (aggregate, id_of) in KEPT.items():
            state = (await unit.load(aggregate, id_of(file))).state
            if state is not None and state.whose == customer_id:
                followers.append(Follower(kind=kind, id=id_of(file)))
    return followers
