"""Tracking lists and the open pool over HTTP: in step with stages and owners, one winner for each claim."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

import httpx
import pytest

from keqing_pipeline.app import CONTEXT
from keqing_pipeline.customer.commands import ReassignCustomer
from keqing_pipeline.customer.rules import CUSTOMER
from keqing_pipeline.opportunity.commands import LoseOpportunity
from keqing_pipeline.opportunity.rules import OPPORTUNITY
from keqing_pipeline.policy import PipelinePolicy
from keqing_pipeline.tracking.policy import BandCapacities, PoolRules
from keqing_pipeline.tracking.pursuit import RemovalSuggested, TrackingPassedOn
from tests.harness import serving
from tests.problem import problem

from .conftest import peopled
from .sales import Sales, at

SMALL = PipelinePolicy(
    band_capacities=BandCapacities(nurture=3, develop=2, close=1), open_pool=PoolRules(claims_a_day=2)
)


@pytest.fixture(scope="module")
async def running(module_database: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Sales]:
    context = replace(CONTEXT, policy=SMALL)
    async with serving(context, module_database, tmp_path_factory.mktemp("home")) as it:
        yield await peopled(it)


@dataclass
class Rep:
    """Somebody of zhou.hong's team, with an empty list."""

    sales: Sales
    login: str

    @property
    def client(self) -> httpx.AsyncClient:
        return self.sales.serving.client(self.login, "rep")

    async def prospect(self, *signals: str, to: str | None = None, **members: Any) -> tuple[str, str]:
        """A customer and an opportunity with it, not tracked yet."""
        customer_id = await self.sales.customer(self.client, **members)
        id = await self.sales.opportunity(self.client, customer_id)
        if to is not None:
            await self.rise(id, to)
        return customer_id, id

    async def rise(self, id: str, to: str) -> httpx.Response:
        signal = {"1": "converses", "2": "asks_basics", "3": "asks_price", "4": "agrees_but_away"}[to]
        call = {"outcome": "interactive", "signals": [signal]}
        assert (await self.client.post(f"/opportunities/{id}/calls", json=call)).status_code == 201
        answer = await self.client.post(f"/opportunities/{id}/stage", json={"to": to})
        assert answer.status_code == 200, answer.text
        return answer

    async def track(
        self, customer_id: str, by: httpx.AsyncClient | None = None, **more: Any
    ) -> httpx.Response:
        return await (by or self.client).post("/tracking-list", json={"customer_id": customer_id, **more})

    async def tracked(self, to: str | None = None, **members: Any) -> tuple[str, str]:
        """The same, tracked."""
        customer_id, id = await self.prospect(to=to, **members)
        answer = await self.track(customer_id)
        assert answer.status_code == 201, answer.text
        return customer_id, id

    async def give_up(self, customer_id: str, reason: str = "blunder", **more: Any) -> httpx.Response:
        return await self.client.post(
            f"/tracking-list/{customer_id}/removal", json={"reason": reason, **more}
        )

    async def claim(self, customer_id: str, **more: Any) -> httpx.Response:
        return await self.client.post(f"/open-pool/{customer_id}/claim", json=more)

    async def bands(self) -> dict[str, int]:
        """How many are in each band that is not empty."""
        await self.sales.serving.catch_up()
        [occupancy] = (await self.client.get("/occupancy")).json()
        assert occupancy["owner"] == self.login
        return {band["band"]: band["count"] for band in occupancy["bands"] if band["count"]}

    async def whom(self) -> set[str]:
        await self.sales.serving.catch_up()
        return {row["customer_id"] for row in (await self.client.get("/tracking-list")).json()["items"]}


@pytest.fixture
async def rep(sales: Sales) -> Rep:
    return await enrolled(sales)


@pytest.fixture
async def rival(sales: Sales) -> Rep:
    return await enrolled(sales)


async def enrolled(sales: Sales) -> Rep:
    login = f"rep{sales.number()}"
    body = {"login": login, "name": login, "roles": ["rep"], "team": "north", "manager": "zhou.hong"}
    assert (await sales.admin.post("/users", json=body)).status_code == 201
    await sales.serving.catch_up()
    return Rep(sales, login)


async def pooled(sales: Sales, **params: str) -> dict[str, dict[str, Any]]:
    """The pool's cards as an auditor sees them."""
    await sales.serving.catch_up()
    cards: list[dict[str, Any]] = []
    after: dict[str, str] = {}
    while True:
        page = (await sales.auditor.get("/open-pool", params={"limit": "2", **after, **params})).json()
        cards += page["items"]
        if page["next"] is None:
            return {card["customer_id"]: card for card in cards}
        after = {"after": page["next"]}


