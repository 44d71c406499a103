"""Whatever reps and managers do at once, a customer is pursued by one, and no band is overfull unsaid."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import count, groupby, pairwise
from typing import Any
from uuid import UUID

import httpx
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from keqing_pipeline.app import CONTEXT
from keqing_pipeline.customer.rules import CUSTOMER
from keqing_pipeline.opportunity.rules import OPPORTUNITY
from keqing_pipeline.opportunity.stage import Outcome, Stage
from keqing_pipeline.policy import PipelinePolicy
from keqing_pipeline.tracking.band import band_of
from keqing_pipeline.tracking.policy import BandCapacities, PoolRules
from keqing_pipeline.tracking.pursuit import PURSUIT, Pursuit, Standing, pursuit_id
from keqing_pipeline.tracking.pursuit_facts import ClaimedFromPool, RemovedToPool
from keqing_pipeline.tracking.tracking_list import (
    TRACKING_LIST,
    BandOverfilled,
    PlaceTaken,
    TrackingList,
    tracking_list_id,
)
from keqing_pipeline.views.tracked import TRACKED
from tests.harness import serving

from .conftest import peopled
from .sales import Sales, at

ROOM = BandCapacities(nurture=2, develop=1, close=1)
POLICY = PipelinePolicy(
    band_capacities=ROOM,
    open_pool=PoolRules(cooling_days=1, previous_owner_waits_days=3, claims_a_day=2),
)
REPS = ("li.wei", "zhao.min", "chen.bo")
EVERYBODY = (*REPS, "zhou.hong", "wu.jun", "fang.lei")
CUSTOMERS = 4
AT_ONCE = 5
DAYS = count()
"""Examples follow one another on one calendar."""
STAGES = {"1": "converses", "2": "asks_basics", "3": "asks_price", "4": "agrees_but_away"}


@pytest.fixture(scope="module")
async def running(module_database: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Sales]:
    context = replace(CONTEXT, policy=POLICY)
    async with serving(context, module_database, tmp_path_factory.mktemp("home")) as it:
        yield await peopled(it)


@dataclass(frozen=True)
class Step:
    what: str
    who: int
    whom: int
    how: int


steps = st.builds(
    Step,
    what=st.sampled_from(
        (
            "track",
            "track",
            "give up",
            "claim",
            "claim",
            "claim",
            "rise",
            "recede",
            "lose",
            "reopen",
            "hand over",
        )
    ),
    who=st.integers(0, len(EVERYBODY) - 1),
    whom=st.integers(0, CUSTOMERS - 1),
    how=st.integers(0, 3),
)


class Play:
    """A few customers and what everybody tries with them."""

    def __init__(self, sales: Sales, customers: list[tuple[str, str]]) -> None:
        self._sales = sales
        self._customers = customers

    def client(self, login: str) -> httpx.AsyncClient:
        return self._sales.serving.client(login, "rep" if login in REPS else "sales_manager")

    async def take(self, step: Step) -> None:
        """Anybody claims; the rest the director does, who may everywhere, on behalf of whose it is. What may
        not be is refused; nothing fails."""
        client, (customer_id, id) = self.client("fang.lei"), self._customers[step.whom]
        deal, override = f"/opportunities/{id}", {"override_capacity": step.how == 0}
        match step.what:
            case "track":
                answer = await client.post("/tracking-list", json={"customer_id": customer_id, **override})
            case "give up":
                body = {"reason": "blunder"}
                answer = await client.post(f"/tracking-list/{customer_id}/removal", json=body)
            case "claim":
                claimer = self.client(EVERYBODY[step.who])
                answer = await claimer.post(f"/open-pool/{customer_id}/claim", json=override)
            case "rise":
                to = list(STAGES)[step.how]
                await client.post(f"{deal}/calls", json={"outcome": "brief", "signals": [STAGES[to]]})
                answer = await client.post(f"{deal}/stage", json={"to": to})
            case "recede":
                to = ("refused", "0", "1", "2")[step.how]
                answer = await client.post(f"{deal}/stage", json={"to": to, "reason": "x"})
            case "lose":
                answer = await client.post(f"{deal}/lost", json={"reason": "x"})
            case "reopen":
                answer = await client.post(f"{deal}/reopened", json={"reason": "x"})
            case _:
                body = {"owner": EVERYBODY[step.how], "reason": "x"}
                answer = await client.post(f"/customers/{customer_id}/owner", json=body)
        assert answer.status_code < 500, answer.text

    async def check(self) -> None:
        """What holds at every moment."""
        lists = await self._lists()
        for customer_id, _ in self._customers:
            pursuit = await self._pursuit(customer_id)
            on = [owner for owner, places in lists.items() if UUID(customer_id) in places]
            tracked = pursuit is not None and pursuit.standing is Standing.TRACKED
            assert on == ([pursuit.owner] if pursuit and tracked else [])
        for owner in EVERYBODY:
            facts = await self._sales.serving.service.log.stream(tracking_list_id(owner))
            check_capacities([it.fact for it in facts])
            claims = [it.fact.on for it in facts if isinstance(it.fact, PlaceTaken) and it.fact.claimed]
            assert all(len(list(day)) <= 2 for _, day in groupby(sorted(claims)))

    async def check_in_step(self) -> None:
        """What holds once the clockwork has looked at what raced each other."""
        await self._sales.serving.tick()
        lists = await self._lists()
        service = self._sales.serving.service
        rows = {
            row.customer_id: row for row in TRACKED.rows(await service.pool.fetch("SELECT * FROM tracked"))
        }
        for customer_id, id in self._customers:
            pursuit = await self._pursuit(customer_id)
            row = rows.get(UUID(customer_id))
            if pursuit is None or pursuit.standing is Standing.NEITHER:
                assert row is None
                continue
            assert row is not None
            customer = (await service.streams.load(CUSTOMER, UUID(customer_id))).state
            deal = (await service.streams.load(OPPORTUNITY, UUID(id))).state
            assert customer is not None
            assert deal is not None
            assert (customer.owner, row.owner, row.standing) == (
                pursuit.owner,
                pursuit.owner,
                pursuit.standing,
            )
            if pursuit.standing is Standing.TRACKED:
                assert not deal.in_pool
                assert deal.outcome is Outcome.OPEN
                assert lists[pursuit.owner][UUID(customer_id)] is deal.stage
                assert (row.stage, row.band) == (deal.stage, band_of(deal.stage))
            facts = [it.fact for it in await service.log.stream(pursuit_id(UUID(customer_id)))]
            through = [fact for fact in facts if isinstance(fact, RemovedToPool | ClaimedFromPool)]
            for before, after in pairwise([None, *through]):
                assert isinstance(after, RemovedToPool) or isinstance(before, RemovedToPool)

    async def _pursuit(self, customer_id: str) -> Pursuit | None:
        streams = self._sales.serving.service.streams
        return (await streams.load(PURSUIT, pursuit_id(UUID(customer_id)))).state

    async def _lists(self) -> dict[str, dict[UUID, Stage]]:
        lists = {}
        for owner in EVERYBODY:
            streams = self._sales.serving.service.streams
            state = (await streams.load(TRACKING_LIST, tracking_list_id(owner))).state
            places = state.places if state else ()
            lists[owner] = {place.customer_id: place.stage for place in places}
            assert len(lists[owner]) == len(places), "on one list twice"
        return lists


def check_capacities(facts: list[Any]) -> None:
    """A band holds more than it has room for only when a manager meant it, or when that was said."""
    state: TrackingList | None = None
    for fact, following in zip(facts, [*facts[1:], None], strict=False):
        before = state
        state = TRACKING_LIST.evolve(state, fact)
        assert state is not None
        moved_to = getattr(fact, "after", None) or getattr(fact, "stage", None)
        band = moved_to and band_of(moved_to)
        if band is None or (before and len(state.within(band)) <= len(before.within(band))):
            continue
        if len(state.within(band)) > ROOM.of(band) and not getattr(fact, "capacity_overridden", False):
            assert isinstance(following, BandOverfilled)


@settings(
    max_examples=10,
    deadline=None,
    phases=[Phase.generate],  # each example leaves its facts behind, so none can be tried again smaller
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(plan=st.lists(st.lists(steps, min_size=3, max_size=AT_ONCE), min_size=8, max_size=12))
async def test_lists_and_pool_hold_whatever_is_tried_at_once(sales: Sales, plan: list[list[Step]]) -> None:
    customers = []
    for login in (*REPS, REPS[0]):
        client = sales.serving.client(login, "rep")
        customer_id = await sales.customer(client)
        customers.append((customer_id, await sales.opportunity(client, customer_id)))
    play = Play(sales, customers)
    for at_once in plan:
        await sales.serving.set_clock(at(2) + timedelta(days=next(DAYS)))
        await asyncio.gather(*(play.take(step) for step in at_once))
        await play.check()
    await play.check_in_step()
    for _, id in customers:  # off every list, for the next example
        await sales.director.post(f"/opportunities/{id}/lost", json={"reason": "x"})
