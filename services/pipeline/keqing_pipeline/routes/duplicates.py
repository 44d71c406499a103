"""Duplicates over HTTP: found before they are registered, merged afterwards, and parted again."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import AfterValidator, Field

from keqing_pipeline.customer.likeness import Marks
from keqing_pipeline.customer.sameness import EXTERNAL, MOST_SHOWN, Candidate, holding
from keqing_pipeline.duplicates import as_seen, near_to
from keqing_pipeline.merging import merged, parted
from keqing_pipeline.phone import e164
from keqing_shared.domain import InvalidInput, Line, Note, ReferenceText, value
from keqing_shared.http import Ask, Do, Receipt, allow

router = APIRouter(tags=["customers"])


@value
class Merging:
    into: UUID
    """The file that stays."""
    reason: Note


@value
class Parting:
    reason: Note


class NothingToLookFor(InvalidInput):
    """Say what the customer is known by"""


@router.get("/duplicates", dependencies=[allow("rep", "sales_manager", "admin")])
async def duplicates(
    ask: Ask,
    name: Annotated[Line | None, Query()] = None,
    phone: Annotated[Annotated[str, Field(max_length=40), AfterValidator(e164)] | None, Query()] = None,
    external: Annotated[ReferenceText | None, Query()] = None,
) -> list[Candidate]:
    """Customers that may be the one with this name, phone or reference, the most alike first; of those
    that you may not see only whom to ask."""
    if name is None and phone is None and external is None:
        raise NothingToLookFor("give name, phone or external", field="name")
    marks = Marks(name=name, phones=() if phone is None else (phone,))
    near = await near_to(ask, {0: marks}, score=ask.policy.duplicates.shown_from)
    holder = None if external is None else await ask.service.streams.claimed(EXTERNAL, external)
    holders = () if holder is None else (holding(holder, [EXTERNAL]),)
    return [*await as_seen(ask, (*holders, *near.get(0, ())))][:MOST_SHOWN]


@router.post("/customers/{customer_id}/merged", dependencies=[allow("sales_manager")])
async def merge(customer_id: UUID, body: Merging, do: Do) -> Receipt:
    """The file becomes part of another one of the same customer: its opportunities, contacts, team, care,
    referrals, account, phones and references are the other's from then on, and whoever asks for it is told
    where it is. Both keep their histories."""
    await do.see_customer(customer_id)
    await do.see_customer(body.into)
    return await merged(do, customer_id, body.into, body.reason)


@router.post("/customers/{customer_id}/parted", dependencies=[allow("sales_manager")])
async def part(customer_id: UUID, body: Parting, do: Do) -> Receipt:
    """Undo a merge: the file is one of its own again, with the owner it had and on the list it was on, and
    what it brought along is its own again."""
    await do.see_part(customer_id)
    return await parted(do, customer_id, body.reason)
