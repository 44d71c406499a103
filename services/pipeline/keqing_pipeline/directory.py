"""Pipeline's own directory: from its streams, so that what was just written is known at once."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any
from uuid import UUID

from keqing_pipeline.customer.rules import CUSTOMER
from keqing_pipeline.customer.state import Customer
from keqing_pipeline.user import USER, User, user_id
from keqing_pipeline.views.people import people, people_as_of
from keqing_pipeline.views.whose import Whose, whose
from keqing_shared.directory import CustomerEntry, Person

if TYPE_CHECKING:
    from keqing_shared.service import Service


class PipelineDirectory:
    """Customers and persons from their streams, lists of people from the view."""

    def __init__(self, service: "Service") -> None:
        self._service = service
        self._people: list[Person] = []
        self._as_of: Any = None

    async def customer(self, customer_id: UUID) -> CustomerEntry | None:
        streams = self._service.streams
        state = (await streams.load(CUSTOMER, customer_id)).state
        if state is None:
            return None
        answers = state
        while answers.merged_into is not None:
            into = (await streams.load(CUSTOMER, answers.merged_into)).state
            assert into is not None, "a file is merged into one that is there"
            answers = into
        return _entry(customer_id, state, answers.owner)

    async def survivors(self, customer_ids: Iterable[UUID]) -> dict[UUID, Whose]:
        """Whose each customer is, or the one that it has become part of by now; one that does not exist is
        missing."""
        wanted = list(set(customer_ids))
        found = await whose(self._service.pool, wanted)
        if len(found) < len(wanted):
            found |= await self._told_by_streams(set(wanted) - found.keys())
        return found

    async def _told_by_streams(self, customer_ids: set[UUID]) -> dict[UUID, Whose]:
        states: dict[UUID, Customer] = {}
        missing = customer_ids
        while missing:
            states |= await self._service.streams.load_many(CUSTOMER, missing)
            missing = {it.merged_into for it in states.values() if it.merged_into is not None} - states.keys()
        found = {}
        for id in customer_ids:
            last, state = id, states.get(id)
            while state is not None and state.merged_into is not None:
                last, state = state.merged_into, states[state.merged_into]
            if state is not None:
                found[id] = Whose(last, state.owner, state.erasure is not None)
        return found

    async def person(self, login: str) -> Person | None:
        user = (await self._service.streams.load(USER, user_id(login))).state
        return None if user is None else _person(user)

    async def persons(self, logins: Iterable[str]) -> dict[str, Person]:
        """By login, those who are enrolled."""
        ids = dict.fromkeys(user_id(login) for login in logins)
        states = await self._service.streams.load_many(USER, ids)
        return {user.login: _person(user) for user in states.values()}

    async def people(self, role: str | None = None) -> list[Person]:
        """Kept until somebody's row is another: a manager's every question asks who is in the team."""
        as_of = await people_as_of(self._service.pool)
        if as_of != self._as_of:
            self._people = await self._read()
            self._as_of = as_of
        return [person for person in self._people if role is None or role in person.roles]

    async def _read(self) -> list[Person]:
        return [
            Person(
                login=row.login,
                name=row.name,
                roles=row.roles,
                team=row.team,
                manager=row.manager,
                language=row.language,
                active=row.active,
            )
            for row in await people(self._service.pool)
        ]


def _entry(customer_id: UUID, state: Customer, owner: str) -> CustomerEntry:
    return CustomerEntry(
        customer_id=customer_id,
        kind=state.kind,
        name=state.name,
        owner=owner,
        importance=state.details.importance,
        external=tuple((one.system, one.id) for one in state.details.external),
        erased=state.erasure is not None,
        merged_into=state.merged_into,
    )


def _person(user: User) -> Person:
    return Person(
        login=user.login,
        name=user.profile.name,
        roles=user.profile.roles,
        team=user.profile.team,
        manager=user.profile.manager,
        language=user.profile.language,
        active=user.active,
    )