async def test_a_tracked_customer_stands_in_the_band_of_its_furthest_opportunity(rep: Rep) -> None:
    customer_id, _ = await rep.prospect(to="1")
    answer = await rep.track(customer_id)
    assert answer.json()["facts"] == ["CustomerTracked", "PlaceTaken"]
    await rep.sales.serving.catch_up()
    [row] = (await rep.client.get("/tracking-list")).json()["items"]
    assert (row["customer_id"], row["band"], row["stage"]) == (customer_id, "develop", "1")
    assert (row["tracked_since"], row["next_touch_on"]) == ("2026-03-02", "2026-03-09")
    assert (await rep.track(customer_id)).json()["facts"] == []
    # Another opportunity goes further and takes the customer along; when it is lost the first one counts.
    other = await rep.sales.opportunity(rep.client, customer_id)
    assert (await rep.rise(other, "3")).json()["facts"] == ["StageAdvanced", "PlaceMoved"]
    assert await rep.bands() == {"close": 1}
    lost = await rep.client.post(f"/opportunities/{other}/lost", json={"reason": "价格"})
    assert lost.json()["facts"] == ["DealLost", "PlaceMoved"]
    assert await rep.bands() == {"develop": 1}


async def test_without_an_open_opportunity_there_is_nothing_to_track(rep: Rep) -> None:
    customer_id = await rep.sales.customer(rep.client)
    problem(await rep.track(customer_id), 409, "nothing-to-track")
    id = await rep.sales.opportunity(rep.client, customer_id)
    stage = {"to": "refused", "reason": "不要再打"}
    await rep.client.post(f"/opportunities/{id}/stage", json=stage)
    problem(await rep.track(customer_id), 409, "nothing-to-track")


async def test_a_customer_leaves_the_list_with_its_last_open_opportunity(rep: Rep) -> None:
    _, id = await rep.tracked(to="3")
    won = await rep.client.post(
        f"/opportunities/{id}/won", json={"amount": {"amount": "9", "currency": "CNY"}}
    )
    assert won.json()["facts"] == ["DealWon", "TrackingEnded", "PlaceLeft"]
    assert await rep.whom() == set()


async def test_a_full_band_names_who_is_weakest_and_a_manager_may_override(rep: Rep) -> None:
    weakest, _ = await rep.tracked(to="1", name=f"最弱{rep.login}")
    await rep.tracked(to="2", name=f"次弱{rep.login}")
    third, _ = await rep.prospect(to="2")
    document = problem(await rep.track(third), 409, "band-full")
    assert (document["band"], document["capacity"]) == ("develop", 2)
    assert document["candidates"][0] == {"customer_id": weakest, "name": f"最弱{rep.login}"}
    assert document["detail"] == (
        f"develop has room for 2: remove one first, the weakest are 最弱{rep.login}, 次弱{rep.login};"
        " or a manager sends override_capacity"
    )
    chinese = await rep.client.post(
        "/tracking-list", json={"customer_id": third}, headers={"Accept-Language": "zh"}
    )
    assert chinese.json()["detail"] == (
        f"“发展”类最多 2 家：请先踢出一家（最弱的是 最弱{rep.login}、次弱{rep.login}），"
        "或由经理发送 override_capacity 批准超额"
    )
    override = {"override_capacity": True}
    problem(await rep.track(third, **override), 403, "capacity-override-not-allowed")
    assert (await rep.track(third, by=rep.sales.manager, **override)).status_code == 201
    await rep.sales.serving.catch_up()
    [occupancy] = (await rep.client.get("/occupancy")).json()
    assert occupancy["bands"][1] == {
        "band": "develop",
        "count": 3,
        "capacity": 2,
        "free": 0,
        "overfilled_by": 1,
    }


async def test_two_who_take_the_last_place_at_once_overfill_no_band(rep: Rep) -> None:
    await rep.tracked(to="1")
    both = [(await rep.prospect(to="1"))[0] for _ in range(2)]
    answers = await asyncio.gather(*(rep.track(customer_id) for customer_id in both))
    assert sorted(answer.status_code for answer in answers) == [201, 409]
    assert await rep.bands() == {"develop": 2}


async def test_a_rise_into_a_full_band_is_carried_out_and_said(rep: Rep) -> None:
    await rep.tracked(to="3")
    _, id = await rep.tracked()
    assert (await rep.rise(id, "4")).json()["facts"] == ["StageAdvanced", "PlaceMoved", "BandOverfilled"]
    assert await rep.bands() == {"close": 2}


