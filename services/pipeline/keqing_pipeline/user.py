"""People: who works here, in which roles and under whom."""

from enum import StrEnum
from functools import lru_cache
from typing import Annotated
from uuid import NAMESPACE_URL, UUID, uuid5

import msgspec
from pydantic import Field

from keqing_pipeline.policy import PipelinePolicy
from keqing_shared.domain import (
    Aggregate,
    Command,
    Fact,
    InvalidInput,
    Line,
    Login,
    NotFound,
    RuleBroken,
    value,
)


class Role(StrEnum):
    REP = "rep"
    SALES_MANAGER = "sales_manager"
    AGENT = "agent"
    SUPERVISOR = "supervisor"
    COLLECTOR = "collector"
    CREDIT_CONTROLLER = "credit_controller"
    AUDITOR = "auditor"
    ADMIN = "admin"


class Language(StrEnum):
    ZH = "zh"
    EN = "en"


@value
class Profile:
    """What the directory says of somebody."""

    name: Line
    roles: Annotated[tuple[Role, ...], Field(min_length=1, max_length=8)]
    team: Line | None = None
    manager: Login | None = None
    language: Language = Language.ZH


@lru_cache(maxsize=4_096)
def user_id(login: str) -> UUID:
    """One login, one stream."""
    return uuid5(NAMESPACE_URL, f"keqing:user:{login}")


class UserEnrolled(Fact, topic="pipeline.user-enrolled.v1"):
    login: str
    profile: Profile


class UserAmended(Fact, topic="pipeline.user-amended.v1"):
    login: str
    profile: Profile


class UserDeactivated(Fact, topic="pipeline.user-deactivated.v1"):
    """Gone: no longer chosen as owner or told of anything. Amending enrols again."""

    login: str
    profile: Profile


UserFact = UserEnrolled | UserAmended | UserDeactivated


class EnrolUser(Command):
    login: str
    profile: Profile
    superiors: tuple[str, ...] = ()
    """The proposed manager, the manager's manager, and so on; empty when the manager is not enrolled."""


class AmendUser(Command):
    profile: Profile
    superiors: tuple[str, ...] = ()


class DeactivateUser(Command):
    pass


class ImportUser(Command):
    """Enrols, or amends when the row differs."""

    login: str
    profile: Profile
    superiors: tuple[str, ...] = ()


UserCommand = EnrolUser | AmendUser | DeactivateUser | ImportUser


class UserUnknown(NotFound):
    """Nobody is enrolled under this login."""


class LoginTaken(RuleBroken):
    """Somebody is enrolled under this login already."""


class ManagerUnknown(InvalidInput):
    """The manager is not enrolled."""


class ManagerCycle(InvalidInput):
    """Nobody is their own superior."""


class User(msgspec.Struct, frozen=True, kw_only=True):
    login: str
    profile: Profile
    active: bool = True


def decide(command: UserCommand, user: User | None, policy: PipelinePolicy) -> list[UserFact]:
    match command:
        case EnrolUser() | ImportUser() if user is None:
            _check_manager(command.login, command.profile, command.superiors)
            return [UserEnrolled(login=command.login, profile=command.profile)]
        case EnrolUser():
            raise LoginTaken
    if user is None:
        raise UserUnknown
    match command:
        case AmendUser(profile=profile) | ImportUser(profile=profile):
            _check_manager(user.login, profile, command.superiors)
            if profile == user.profile and user.active:
                return []
            return [UserAmended(login=user.login, profile=profile)]
        case DeactivateUser():
            return [UserDeactivated(login=user.login, profile=user.profile)] if user.active else []


def _check_manager(login: str, profile: Profile, superiors: tuple[str, ...]) -> None:
    if profile.manager is None:
        return
    if login == profile.manager or login in superiors:
        chain = " → ".join((login, *superiors)) if superiors else login
        raise ManagerCycle(
            "{manager} reports to {login}: {chain}",
            field="manager",
            manager=profile.manager,
            login=login,
            chain=chain,
        )
    if not superiors:
        raise ManagerUnknown("enrol {manager} first", field="manager", manager=profile.manager)


def evolve(user: User | None, fact: UserFact) -> User | None:
    match fact:
        case UserEnrolled(login=login, profile=profile):
            return User(login=login, profile=profile)
        case UserAmended(profile=profile):
            return user and msgspec.structs.replace(user, profile=profile, active=True)
        case UserDeactivated():
            return user and msgspec.structs.replace(user, active=False)


def _nobodys(user_id: UUID, user: User) -> None:
    return None


USER: Aggregate[User] = Aggregate(
    name="user",
    facts=(UserEnrolled, UserAmended, UserDeactivated),
    decide=decide,
    evolve=evolve,
    customer_of=_nobodys,
    state=User,
)
