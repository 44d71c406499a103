"""Accounts over HTTP: class, key account and plan, relationship, tenders, and what warns."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query

from keqing_pipeline.account.commands import (
    AccountCommand,
    AgreePlan,
    AppraiseAccount,
    DecideTender,
    EndKeyAccount,
    NameKeyAccount,
    OpenTender,
    ReviewAccount,
    SetRelationshipLevel,
)
from keqing_pipeline.account.refusals import TeamMemberUnknown
from keqing_pipeline.account.rules import ACCOUNT
from keqing_pipeline.account.state import account_of
from keqing_pipeline.account.values import (
    AbcClass,
    AccountPlan,
    Appraisal,
    RelationshipLevel,
    Sign,
    TenderOutcome,
)
from keqing_pipeline.classing import class_accounts
from keqing_pipeline.opportunity.grade import months_after
from keqing_pipeline.routes.customers import STAFF
from keqing_pipeline.views.account_list import AccountLine, accounts
from keqing_pipeline.views.accounts import AccountRow, account
from keqing_pipeline.views.pareto import ParetoLine, pareto
from keqing_pipeline.views.purchases import times_bought
from keqing_pipeline.watching import signs_of
from keqing_pipeline.whole import check_its_own, files_of
from keqing_shared.domain import Currency, Day, Line, Login, Note, value
from keqing_shared.http import Ask, Do, Doing, Page, Paging, Receipt, allow

router = APIRouter(tags=["accounts"])

SALES = allow("rep", "sales_manager")
MANAGERS = allow("sales_manager")
READERS = allow("rep", "sales_manager", "auditor", "admin")


@value
class LevelShown:
    level: RelationshipLevel
    evidence: Note
    """What shows that the relationship is there."""


@value
class Reason:
    reason: Note


@value
class Review:
    findings: Note


@value
class NewTender:
    title: Line


@value
class TenderDecision:
    outcome: TenderOutcome


@value
class AccountNow:
    """The account as it stands, and what tells today that the customer may leave."""

    account: AccountRow
    signs: tuple[Sign, ...]


@value
class Classed:
    as_of: Day
    changed: int
    """Customers that you may see whose class is another one now."""


async def _tell(do: Doing, command: AccountCommand, made: UUID | None = None) -> Receipt:
    """Of a customer whom the user may see. ``made``: what the receipt names instead of the account."""
    await do.see_customer(command.customer_id)

    async def work(unit: Any) -> None:
        await check_its_own(unit, command.customer_id)
        await unit.execute(ACCOUNT, account_of(command.customer_id), command)

    return await do.transact(work, made=made)


@router.get("/customers/{customer_id}/account", dependencies=[allow(*STAFF)])
async def show_account(customer_id: UUID, ask: Ask) -> AccountNow:
    """Class, relationship, plan, complaints, late payments, tenders; and the signs of today."""
    await ask.see_customer(customer_id)
    row = await account(ask.db, customer_id)
    signs = await signs_of(ask.service, [customer_id], ask.today)
    return AccountNow(account=row, signs=signs.get(customer_id, ()))


@router.put("/customers/{customer_id}/account/level", dependencies=[SALES])
async def set_level(customer_id: UUID, body: LevelShown, do: Do) -> Receipt:
    """Say how close the relationship is, and what shows it."""
    return await _tell(
        do,
        SetRelationshipLevel(customer_id=customer_id, on=do.today, level=body.level, evidence=body.evidence),
    )


@router.put("/customers/{customer_id}/account/appraisal", dependencies=[SALES])
async def appraise(customer_id: UUID, body: Appraisal, do: Do) -> Receipt:
    """Judge whether the customer is profitable, and whether it demands ever more."""
    return await _tell(do, AppraiseAccount(customer_id=customer_id, on=do.today, appraisal=body))


@router.post("/customers/{customer_id}/account/key", status_code=201, dependencies=[MANAGERS])
async def name_key_account(customer_id: UUID, do: Do) -> Receipt:
    """Make it a key account: of class A, buying again and again, profitable, not squeezing."""
    await do.see_customer(customer_id)
    await do.all_shown()
    command = NameKeyAccount(
        customer_id=customer_id,
        on=do.today,
        purchases=await times_bought(do.db, customer_id),
        appraisal=(await account(do.db, customer_id)).appraisal,
    )
    return await _tell(do, command)


@router.post("/customers/{customer_id}/account/key/end", dependencies=[MANAGERS])
async def end_key_account(customer_id: UUID, body: Reason, do: Do) -> Receipt:
    """It is none any longer; its plan ends with it."""
    return await _tell(do, EndKeyAccount(customer_id=customer_id, on=do.today, reason=body.reason))


@router.put("/customers/{customer_id}/account/plan", dependencies=[SALES])
async def agree_plan(customer_id: UUID, body: AccountPlan, do: Do) -> Receipt:
    """Objectives, team, the standards promised, and how often it is reviewed."""
    await do.see_customer(customer_id)
    for login in body.team:
        person = await do.directory.person(login)
        if person is None or not person.active:
            raise TeamMemberUnknown("{login} is none", field="team", login=login)
    return await _tell(do, AgreePlan(customer_id=customer_id, on=do.today, plan=body))


@router.post("/customers/{customer_id}/account/reviews", status_code=201, dependencies=[SALES])
async def review(customer_id: UUID, body: Review, do: Do) -> Receipt:
    """Say what the review found; the next one is due an interval later."""
    return await _tell(do, ReviewAccount(customer_id=customer_id, on=do.today, findings=body.findings))


@router.post("/customers/{customer_id}/tenders", status_code=201, dependencies=[SALES])
async def open_tender(customer_id: UUID, body: NewTender, do: Do) -> Receipt:
    """The customer invites tenders; no gift is given until it is decided. The receipt's ``id`` is the
    tender's."""
    tender_id = do.new_id()
    command = OpenTender(customer_id=customer_id, on=do.today, tender_id=tender_id, title=body.title)
    return await _tell(do, command, made=tender_id)


