"""Many things in one go: a leaver's customers passed on, stale opportunities closed."""

from typing import Any

import httpx

from keqing_pipeline.customer.facts import OwnerChanged
from keqing_pipeline.opportunity.facts import DealLost
from tests.problem import problem

from .sales import Sales, at

HANDOVER = {"previous": "li.wei", "owner": "zhao.min", "reason": "left the company"}


async def bulk(client: httpx.AsyncClient, path: str, dry_run: bool = False, **body: Any) -> dict[str, Any]:
    answer = await client.post(f"/bulk/{path}", json=body, params={"dry_run": str(dry_run).lower()})
    assert answer.status_code == 200, answer.text
    receipt: dict[str, Any] = answer.json()
    return receipt


def counts(receipt: dict[str, Any]) -> tuple[int, int, int]:
    return receipt["done"], receipt["unchanged"], len(receipt["refused"])


async def owned(sales: Sales, login: str) -> set[str]:
    await sales.serving.catch_up()
    found = await sales.manager.get("/customers", params={"owner": login, "limit": "200"})
    return {row["customer_id"] for row in found.json()["items"]}


async def test_a_leavers_customers_go_to_a_colleague_with_their_opportunities_in_goes(sales: Sales) -> None:
    customers = [await sales.customer() for _ in range(5)]
    opportunity = await sales.opportunity(customer_id=customers[0])
    await sales.serving.catch_up()
    mine = await owned(sales, "li.wei")
    assert mine >= set(customers)
    head = await sales.serving.service.log.head()
    dry = await bulk(sales.manager, "customers/owner", dry_run=True, **HANDOVER)
    assert (counts(dry), dry["next"]) == ((len(mine), 0, 0), None)
    assert await sales.serving.service.log.head() == head

    first = await bulk(sales.manager, "customers/owner", **HANDOVER, most=2)
    assert (counts(first), first["next"] is not None) == ((2, 0, 0), True)
    # Broken off here, it is sent again from the beginning: what is done is not found any more.
    rest = await bulk(sales.manager, "customers/owner", **HANDOVER)
    assert counts(rest) == (len(mine) - 2, 0, 0)
    assert counts(await bulk(sales.manager, "customers/owner", **HANDOVER)) == (0, 0, 0)
    assert await owned(sales, "li.wei") == set()
    assert await owned(sales, "zhao.min") >= mine
    card = await sales.card(opportunity, by=sales.colleague)
    assert card["opportunity"]["owner"] == "zhao.min"
    facts = await sales.serving.service.log.read(head, 1_000)
    changed = [it for it in facts if isinstance(it.fact, OwnerChanged)]
    assert len(changed) == len(mine)
    assert {(it.who, it.why) for it in changed} == {("zhou.hong", "left the company")}
    assert len({it.correlation_id for it in changed}) == 2  # of the two goes that did something


async def test_opportunities_with_others_customers_are_passed_on_as_well(sales: Sales) -> None:
    customer = await sales.customer(sales.colleague)
    body = {"customer_id": customer, "title": "x", "owner": "li.wei"}
    opportunity = (await sales.manager.post("/opportunities", json=body)).json()["id"]
    receipt = await bulk(sales.manager, "opportunities/owner", **HANDOVER)
    assert receipt["done"] >= 1
    assert (await sales.card(opportunity, by=sales.manager))["opportunity"]["owner"] == "zhao.min"


async def test_nobody_passes_on_what_they_do_not_see_or_to_who_may_not_own(sales: Sales) -> None:
    await sales.customer()
    for path in ("customers/owner", "opportunities/owner"):
        problem(await sales.other_manager.post(f"/bulk/{path}", json=HANDOVER), 404, "owner-hidden")
        wrong = {**HANDOVER, "owner": "nobody.here"}
        problem(await sales.manager.post(f"/bulk/{path}", json=wrong), 422, "owner-unknown")


async def test_opportunities_that_nobody_touched_for_long_are_closed(sales: Sales) -> None:
    stale, fresh, foreign = [
        await sales.opportunity(),
        await sales.opportunity(),
        await sales.opportunity(by=sales.stranger),
    ]
    await sales.serving.set_clock(at(20))
    await sales.call(fresh)
    await sales.serving.catch_up()
    body = {"untouched_since": "2026-03-05", "reason": "no contact since"}
    dry = await bulk(sales.manager, "opportunities/lost", dry_run=True, **body)
    head = await sales.serving.service.log.head()
    wet = await bulk(sales.manager, "opportunities/lost", **body)
    assert counts(wet) == counts(dry)
    assert counts(await bulk(sales.manager, "opportunities/lost", **body)) == (0, 0, 0)
    lost = {
        str(it.originator_id)
        for it in await sales.serving.service.log.read(head, 1_000)
        if isinstance(it.fact, DealLost)
    }
    assert len(lost) == wet["done"]
    assert stale in lost
    assert not lost & {fresh, foreign}


async def test_nothing_is_stale_before_the_longest_interval_between_two_touches_is_over(sales: Sales) -> None:
    await sales.opportunity()
    await sales.serving.set_clock(at(20))
    # At the most 15 days lie between two touches: 20 - 15 = 5 March.
    for day in ("2026-03-06", "2026-03-20", "2026-03-21", "2099-01-01"):
        body = {"untouched_since": day, "reason": "no contact since"}
        document = problem(
            await sales.manager.post("/bulk/opportunities/lost", json=body), 422, "not-yet-stale"
        )
        assert (document["field"], document["latest"]) == ("untouched_since", "2026-03-05")


async def test_who_was_promised_a_day_still_ahead_is_not_stale(sales: Sales) -> None:
    """Talked to on 2 March, who asked to be called on 1 April."""
    promised, forgotten = await sales.opportunity(), await sales.opportunity()
    await sales.call(promised, next_on="2026-04-01")
    await sales.call(forgotten, next_on="2026-03-10")
    await sales.serving.set_clock(at(28))
    await sales.serving.catch_up()
    body = {"untouched_since": "2026-03-10", "reason": "no contact since"}
    await bulk(sales.manager, "opportunities/lost", **body)
    assert (await sales.card(promised))["opportunity"]["outcome"] == "open"
    assert (await sales.card(forgotten))["opportunity"]["outcome"] == "lost"
