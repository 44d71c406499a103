"""Whose things somebody sees: a rep their own, a sales manager the team's, other staff everybody's."""

from collections.abc import Collection, Iterable
from typing import Protocol

SEES_OWN = frozenset({"rep"})
SEES_TEAM = frozenset({"sales_manager"})


class Colleague(Protocol):
    """What of a person decides it."""

    @property
    def login(self) -> str: ...
    @property
    def team(self) -> str | None: ...
    @property
    def manager(self) -> str | None: ...


def sees_all(roles: Collection[str]) -> bool:
    """Whether a role is among them that is not bound to customers of one's own."""
    return bool(set(roles) - SEES_OWN - SEES_TEAM)


def team_of(login: str, people: Iterable[Colleague]) -> frozenset[str]:
    """The sales manager, those of the same team, and whoever answers to one of them."""
    everybody = list(people)
    team = next((person.team for person in everybody if person.login == login), None)
    seen = {person.login for person in everybody if team is not None and person.team == team} | {login}
    while more := {person.login for person in everybody if person.manager in seen} - seen:
        seen |= more  # who answers to one of them, directly or through others
    return frozenset(seen)
