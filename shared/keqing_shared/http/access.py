"""Who may do what, and whose things a person may see: roles and ownership, in one place."""

from typing import TYPE_CHECKING, Any, get_args
from uuid import UUID

from fastapi import Depends, Request

from keqing_shared.directory import survivor
from keqing_shared.domain import MergedAway, NotAllowed, NotFound
from keqing_shared.http.user import Role, User, user_of
from keqing_shared.sight import SEES_TEAM, sees_all, team_of

if TYPE_CHECKING:
    from keqing_shared.directory import CustomerEntry, Directory

ROLES: frozenset[str] = frozenset(get_args(Role))


class RoleMissing(NotAllowed):
    """None of your roles allows this"""


class CustomerUnknown(NotFound):
    """There is no such customer, or none that you may see"""


class OwnerHidden(NotFound):
    """There is no such thing, or none that you may see"""


class Allow:
    """The authorisation rule of a route: one of these roles; readable by tests and by the OpenAPI."""

    def __init__(self, roles: tuple[str, ...]) -> None:
        if not roles or not ROLES.issuperset(roles):
            raise ValueError(f"allow() takes one or more of {sorted(ROLES)}, not {roles}")
        self.roles = frozenset(roles)

    async def __call__(self, request: Request) -> None:
        user = await user_of(request)
        if not self.roles & user.roles:
            raise RoleMissing("this needs one of: {roles}", roles=sorted(self.roles))


def allow(*roles: str) -> Any:
    """A route's ``dependencies=[allow("rep", ...)]``. ``admin`` is not implied.

    Raises ValueError for a role that does not exist.
    """
    return Depends(Allow(roles))


class Sight:
    """What a user sees: a rep their own, a sales manager the team's, other staff everything."""

    def __init__(self, user: User, directory: "Directory") -> None:
        self._user = user
        self._directory = directory

    async def owners(self) -> frozenset[str] | None:
        """The logins whose things may be seen; None: everybody's."""
        login, roles = self._user.login, self._user.roles
        if sees_all(roles):
            return None
        if not roles & SEES_TEAM:
            return frozenset({login})
        return team_of(login, await self._directory.people())

    async def customer(self, customer_id: UUID) -> "CustomerEntry":
        """The customer's entry. Raises CustomerUnknown, also for one that may not be seen; MergedAway for one
        that is part of another by now."""
        entry = await self.part(customer_id)
        if entry.merged_into is None:
            return entry
        now = await survivor(self._directory, entry.merged_into)
        named = str(now.customer_id if now else entry.merged_into)
        raise MergedAway("it is part of {survivor} now", survivor=named)

    async def part(self, customer_id: UUID) -> "CustomerEntry":
        """The entry of the customer a thing belongs to, merged or not. Raises CustomerUnknown."""
        entry = await self._directory.customer(customer_id)
        if entry is None:
            raise CustomerUnknown("no customer {customer_id}", customer_id=str(customer_id))
        owners = await self.owners()
        if owners is not None and entry.owner not in owners:
            raise CustomerUnknown("no customer {customer_id}", customer_id=str(customer_id))
        return entry

    async def owner(self, login: str | None) -> None:
        """Raises OwnerHidden when the things of this owner may not be seen."""
        owners = await self.owners()
        if owners is not None and login not in owners:
            raise OwnerHidden
