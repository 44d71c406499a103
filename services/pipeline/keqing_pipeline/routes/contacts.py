"""Contacts over HTTP: the people at a customer, who covers them, and what was observed of them."""

from datetime import date, timedelta
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Path, Query

from keqing_pipeline.care.reminder import CARE_DAY, AddBirthday, care_day_of
from keqing_pipeline.contact.birthday import age_on, next_kept
from keqing_pipeline.contact.commands import (
    AddContact,
    AmendContact,
    CoverContact,
    LeaveCustomer,
    MakeObservation,
    ReturnToCustomer,
    UncoverContact,
)
from keqing_pipeline.contact.profile import BuyingRole, ContactProfile, Observation
from keqing_pipeline.contact.refusals import ContactUnknown
from keqing_pipeline.contact.rules import CONTACT
from keqing_pipeline.ownership import check_colleague, see_contact
from keqing_pipeline.routes.customers import STAFF
from keqing_pipeline.teaming import has_team, joined
from keqing_pipeline.views.contacts import ContactRow, ObservationRow, contact, contacts, observations
from keqing_pipeline.whole import check_its_own, file_of
from keqing_shared.domain import Command, Day, Line, Login, Note, value
from keqing_shared.http import Ask, Do, Doing, Page, Paging, Receipt, allow

router = APIRouter(tags=["contacts"])

SALES = allow("rep", "sales_manager")
LoginPath = Annotated[Login, Path()]


@value
class Leaving:
    on: Day | None = None
    """Left out: today."""
    reason: Note | None = None


@value
class Moving(Leaving):
    customer_id: UUID
    """Where the person is now."""


@value
class ContactCard:
    """A contact, and when the birthday is kept next."""

    contact: ContactRow
    next_birthday: date | None
    """The solar day, from today on, also of a lunar birthday."""
    turns: int | None
    """The age then, where the year of birth is known."""


async def with_contact(do: Doing, contact_id: UUID, command: Command) -> Receipt:
    """Executes it on a contact that the user may see."""

    async def work(unit: Any) -> None:
        await see_contact(do, (await unit.load(CONTACT, contact_id)).state)
        await unit.execute(CONTACT, contact_id, command)

    return await do.transact(work)


async def eve_noted(
    unit: Any, customer_id: UUID, before: ContactProfile | None, profile: ContactProfile, today: date
) -> None:
    """Tomorrow may have been told already: a birthday entered after that is told at once."""
    tomorrow = today + timedelta(days=1)
    if _kept_on(profile, tomorrow) and not (before and _kept_on(before, tomorrow)):
        owner = (await file_of(unit, customer_id)).owner
        command = AddBirthday(owner=owner, on=tomorrow)
        await unit.execute(CARE_DAY, care_day_of(owner, tomorrow), command)


def _kept_on(profile: ContactProfile, day: date) -> bool:
    return profile.birthday is not None and next_kept(profile.birthday, day) == day


async def covered(unit: Any, contact_id: UUID, customer_id: UUID, login: str, today: date) -> None:
    """Whoever covers somebody is on the account team; its first member is no newcomer."""
    await unit.execute(CONTACT, contact_id, CoverContact(login=login))
    newcomer = await has_team(unit, customer_id)
    await joined(unit, customer_id, login, today, newcomer=newcomer)


@router.post("/customers/{customer_id}/contacts", status_code=201, dependencies=[SALES])
async def add(customer_id: UUID, body: ContactProfile, do: Do) -> Receipt:
    """Add a person at the customer; whoever adds them covers them."""
    await do.serve_customer(customer_id)
    contact_id = do.new_id()

    async def work(unit: Any) -> None:
        await check_its_own(unit, customer_id)
        command = AddContact(customer_id=customer_id, profile=body, today=do.today)
        await unit.execute(CONTACT, contact_id, command)
        await covered(unit, contact_id, customer_id, do.user.login, do.today)
        await eve_noted(unit, customer_id, None, body, do.today)

    return await do.transact(work)


@router.get("/contacts", dependencies=[allow(*STAFF)])
async def find(
    ask: Ask,
    paging: Paging,
    customer_id: Annotated[UUID | None, Query()] = None,
    role: Annotated[BuyingRole | None, Query()] = None,
    covered_by: Annotated[Login | None, Query()] = None,
    name: Annotated[Line | None, Query(description="a part of the name, however it is written")] = None,
    left: Annotated[bool | None, Query(description="only who has left, or only who has not")] = None,
) -> Page[ContactRow]:
    """Contacts of the customers that you may see, and those that you cover."""
    after = paging.after(UUID)
    rows = await contacts(
        ask.db,
        await ask.visible_owners(),
        ask.user.login,
        customer_id=customer_id,
        role=role,
        covered_by=covered_by,
        name=name,
        left=left,
        after=after[0] if after else None,
        limit=paging.fetch,
    )
    return paging.page(rows, key=lambda row: (row.contact_id,))


