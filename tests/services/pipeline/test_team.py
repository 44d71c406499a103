"""The account team: a newcomer owes a note of first impressions within seven days."""

from datetime import date
from uuid import UUID

from keqing_pipeline.contact.team import (
    ACCOUNT_TEAM,
    FirstImpressionsNoted,
    FirstImpressionsOverdue,
    ImpressionsNoted,
    JoinTeam,
    LeaveTeam,
    NoteFirstImpressions,
    NoteImpressionsOverdue,
    NotOnTeam,
    TeamFact,
    TeamJoined,
    TeamLeft,
)
from keqing_pipeline.policy import PipelinePolicy
from keqing_shared.testing import Given, given

CUSTOMER_ID = UUID(int=1)
TODAY = date(2026, 3, 2)
FOUNDED = TeamJoined(customer_id=CUSTOMER_ID, login="li.wei", on=TODAY)
JOINED = TeamJoined(customer_id=CUSTOMER_ID, login="zhao.min", on=TODAY, impressions_due_on=date(2026, 3, 9))
NOTED = FirstImpressionsNoted(login="zhao.min", on=TODAY, note="采购总监说了算")
LATE = NoteImpressionsOverdue(today=date(2026, 3, 10))


def having(*facts: TeamFact, days: int = 7) -> Given:
    return given(ACCOUNT_TEAM, *facts, policy=PipelinePolicy(first_impressions_within_days=days))


def joining(login: str, *, newcomer: bool = True) -> JoinTeam:
    return JoinTeam(customer_id=CUSTOMER_ID, login=login, today=TODAY, newcomer=newcomer)


def test_a_newcomer_owes_first_impressions_within_seven_days() -> None:
    having(FOUNDED).when(joining("zhao.min")).then(JOINED)
    having(FOUNDED, days=3).when(joining("zhao.min")).then(
        TeamJoined(customer_id=CUSTOMER_ID, login="zhao.min", on=TODAY, impressions_due_on=date(2026, 3, 5))
    )


def test_whoever_was_there_from_the_beginning_owes_none() -> None:
    having().when(joining("li.wei", newcomer=False)).then(FOUNDED)
    having(FOUNDED).when(NoteImpressionsOverdue(today=date(2027, 1, 1))).then()


def test_nobody_joins_twice_but_whoever_comes_back_is_a_newcomer_again() -> None:
    having(FOUNDED, JOINED).when(joining("zhao.min")).then()
    left = TeamLeft(login="zhao.min", on=TODAY)
    having(FOUNDED, JOINED, NOTED).when(LeaveTeam(login="zhao.min", today=TODAY)).then(left)
    having(FOUNDED).when(LeaveTeam(login="zhao.min", today=TODAY)).then()
    having(FOUNDED, JOINED, NOTED, left).when(joining("zhao.min")).then(JOINED)


def test_first_impressions_are_noted_once_late_ones_too() -> None:
    noting = NoteFirstImpressions(login="zhao.min", note="采购总监说了算", today=TODAY)
    having(FOUNDED, JOINED).when(noting).then(NOTED)
    overdue = FirstImpressionsOverdue(login="zhao.min", due_on=date(2026, 3, 9))
    having(FOUNDED, JOINED, overdue).when(noting).then(NOTED)
    having(FOUNDED, JOINED, NOTED).when(noting).refused(ImpressionsNoted)


def test_only_who_is_on_the_team_has_first_impressions() -> None:
    noting = NoteFirstImpressions(login="chen.bo", note="x", today=TODAY)
    having(FOUNDED).when(noting).refused(NotOnTeam, login="chen.bo")
    having().when(noting).refused(NotOnTeam)


def test_a_note_that_has_not_come_in_time_is_missed_once() -> None:
    overdue = FirstImpressionsOverdue(login="zhao.min", due_on=date(2026, 3, 9))
    having(FOUNDED, JOINED).when(NoteImpressionsOverdue(today=date(2026, 3, 9))).then()
    having(FOUNDED, JOINED).when(LATE).then(overdue)
    having(FOUNDED, JOINED, overdue).when(LATE).then()
    having(FOUNDED, JOINED, NOTED).when(LATE).then()
    having().when(LATE).then()
