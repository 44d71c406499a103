"""The people at a customer over HTTP: who may see them, how they are found, and where they went."""

from typing import Any
from uuid import uuid4

import httpx

from tests.problem import problem

from .sales import Sales

WANG = {
    "name": "王丽",
    "title": "采购总监",
    "roles": ["decider", "payer"],
    "phones": ["138 0013 8000"],
    "birthday": {"calendar": "lunar", "year": 1980, "month": 1, "day": 14},
    "family": "一子一女",
    "dos": "先谈孩子",
    "donts": "不要提前任供应商",
}
LEAP = {"calendar": "lunar", "year": 2024, "month": 6, "day": 1, "leap_month": True}
"""A month that the year did not have."""


async def added(sales: Sales, customer_id: str, **members: Any) -> str:
    answer = await sales.rep.post(f"/customers/{customer_id}/contacts", json=WANG | members)
    assert answer.status_code == 201, answer.text
    assert answer.json()["facts"][:2] == ["ContactAdded", "ContactCovered"]
    return str(answer.json()["id"])


async def card(sales: Sales, contact_id: str, by: httpx.AsyncClient | None = None) -> dict[str, Any]:
    await sales.serving.catch_up()
    answer = await (by or sales.rep).get(f"/contacts/{contact_id}")
    assert answer.status_code == 200, answer.text
    shown: dict[str, Any] = answer.json()
    return shown


async def ids(client: httpx.AsyncClient, **query: Any) -> set[str]:
    answer = await client.get("/contacts", params={"limit": "200", **query})
    assert answer.status_code == 200, answer.text
    return {row["contact_id"] for row in answer.json()["items"]}


async def test_a_contact_is_shown_with_the_next_birthday_of_the_lunar_year(sales: Sales) -> None:
    id = await added(sales, await sales.customer())
    shown = await card(sales, id)
    # The 14th of the first lunar month of 2026 is the 2nd of March: today.
    assert (shown["next_birthday"], shown["turns"]) == ("2026-03-02", 46)
    assert shown["contact"]["profile"]["phones"] == ["+8613800138000"]
    assert shown["contact"]["covered_by"] == ["li.wei"]


async def test_bad_birthdays_name_their_field(sales: Sales) -> None:
    customer_id = await sales.customer()
    for birthday, field in (
        ({"month": 13, "day": 1}, "birthday.month"),
        ({"month": 2, "day": 30}, "birthday.day"),
        (LEAP, "birthday.leap_month"),
        ({"year": 2199, "month": 2, "day": 1}, "birthday.year"),
    ):
        body = WANG | {"birthday": birthday}
        answer = await sales.rep.post(f"/customers/{customer_id}/contacts", json=body)
        document = answer.json()
        named = document["errors"][0] if "errors" in document else document
        assert (answer.status_code, named["field"]) == (422, field)


async def test_contacts_are_found_by_customer_role_cover_name_and_whether_they_left(sales: Sales) -> None:
    customer_id = await sales.customer()
    wang = await added(sales, customer_id, name="欧阳娜")
    chen = await added(sales, customer_id, name="陈刚", roles=["user"])
    left = await sales.rep.post(f"/contacts/{chen}/left", json={"reason": "辞职"})
    assert (left.status_code, left.json()["facts"]) == (200, ["ContactLeft"])
    await sales.serving.catch_up()
    of = {"customer_id": customer_id}
    assert await ids(sales.rep, **of) == {wang, chen}
    assert await ids(sales.rep, **of, role="decider") == {wang}
    assert await ids(sales.rep, **of, left="true") == {chen}
    assert await ids(sales.rep, **of, left="false") == {wang}
    assert await ids(sales.rep, name="欧阳") == {wang}
    assert wang in await ids(sales.rep, covered_by="li.wei")
    assert await ids(sales.rep, covered_by="zhao.min") == set()
    page = (await sales.rep.get("/contacts", params={**of, "limit": "1"})).json()
    rest = (await sales.rep.get("/contacts", params={**of, "after": page["next"]})).json()
    assert {row["contact_id"] for row in (*page["items"], *rest["items"])} == {wang, chen}


