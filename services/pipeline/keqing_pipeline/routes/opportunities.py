"""Opportunities over HTTP: opened, worked, won and lost."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query

from keqing_pipeline.customer.file import Assessment
from keqing_pipeline.customer.rules import CUSTOMER
from keqing_pipeline.opportunity.commands import (
    AmendOpportunity,
    ChangeStage,
    HandOver,
    LoseOpportunity,
    NameCustomer,
    OpenOpportunity,
    Products,
    Prospect,
    ReopenOpportunity,
    WinOpportunity,
)
from keqing_pipeline.opportunity.grade import Grade, Urgency, grade
from keqing_pipeline.opportunity.refusals import OpportunityUnknown
from keqing_pipeline.opportunity.rules import OPPORTUNITY
from keqing_pipeline.opportunity.stage import Outcome, Stage
from keqing_pipeline.ownership import appointed, check_may_appoint, check_owner, see_opportunity
from keqing_pipeline.pursuing import check_not_pooled, follow
from keqing_pipeline.views.logbook import LogEntry, logbook
from keqing_pipeline.views.opportunities import opportunities, opportunity
from keqing_pipeline.views.opportunity_row import OpportunityRow
from keqing_pipeline.whole import check_its_own
from keqing_shared.domain import (
    Command,
    Day,
    ExternalReference,
    Line,
    Login,
    Money,
    Note,
    Personal,
    ReferenceText,
    value,
)
from keqing_shared.http import Ask, Do, Doing, Page, Paging, Receipt, allow

router = APIRouter(tags=["opportunities"])

SALES = allow("rep", "sales_manager")
READERS = allow("rep", "sales_manager", "auditor", "admin")


@value
class NewOpportunity(Prospect):
    customer_id: UUID
    owner: Login | None = None
    """Left out: the customer's owner."""


@value
class StageWanted:
    to: Stage
    reason: Note | None = None
    """Needed to recede, and to override."""
    override_assessment: bool = False
    """A manager's: to stage 3 or above although the customer's assessment says no."""


@value
class Win:
    amount: Money
    products: Products = ()
    """Left out: what they were interested in."""
    won_on: Day | None = None
    """Left out: today."""


@value
class Loss:
    reason: Note
    rival: Line | None = None
    lost_on: Day | None = None
    """Left out: today."""


@value
class Reopening:
    reason: Note


@value
class OwnerWanted:
    owner: Login
    reason: Note


@value
class CustomerWanted:
    customer_id: UUID


@value
class OpportunityCard:
    """One opportunity, its grade as of today, and the end of its logbook."""

    opportunity: OpportunityRow
    grade: Grade | None
    """None once won or lost."""
    urgency: Urgency | None
    customer: Personal[str | None]
    logbook: tuple[LogEntry, ...]


async def on_ones_own(do: Doing, opportunity_id: UUID, command: Command) -> Receipt:
    """Executes it on an opportunity that the user may see."""

    async def work(unit: Any) -> None:
        loaded = await unit.load(OPPORTUNITY, opportunity_id)
        await see_opportunity(do, loaded.state)
        await unit.execute(OPPORTUNITY, opportunity_id, command)

    return await do.transact(work)


async def moving_ones_own(do: Doing, opportunity_id: UUID, command: Command) -> Receipt:
    """The same for what changes how far it has come: its customer's place on a list follows."""

    async def work(unit: Any) -> None:
        loaded = await unit.load(OPPORTUNITY, opportunity_id)
        opportunity = await see_opportunity(do, loaded.state)
        await check_not_pooled(unit, opportunity.customer_id)
        await unit.execute(OPPORTUNITY, opportunity_id, command)
        await follow(unit, opportunity.customer_id, do.now, opportunity_id)

    return await do.transact(work)


@router.post("/opportunities", status_code=201, dependencies=[SALES])
async def open_opportunity(body: NewOpportunity, do: Do) -> Receipt:
    """Open an opportunity with a customer, at stage 0."""
    customer = await do.serve_customer(body.customer_id)
    owner = await appointed(do, body.owner, customer.owner or do.user.login)
    prospect = Prospect(
        title=body.title,
        amount=body.amount,
        expected_close_on=body.expected_close_on,
        interests=body.interests,
    )
    command = OpenOpportunity(customer_id=body.customer_id, owner=owner, prospect=prospect, at=do.now)
    opportunity_id = do.new_id()

    async def work(unit: Any) -> None:
        await check_its_own(unit, body.customer_id)
        await check_not_pooled(unit, body.customer_id)
        await check_owner(unit, owner, do.user.login)
        await unit.execute(OPPORTUNITY, opportunity_id, command)
        await follow(unit, body.customer_id, do.now, opportunity_id)

    return await do.transact(work)


@router.get("/opportunities", dependencies=[READERS])
async def find(
    ask: Ask,
    paging: Paging,
    customer_id: Annotated[UUID | None, Query()] = None,
    owner: Annotated[Login | None, Query()] = None,
    stage: Annotated[Stage | None, Query(description="open ones of this stage")] = None,
    outcome: Annotated[Outcome | None, Query()] = None,
    external: Annotated[ReferenceText | None, Query()] = None,
) -> Page[OpportunityRow]:
    """Opportunities that you may see."""
    after = paging.after(UUID)
    system, _, known_as = (external or "").partition(":")
    rows = await opportunities(
        ask.db,
        await ask.visible_owners(),
        customer_id=customer_id,
        owner=owner,
        stage=stage,
        outcome=outcome,
        external=ExternalReference(system=system, id=known_as) if known_as else None,
        after=after[0] if after else None,
        limit=paging.fetch,
    )
    return paging.page(rows, key=lambda row: (row.opportunity_id,))


