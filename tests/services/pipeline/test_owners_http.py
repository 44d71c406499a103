"""Who may come to own customers and opportunities, in whatever way they come to somebody."""

from typing import Any

import httpx
import pytest

from tests.problem import problem

from .sales import Sales, at


async def enrolled(sales: Sales, login: str, *roles: str, manager: str | None = None) -> httpx.AsyncClient:
    """A person in the directory; their client."""
    body = {"login": login, "name": login, "roles": roles, "manager": manager}
    answer = await sales.admin.post("/users", json=body)
    assert answer.status_code == 201, answer.text
    await sales.serving.catch_up()
    return sales.serving.client(login, *roles)


async def registers(client: httpx.AsyncClient, name: str, **members: Any) -> httpx.Response:
    return await client.post("/customers", json={"kind": "enterprise", "name": name, **members})


async def test_who_was_never_enrolled_owns_nothing_whatever_the_token_says(sales: Sales) -> None:
    unknown = sales.serving.client("never.enrolled", "rep")
    document = problem(await registers(unknown, "无人知晓有限公司"), 403, "not-in-sales")
    assert document["login"] == "never.enrolled"
    assert "enrol never.enrolled" in document["detail"]
    # Enrolled, they register it at once.
    await enrolled(sales, "never.enrolled", "rep")
    assert (await registers(unknown, "无人知晓有限公司")).status_code == 201


async def test_who_is_enrolled_for_something_else_owns_nothing(sales: Sales) -> None:
    await enrolled(sales, "desk.only", "agent")
    claims_to_sell = sales.serving.client("desk.only", "rep")
    problem(await registers(claims_to_sell, "客服登记有限公司"), 403, "not-in-sales")


async def test_who_was_never_enrolled_claims_nothing_from_the_pool(sales: Sales) -> None:
    customer = await sales.customer()
    await sales.opportunity(customer_id=customer)
    await sales.rep.post("/tracking-list", json={"customer_id": customer})
    given_up = {"reason": "blunder"}
    await sales.rep.post(f"/tracking-list/{customer}/removal", json=given_up)
    await sales.serving.set_clock(at(20))
    claim = f"/open-pool/{customer}/claim"
    nobody = sales.serving.client("nobody.enrolled", "rep")
    problem(await nobody.post(claim, json={}), 403, "not-in-sales")
    assert (await sales.colleague.post(claim, json={})).status_code == 200


async def test_who_has_left_gets_in_no_more_from_that_moment_on(sales: Sales) -> None:
    leaver = await enrolled(sales, "leaves.today", "rep", manager="zhou.hong")
    assert (await registers(leaver, "最后一单有限公司")).status_code == 201
    await sales.admin.delete("/users/leaves.today")
    problem(await registers(leaver, "走后登记有限公司"), 401, "unauthenticated")
    problem(await leaver.get("/customers"), 401, "unauthenticated")
    # Amended, they are back, at once as well.
    back = {"name": "leaves.today", "roles": ["rep"], "manager": "zhou.hong"}
    await sales.admin.put("/users/leaves.today", json=back)
    assert (await registers(leaver, "归来登记有限公司")).status_code == 201


async def test_nothing_new_is_opened_for_an_owner_who_has_left(sales: Sales) -> None:
    leaver = await enrolled(sales, "left.behind", "rep", manager="zhou.hong")
    customer = await sales.customer(leaver)
    await sales.admin.delete("/users/left.behind")
    body = {"customer_id": customer, "title": "续约"}
    document = problem(await sales.manager.post("/opportunities", json=body), 422, "owner-unknown")
    assert (document["field"], document["login"]) == ("owner", "left.behind")
    taken_on = await sales.manager.post("/opportunities", json={**body, "owner": "li.wei"})
    assert taken_on.status_code == 201


async def given_up_by(sales: Sales, client: httpx.AsyncClient, by: httpx.AsyncClient | None = None) -> str:
    """A customer of this person, on the list, and then in the open pool; who answers for it now."""
    customer = await sales.customer(client)
    await sales.opportunity(client, customer)
    assert (await client.post("/tracking-list", json={"customer_id": customer})).status_code == 201
    removal = await (by or client).post(f"/tracking-list/{customer}/removal", json={"reason": "blunder"})
    assert removal.status_code == 200, removal.text
    await sales.serving.catch_up()
    shown = await sales.auditor.get("/customers", params={"limit": "200"})
    [owner] = [row["owner"] for row in shown.json()["items"] if row["customer_id"] == customer]
    return str(owner)


