"""Who pursues a customer: put on a list, given up to the pool, claimed out of it."""

from datetime import UTC, date, datetime
from uuid import UUID

import pytest

from keqing_pipeline.policy import PipelinePolicy
from keqing_pipeline.tracking import refusals as no
from keqing_pipeline.tracking.pursuit import PURSUIT
from keqing_pipeline.tracking.pursuit_commands import (
    ClaimFromPool,
    EndTracking,
    JoinOpportunity,
    PartOpportunity,
    PassOn,
    RemoveToPool,
    SuggestRemoval,
    TrackCustomer,
)
from keqing_pipeline.tracking.pursuit_facts import (
    ClaimedFromPool,
    CustomerTracked,
    OpportunityJoined,
    OpportunityParted,
    PursuitFact,
    RemovalSuggested,
    RemovedToPool,
    TakenOutOfPool,
    TrackingEnded,
    TrackingPassedOn,
)
from keqing_pipeline.tracking.removal import Effort, RemovalReason, RemovalSigns, suggested_by
from keqing_shared.testing import Given, given

WHOM, DEAL = UUID(int=1), UUID(int=2)


def at(day: int, month: int = 3) -> datetime:
    """Ten in the morning in Shanghai."""
    return datetime(2026, month, day, 2, tzinfo=UTC)


TRACKED = CustomerTracked(customer_id=WHOM, owner="li.wei", on=date(2026, 3, 2), opportunities=(DEAL,))
POOLED = RemovedToPool(owner="li.wei", reason=RemovalReason.STAGNANT, on=date(2026, 3, 2), keeper="zhou.hong")


IN_VAIN = Effort(contacts=5, contacts_since_rise=5)


def having(*facts: PursuitFact) -> Given:
    return given(PURSUIT, *facts, policy=PipelinePolicy())


def track(owner: str = "li.wei") -> TrackCustomer:
    return TrackCustomer(customer_id=WHOM, owner=owner, opportunities=(DEAL,), at=at(2))


def remove(reason: RemovalReason, note: str | None = None, effort: Effort | None = None) -> RemoveToPool:
    return RemoveToPool(reason=reason, keeper="zhou.hong", at=at(2), note=note, effort=effort or IN_VAIN)


def claim(by: str, day: int, month: int = 3, manages: bool = False) -> ClaimFromPool:
    return ClaimFromPool(by=by, at=at(day, month), manages=manages)


def claimed(by: str, on: date) -> ClaimedFromPool:
    return ClaimedFromPool(owner=by, previous="li.wei", on=on)


def test_a_customer_is_tracked_by_one() -> None:
    having().when(track()).then(TRACKED)
    having(TRACKED).when(track()).then()
    having(TRACKED).when(track("zhao.min")).refused(no.TrackedAlready, owner="li.wei")


def test_who_was_not_tracked_any_more_can_be_again() -> None:
    having(TRACKED, TrackingEnded(owner="li.wei", on=date(2026, 3, 2))).when(track()).then(TRACKED)


@pytest.mark.parametrize("reason", list(RemovalReason))
def test_a_removal_has_one_of_five_reasons(reason: RemovalReason) -> None:
    assert len(RemovalReason) == 5
    having(TRACKED).when(remove(reason, "多次联系")).then(
        RemovedToPool(owner="li.wei", reason=reason, on=date(2026, 3, 2), keeper="zhou.hong", note="多次联系")
    )


def test_another_reason_is_put_in_words() -> None:
    for note in (None, "  "):
        having(TRACKED).when(remove(RemovalReason.OTHER, note)).refused(no.RemovalUnexplained, field="note")


@pytest.mark.parametrize(
    ("reason", "effort"),
    [
        ("stagnant", Effort()),
        ("stagnant", Effort(contacts=9, contacts_since_rise=4)),
        ("stagnant", Effort(contacts=9, contacts_since_rise=9, objections_heard=True)),
        ("unreachable", Effort(contacts=4)),
        ("unreachable", Effort(contacts=9, decider_reached=True)),
    ],
)
def test_stagnant_and_unreachable_are_shown_by_five_contacts(reason: str, effort: Effort) -> None:
    having(TRACKED).when(remove(RemovalReason(reason), "试过了", effort)).refused(
        no.RemovalNotShown, field="reason", needed=5
    )


def test_only_who_is_tracked_is_given_up() -> None:
    for history in ((), (TRACKED, POOLED), (TRACKED, TrackingEnded(owner="li.wei", on=date(2026, 3, 2)))):
        having(*history).when(remove(RemovalReason.BLUNDER)).refused(no.NotTracked)


def test_in_the_pool_a_customer_is_on_nobodys_list() -> None:
    having(TRACKED, POOLED).when(track("zhou.hong")).refused(no.InOpenPool)


def test_a_rep_claims_it_after_seven_days() -> None:
    having(TRACKED, POOLED).when(claim("zhao.min", 8)).refused(no.CoolingOff, free_on="2026-03-09")
    having(TRACKED, POOLED).when(claim("zhao.min", 9)).then(claimed("zhao.min", date(2026, 3, 9)))


def test_a_manager_need_not_wait() -> None:
    having(TRACKED, POOLED).when(claim("wu.jun", 2, manages=True)).then(claimed("wu.jun", date(2026, 3, 2)))