async def test_the_list_follows_a_change_of_owner(rep: Rep, rival: Rep) -> None:
    customer_id, _ = await rep.tracked(to="1")
    body = {"owner": rival.login, "reason": "换岗"}
    answer = await rep.sales.manager.post(f"/customers/{customer_id}/owner", json=body)
    assert set(answer.json()["facts"]) >= {
        "OwnerChanged",
        "TeamJoined",
        "OpportunityHandedOver",
        "TrackingPassedOn",
        "PlaceLeft",
        "PlaceTaken",
    }
    assert (await rep.whom(), await rival.whom()) == (set(), {customer_id})


async def test_given_up_it_goes_to_the_pool_and_nobody_owes_it_a_touch(rep: Rep) -> None:
    customer_id, id = await rep.tracked(to="1", industry="机械", source="telephone")
    answer = await rep.give_up(customer_id, "pressed_out")
    assert answer.json()["facts"] == ["RemovedToPool", "PlaceLeft", "OwnerChanged", "OpportunityLetGo"]
    assert await rep.whom() == set()
    card = (await pooled(rep.sales))[customer_id]
    assert (card["stage"], card["reason"], card["industry"]) == ("1", "pressed_out", "机械")
    assert (card["given_up_on"], card["claimable_on"]) == ("2026-03-02", "2026-03-09")
    # It is the manager's to answer for; who gave it up sees it no longer.
    problem(await rep.client.get(f"/customers/{customer_id}"), 404, "customer-unknown")
    problem(await rep.client.get(f"/opportunities/{id}"), 404, "opportunity-unknown")
    shown = (await rep.sales.manager.get(f"/opportunities/{id}")).json()["opportunity"]
    assert (shown["owner"], shown["next_touch_on"]) == ("zhou.hong", None)
    for path, body in (("calls", {"outcome": "brief"}), ("lost", {"reason": "x"})):
        refused = await rep.sales.manager.post(f"/opportunities/{id}/{path}", json=body)
        problem(refused, 409, "customer-in-open-pool")
    refused = await rep.sales.manager.post(
        "/opportunities", json={"customer_id": customer_id, "title": "另一单"}
    )
    problem(refused, 409, "customer-in-open-pool")
    problem(await rep.track(customer_id, by=rep.sales.manager), 409, "in-open-pool")
    again = await rep.sales.manager.post(f"/tracking-list/{customer_id}/removal", json={"reason": "blunder"})
    problem(again, 409, "not-tracked")


async def test_another_reason_is_put_in_words(rep: Rep) -> None:
    customer_id, _ = await rep.tracked()
    problem(await rep.give_up(customer_id, "other"), 422, "removal-unexplained")
    problem(await rep.give_up(customer_id, "boring"), 422, "request-invalid")
    assert (await rep.give_up(customer_id, "other", note="客户搬走了")).status_code == 200


async def test_a_card_of_the_pool_shows_no_personal_data(rep: Rep, rival: Rep) -> None:
    members = {
        "kind": "individual",
        "name": "王丽华",
        "phones": ["13900139000"],
        "note": "喜欢钓鱼",
        "individual": {"family": "两个孩子"},
    }
    customer_id, _ = await rep.tracked(**members, distinct_because="另一位")
    await rep.give_up(customer_id, "other", note="王丽华不再接电话")
    await rep.sales.serving.catch_up()
    answer = await rival.client.get("/open-pool", params={"kind": "individual", "limit": "200"})
    [card] = [card for card in answer.json()["items"] if card["customer_id"] == customer_id]
    assert card["name"] is None
    assert not any(secret in answer.text for secret in ("王丽华", "139", "钓鱼", "孩子"))
    assert set(await pooled(rep.sales, kind="enterprise", stage="0")).isdisjoint({customer_id})
    problem(await rival.client.get(f"/customers/{customer_id}"), 404, "customer-unknown")


async def test_claimed_after_it_has_cooled_it_is_the_claimers_with_all_that_was_let_go(
    rep: Rep, rival: Rep
) -> None:
    customer_id, id = await rep.tracked(to="1")
    await rep.give_up(customer_id)
    await rep.sales.serving.set_clock(at(8))
    problem(await rival.claim(customer_id), 409, "cooling-off")
    await rep.sales.serving.set_clock(at(9))
    document = problem(await rep.claim(customer_id), 409, "previous-owner-waits")
    assert document["free_on"] == "2026-04-01"
    answer = await rival.claim(customer_id)
    assert answer.json()["facts"] == [
        "ClaimedFromPool",
        "PlaceTaken",
        "OwnerChanged",
        "TeamJoined",
        "OpportunityTakenUp",
    ]
    assert await rival.whom() == {customer_id}
    assert customer_id not in await pooled(rep.sales)
    shown = (await rival.client.get(f"/opportunities/{id}")).json()["opportunity"]
    assert (shown["owner"], shown["next_touch_on"]) == (rival.login, "2026-03-16")
    call = {"outcome": "brief"}
    assert (await rival.client.post(f"/opportunities/{id}/calls", json=call)).status_code == 201