@router.get("/contacts/{contact_id}", dependencies=[allow(*STAFF)])
async def card(contact_id: UUID, ask: Ask) -> ContactCard:
    """One contact, with the next birthday."""
    await see_contact(ask, (await ask.service.streams.load(CONTACT, contact_id)).state)
    row = await contact(ask.db, contact_id)
    if row is None:
        raise ContactUnknown
    ask.etag(row.version)
    born = row.profile.birthday
    kept = None if born is None else next_kept(born, ask.today)
    return ContactCard(
        contact=row,
        next_birthday=kept,
        turns=None if born is None or kept is None else age_on(born, kept),
    )


@router.put("/contacts/{contact_id}", dependencies=[SALES])
async def amend(contact_id: UUID, body: ContactProfile, do: Do) -> Receipt:
    """Replace what is known of the person."""

    async def work(unit: Any) -> None:
        known = await see_contact(do, (await unit.load(CONTACT, contact_id)).state)
        await unit.execute(CONTACT, contact_id, AmendContact(profile=body, today=do.today))
        if known.left_on is None:
            await eve_noted(unit, known.customer_id, known.profile, body, do.today)

    return await do.transact(work)


@router.put("/contacts/{contact_id}/coverage/{login}", dependencies=[SALES])
async def cover(contact_id: UUID, login: LoginPath, do: Do) -> Receipt:
    """This rep or manager keeps in touch with the person, sees the contact from now on, and is on the
    account team."""
    await check_colleague(do, login)

    async def work(unit: Any) -> None:
        known = await see_contact(do, (await unit.load(CONTACT, contact_id)).state)
        await covered(unit, contact_id, known.customer_id, login, do.today)

    return await do.transact(work)


@router.delete("/contacts/{contact_id}/coverage/{login}", dependencies=[SALES])
async def uncover(contact_id: UUID, login: LoginPath, do: Do) -> Receipt:
    """This colleague no longer keeps in touch with the person."""
    return await with_contact(do, contact_id, UncoverContact(login=login))


@router.post("/contacts/{contact_id}/left", dependencies=[SALES])
async def leave(contact_id: UUID, do: Do, body: Leaving = Leaving()) -> Receipt:
    """The person is no longer with the customer."""
    command = LeaveCustomer(today=do.today, on=body.on, reason=body.reason)
    return await with_contact(do, contact_id, command)


@router.post("/contacts/{contact_id}/moved", dependencies=[SALES])
async def move(contact_id: UUID, body: Moving, do: Do) -> Receipt:
    """The person is with another customer of ours now: gone from the first, and a new contact (``moved_as``)
    at the second, covered by the same colleagues."""
    await do.serve_customer(body.customer_id)
    new_id = do.new_id()

    async def work(unit: Any) -> None:
        known = await see_contact(do, (await unit.load(CONTACT, contact_id)).state)
        await check_its_own(unit, body.customer_id)
        leaving = LeaveCustomer(
            today=do.today, on=body.on, moved_to=body.customer_id, moved_as=new_id, reason=body.reason
        )
        await unit.execute(CONTACT, contact_id, leaving)
        arriving = AddContact(
            customer_id=body.customer_id, profile=known.profile, today=do.today, came_from=contact_id
        )
        await unit.execute(CONTACT, new_id, arriving)
        await eve_noted(unit, body.customer_id, None, known.profile, do.today)
        for login in known.covered_by:
            await covered(unit, new_id, body.customer_id, login, do.today)

    return await do.transact(work)


@router.post("/contacts/{contact_id}/returned", dependencies=[SALES])
async def come_back(contact_id: UUID, do: Do) -> Receipt:
    """The person is back, or had never left."""
    return await with_contact(do, contact_id, ReturnToCustomer(today=do.today))


@router.post("/contacts/{contact_id}/observations", status_code=201, dependencies=[SALES])
async def observe(contact_id: UUID, body: Observation, do: Do) -> Receipt:
    """Note what happened, and what it tells of the person."""
    command = MakeObservation(observation=body, today=do.today, by=do.user.login)
    return await with_contact(do, contact_id, command)


@router.get("/contacts/{contact_id}/observations", dependencies=[allow(*STAFF)])
async def observed(contact_id: UUID, ask: Ask, paging: Paging) -> Page[ObservationRow]:
    """What was observed of the person, the latest first."""
    await see_contact(ask, (await ask.service.streams.load(CONTACT, contact_id)).state)
    rows = await observations(ask.db, contact_id, before=paging.after(date, int), limit=paging.fetch)
    return paging.page(rows, key=lambda row: (row.on, row.position))
