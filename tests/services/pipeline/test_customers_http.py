"""Customers over HTTP."""

import asyncio
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest

from tests.json_lines import import_rows, outcomes
from tests.problem import problem

from .sales import Sales
from .there_and_back import FORMATS, rows_of


async def test_a_registered_customer_is_found_and_shown(sales: Sales) -> None:
    body = {
        "kind": "enterprise",
        "name": "北京远山科技有限公司",
        "phones": ["138 0013 8001", "010-65529988"],
        "source": "trade_show",
        "importance": "key",
        "man": {"money": "yes", "authority": "yes", "need": "unknown"},
        "external": [{"system": "crm", "id": "Y-1"}],
        "enterprise": {"traits": {"region": "华北", "employees": 120}},
    }
    answer = await sales.rep.post("/customers", json=body)
    assert answer.status_code == 201
    assert answer.headers["etag"] == '"1"'
    receipt = answer.json()
    assert receipt["facts"] == ["CustomerRegistered"]
    after = {"Keqing-After": answer.headers["keqing-position"]}
    card = (await sales.rep.get(f"/customers/{receipt['id']}", headers=after)).json()
    assert (card["name"], card["owner"]) == ("北京远山科技有限公司", "li.wei")
    assert card["details"]["phones"] == ["+8613800138001", "+861065529988"]
    assert card["advice"]["code"] == "find_out"
    assert card["advice"]["find_out"] == ["need"]
    for query in (
        {"name": "远山科技"},
        {"name": "远山　科技"},
        {"phone": "13800138001"},
        {"external": "crm:Y-1"},
        {"name": "远山", "owner": "li.wei"},
    ):
        found = (await sales.rep.get("/customers", params=query)).json()["items"]
        assert [row["customer_id"] for row in found] == [receipt["id"]], query
    none = await sales.rep.get("/customers", params={"name": "远山", "owner": "zhao.min"})
    assert none.json() == {"items": [], "next": None}


async def test_customers_come_in_pages_in_the_order_of_their_names(sales: Sales) -> None:
    names = [f"Paged {letter}" for letter in "CABED"]
    for name in names:
        await sales.customer(name=name)
    await sales.serving.catch_up()
    seen: list[str] = []
    query: dict[str, str] = {"name": "paged", "limit": "2"}
    while True:
        page = (await sales.rep.get("/customers", params=query)).json()
        seen += [row["name"] for row in page["items"]]
        if page["next"] is None:
            break
        query["after"] = page["next"]
    assert seen == sorted(names)


async def test_nobody_is_founded_after_today_in_shanghai(sales: Sales) -> None:
    await sales.serving.set_clock(datetime(2026, 3, 2, 17, tzinfo=UTC))  # one o'clock on the 3rd in Shanghai

    def founded(day: str, **members: Any) -> dict[str, Any]:
        basics = {"basics": {"founded_on": day}}
        return {"kind": "enterprise", "name": f"Founded {sales.number()}", "enterprise": basics, **members}

    refused = await sales.rep.post("/customers", json=founded("2026-03-04"))
    assert problem(refused, 422, "founded-in-future")["field"] == "enterprise.basics.founded_on"
    id = (await sales.rep.post("/customers", json=founded("2026-03-03"))).json()["id"]
    problem(await sales.rep.put(f"/customers/{id}", json=founded("2026-03-04")), 422, "founded-in-future")
    row = {"owner": "li.wei", "external": [{"system": "legacy", "id": f"founded {id}"}]}
    rows = (founded("2026-03-04", **row), founded("2026-03-03", **row))
    report = await import_rows(sales.admin, "/imports/customers", *rows, dry_run=True)
    assert outcomes(report) == ["founded-in-future", "created"]
    own = {"owner": "li.wei", "external": [{"system": "keqing", "id": id}]}
    report = await import_rows(sales.admin, "/imports/customers", founded("2026-03-04", **own))
    assert outcomes(report) == ["founded-in-future"]


@pytest.mark.parametrize("media_type", FORMATS)
async def test_by_what_customers_and_contacts_are_compared_is_told_in_no_form(
    sales: Sales, media_type: str
) -> None:
    customer = await sales.customer(external=[{"system": "crm", "id": f"K-{sales.number()}"}])
    contact = (await sales.rep.post(f"/customers/{customer}/contacts", json={"name": "王丽"})).json()["id"]
    await sales.serving.catch_up()
    shown = [(await sales.rep.get(f"/contacts/{contact}")).json()["contact"]]
    for path in ("/customers", "/contacts"):
        shown += (await sales.rep.get(path)).json()["items"]
        file = await sales.rep.get(path, headers={"Accept": media_type})
        shown += rows_of(media_type, file.content)
    assert {"name"} == {key for row in shown for key in row if key in ("name", "name_key", "external_keys")}


