"""The account team: who of ours works with a customer's people, and what a newcomer thinks of them at first.

A newcomer still sees what the others no longer notice, and so owes a note of first impressions.
"""

from datetime import date, timedelta
from typing import get_args
from uuid import NAMESPACE_URL, UUID, uuid5

from msgspec import Struct
from msgspec.structs import replace

from keqing_pipeline.customer.commands import FollowCustomer
from keqing_pipeline.policy import PipelinePolicy
from keqing_shared.domain import Aggregate, Command, Fact, InvalidInput, MergedAway, Personal, RuleBroken


class TeamJoined(Fact, topic="pipeline.team-joined.v1"):
    customer_id: UUID
    login: str
    on: date
    impressions_due_on: date | None = None
    """None: owes none, having been there from the beginning."""


class TeamLeft(Fact, topic="pipeline.team-left.v1"):
    login: str
    on: date


class FirstImpressionsNoted(Fact, topic="pipeline.first-impressions-noted.v1"):
    login: str
    on: date
    note: Personal[str]


class FirstImpressionsOverdue(Fact, topic="pipeline.first-impressions-overdue.v1"):
    login: str
    due_on: date


class TeamFollowed(Fact, topic="pipeline.team-followed.v1"):
    """The customer's file was merged into another, or came out of it: whose people the team works with."""

    customer_id: UUID
    previous: UUID


TeamFact = TeamJoined | TeamLeft | FirstImpressionsNoted | FirstImpressionsOverdue | TeamFollowed


class JoinTeam(Command):
    customer_id: UUID
    login: str
    today: date
    newcomer: bool = True
    """Whether others have worked with the customer before."""


class LeaveTeam(Command):
    login: str
    today: date


class NoteFirstImpressions(Command):
    login: str
    note: str
    today: date


class NoteImpressionsOverdue(Command):
    """The clockwork's: somebody's note may not have come in time."""

    today: date


TeamCommand = JoinTeam | LeaveTeam | NoteFirstImpressions | NoteImpressionsOverdue | FollowCustomer


class NotOnTeam(InvalidInput):
    """Only who is on the account team has first impressions of it."""


class ImpressionsNoted(RuleBroken):
    """The first impressions are noted already."""


class Member(Struct, frozen=True, kw_only=True):
    login: str
    due_on: date | None
    noted: bool = False
    overdue: bool = False


class AccountTeam(Struct, frozen=True, kw_only=True):
    customer_id: UUID
    """The file whose team it began as."""
    members: tuple[Member, ...] = ()
    followed: UUID | None = None

    @property
    def whose(self) -> UUID:
        """Whose people it works with: its file is part of that one now."""
        return self.followed or self.customer_id

    def member(self, login: str) -> Member | None:
        return next((one for one in self.members if one.login == login), None)


def team_id(customer_id: UUID) -> UUID:
    """One customer, one team."""
    return uuid5(NAMESPACE_URL, f"keqing:account-team:{customer_id}")


def decide(command: TeamCommand, team: AccountTeam | None, policy: PipelinePolicy) -> list[TeamFact]:
    match command:
        case FollowCustomer(customer_id=customer_id):
            if team is None or customer_id == team.whose:
                return []
            return [TeamFollowed(customer_id=customer_id, previous=team.whose)]
        case JoinTeam(login=login, today=today):
            if team is not None and team.whose != command.customer_id:
                raise MergedAway("it is part of {survivor} now", survivor=str(team.whose))
            if team is not None and team.member(login) is not None:
                return []
            due = today + timedelta(days=policy.first_impressions_within_days)
            return [
                TeamJoined(
                    customer_id=command.customer_id,
                    login=login,
                    on=today,
                    impressions_due_on=due if command.newcomer else None,
                )
            ]
        case LeaveTeam(login=login, today=today):
            return [TeamLeft(login=login, on=today)] if team is not None and team.member(login) else []
        case NoteFirstImpressions(login=login, note=note, today=today):
            member = None if team is None else team.member(login)
            if member is None:
                raise NotOnTeam("have {login} join it first", login=login)
            if member.noted:
                raise ImpressionsNoted("what is seen later is an observation of a contact")
            return [FirstImpressionsNoted(login=login, on=today, note=note)]
        case NoteImpressionsOverdue(today=today):
            return [
                FirstImpressionsOverdue(login=one.login, due_on=one.due_on)
                for one in (team.members if team else ())
                if one.due_on is not None and one.due_on < today and not (one.noted or one.overdue)
            ]


def evolve(team: AccountTeam | None, fact: TeamFact) -> AccountTeam | None:
    match fact:
        case TeamJoined():
            known = team or AccountTeam(customer_id=fact.customer_id)
            joined = Member(login=fact.login, due_on=fact.impressions_due_on)
            return replace(known, members=(*known.members, joined))
        case TeamLeft(login=login):
            return team and replace(team, members=tuple(one for one in team.members if one.login != login))
        case FirstImpressionsNoted(login=login):
            return team and _changed(team, login, noted=True)
        case FirstImpressionsOverdue(login=login):
            return team and _changed(team, login, overdue=True)
        case TeamFollowed(customer_id=customer_id):
            return team and replace(team, followed=customer_id)


def _changed(team: AccountTeam, login: str, **members: bool) -> AccountTeam:
    changed = (replace(one, **members) if one.login == login else one for one in team.members)
    return replace(team, members=tuple(changed))


def _of_its_customer(team_id: UUID, team: AccountTeam) -> UUID:
    return team.customer_id


ACCOUNT_TEAM: Aggregate[AccountTeam] = Aggregate(
    name="account-team",
    facts=get_args(TeamFact),
    decide=decide,
    evolve=evolve,
    customer_of=_of_its_customer,
    state=AccountTeam,
)
