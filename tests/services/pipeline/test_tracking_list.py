"""The tracking list: its bands, their room, and who is weakest when there is none."""

from datetime import UTC, date, datetime
from uuid import UUID

import pytest

from keqing_pipeline.opportunity.stage import Stage
from keqing_pipeline.policy import PipelinePolicy
from keqing_pipeline.tracking import refusals as no
from keqing_pipeline.tracking.band import Band, band_of
from keqing_pipeline.tracking.policy import BandCapacities, PoolRules
from keqing_pipeline.tracking.tracking_list import (
    TRACKING_LIST,
    BandOverfilled,
    LeavePlace,
    ListFact,
    MovePlace,
    PlaceLeft,
    PlaceMoved,
    PlaceTaken,
    TakePlace,
)
from keqing_shared.testing import Given, given

SMALL = PipelinePolicy(
    band_capacities=BandCapacities(nurture=2, develop=2, close=1), open_pool=PoolRules(claims_a_day=2)
)
NOW = datetime(2026, 3, 5, 2, tzinfo=UTC)
TODAY = date(2026, 3, 5)


def whom(number: int) -> UUID:
    return UUID(int=number)


def taken(number: int, stage: Stage = Stage.UNAWARE, day: int = 2, claimed: bool = False) -> PlaceTaken:
    return PlaceTaken(
        owner="li.wei", customer_id=whom(number), stage=stage, on=date(2026, 3, day), claimed=claimed
    )


def take(number: int, stage: Stage = Stage.UNAWARE, **more: bool) -> TakePlace:
    return TakePlace(owner="li.wei", customer_id=whom(number), stage=stage, at=NOW, **more)


def move(number: int, stage: Stage) -> MovePlace:
    return MovePlace(customer_id=whom(number), stage=stage, at=NOW)


def moved(number: int, before: Stage, after: Stage, day: int = 5) -> PlaceMoved:
    return PlaceMoved(customer_id=whom(number), before=before, after=after, on=date(2026, 3, day))


def having(*facts: ListFact, policy: PipelinePolicy = SMALL) -> Given:
    return given(TRACKING_LIST, *facts, policy=policy)


def test_the_bands_and_their_room_are_as_the_table_says() -> None:
    assert [band_of(stage) for stage in Stage] == [
        None,
        Band.NURTURE,
        Band.DEVELOP,
        Band.DEVELOP,
        Band.CLOSE,
        Band.CLOSE,
    ]
    room = PipelinePolicy().band_capacities
    assert [room.of(band) for band in Band] == [20, 40, 10]


def test_a_customer_takes_a_place_in_the_band_of_its_stage() -> None:
    having().when(take(1, Stage.ASKING)).then(taken(1, Stage.ASKING, day=5))


def test_who_is_on_the_list_takes_no_second_place() -> None:
    having(taken(1)).when(take(1, Stage.ASKING)).then()


def test_a_full_band_refuses_and_names_the_weakest() -> None:
    # Number 2 came to stage 1 on the 4th, number 1 to stage 2: the lower stage is the weaker.
    history = [taken(1, Stage.ASKING), taken(2), moved(2, Stage.UNAWARE, Stage.LISTENING, day=4)]
    refusal = (
        having(*history)
        .when(take(3, Stage.ASKING))
        .refused(no.BandFull, band=Band.DEVELOP, capacity=2, weakest=[str(whom(2)), str(whom(1))])
    )
    assert refusal.detail.startswith("develop has room for 2: remove one first, the weakest are 00000000")


def test_of_the_same_stage_the_one_that_has_stood_there_longest_is_the_weakest() -> None:
    history = (taken(1, day=4), taken(2, day=3))
    having(*history).when(take(3)).refused(no.BandFull, weakest=[str(whom(2)), str(whom(1))])


def test_another_band_has_its_own_room() -> None:
    having(taken(1), taken(2)).when(take(3, Stage.LISTENING)).then(taken(3, Stage.LISTENING, day=5))