@pytest.mark.parametrize(
    ("first", "second", "alike"),
    [
        ({"name": "海潮贸易有限公司"}, {"name": "海潮 贸易"}, "name"),
        ({"phones": ["13800138111"]}, {"phones": ["+86 138-0013-8111"]}, "phone"),
        ({"name": "宏图商贸"}, {"name": "红图商贸有限公司"}, "pinyin"),
        ({"name": "苏州远航精密机械"}, {"name": "苏州市远航精密机械"}, "near_name"),
    ],
)
async def test_a_duplicate_is_refused_with_its_candidates_and_taken_with_a_reason(
    sales: Sales, first: dict[str, object], second: dict[str, object], alike: str
) -> None:
    known = await sales.customer(**first)
    await sales.serving.catch_up()
    body = {"kind": "enterprise", "name": f"Second {sales.number()}", **second}
    document = problem(await sales.rep.post("/customers", json=body), 409, "duplicate-customer")
    [candidate] = document["candidates"]
    assert (candidate["id"], candidate["owner"]) == (known, "li.wei")
    assert candidate["name"] is not None
    assert alike in candidate["matched"]
    assert candidate["score"] >= 85
    # Somebody who may not see the other hears that there is one and whom to ask, but not who.
    document = problem(await sales.stranger.post("/customers", json=body), 409, "duplicate-customer")
    assert document["candidates"] == [candidate | {"name": None}]
    answer = await sales.rep.post("/customers", json=body | {"distinct_because": "a branch of theirs"})
    assert answer.status_code == 201, answer.text


async def test_an_external_reference_is_nobody_elses_whatever_the_reason(sales: Sales) -> None:
    await sales.customer(external=[{"system": "erp", "id": "7"}])
    body = {
        "kind": "enterprise",
        "name": "Third",
        "external": [{"system": "erp", "id": "7"}],
        "distinct_because": "I insist",
    }
    problem(await sales.rep.post("/customers", json=body), 409, "reference-taken")


async def test_of_two_who_register_the_same_at_once_one_is_told_of_the_other(sales: Sales) -> None:
    body = {"kind": "enterprise", "name": "双登有限公司", "phones": ["13800138222"]}
    answers = await asyncio.gather(
        *(client.post("/customers", json=body) for client in (sales.rep, sales.colleague, sales.stranger))
    )
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409]
    [winner] = [answer.json()["id"] for answer in answers if answer.status_code == 201]
    for answer in answers:
        if answer.status_code == 409:
            document = problem(answer, 409, "duplicate-customer")
            assert [one["id"] for one in document["candidates"]] == [winner]
    await sales.serving.catch_up()
    found = (await sales.auditor.get("/customers", params={"name": "双登"})).json()["items"]
    assert len(found) == 1


async def test_the_same_key_registers_once(sales: Sales) -> None:
    body = {"kind": "individual", "name": "张三丰"}
    key = {"Idempotency-Key": f"register-{uuid4()}"}
    first = await sales.rep.post("/customers", json=body, headers=key)
    again = await sales.rep.post("/customers", json=body, headers=key)
    assert first.status_code == again.status_code == 201
    assert first.json() == again.json()
    assert again.headers["keqing-repeated"] == "true"
    other = await sales.rep.post("/customers", json=body | {"name": "李四"}, headers=key)
    problem(other, 422, "key-reused")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"kind": "enterprise"}, "name"),
        ({"kind": "company", "name": "X"}, "kind"),
        ({"kind": "enterprise", "name": " "}, "name"),
        ({"kind": "enterprise", "name": "X", "phones": ["12"]}, "phones.0"),
        ({"kind": "enterprise", "name": "X", "source": "fax"}, "source"),
        ({"kind": "enterprise", "name": "X", "man": {"money": True}}, "man.money"),
        ({"kind": "enterprise", "name": "X", "surprise": 1}, "surprise"),
    ],
)
async def test_bad_input_names_its_field(sales: Sales, body: dict[str, object], field: str) -> None:
    document = problem(await sales.rep.post("/customers", json=body), 422, "request-invalid")
    assert field in [error["field"] for error in document["errors"]]


async def test_sections_of_the_other_kind_are_refused(sales: Sales) -> None:
    body = {"kind": "individual", "name": "王五", "enterprise": {}}
    problem(await sales.rep.post("/customers", json=body), 422, "sections-mismatch")


async def test_a_rep_registers_for_themselves_and_a_manager_for_the_team(sales: Sales) -> None:
    body = {"kind": "enterprise", "name": "归属有限公司", "owner": "zhao.min"}
    problem(await sales.rep.post("/customers", json=body), 403, "owner-not-yours")
    problem(await sales.manager.post("/customers", json=body | {"owner": "nobody"}), 422, "owner-unknown")
    problem(await sales.manager.post("/customers", json=body | {"owner": "sun.li"}), 422, "owner-unknown")
    answer = await sales.manager.post("/customers", json=body)
    assert answer.status_code == 201
    await sales.serving.catch_up()
    assert (await sales.colleague.get(f"/customers/{answer.json()['id']}")).status_code == 200