@router.get("/opportunities/{opportunity_id}", dependencies=[READERS])
async def card(opportunity_id: UUID, ask: Ask) -> OpportunityCard:
    """Where it stands, how it came there, and the latest twenty of its logbook."""
    state = (await ask.service.streams.load(OPPORTUNITY, opportunity_id)).state
    await see_opportunity(ask, state)
    row = await opportunity(ask.db, opportunity_id)
    if row is None:
        raise OpportunityUnknown
    customer = None if row.customer_id is None else await ask.service.streams.load(CUSTOMER, row.customer_id)
    graded = None
    if row.outcome is Outcome.OPEN:
        graded = grade(row.expected_close_on, ask.today, ask.policy.grade_within)
    ask.etag(row.version)
    return OpportunityCard(
        opportunity=row,
        grade=graded,
        urgency=None if graded is None else graded.urgency,
        customer=customer.state.name if customer and customer.state else None,
        logbook=tuple(await logbook(ask.db, opportunity_id, limit=20)),
    )


@router.put("/opportunities/{opportunity_id}", dependencies=[SALES])
async def amend(opportunity_id: UUID, body: Prospect, do: Do) -> Receipt:
    """Say anew what one hopes to sell, for how much and when."""
    return await on_ones_own(do, opportunity_id, AmendOpportunity(prospect=body))


@router.put("/opportunities/{opportunity_id}/customer", dependencies=[SALES])
async def name_customer(opportunity_id: UUID, body: CustomerWanted, do: Do) -> Receipt:
    """Say whose it is, when it was imported without a customer."""
    await do.serve_customer(body.customer_id)

    async def work(unit: Any) -> None:
        await see_opportunity(do, (await unit.load(OPPORTUNITY, opportunity_id)).state)
        await check_its_own(unit, body.customer_id)
        await check_not_pooled(unit, body.customer_id)
        await unit.execute(OPPORTUNITY, opportunity_id, NameCustomer(customer_id=body.customer_id))
        await follow(unit, body.customer_id, do.now, opportunity_id)

    return await do.transact(work)


@router.post("/opportunities/{opportunity_id}/owner", dependencies=[allow("sales_manager")])
async def hand_over(opportunity_id: UUID, body: OwnerWanted, do: Do) -> Receipt:
    """Give it to somebody else whom you lead."""

    async def work(unit: Any) -> None:
        await see_opportunity(do, (await unit.load(OPPORTUNITY, opportunity_id)).state)
        await check_may_appoint(do, body.owner)
        await unit.execute(OPPORTUNITY, opportunity_id, HandOver(owner=body.owner, reason=body.reason))

    return await do.transact(work)


@router.post("/opportunities/{opportunity_id}/stage", dependencies=[SALES])
async def change_stage(opportunity_id: UUID, body: StageWanted, do: Do) -> Receipt:
    """Advance with evidence (a contact since the last change that shows the stage or a higher one),
    or recede with a reason. The same stage again changes nothing."""
    manages = "sales_manager" in do.user.roles

    async def work(unit: Any) -> None:
        state = await see_opportunity(do, (await unit.load(OPPORTUNITY, opportunity_id)).state)
        assessment = Assessment()
        if state.customer_id is not None:
            customer = (await unit.load(CUSTOMER, state.customer_id)).state
            assessment = customer.details.assessment if customer else assessment
        command = ChangeStage(
            to=body.to,
            at=do.now,
            reason=body.reason,
            assessment=assessment,
            override_assessment=body.override_assessment,
            may_override=manages,
        )
        await unit.execute(OPPORTUNITY, opportunity_id, command)
        await follow(unit, state.customer_id, do.now, opportunity_id)

    return await do.transact(work)


@router.post("/opportunities/{opportunity_id}/won", dependencies=[SALES])
async def win(opportunity_id: UUID, body: Win, do: Do) -> Receipt:
    """The customer has bought."""
    command = WinOpportunity(amount=body.amount, products=body.products, won_on=body.won_on, at=do.now)
    return await moving_ones_own(do, opportunity_id, command)


@router.post("/opportunities/{opportunity_id}/lost", dependencies=[SALES])
async def lose(opportunity_id: UUID, body: Loss, do: Do) -> Receipt:
    """The customer will not buy."""
    command = LoseOpportunity(reason=body.reason, rival=body.rival, lost_on=body.lost_on, at=do.now)
    return await moving_ones_own(do, opportunity_id, command)


@router.post("/opportunities/{opportunity_id}/reopened", dependencies=[SALES])
async def reopen(opportunity_id: UUID, body: Reopening, do: Do) -> Receipt:
    """It is open again, at the stage it had."""
    return await moving_ones_own(do, opportunity_id, ReopenOpportunity(reason=body.reason, at=do.now))