async def test_who_covers_a_contact_sees_it_and_nobody_else_of_the_team(sales: Sales) -> None:
    customer_id = await sales.customer()
    id = await added(sales, customer_id)
    problem(await sales.colleague.get(f"/contacts/{id}"), 404, "contact-unknown")
    unseen = await sales.colleague.post(f"/customers/{customer_id}/contacts", json=WANG)
    problem(unseen, 404, "customer-unknown")
    covering = await sales.rep.put(f"/contacts/{id}/coverage/zhao.min")
    assert covering.json()["facts"] == ["ContactCovered", "TeamJoined"]
    assert (await card(sales, id, sales.colleague))["contact"]["covered_by"] == ["li.wei", "zhao.min"]
    assert id in await ids(sales.colleague)
    seen = {"happened": "迟到了十分钟", "tells": "很忙"}
    assert (await sales.colleague.post(f"/contacts/{id}/observations", json=seen)).status_code == 201
    for client in (sales.stranger, sales.other_manager):
        problem(await client.get(f"/contacts/{id}"), 404, "contact-unknown")
        problem(await client.get(f"/contacts/{id}/observations"), 404, "contact-unknown")
        problem(await client.put(f"/contacts/{id}", json=WANG), 404, "contact-unknown")
        assert id not in await ids(client)
    for client in (sales.manager, sales.director, sales.auditor):
        assert id in await ids(client)
    gone = await sales.rep.delete(f"/contacts/{id}/coverage/zhao.min")
    assert gone.json()["facts"] == ["ContactUncovered"]
    problem(await sales.colleague.get(f"/contacts/{id}"), 404, "contact-unknown")


async def test_who_leaves_needs_no_body(sales: Sales) -> None:
    id = await added(sales, await sales.customer())
    left = await sales.rep.post(f"/contacts/{id}/left")
    assert (left.status_code, left.json()["facts"]) == (200, ["ContactLeft"])


async def test_only_active_sales_people_cover(sales: Sales) -> None:
    id = await added(sales, await sales.customer())
    for login in ("nobody", "sun.li"):
        refused = problem(await sales.rep.put(f"/contacts/{id}/coverage/{login}"), 422, "colleague-unknown")
        assert refused["field"] == "login"


async def test_observations_come_in_pages_the_latest_first(sales: Sales) -> None:
    id = await added(sales, await sales.customer())
    for day in ("2026-02-27", "2026-03-02", "2026-02-28"):
        seen = {"happened": day, "tells": "x", "on": day}
        assert (await sales.rep.post(f"/contacts/{id}/observations", json=seen)).status_code == 201
    assert (await card(sales, id))["contact"]["observations"] == 3
    first = (await sales.rep.get(f"/contacts/{id}/observations", params={"limit": 2})).json()
    after = {"after": first["next"]}
    rest = (await sales.rep.get(f"/contacts/{id}/observations", params=after)).json()
    assert [row["happened"] for row in (*first["items"], *rest["items"])] == [
        "2026-03-02",
        "2026-02-28",
        "2026-02-27",
    ]


async def test_who_moves_to_another_customer_is_known_at_both(sales: Sales) -> None:
    before, after = await sales.customer(), await sales.customer()
    id = await added(sales, before)
    unseen = await sales.customer(by=sales.stranger)
    body = {"customer_id": unseen, "on": "2026-02-28"}
    problem(await sales.rep.post(f"/contacts/{id}/moved", json=body), 404, "customer-unknown")
    moved = await sales.rep.post(
        f"/contacts/{id}/moved", json=body | {"customer_id": after}, headers={"If-Match": '"2"'}
    )
    assert moved.json()["facts"] == ["ContactLeft", "ContactAdded", "ContactCovered", "TeamJoined"]
    old = (await card(sales, id))["contact"]
    assert (old["customer_id"], old["left_on"], old["moved_to"]) == (before, "2026-02-28", after)
    new = (await card(sales, old["moved_as"]))["contact"]
    assert (new["customer_id"], new["came_from"], new["covered_by"]) == (after, id, ["li.wei"])
    assert new["profile"] == old["profile"]
    problem(await sales.rep.post(f"/contacts/{id}/left", json={}), 409, "contact-gone")
    assert (await sales.rep.post(f"/contacts/{id}/returned")).json()["facts"] == ["ContactReturned"]


async def test_a_stale_version_of_a_contact_is_refused(sales: Sales) -> None:
    id = await added(sales, await sales.customer())
    await sales.serving.catch_up()
    version = (await sales.rep.get(f"/contacts/{id}")).headers["etag"]
    first = await sales.rep.put(
        f"/contacts/{id}", json=WANG | {"title": "总裁"}, headers={"If-Match": version}
    )
    assert (first.status_code, first.json()["facts"]) == (200, ["ContactAmended"])
    late = await sales.rep.put(f"/contacts/{id}", json=WANG, headers={"If-Match": version})
    problem(late, 412, "stale-version")


async def test_an_unknown_contact_is_not_found(sales: Sales) -> None:
    for method, path in (("GET", ""), ("PUT", ""), ("POST", "/left"), ("POST", "/observations")):
        bodies = {"PUT": WANG, "POST": {"happened": "x", "tells": "y"} if path == "/observations" else {}}
        answer = await sales.rep.request(method, f"/contacts/{uuid4()}{path}", json=bodies.get(method))
        problem(answer, 404, "contact-unknown")