@pytest.mark.parametrize("between", ["auditor", "rep"])
async def test_a_customer_given_up_goes_to_the_nearest_above_who_leads_sales(
    sales: Sales, between: str
) -> None:
    await enrolled(sales, f"between.{between}", between, manager="zhou.hong")
    rep = await enrolled(sales, f"below.{between}", "rep", manager=f"between.{between}")
    assert await given_up_by(sales, rep) == "zhou.hong"


async def test_a_customer_given_up_stays_where_nobody_above_leads_sales(sales: Sales) -> None:
    await enrolled(sales, "only.auditor", "auditor")
    rep = await enrolled(sales, "under.auditor", "rep", manager="only.auditor")
    assert await given_up_by(sales, rep) == "under.auditor"


async def test_a_manager_who_has_left_keeps_nothing(sales: Sales) -> None:
    await enrolled(sales, "boss.gone", "sales_manager", manager="fang.lei")
    rep = await enrolled(sales, "of.boss.gone", "rep", manager="boss.gone")
    await sales.admin.delete("/users/boss.gone")
    assert await given_up_by(sales, rep) == "fang.lei"


OTHER_TEAM = {"owner": "chen.bo", "reason": "区域调整"}


async def test_a_manager_appoints_owners_among_those_they_lead_by_hand_as_by_import(sales: Sales) -> None:
    customer = await sales.customer()
    opportunity = await sales.opportunity(customer_id=customer)
    imported = {
        "kind": "enterprise",
        "name": "跨队导入有限公司",
        "source": "import",
        "owner": "chen.bo",
        "external": [{"system": "legacy", "id": "cross-1"}],
    }
    row = await sales.manager.post("/imports/customers", json=imported, headers=JSON_LINES)
    [refused] = row.json()["rows"]
    by_import = refused["problem"]
    leaving = {"previous": "li.wei", **OTHER_TEAM}
    opening = {"customer_id": customer, "title": "x", "owner": "chen.bo"}
    by_hand = [
        await registers(sales.manager, "跨队登记有限公司", owner="chen.bo"),
        await sales.manager.post("/opportunities", json=opening),
        await sales.manager.post(f"/customers/{customer}/owner", json=OTHER_TEAM),
        await sales.manager.post(f"/opportunities/{opportunity}/owner", json=OTHER_TEAM),
        await sales.manager.post("/bulk/customers/owner", json=leaving),
        await sales.manager.post("/bulk/opportunities/owner", json=leaving),
    ]
    for answer in by_hand:
        document = problem(answer, 403, "owner-beyond-team")
        assert document["owner"] == "chen.bo"
        assert {name: document[name] for name in ("type", "title", "detail")} == {
            name: by_import[name] for name in ("type", "title", "detail")
        }
    # Who leads both teams passes it from one to the other.
    handed = await sales.director.post(f"/customers/{customer}/owner", json=OTHER_TEAM)
    assert handed.status_code == 200, handed.text


async def test_a_colleague_of_another_team_may_cover_a_contact_by_hand_as_by_import(sales: Sales) -> None:
    row = {
        "external": {"system": "legacy", "id": "covered-1"},
        "customer": {"system": "legacy", "id": "covered"},
        "name": "王丽",
        "covered_by": ["li.wei", "chen.bo"],
    }
    await sales.customer(external=[row["customer"]])
    answer = await sales.manager.post("/imports/contacts", json=row, headers=JSON_LINES)
    [created] = answer.json()["rows"]
    assert created["outcome"] == "created", answer.text
    uncovered = await sales.rep.delete(f"/contacts/{created['id']}/coverage/chen.bo")
    assert uncovered.status_code == 200, uncovered.text
    by_hand = await sales.rep.put(f"/contacts/{created['id']}/coverage/chen.bo")
    assert by_hand.status_code == 200, by_hand.text


async def test_an_imported_contact_covered_by_nobody_in_sales_names_the_column(
    sales: Sales,
) -> None:
    row = {
        "external": {"system": "legacy", "id": "covered-2"},
        "customer": {"system": "legacy", "id": "covered-by-nobody"},
        "name": "王莉",
        "covered_by": ["sun.li"],
    }
    await sales.customer(external=[row["customer"]])
    answer = await sales.manager.post("/imports/contacts", json=row, headers=JSON_LINES)
    [refused] = answer.json()["rows"]
    assert refused["problem"]["type"] == "/problems/colleague-unknown"
    assert (refused["problem"]["field"], refused["problem"]["login"]) == ("covered_by", "sun.li")


JSON_LINES = {"Content-Type": "application/x-ndjson"}
