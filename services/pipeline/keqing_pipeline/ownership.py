"""Who may see and change which opportunity or contact, and who may be made an owner."""

from typing import Any

from keqing_pipeline.contact.refusals import ContactUnknown
from keqing_pipeline.contact.rules import Contact
from keqing_pipeline.opportunity.refusals import OpportunityUnknown
from keqing_pipeline.opportunity.state import Opportunity
from keqing_pipeline.user import USER, Role, User, user_id
from keqing_shared.directory import Person
from keqing_shared.domain import InvalidInput, NotAllowed
from keqing_shared.http import Asking

MAY_OWN = frozenset({Role.REP, Role.SALES_MANAGER})
MAY_APPOINT = frozenset({Role.SALES_MANAGER, Role.ADMIN})


class OwnerUnknown(InvalidInput):
    """An owner is an active rep or sales manager."""


class ColleagueUnknown(InvalidInput):
    """Who keeps in touch with customers is an active rep or sales manager."""


class OwnerNotYours(NotAllowed):
    """A rep registers for themselves only."""


class OwnerBeyondTeam(NotAllowed):
    """A manager appoints owners among those they lead."""


class NotInSales(NotAllowed):
    """Whoever owns something is enrolled as a rep or sales manager."""


async def see_opportunity(ask: Asking, opportunity: Opportunity | None) -> Opportunity:
    """One's own, or of one's own customer. Raises OpportunityUnknown, also for one that may not be seen."""
    if opportunity is None:
        raise OpportunityUnknown
    owners = await ask.visible_owners()
    if owners is None or opportunity.owner in owners:
        return opportunity
    if opportunity.customer_id is not None:
        customer = await ask.directory.customer(opportunity.customer_id)
        if customer is not None and customer.owner in owners:
            return opportunity
    raise OpportunityUnknown


async def see_contact(ask: Asking, contact: Contact | None) -> Contact:
    """Of one's own customer, or covered by oneself. Raises ContactUnknown, also for one that is hidden."""
    if contact is None:
        raise ContactUnknown
    owners = await ask.visible_owners()
    if owners is None or ask.user.login in contact.covered_by:
        return contact
    customer = await ask.directory.customer(contact.customer_id)
    if customer is None or customer.owner not in owners:
        raise ContactUnknown
    return contact


async def appointed(ask: Asking, owner: str | None, otherwise: str) -> str:
    """Who is to own it; ``check_owner`` then says whether they may. Raises OwnerNotYours, OwnerUnknown,
    OwnerBeyondTeam."""
    if owner is None or owner in (otherwise, ask.user.login):
        return owner or otherwise
    if not ask.user.roles & MAY_APPOINT:
        raise OwnerNotYours("leave out owner, or ask a manager to appoint {owner}", owner=owner)
    await check_may_appoint(ask, owner)
    return owner


async def check_may_appoint(ask: Asking, owner: str) -> None:
    """Raises OwnerUnknown, OwnerBeyondTeam."""
    await check_may_own(ask, owner)
    check_led(owner, await ask.visible_owners())


def check_led(owner: str, visible: frozenset[str] | None) -> None:
    """``visible``: whose things the one who appoints may see. Raises OwnerBeyondTeam."""
    if visible is not None and owner not in visible:
        raise OwnerBeyondTeam(
            "{owner} is in another team: ask somebody who leads both, or an admin to import it",
            field="owner",
            owner=owner,
        )


async def check_owner(unit: Any, login: str, by: str) -> None:
    """In the work that makes somebody an owner: then it is so at that very moment. Raises NotInSales when
    it is whoever does it, else OwnerUnknown."""
    user: User | None = (await unit.load(USER, user_id(login))).state
    if user is not None and user.active and MAY_OWN.intersection(user.profile.roles):
        return
    if login == by:
        raise NotInSales("ask an admin to enrol {login}, or a colleague to own it", login=login)
    raise OwnerUnknown("{login} is none", field="owner", login=login)


async def leader_of(ask: Asking, login: str) -> str | None:
    """The nearest sales manager above who is still with us; None: nobody leads this person."""
    asked = {login}
    person = await ask.directory.person(login)
    while person is not None and person.manager is not None and person.manager not in asked:
        asked.add(person.manager)
        person = await ask.directory.person(person.manager)
        if person is not None and person.active and Role.SALES_MANAGER in person.roles:
            return person.login
    return None


async def check_may_own(ask: Asking, login: str, *, leavers: bool = False) -> None:
    """Raises OwnerUnknown; ``leavers``: who has left will do, for what is over."""
    check_may_be_owner(login, await ask.directory.person(login), leavers=leavers)


def check_may_be_owner(login: str, person: Person | None, *, leavers: bool = False) -> None:
    """The same of somebody who was looked up: None when nobody was found."""
    if person is None or not _in_sales(person) or not (person.active or leavers):
        raise OwnerUnknown("{login} is none", field="owner", login=login)


async def check_colleague(ask: Asking, login: str) -> None:
    """Who is to know the people at a customer, and owns nothing by that. Raises ColleagueUnknown."""
    person = await ask.directory.person(login)
    if person is None or not _in_sales(person) or not person.active:
        raise ColleagueUnknown("{login} is none", field="login", login=login)


def _in_sales(person: Person) -> bool:
    return not MAY_OWN.isdisjoint(person.roles)
