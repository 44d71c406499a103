"""Tracking lists over HTTP: in step with stages and owners."""

import asyncio
from uuid import UUID

from keqing_pipeline.customer.commands import ReassignCustomer
from keqing_pipeline.customer.rules import CUSTOMER
from keqing_pipeline.opportunity.commands import LoseOpportunity
from keqing_pipeline.opportunity.rules import OPPORTUNITY
from keqing_pipeline.tracking.pursuit_facts import RemovalSuggested, TrackingPassedOn
from tests.problem import problem

from .reps import Rep, pooled, rep, rival, running
from .sales import at

__all__ = ["rep", "rival", "running"]


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
