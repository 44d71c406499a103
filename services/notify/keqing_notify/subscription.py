"""Subscriptions: which events become which news for whom. Pure data and pure answers."""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Annotated, Any, Literal, Protocol

from pydantic import Field

from keqing_shared.domain import Count, Line, ValueRefused, together, value
from keqing_shared.domain.shape import shape
from keqing_shared.domain.worded import Words
from keqing_shared.sight import SEES_TEAM, sees_all, team_of

Source = Literal["pipeline", "service-desk", "collections"]
Member = Annotated[
    str,
    Field(
        pattern=shape(r"^[a-z][a-z0-9_]{0,79}$", Words("small letters, digits and _ only, a letter first"))
    ),
]
"""A name as the members of an event, the roles and the kinds have them."""


class Colleague(Protocol):
    """What a subscription needs to know of a person; the directory's entry has it."""

    @property
    def login(self) -> str: ...
    @property
    def roles(self) -> Sequence[str]: ...
    @property
    def team(self) -> str | None: ...
    @property
    def manager(self) -> str | None: ...
    @property
    def active(self) -> bool: ...


@value
class Condition:
    """Holds when the event's member is one of these, or a number at least this."""

    member: Member
    one_of: Annotated[tuple[Line, ...], Field(max_length=50)] = ()
    at_least: Count | None = None

    def holds(self, data: Mapping[str, Any]) -> bool:
        """False for a member that is missing or of another kind: an unclear event passes no filter."""
        found = data.get(self.member)
        if self.one_of and str(found) not in self.one_of:
            return False
        if self.at_least is None:
            return found is not None
        try:
            return Decimal(str(found)) >= self.at_least
        except InvalidOperation:
            return False


Conditions = Annotated[tuple[Condition, ...], Field(max_length=20)]


@value
class Audience:
    """Who is told: the customer's owner, the owner's manager, everybody of a role who may see what the
    owner has, or the person whose login a member of the event holds. With conditions, only when all of
    them hold.
    """

    who: Literal["owner", "owners_manager", "role", "person"]
    role: Member | None = None
    member: Member | None = None
    when: Conditions = ()

    @together
    def _named(self) -> None:
        if self.who == "role" and self.role is None:
            raise ValueRefused("say which role")
        if self.who == "person" and self.member is None:
            raise ValueRefused("say which member of the event names the person")

    def applies(self, data: Mapping[str, Any]) -> bool:
        return all(condition.holds(data) for condition in self.when)

    def logins(
        self, data: Mapping[str, Any], owner: str | None, people: Mapping[str, Colleague]
    ) -> Iterable[str]:
        match self.who:
            case "owner":
                return [owner] if owner else []
            case "owners_manager":
                manager = people[owner].manager if owner and owner in people else None
                return [manager] if manager else []
            case "role":
                return [
                    login
                    for login, person in people.items()
                    if self.role in person.roles and _sees(person, owner, people)
                ]
            case "person":
                login = data.get(self.member or "")
                return [login] if isinstance(login, str) and login else []


def _sees(person: Colleague, owner: str | None, people: Mapping[str, Colleague]) -> bool:
    """Whether the person may look at a customer of this owner."""
    if sees_all(person.roles):
        return True
    seen = team_of(person.login, people.values()) if SEES_TEAM & set(person.roles) else {person.login}
    return owner in seen


@value
class Subscription:
    source: Source
    event: Annotated[
        str, Field(pattern=shape(r"^[A-Z][A-Za-z0-9]{0,79}$", Words("the name of a fact, as in CallLogged")))
    ]
    kind: Member
    """The kind of news it makes; a kind has its wording in every language."""
    to: Annotated[tuple[Audience, ...], Field(max_length=20)]
    when: Conditions = ()
    critical: bool = False
    critical_when: Conditions = ()
    """Conditions that make it critical though it usually is not."""
    collapse: Annotated[tuple[Member, ...], Field(max_length=10)] = ()
    """Members that make the collapse key; none: every one shows on its own."""

    def matches(self, source: str, event: str, data: Mapping[str, Any]) -> bool:
        return (
            (self.source, self.event) == (source, event)
            and all(condition.holds(data) for condition in self.when)
        )  # fmt: skip

    def recipients(
        self, data: Mapping[str, Any], owner: str | None, people: Mapping[str, Colleague]
    ) -> tuple[str, ...]:
        """Logins, each once, in a stable order; the deactivated are left out, the unknown are not:
        a login may be named before the directory has heard of it.
        """
        named = {
            login
            for audience in self.to
            if audience.applies(data)
            for login in audience.logins(data, owner, people)
        }
        return tuple(sorted(login for login in named if login not in people or people[login].active))

    def is_critical(self, data: Mapping[str, Any]) -> bool:
        return self.critical or (
            bool(self.critical_when) and all(condition.holds(data) for condition in self.critical_when)
        )

    def collapse_key(self, data: Mapping[str, Any]) -> str | None:
        if not self.collapse or any(data.get(member) is None for member in self.collapse):
            return None
        return ":".join((self.kind, *(str(data[member]) for member in self.collapse)))
