"""Coverage over HTTP: the account team of a customer, first impressions, and who is known by too few."""

from datetime import date
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Path, Query

from keqing_pipeline import teaming
from keqing_pipeline.ownership import check_colleague
from keqing_pipeline.views.coverage import Coverage, coverage_map
from keqing_pipeline.views.team import TeamMember, owed_impressions, team
from keqing_pipeline.whole import check_its_own, survivor_of
from keqing_shared.domain import Login, Note, value
from keqing_shared.http import Ask, Asking, Do, Page, Paging, Receipt, allow

router = APIRouter(tags=["contacts"])

SALES = allow("rep", "sales_manager")
READERS = allow("rep", "sales_manager", "auditor", "admin")
LoginPath = Annotated[Login, Path()]


@value
class Joining:
    login: Login


@value
class Impressions:
    note: Note


async def on_team(ask: Asking, customer_id: UUID) -> None:
    """Of one's own customer, or of one whose team one is on. Raises CustomerUnknown, MergedAway."""
    streams = ask.service.streams
    survivor = await survivor_of(streams, customer_id)
    if await teaming.is_on_team(streams, survivor, ask.user.login):
        await check_its_own(streams, customer_id)
    else:
        await ask.see_customer(customer_id)


@router.post("/customers/{customer_id}/team", status_code=201, dependencies=[SALES])
async def join(customer_id: UUID, body: Joining, do: Do) -> Receipt:
    """Somebody joins the account team, and owes a note of first impressions within a few days."""
    await do.see_customer(customer_id)
    await check_colleague(do, body.login)

    async def work(unit: Any) -> None:
        await check_its_own(unit, customer_id)
        await teaming.joined(unit, customer_id, body.login, do.today)

    return await do.transact(work)


@router.delete("/customers/{customer_id}/team/{login}", dependencies=[SALES])
async def leave(customer_id: UUID, login: LoginPath, do: Do) -> Receipt:
    """Somebody leaves the account team."""
    await do.see_customer(customer_id)

    async def work(unit: Any) -> None:
        await teaming.left(unit, customer_id, login, do.today)

    return await do.transact(work)


@router.get("/customers/{customer_id}/team", dependencies=[READERS])
async def members(customer_id: UUID, ask: Ask) -> list[TeamMember]:
    """The account team with its first impressions, in the order in which they joined."""
    await on_team(ask, customer_id)
    return await team(ask.db, customer_id)


@router.post("/customers/{customer_id}/first-impressions", status_code=201, dependencies=[SALES])
async def note_first_impressions(customer_id: UUID, body: Impressions, do: Do) -> Receipt:
    """What struck you of the customer's people when you were new; late is better than never."""
    await on_team(do, customer_id)

    async def work(unit: Any) -> None:
        await teaming.noted(unit, customer_id, do.user.login, body.note, do.today)

    return await do.transact(work)


@router.get("/first-impressions", dependencies=[READERS])
async def owed(ask: Ask, paging: Paging, login: Annotated[Login | None, Query()] = None) -> Page[TeamMember]:
    """First impressions that are still to be noted, the longest due first."""
    rows = await owed_impressions(
        ask.db,
        await ask.visible_owners(),
        login=login,
        after=paging.after(date, UUID, str),
        limit=paging.fetch,
    )
    return paging.page(rows, key=lambda row: (row.impressions_due_on, row.customer_id, row.login))


@router.get("/coverage", dependencies=[READERS])
async def show_coverage(
    ask: Ask,
    paging: Paging,
    owner: Annotated[Login | None, Query(description="only what this person owns")] = None,
    flagged: Annotated[bool | None, Query(description="only with a decider known by too few, or not")] = None,
) -> Page[Coverage]:
    """By how many of us each customer's people are covered; only customers of whom a contact is known."""
    after = paging.after(UUID)
    rows = await coverage_map(
        ask.db,
        await ask.visible_owners(),
        ask.policy.deciders_covered_by,
        owner=owner,
        flagged=flagged,
        after=after[0] if after else None,
        limit=paging.fetch,
    )
    return paging.page(rows, key=lambda row: (row.customer_id,))
