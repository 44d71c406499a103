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
from keqing_pipeline.care.values import CareKind
from keqing_pipeline.policy import PipelinePolicy
from tests.services.pipeline.test_care import CALM, TODAY, WANG, ZHOU, decided, submitting, wish, yuan

POLICY = PipelinePolicy()
FIRST = date(2026, 12, 20)
"""Days on both sides of the new year."""

numbers = st.integers(min_value=0, max_value=7).map(lambda number: UUID(int=number))
commands: st.SearchStrategy[CareCommand] = st.one_of(
    st.builds(
        lambda number, kind, person, day, amount: submitting(
            wish(kind, contact_id=person, on=FIRST + timedelta(days=day), budget=yuan(amount)), number
        ),
        st.integers(min_value=0, max_value=7),
        st.sampled_from(CareKind),
        st.sampled_from([WANG, ZHOU]),
        st.integers(min_value=0, max_value=24),
        st.sampled_from([100, 400, 500, 501, 900, 1500]),
    ),
    st.builds(
        lambda id, by: ApproveCare(request_id=id, surroundings=CALM, today=TODAY, by=by),
        numbers,
        st.sampled_from(["li.wei", "zhou.hong"]),
    ),
    st.builds(lambda id: RejectCare(request_id=id, reason="不必", by="zhou.hong"), numbers),
    st.builds(lambda id: CancelCare(request_id=id, reason="改期", by="li.wei"), numbers),
    st.builds(
        lambda id, cost: FinishCare(
            request_id=id, outcome="好", cost=yuan(cost), today=date(2027, 2, 1), by="li.wei"
        ),
        numbers,
        st.sampled_from([0, 100, 500, 1000]),
    ),
)


@settings(max_examples=150, deadline=None)
@given(st.lists(commands, max_size=40))
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
    counting = [one for one in care.requests if one.status.counts] if care else []
    years: dict[tuple[UUID, int], Decimal] = defaultdict(Decimal)
    for one in counting:
        years[one.contact_id, one.on.year] += one.spent.amount
        assert one.kind is not CareKind.GIFT or one.spent <= POLICY.care.gift_cap
    assert all(spent <= POLICY.care.yearly_cap.amount for spent in years.values())
    meals = sorted(one.on for one in counting if one.kind is CareKind.MEAL)
    assert all((later - earlier).days >= 7 for earlier, later in pairwise(meals))
