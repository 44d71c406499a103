"""A customer forgotten as a person: ordered by an admin, and followed until every context has confirmed."""

from datetime import datetime
from typing import Any
from uuid import UUID

from fastapi import APIRouter

from keqing_pipeline.claims import claims_on
from keqing_pipeline.customer.erasure import CARRIED_OUT_BY, EraseCustomer
from keqing_pipeline.customer.file import Kind
from keqing_pipeline.customer.refusals import CustomerUnknown
from keqing_pipeline.customer.rules import CUSTOMER
from keqing_pipeline.customer.sameness import NAME, name_and_phone_keys
from keqing_pipeline.opportunity.commands import EndTouches
from keqing_pipeline.opportunity.rules import OPPORTUNITY
from keqing_pipeline.pursuing import follow
from keqing_pipeline.views.opportunities import all_of
from keqing_shared.domain import Note, NotFound, value
from keqing_shared.http import Ask, Do, Receipt, allow
from keqing_shared.privacy.destruction import erasing
from keqing_shared.privacy.erasure import PersonalDataErased, erasure_id

router = APIRouter(tags=["customers"])


class NotErased(NotFound):
    """Nobody has ordered this customer's erasure."""


@value
class ErasureWanted:
    reason: Note
    """Who asked for it and how. It is kept, so let it name nobody."""


@value
class ContextErasure:
    context: str
    confirmed_at: datetime | None
    """Null: still under way there."""


@value
class ErasureState:
    customer_id: UUID
    reason: str
    ordered_at: datetime
    ordered_by: str
    contexts: tuple[ContextErasure, ...]
    complete: bool


@router.post("/customers/{customer_id}/erasure", status_code=202, dependencies=[allow("admin")])
async def erase(customer_id: UUID, body: ErasureWanted, do: Do) -> Receipt:
    """Forget the customer as a person, for ever: names, phones, notes and all else that is personal become
    unreadable in every context, while amounts, dates and counts remain. It cannot be taken back."""
    await do.see_part(customer_id)
    await do.all_shown()
    opportunities = await all_of(do.db, customer_id)

    async def work(unit: Any) -> None:
        state = (await unit.load(CUSTOMER, customer_id)).state
        if state is None:
            raise CustomerUnknown
        personal = state.kind is Kind.INDIVIDUAL
        keys = [key for key in name_and_phone_keys(state.file) if personal or key[0] != NAME]
        parts = [one.customer_id for one in state.absorbed]
        left = tuple([one for one in parts if (await unit.load(CUSTOMER, one)).state.erasure is None])
        command = EraseCustomer(reason=body.reason, at=do.now, by=do.user.login, parts=left)
        released = () if state.erasure else claims_on(keys, None)
        await unit.execute(CUSTOMER, customer_id, command, releases=released)
        await follow(unit, customer_id, do.now)
        if personal:
            for id in opportunities:
                await unit.execute(OPPORTUNITY, id, EndTouches(at=do.now))

    async with erasing(do.service, customer_id, await do.meta()) as db:
        return await do.transact(work, within=db)


@router.get("/customers/{customer_id}/erasure", dependencies=[allow("admin", "auditor")])
async def erasure(customer_id: UUID, ask: Ask) -> ErasureState:
    """What was ordered, and which contexts have confirmed that nothing personal is left."""
    await ask.see_part(customer_id)
    state = (await ask.service.streams.load(CUSTOMER, customer_id)).state
    order = state.erasure if state else None
    if order is None:
        raise NotErased
    confirmed = {one.context: one.at for one in order.confirmed}
    for it in await ask.service.log.stream(erasure_id(customer_id)):
        if isinstance(it.fact, PersonalDataErased):
            confirmed[ask.service.context.name] = it.recorded_at
    return ErasureState(
        customer_id=customer_id,
        reason=order.reason,
        ordered_at=order.at,
        ordered_by=order.by,
        contexts=tuple(ContextErasure(context=it, confirmed_at=confirmed.get(it)) for it in CARRIED_OUT_BY),
        complete=confirmed.keys() >= set(CARRIED_OUT_BY),
    )