async def test_two_who_claim_the_same_customer_at_once_one_gets_it(rep: Rep, rival: Rep) -> None:
    third = await enrolled(rep.sales)
    customer_id, _ = await rep.tracked()
    await rep.give_up(customer_id)
    await rep.sales.serving.set_clock(at(9))
    claimers = [rival, third, await enrolled(rep.sales), await enrolled(rep.sales)]
    answers = await asyncio.gather(*(claimer.claim(customer_id) for claimer in claimers))
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409, 409]
    for answer in answers:
        if answer.status_code == 409:
            problem(answer, 409, "claimed-by-somebody-else")
    lists = [await claimer.whom() for claimer in claimers]
    assert sorted(lists, key=len) == [set(), set(), set(), {customer_id}]
    winner = claimers[[answer.status_code for answer in answers].index(200)]
    assert (await winner.client.get(f"/customers/{customer_id}")).json()["owner"] == winner.login


async def test_a_days_claims_run_out(rep: Rep, rival: Rep) -> None:
    given_up = [(await rep.tracked())[0] for _ in range(3)]
    for customer_id in given_up:
        await rep.give_up(customer_id)
    await rep.sales.serving.set_clock(at(9))
    answers = await asyncio.gather(*(rival.claim(customer_id) for customer_id in given_up))
    assert sorted(answer.status_code for answer in answers) == [200, 200, 409]
    [refused] = [answer for answer in answers if answer.status_code == 409]
    assert problem(refused, 409, "claims-used-up")["claims_a_day"] == 2
    [left] = set(given_up) - await rival.whom()
    await rep.sales.serving.set_clock(at(10))
    assert (await rival.claim(left)).status_code == 200


async def test_a_manager_claims_at_once_and_a_claim_needs_room_as_well(rep: Rep, rival: Rep) -> None:
    customer_id, _ = await rep.tracked(to="3")
    await rival.tracked(to="3")
    await rep.give_up(customer_id, "pressed_out")
    manager = rep.sales.other_manager
    await rep.sales.serving.set_clock(at(9))
    problem(await rival.claim(customer_id), 409, "band-full")
    problem(await rival.claim(customer_id, override_capacity=True), 403, "capacity-override-not-allowed")
    await rep.sales.serving.set_clock(at(2))
    claimed = await manager.post(f"/open-pool/{customer_id}/claim", json={})
    assert claimed.status_code == 200
    nothing = await manager.post("/open-pool/00000000-0000-0000-0000-000000000001/claim", json={})
    problem(nothing, 404, "pool-card-unknown")


async def test_a_manager_takes_it_out_of_the_pool_by_hand(rep: Rep, rival: Rep) -> None:
    customer_id, id = await rep.tracked()
    await rep.give_up(customer_id)
    body = {"owner": rival.login, "reason": "老关系"}
    answer = await rep.sales.manager.post(f"/customers/{customer_id}/owner", json=body)
    assert set(answer.json()["facts"]) >= {
        "OwnerChanged",
        "TeamJoined",
        "OpportunityHandedOver",
        "TakenOutOfPool",
        "OpportunityTakenUp",
    }
    assert customer_id not in await pooled(rep.sales)
    call = {"outcome": "brief"}
    assert (await rival.client.post(f"/opportunities/{id}/calls", json=call)).status_code == 201
    problem(await rep.claim(customer_id), 409, "claimed-by-somebody-else")


async def test_a_lost_deal_of_a_pooled_customer_is_not_reopened(rep: Rep) -> None:
    customer_id, _ = await rep.tracked()
    lost = await rep.sales.opportunity(rep.client, customer_id)
    await rep.client.post(f"/opportunities/{lost}/lost", json={"reason": "价格"})
    await rep.give_up(customer_id)
    reopened = await rep.client.post(f"/opportunities/{lost}/reopened", json={"reason": "又来了"})
    problem(reopened, 409, "customer-in-open-pool")