@router.post("/customers/{customer_id}/tenders/{tender_id}/decision", dependencies=[SALES])
async def decide_tender(customer_id: UUID, tender_id: UUID, body: TenderDecision, do: Do) -> Receipt:
    """Say how it ended."""
    await do.see_customer(customer_id)

    async def work(unit: Any) -> None:
        file = await _file_of_tender(unit, customer_id, tender_id)
        command = DecideTender(customer_id=file, on=do.today, tender_id=tender_id, outcome=body.outcome)
        await unit.execute(ACCOUNT, account_of(file), command)

    return await do.transact(work)


async def _file_of_tender(unit: Any, customer_id: UUID, tender_id: UUID) -> UUID:
    """The customer's, or one that is part of it by now."""
    for file in await files_of(unit, customer_id):
        known = (await unit.load(ACCOUNT, account_of(file))).state
        if known is not None and tender_id in known.tenders:
            return file
    return customer_id


@router.get("/accounts", dependencies=[READERS])
async def list_accounts(
    ask: Ask,
    paging: Paging,
    abc: Annotated[AbcClass | None, Query()] = None,
    key: Annotated[bool | None, Query(description="key accounts only, or none of them")] = None,
    warned: Annotated[bool | None, Query(description="those that may leave, or none of them")] = None,
    level: Annotated[RelationshipLevel | None, Query()] = None,
    owner: Annotated[Login | None, Query()] = None,
) -> Page[AccountLine]:
    """Accounts that you may see, by the customer's id."""
    key_of_last = paging.after(UUID)
    rows = await accounts(
        ask.db,
        await ask.visible_owners(),
        abc=abc,
        key=key,
        warned=warned,
        level=level,
        owner=owner,
        after=key_of_last[0] if key_of_last else None,
        limit=paging.fetch,
    )
    return paging.page(rows, key=lambda row: (row.customer_id,))


@router.get("/pareto", dependencies=[READERS])
async def show_pareto(
    ask: Ask,
    paging: Paging,
    currency: Annotated[Currency, Query()] = "CNY",
    until: Annotated[Day | None, Query(description="left out: today")] = None,
) -> Page[ParetoLine]:
    """Who bought how much in the months that classes go by, the largest first, among those you may see."""
    last = until or ask.today
    rows = await pareto(
        ask.db,
        await ask.visible_owners(),
        months_after(last, -ask.policy.abc.months),
        last,
        currency,
        after=paging.after(int, UUID),
        limit=paging.fetch,
    )
    return paging.page(rows, key=lambda row: (row.rank, row.customer_id))


@router.post("/abc", dependencies=[allow("sales_manager", "admin")])
async def compute_classes(do: Do) -> Classed:
    """Compute the class of every customer anew, as of today; the clockwork does so once a month."""
    await do.all_shown()
    changed = await class_accounts(do.service, do.today, who=do.user.login, why=do.why)
    owners = await do.visible_owners()
    seen = [
        entry
        for customer_id in changed
        if (entry := await do.directory.customer(customer_id)) and (owners is None or entry.owner in owners)
    ]
    return Classed(as_of=do.today, changed=len(seen))
