"""Referrals over HTTP: asked, given with the registration in one transaction, and reported."""

from typing import Any

import httpx

from tests.answer import read
from tests.problem import problem
from tests.services.pipeline.sales import Sales


async def buy(sales: Sales, customer_id: str, amount: str) -> None:
    id = await sales.opportunity(customer_id=customer_id)
    body = {"amount": {"amount": amount, "currency": "CNY"}}
    read(await sales.rep.post(f"/opportunities/{id}/won", json=body))


async def test_only_a_customer_who_has_bought_is_asked(sales: Sales) -> None:
    customer = await sales.customer()
    asking = f"/customers/{customer}/referral-requests"
    problem(await sales.rep.post(asking, json={}), 409, "not-bought-yet")
    await buy(sales, customer, "10")
    assert read(await sales.rep.post(asking, json={"note": "打高尔夫时"}), 201)["facts"] == ["ReferralAsked"]
    problem(await sales.stranger.post(asking, json={}), 404, "customer-unknown")


async def test_whom_a_customer_names_is_registered_and_linked_both_ways(sales: Sales) -> None:
    referrer = await sales.customer()
    body = {
        "kind": "enterprise",
        "name": f"邻居{sales.number()}",
        "source": "walk_in",
        "referral_note": "同园区",
    }
    receipt = read(await sales.rep.post(f"/customers/{referrer}/referrals", json=body), 201)
    assert receipt["facts"] == ["CustomerRegistered", "ReferralGiven", "CustomerReferred"]
    await sales.serving.catch_up()
    card = read(await sales.rep.get(f"/customers/{receipt['id']}"))
    assert (card["details"]["source"], card["referrer_id"], card["owner"]) == (
        "referral_chain",
        referrer,
        "li.wei",
    )
    [named] = read(await sales.rep.get(f"/customers/{referrer}/referrals"))["items"]
    assert (named["customer_id"], named["given_to"], named["bought"]) == (receipt["id"], "li.wei", False)


async def test_a_duplicate_is_neither_registered_nor_linked(sales: Sales) -> None:
    referrer, name = await sales.customer(), f"重复{sales.number()}"
    await sales.customer(name=name)
    before = await sales.serving.service.log.head()
    body = {"kind": "enterprise", "name": name}
    answer = await sales.rep.post(f"/customers/{referrer}/referrals", json=body)
    problem(answer, 409, "duplicate-customer")
    assert await sales.serving.service.log.head() == before


async def test_the_report_counts_who_was_named_and_who_has_bought(sales: Sales) -> None:
    referrer = await sales.customer()
    await buy(sales, referrer, "500")
    for _ in range(2):
        read(await sales.rep.post(f"/customers/{referrer}/referral-requests", json={}), 201)
    named = []
    for _ in range(4):
        body = {"kind": "enterprise", "name": f"新客{sales.number()}"}
        named.append(read(await sales.rep.post(f"/customers/{referrer}/referrals", json=body), 201)["id"])
    await buy(sales, named[0], "30")
    await buy(sales, named[0], "40")
    await buy(sales, named[1], "5")
    moved = {"owner": "wu.jun", "reason": "调整"}
    read(await sales.director.post(f"/customers/{named[3]}/owner", json=moved))
    await sales.serving.catch_up()

    async def line(client: httpx.AsyncClient) -> dict[str, Any] | None:
        lines = read(await client.get("/referrals", params={"limit": "200"}))["items"]
        return next((one for one in lines if one["customer_id"] == referrer), None)

    of_all = await line(sales.director)
    assert of_all is not None
    assert (of_all["asked"], of_all["given"], of_all["converted"], of_all["conversion"]) == (2, 4, 2, 0.5)
    assert of_all["bought"] == [{"amount": "75", "currency": "CNY"}]
    of_rep = await line(sales.rep)
    assert of_rep is not None
    assert (of_rep["given"], of_rep["converted"]) == (3, 2), "the one that he may not see is not counted"
    assert await line(sales.stranger) is None
    shown = read(await sales.rep.get(f"/customers/{referrer}/referrals"))["items"]
    assert {one["customer_id"] for one in shown} == set(named[:3])
