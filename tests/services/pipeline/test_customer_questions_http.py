"""Questions about customers: which sources pay, in which order to visit, what a card says."""

from typing import Any

import httpx

from tests.problem import problem

from .sales import Sales


async def placed(sales: Sales, latitude: float | None, **members: Any) -> str:
    """On the meridian of Hangzhou, with an opportunity that is due on the 17th."""
    location = None if latitude is None else {"latitude": latitude, "longitude": 120}
    id = await sales.customer(location=location, **members)
    await sales.opportunity(customer_id=id)
    return id


async def route(client: httpx.AsyncClient, **query: Any) -> dict[str, Any]:
    answer = await client.get("/visit-route", params=query)
    assert answer.status_code == 200, answer.text
    shown: dict[str, Any] = answer.json()
    return shown


async def test_the_visits_of_a_day_come_in_the_order_of_the_way(sales: Sales) -> None:
    far, near = await placed(sales, 32), await placed(sales, 30.5)
    nowhere = await placed(sales, None, enterprise={"basics": {"address": "西湖区某处"}})
    strangers = await sales.customer(by=sales.stranger, location={"latitude": 30, "longitude": 120})
    await sales.serving.catch_up()
    start = {"latitude": "30", "longitude": "120"}
    named = await route(sales.rep, customer=[far, strangers, nowhere, near], **start)
    # Half a degree of a meridian is 55.6 km, one and a half are 166.8.
    assert [(stop["customer_id"], stop["kilometres"]) for stop in named["stops"]] == [
        (near, 55.6),
        (far, 166.8),
    ]
    assert named["kilometres"] == 222.4
    assert [(one["customer_id"], one["address"]) for one in named["unplaced"]] == [(nowhere, "西湖区某处")]
    # Without a start it begins with the first that was named.
    assert [stop["customer_id"] for stop in (await route(sales.rep, customer=[far, near]))["stops"]] == [
        far,
        near,
    ]
    due = await route(sales.rep, day="2026-03-17", **start)
    assert {far, near} <= {stop["customer_id"] for stop in due["stops"]}
    assert nowhere in {one["customer_id"] for one in due["unplaced"]}
    assert (await route(sales.rep, day="2026-03-03"))["stops"] == []
    assert (await route(sales.stranger, customer=[far, near]))["stops"] == []
    half = await sales.rep.get("/visit-route", params={"latitude": "30"})
    assert problem(half, 422, "start-half-given")["field"] == "longitude"


async def test_sources_are_told_by_how_many_bought_and_for_how_much(sales: Sales) -> None:
    async def won(id: str, amount: str, currency: str = "CNY") -> None:
        opportunity = await sales.opportunity(by=sales.stranger, customer_id=id)
        body = {"amount": {"amount": amount, "currency": currency}}
        answer = await sales.stranger.post(f"/opportunities/{opportunity}/won", json=body)
        assert answer.status_code == 200, answer.text

    async def found(source: str | None) -> str:
        return await sales.customer(by=sales.stranger, source=source)

    fair, also, third = [await found("trade_show") for _ in range(3)]
    await won(fair, "100.50")
    await won(fair, "200")
    await won(also, "50", "USD")
    await sales.opportunity(by=sales.stranger, customer_id=third)
    await found("trade_show")
    await won(await found("internet"), "10")
    await found(None)
    await sales.serving.catch_up()
    query = {"owner": "chen.bo", "since": "2026-03-02", "until": "2026-03-02"}
    answer = await sales.stranger.get("/sources", params=query)
    lines = {line.pop("source"): line for line in answer.json()}
    assert lines["trade_show"] == {
        "customers": 4,
        "pursued": 3,
        "bought": 2,
        "conversion": 0.5,
        "opportunities": 4,
        "won": 3,
        "amounts": [{"amount": "300.50", "currency": "CNY"}, {"amount": "50", "currency": "USD"}],
    }
    assert (lines["internet"]["bought"], lines["internet"]["conversion"]) == (1, 1.0)
    assert (lines[None]["bought"], lines[None]["amounts"]) == (0, [])
    assert (await sales.rep.get("/sources", params=query)).json() == []
    refused = await sales.rep.get("/sources", params={"since": "2027-01-01", "until": "2026-01-01"})
    problem(refused, 422, "period-empty")
    later = await sales.stranger.get("/sources", params={"since": "2026-03-03"})
    assert later.json() == []


async def test_a_card_shows_the_people_how_well_they_are_known_and_what_was_merged(sales: Sales) -> None:
    id, gone = await sales.customer(), await sales.customer()
    body = {"name": "王丽", "title": "采购总监", "roles": ["decider"], "birthday": {"month": 3, "day": 1}}
    contact = (await sales.rep.post(f"/customers/{id}/contacts", json=body)).json()["id"]
    left = (await sales.rep.post(f"/customers/{id}/contacts", json={"name": "陈刚"})).json()["id"]
    await sales.rep.post(f"/contacts/{left}/left", json={})
    merged = await sales.manager.post(f"/customers/{gone}/merged", json={"into": id, "reason": "同一家"})
    assert merged.status_code == 200, merged.text
    await sales.serving.catch_up()
    card = (await sales.rep.get(f"/customers/{id}")).json()
    assert card["contacts"] == [
        {
            "contact_id": contact,
            "name": "王丽",
            "title": "采购总监",
            "roles": ["decider"],
            "importance": "ordinary",
            "covered_by": ["li.wei"],
            "next_birthday": "2027-03-01",
        }
    ]
    assert (card["coverage"]["flagged"], card["coverage"]["decider_cover"]) == (True, 1)
    assert (card["team"], card["parts"]) == (["li.wei"], [gone])


async def test_customers_are_filtered_by_what_their_files_say(sales: Sales) -> None:
    id = await sales.customer(
        importance="key", source="door_to_door", loyalty="switcher", value_class="declining"
    )
    await sales.customer(importance="major", source="partner", loyalty="loyal", value_class="growable")
    await sales.serving.catch_up()
    for query in (
        {"importance": "key"},
        {"source": "door_to_door"},
        {"loyalty": "switcher"},
        {"value_class": "declining"},
    ):
        found = (await sales.rep.get("/customers", params=query)).json()["items"]
        assert [row["customer_id"] for row in found] == [id], query
