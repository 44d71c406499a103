"""Ownership: whose things a user sees."""

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

import pytest

from keqing_shared.directory import CustomerEntry, Person
from keqing_shared.http import CustomerUnknown, OwnerHidden, allow
from keqing_shared.http.access import Sight
from keqing_shared.http.user import User


def person(login: str, team: str | None = None, manager: str | None = None) -> Person:
    return Person(login=login, name=login, roles=(), team=team, manager=manager, language="zh", active=True)


@dataclass
class Directory:
    persons: tuple[Person, ...]
    customers: dict[UUID, str | None] = field(default_factory=dict)

    async def customer(self, customer_id: UUID) -> CustomerEntry | None:
        if customer_id not in self.customers:
            return None
        owner = self.customers[customer_id]
        return CustomerEntry(
            customer_id=customer_id, kind="enterprise", name="A", owner=owner, importance=None
        )

    async def person(self, login: str) -> Person | None:
        return next((one for one in self.persons if one.login == login), None)

    async def people(self, role: str | None = None) -> list[Person]:
        return list(self.persons)


STAFF = Directory(
    (
        person("boss"),
        person("east.head", "east", "boss"),
        person("li", "east", "east.head"),
        person("wang", "east"),
        person("west.head", "west", "boss"),
        person("zhao", "west", "west.head"),
        person("loose", None, "li"),
    )
)


def sight(login: str, *roles: str, directory: Any = STAFF) -> Sight:
    return Sight(User(login, frozenset(roles)), directory)


@pytest.mark.parametrize(
    ("login", "roles", "seen"),
    [
        ("li", ["rep"], {"li"}),
        ("li", [], {"li"}),
        ("east.head", ["sales_manager"], {"east.head", "li", "wang", "loose"}),
        ("boss", ["sales_manager"], {"boss", "east.head", "west.head", "li", "zhao", "loose"}),
        ("nobody.knows", ["sales_manager"], {"nobody.knows"}),
        ("li", ["rep", "sales_manager"], {"li", "east.head", "wang", "loose"}),
    ],
)
async def test_reps_see_their_own_and_managers_their_teams(
    login: str, roles: list[str], seen: set[str]
) -> None:
    assert await sight(login, *roles).owners() == frozenset(seen)


@pytest.mark.parametrize(
    "role", ["agent", "supervisor", "collector", "credit_controller", "auditor", "admin"]
)
async def test_other_staff_sees_everybodys(role: str) -> None:
    assert await sight("li", role).owners() is None
    assert await sight("li", "rep", role).owners() is None


async def test_a_circle_of_managers_is_no_trap() -> None:
    circle = Directory((person("a", manager="b"), person("b", manager="a")))
    assert await sight("a", "sales_manager", directory=circle).owners() == frozenset({"a", "b"})


async def test_an_unseen_customer_is_an_unknown_one() -> None:
    hers, nobodys = uuid4(), uuid4()
    directory = Directory(STAFF.persons, {hers: "zhao", nobodys: None})
    assert (await sight("zhao", "rep", directory=directory).customer(hers)).owner == "zhao"
    for customer in (hers, nobodys, uuid4()):
        with pytest.raises(CustomerUnknown):
            await sight("li", "rep", directory=directory).customer(customer)
    assert (await sight("li", "auditor", directory=directory).customer(nobodys)).owner is None


async def test_what_an_unseen_person_owns_is_not_there() -> None:
    await sight("li", "rep").owner("li")
    await sight("sun", "agent").owner("zhao")
    for owner in ("zhao", None):
        with pytest.raises(OwnerHidden):
            await sight("li", "rep").owner(owner)


def test_a_rule_names_roles_that_exist() -> None:
    for roles in ((), ("reb",), ("rep", "boss")):
        with pytest.raises(ValueError, match="allow"):
            allow(*roles)
