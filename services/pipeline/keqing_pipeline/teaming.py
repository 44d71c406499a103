"""Account teams of a customer of several files: on one of them is on all of them."""

from datetime import date
from typing import Any
from uuid import UUID

from keqing_pipeline.contact.team import (
    ACCOUNT_TEAM,
    AccountTeam,
    JoinTeam,
    LeaveTeam,
    NoteFirstImpressions,
    team_id,
)
from keqing_pipeline.whole import files_of


async def joined(unit: Any, customer_id: UUID, login: str, today: date, *, newcomer: bool = True) -> None:
    """Nothing for who is on the team already."""
    if await _file_with(unit, customer_id, login) is None:
        joining = JoinTeam(customer_id=customer_id, login=login, today=today, newcomer=newcomer)
        await unit.execute(ACCOUNT_TEAM, team_id(customer_id), joining)


async def left(unit: Any, customer_id: UUID, login: str, today: date) -> None:
    """Of every file, so that nobody comes back by a parting."""
    for file in await files_of(unit, customer_id):
        await unit.execute(ACCOUNT_TEAM, team_id(file), LeaveTeam(login=login, today=today))


async def noted(unit: Any, customer_id: UUID, login: str, note: str, today: date) -> None:
    """Where they are owed. Raises NotOnTeam, ImpressionsNoted."""
    file = await _file_with(unit, customer_id, login) or customer_id
    command = NoteFirstImpressions(login=login, note=note, today=today)
    await unit.execute(ACCOUNT_TEAM, team_id(file), command)


async def has_team(unit: Any, customer_id: UUID) -> bool:
    """Whether anybody has ever worked with the customer's people."""
    return any([await _team(unit, file) is not None for file in await files_of(unit, customer_id)])


async def is_on_team(unit: Any, customer_id: UUID, login: str) -> bool:
    return await _file_with(unit, customer_id, login) is not None


async def _file_with(unit: Any, customer_id: UUID, login: str) -> UUID | None:
    """The file whose team has this person; of several the one where first impressions are still owed."""
    members = {}
    for file in await files_of(unit, customer_id):
        team = await _team(unit, file)
        if team is not None and (member := team.member(login)) is not None:
            members[file] = member
    return min(members, key=lambda file: members[file].noted or members[file].due_on is None, default=None)


async def _team(unit: Any, customer_id: UUID) -> AccountTeam | None:
    state: AccountTeam | None = (await unit.load(ACCOUNT_TEAM, team_id(customer_id))).state
    return state