def test_a_manager_may_override_the_capacity_and_a_rep_may_not() -> None:
    full = having(taken(1), taken(2))
    full.when(take(3, override_capacity=True)).refused(no.CapacityOverrideNotAllowed)
    [fact] = full.when(take(3, override_capacity=True, may_override=True)).outcome()
    assert fact.capacity_overridden is True
    [fact] = having(taken(1)).when(take(3, override_capacity=True, may_override=True)).outcome()
    assert fact.capacity_overridden is False, "there was room"


def test_a_change_of_stage_that_overfills_a_band_is_not_refused_but_said() -> None:
    history = (taken(1, Stage.CONSIDERING), taken(2, Stage.ASKING))
    having(*history).when(move(2, Stage.CONSIDERING)).then(
        moved(2, Stage.ASKING, Stage.CONSIDERING),
        BandOverfilled(owner="li.wei", customer_id=whom(2), band=Band.CLOSE, count=2, capacity=1),
    )


def test_a_move_within_a_band_overfills_nothing() -> None:
    overfull = (taken(1, Stage.CONSIDERING), taken(2, Stage.CONSIDERING))
    having(*overfull).when(move(2, Stage.SURE)).then(moved(2, Stage.CONSIDERING, Stage.SURE))


def test_receding_may_overfill_as_well() -> None:
    history = (taken(1), taken(2), taken(3, Stage.LISTENING))
    having(*history).when(move(3, Stage.UNAWARE)).then(
        moved(3, Stage.LISTENING, Stage.UNAWARE),
        BandOverfilled(owner="li.wei", customer_id=whom(3), band=Band.NURTURE, count=3, capacity=2),
    )


def test_who_refuses_contact_takes_up_no_room() -> None:
    history = (taken(1), taken(2), moved(2, Stage.UNAWARE, Stage.REFUSED))
    having(*history).when(take(3)).then(taken(3, day=5))
    having(*history, taken(3)).when(move(2, Stage.REFUSED)).then()


def test_who_came_by_a_change_of_owner_is_never_refused() -> None:
    having(taken(1), taken(2)).when(take(3, never_refused=True)).then(
        taken(3, day=5),
        BandOverfilled(owner="li.wei", customer_id=whom(3), band=Band.NURTURE, count=3, capacity=2),
    )


def test_a_place_left_is_room_again() -> None:
    left = PlaceLeft(customer_id=whom(1), on=TODAY)
    having(taken(1), taken(2)).when(LeavePlace(customer_id=whom(1), at=NOW)).then(left)
    having(taken(1), taken(2), left).when(take(3)).then(taken(3, day=5))


def test_who_is_not_on_the_list_neither_moves_nor_leaves() -> None:
    having(taken(1)).when(move(2, Stage.SURE)).then()
    having().when(LeavePlace(customer_id=whom(1), at=NOW)).then()


def test_so_many_are_claimed_in_a_day_and_no_more() -> None:
    claims = [taken(number, Stage.LISTENING, day=5, claimed=True) for number in (1, 2)]
    having(*claims).when(take(3, claimed=True)).refused(no.ClaimsUsedUp, claims_a_day=2)
    having(*claims).when(take(3)).then(taken(3, day=5))  # not out of the pool
    yesterday = [taken(number, Stage.LISTENING, day=4, claimed=True) for number in (1, 2)]
    having(*yesterday).when(take(3, claimed=True)).then(taken(3, day=5, claimed=True))


def test_five_a_day_is_the_default() -> None:
    claims = [taken(number, day=5, claimed=True) for number in range(1, 6)]
    having(*claims[:4], policy=PipelinePolicy()).when(take(9, claimed=True)).outcome()
    having(*claims, policy=PipelinePolicy()).when(take(9, claimed=True)).refused(no.ClaimsUsedUp)


@pytest.mark.parametrize("fact", [taken(1), moved(1, Stage.UNAWARE, Stage.ASKING)])
def test_each_fact_of_a_list_belongs_to_the_customer_it_is_about(fact: ListFact) -> None:
    state = TRACKING_LIST.evolve(TRACKING_LIST.evolve(None, taken(2)), fact)
    assert state is not None
    assert TRACKING_LIST.customer_of(whom(0), state) == whom(1)
