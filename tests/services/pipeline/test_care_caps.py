"""Whatever people ask, approve, carry out and cancel in whatever order: the bounds of care hold."""

from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from keqing_pipeline.care.commands import ApproveCare, CancelCare, CareCommand, FinishCare, RejectCare
from keqing_pipeline.care.facts import CareFact
from keqing_pipeline.care.rules import Care, evolve
from keqing_pipeline.care.values import CareKind, CareStatus
from keqing_pipeline.policy import PipelinePolicy
from tests.services.pipeline.care_stream import CALM, TODAY, WANG, ZHOU, decided, submitting, wish, yuan

POLICY = PipelinePolicy()
FIRST = date(2026, 12, 20)
"""Days on both sides of the new year."""

wishes = st.builds(
    lambda kind, person, day, amount: wish(
        kind, contact_id=person, on=FIRST + timedelta(days=day), budget=yuan(amount)
    ),
    st.sampled_from(CareKind),
    st.sampled_from([WANG, ZHOU]),
    st.integers(min_value=0, max_value=24),
    st.sampled_from([100, 400, 500, 501, 900, 1500]),
)


@st.composite
def steps_after(draw: st.DrawFn, id: UUID) -> list[CareCommand]:
    """What people try with one request, in whatever order."""
    by = draw(st.sampled_from(["li.wei", "zhou.hong", "zhou.hong"]))
    cost = draw(st.sampled_from([0, 100, 500, 1000]))
    approve = ApproveCare(request_id=id, surroundings=CALM, today=TODAY, by=by)
    finish = FinishCare(request_id=id, outcome="好", cost=yuan(cost), today=date(2027, 2, 1), by="li.wei")
    reject = RejectCare(request_id=id, reason="不必", by="zhou.hong")
    cancel = CancelCare(request_id=id, reason="改期", by="li.wei")
    # The usual ways more often than chance would have it, so that something comes to its end at all.
    usual: list[list[CareCommand]] = [[approve, finish], [approve], [reject], [cancel], []]
    every: list[CareCommand] = [approve, finish, reject, cancel]
    return draw(st.one_of(st.sampled_from(usual), st.permutations(every)))


@st.composite
def attempts(draw: st.DrawFn) -> list[CareCommand]:
    """Up to a dozen requests, whose steps come between each other's."""
    lives: list[list[CareCommand]] = [
        [submitting(wanted, number), *draw(steps_after(UUID(int=number)))]
        for number, wanted in enumerate(draw(st.lists(wishes, min_size=1, max_size=12)))
    ]
    turns = draw(st.permutations([number for number, life in enumerate(lives) for _ in life]))
    return [lives[number].pop(0) for number in turns]


@settings(max_examples=150, deadline=None)
@given(attempts())
def test_the_bounds_of_care_hold_whatever_people_try(tried: list[CareCommand]) -> None:
    history: list[CareFact] = []
    care: Care | None = None
    for command in tried:
        for fact in decided(history, command, POLICY):
            history.append(fact)
            care = evolve(care, fact)
        check(care)


def check(care: Care | None) -> None:
    """No person beyond the yearly cap, no gift beyond its cap, no two meals within a week."""
    over = (CareStatus.REJECTED, CareStatus.CANCELLED)
    counting = [one for one in care.requests if one.status not in over] if care else []
    years: dict[tuple[UUID, int], Decimal] = defaultdict(Decimal)
    for one in counting:
        years[one.contact_id, one.on.year] += one.spent.amount
        assert one.kind is not CareKind.GIFT or one.spent <= POLICY.care.gift_cap
    assert all(spent <= POLICY.care.yearly_cap.amount for spent in years.values())
    meals = sorted(one.on for one in counting if one.kind is CareKind.MEAL)
    assert all((later - earlier).days >= 7 for earlier, later in pairwise(meals))