async def test_removals_are_suggested_once_when_the_effort_was_in_vain(rep: Rep) -> None:
    _, stuck = await rep.tracked()
    in_vain, unreached = await rep.tracked()
    _, understood = await rep.tracked()
    problem(await rep.give_up(in_vain, "unreachable"), 409, "removal-not-shown")
    for number in range(5):
        for id, call in (
            (stuck, {"outcome": "brief"}),
            (unreached, {"outcome": "no_answer", "objections": ["没时间"]}),
            (understood, {"outcome": "brief", "objections": ["价格"] if number == 2 else []}),
        ):
            assert (await rep.client.post(f"/opportunities/{id}/calls", json=call)).status_code == 201
        assert await rep.sales.made(RemovalSuggested) == (2 if number == 4 else 0)
    assert await rep.sales.made(RemovalSuggested) == 0
    rows = (await rep.client.get("/tracking-list")).json()["items"]
    assert sorted(row["removal_suggested"] for row in rows) == [[], ["stagnant"], ["unreachable"]]
    assert (await rep.give_up(in_vain, "unreachable")).status_code == 200


async def test_what_was_written_without_looking_at_lists_is_made_up_for(rep: Rep, rival: Rep) -> None:
    """An import, say, changes owners and stages as the rows tell it to."""
    service = rep.sales.serving.service
    passed, _ = await rep.tracked()
    _, lost = await rep.tracked()
    taken_out, _ = await rep.tracked()
    await rep.give_up(taken_out)
    for customer_id in (passed, taken_out):
        command = ReassignCustomer(owner=rival.login, reason="import")
        await service.execute(CUSTOMER, UUID(customer_id), command, who="root")
    lose = LoseOpportunity(reason="import", at=at(2))
    await service.execute(OPPORTUNITY, UUID(lost), lose, who="root")
    assert await rep.sales.made(TrackingPassedOn) == 1
    assert (await rep.whom(), await rival.whom()) == (set(), {passed})
    assert taken_out not in await pooled(rep.sales)


async def test_who_is_forgotten_as_a_person_is_pursued_by_nobody(rep: Rep, rival: Rep) -> None:
    person = {"kind": "individual", "distinct_because": "另一位"}
    tracked, _ = await rep.tracked(**person)
    pooled_one, _ = await rep.tracked(**person)
    enterprise, _ = await rep.tracked()
    await rep.give_up(pooled_one)
    for customer_id in (tracked, pooled_one, enterprise):
        answer = await rep.sales.admin.post(f"/customers/{customer_id}/erasure", json={"reason": "来信要求"})
        assert answer.status_code == 202, answer.text
    assert await rep.whom() == {enterprise}
    assert pooled_one not in await pooled(rep.sales)
    problem(await rep.track(tracked), 409, "nothing-to-track")
    await rep.sales.serving.set_clock(at(20))
    problem(await rival.claim(pooled_one), 409, "claimed-by-somebody-else")


async def test_lists_are_seen_by_their_owners_managers_and_auditors(rep: Rep, rival: Rep) -> None:
    customer_id, _ = await rep.tracked()
    await rep.sales.serving.catch_up()
    query = {"owner": rep.login}
    for client, seen in (
        (rep.client, True),
        (rep.sales.manager, True),
        (rep.sales.director, True),
        (rep.sales.auditor, True),
        (rival.client, False),
        (rep.sales.other_manager, False),
    ):
        rows = (await client.get("/tracking-list", params=query)).json()["items"]
        assert [row["customer_id"] for row in rows] == ([customer_id] if seen else [])
        lists = (await client.get("/occupancy", params=query)).json()
        assert [one["owner"] for one in lists] == ([rep.login] if seen else [])
    problem(await rival.track(customer_id), 404, "customer-unknown")
    problem(await rival.give_up(customer_id), 404, "customer-unknown")


async def test_each_of_these_questions_is_answered_as_a_sheet_too(rep: Rep) -> None:
    customer_id, _ = await rep.tracked(to="1")
    given_up, _ = await rep.tracked()
    await rep.give_up(given_up, "blunder")
    await rep.sales.serving.catch_up()

    async def sheet(path: str) -> str:
        answer = await rep.client.get(path, headers={"Accept": "text/csv"})
        assert (answer.status_code, answer.headers["content-type"].partition(";")[0]) == (200, "text/csv")
        return answer.text

    assert customer_id in await sheet("/tracking-list")
    assert given_up in await sheet("/open-pool")
    assert rep.login in await sheet("/occupancy")
    assert rep.login in await sheet("/activity")
    assert "month" in await sheet("/forecast")
