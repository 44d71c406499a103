"""The open pool over HTTP: who was given up, and who may claim them when."""

import asyncio

from tests.problem import problem

from .reps import Rep, enrolled, pooled, rep, rival, running
from .sales import at

__all__ = ["rep", "rival", "running"]


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