@pytest.mark.parametrize("manages", [False, True])
def test_who_gave_it_up_waits_for_thirty_days(manages: bool) -> None:
    early = claim("li.wei", 31, manages=manages)
    having(TRACKED, POOLED).when(early).refused(no.PreviousOwnerWaits, free_on="2026-04-01")
    having(TRACKED, POOLED).when(claim("li.wei", 1, month=4, manages=manages)).then(
        claimed("li.wei", date(2026, 4, 1))
    )


def test_what_was_claimed_is_in_the_pool_no_longer() -> None:
    history = (TRACKED, POOLED, claimed("zhao.min", date(2026, 3, 9)))
    having(*history).when(claim("chen.bo", 9)).refused(no.ClaimedBySomebodyElse)
    having().when(claim("chen.bo", 9)).refused(no.PoolCardUnknown)


def test_given_up_again_the_days_count_anew() -> None:
    again = RemovedToPool(
        owner="zhao.min", reason=RemovalReason.OTHER, on=date(2026, 3, 20), keeper="zhou.hong"
    )
    history = (TRACKED, POOLED, claimed("zhao.min", date(2026, 3, 9)), again)
    having(*history).when(claim("li.wei", 26)).refused(no.CoolingOff, free_on="2026-03-27")
    having(*history).when(claim("zhao.min", 18, month=4)).refused(no.PreviousOwnerWaits, free_on="2026-04-19")


def test_a_change_of_hands_takes_it_from_list_to_list_or_out_of_the_pool() -> None:
    passed = PassOn(owner="zhao.min", at=at(3))
    having(TRACKED).when(passed).then(
        TrackingPassedOn(owner="zhao.min", previous="li.wei", on=date(2026, 3, 3))
    )
    having(TRACKED, POOLED).when(passed).then(TakenOutOfPool(owner="zhao.min", on=date(2026, 3, 3)))
    having(TRACKED, POOLED).when(PassOn(owner="zhou.hong", at=at(3))).then()
    having().when(passed).then()


def test_it_is_pursued_by_each_opportunity_once_and_until_none_is_left() -> None:
    other = UUID(int=3)
    having(TRACKED).when(JoinOpportunity(opportunity_id=DEAL)).then()
    having(TRACKED).when(JoinOpportunity(opportunity_id=other)).then(OpportunityJoined(opportunity_id=other))
    ended = TrackingEnded(owner="li.wei", on=date(2026, 3, 3))
    having(TRACKED).when(EndTracking(at=at(3))).then(ended)
    having(TRACKED, ended).when(EndTracking(at=at(3))).then()


@pytest.mark.parametrize(
    ("effort", "reasons"),
    [
        (Effort(contacts=9, contacts_since_rise=4, decider_reached=True), ()),
        (Effort(contacts=9, contacts_since_rise=5, decider_reached=True), ("stagnant",)),
        (Effort(contacts=9, contacts_since_rise=5, objections_heard=True, decider_reached=True), ()),
        (Effort(contacts=4, contacts_since_rise=0), ()),
        (Effort(contacts=5, contacts_since_rise=1), ("unreachable",)),
        (Effort(contacts=5, contacts_since_rise=5), ("stagnant", "unreachable")),
    ],
)
def test_five_contacts_in_vain_speak_for_a_removal(effort: Effort, reasons: tuple[str, ...]) -> None:
    assert suggested_by(effort, RemovalSigns()) == reasons


def test_a_removal_is_suggested_once_for_a_reason() -> None:
    stuck = Effort(contacts=5, contacts_since_rise=5, decider_reached=True)
    suggestion = RemovalSuggested(owner="li.wei", reason=RemovalReason.STAGNANT, contacts=5)
    having(TRACKED).when(SuggestRemoval(effort=stuck)).then(suggestion)
    having(TRACKED, suggestion).when(SuggestRemoval(effort=stuck)).then()
    unreached = Effort(contacts=6, contacts_since_rise=6)
    having(TRACKED, suggestion).when(SuggestRemoval(effort=unreached)).then(
        RemovalSuggested(owner="li.wei", reason=RemovalReason.UNREACHABLE, contacts=6)
    )
    having(TRACKED, suggestion, POOLED).when(SuggestRemoval(effort=stuck)).then()


def test_the_next_owner_starts_without_suggestions() -> None:
    suggestion = RemovalSuggested(owner="li.wei", reason=RemovalReason.STAGNANT, contacts=5)
    passed = TrackingPassedOn(owner="zhao.min", previous="li.wei", on=date(2026, 3, 3))
    stuck = Effort(contacts=5, contacts_since_rise=5, decider_reached=True)
    having(TRACKED, suggestion, passed).when(SuggestRemoval(effort=stuck)).then(
        RemovalSuggested(owner="zhao.min", reason=RemovalReason.STAGNANT, contacts=5)
    )


def test_an_opportunity_that_goes_back_to_its_customer_is_pursued_no_more() -> None:
    parting, parted = PartOpportunity(opportunity_id=DEAL), OpportunityParted(opportunity_id=DEAL)
    tried = having(TRACKED).when(parting)
    tried.then(parted)
    assert tried.state().opportunities == ()
    having(TRACKED, parted).when(parting).then()
    having().when(parting).then()