async def test_amending_frees_old_names_and_takes_new_ones(sales: Sales) -> None:
    id = await sales.customer(name="旧名有限公司", external=[{"system": "old", "id": "1"}])
    amended = {"kind": "enterprise", "name": "新名有限公司"}
    answer = await sales.rep.put(f"/customers/{id}", json=amended)
    assert (answer.status_code, answer.json()["facts"]) == (200, ["CustomerAmended"])
    problem(
        await sales.rep.post("/customers", json={"kind": "enterprise", "name": "新名"}),
        409,
        "duplicate-customer",
    )
    await sales.customer(name="旧名", external=[{"system": "old", "id": "1"}])
    # Coming back to the old name is now another's name.
    back = await sales.rep.put(f"/customers/{id}", json={"kind": "enterprise", "name": "旧名"})
    problem(back, 409, "duplicate-customer")
    nothing = await sales.rep.put(f"/customers/{id}", json=amended)
    assert nothing.json()["facts"] == []
    problem(
        await sales.rep.put(f"/customers/{id}", json={"kind": "individual", "name": "新名"}),
        422,
        "kind-fixed",
    )


async def test_a_stale_version_is_refused(sales: Sales) -> None:
    id = await sales.customer()
    body = {"kind": "enterprise", "name": f"改名{sales.number()}"}
    fresh = await sales.rep.put(f"/customers/{id}", json=body, headers={"If-Match": '"1"'})
    assert fresh.status_code == 200
    assert fresh.headers["etag"] == '"2"'
    stale = await sales.rep.put(f"/customers/{id}", json=body | {"note": "晚了"}, headers={"If-Match": '"1"'})
    problem(stale, 412, "stale-version")


async def test_a_reference_is_added_and_found(sales: Sales) -> None:
    id = await sales.customer()
    other = await sales.customer()
    answer = await sales.rep.post(f"/customers/{id}/references", json={"system": "shop", "id": "88"})
    assert answer.status_code == 201
    await sales.serving.catch_up()
    found = (await sales.rep.get("/customers", params={"external": "shop:88"})).json()["items"]
    assert [row["customer_id"] for row in found] == [id]
    taken = await sales.rep.post(f"/customers/{other}/references", json={"system": "shop", "id": "88"})
    problem(taken, 409, "reference-taken")


async def test_a_customer_changes_hands_with_its_open_opportunities(sales: Sales) -> None:
    id = await sales.customer()
    still_open = await sales.opportunity(customer_id=id)
    lost = await sales.opportunity(customer_id=id)
    await sales.rep.post(f"/opportunities/{lost}/lost", json={"reason": "价格"})
    body = {"owner": "zhao.min", "reason": "区域调整"}
    problem(await sales.rep.post(f"/customers/{id}/owner", json=body), 403, "role-missing")
    answer = await sales.manager.post(f"/customers/{id}/owner", json=body)
    assert answer.json()["facts"] == ["OwnerChanged", "TeamJoined", "OpportunityHandedOver"]
    await sales.serving.catch_up()
    problem(await sales.rep.get(f"/customers/{id}"), 404, "customer-unknown")
    card = (await sales.colleague.get(f"/customers/{id}")).json()
    owners = {row["opportunity_id"]: row["owner"] for row in card["opportunities"]}
    assert owners == {still_open: "zhao.min", lost: "li.wei"}
    problem(
        await sales.manager.post(f"/customers/{id}/owner", json={"owner": "nobody", "reason": "x"}),
        422,
        "owner-unknown",
    )
    missing = await sales.manager.post(f"/customers/{id}/owner", json={"owner": "zhao.min"})
    problem(missing, 422, "request-invalid")


async def test_the_card_counts_what_was_tried_and_bought(sales: Sales) -> None:
    id = await sales.customer()
    for amount in ("1200.50", "800.00"):
        won = await sales.opportunity(customer_id=id)
        body = {"amount": {"amount": amount, "currency": "CNY"}, "products": ["CRM"]}
        answer = await sales.rep.post(f"/opportunities/{won}/won", json=body)
        assert answer.status_code == 200, answer.text
    opened = await sales.opportunity(customer_id=id, expected_close_on="2026-03-20")
    await sales.call(opened)
    await sales.serving.catch_up()
    answer = await sales.rep.get(f"/customers/{id}")
    card = answer.json()
    assert answer.headers["etag"] == '"1"'
    assert (card["open"], card["won"], card["lost"]) == (1, 2, 0)
    assert card["purchases"] == [{"amount": "2000.50", "currency": "CNY"}]
    assert card["last_contact_on"] == "2026-03-02"
    assert card["opportunities"][0]["opportunity_id"] == opened
    assert card["opportunities"][0]["grade"] == "A"
