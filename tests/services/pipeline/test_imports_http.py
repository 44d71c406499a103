"""Imports over HTTP: what becomes of each row, dry runs, repeats, and whose rows they are."""

from typing import Any
from uuid import UUID

from tests.json_lines import outcomes, post_rows
from tests.problem import problem

from .import_rows import customer, opportunity, send
from .sales import Sales


async def test_good_rows_are_taken_and_bad_ones_named_with_their_line(sales: Sales) -> None:
    report = await send(
        sales.admin,
        "customers",
        customer("1", "甲公司"),
        "",
        "{not json",
        customer("2", "乙公司", phones=["12"]),
        customer("3", "丙公司", owner="nobody.here"),
        customer("4", "丁公司", external=[]),
        customer("5", "甲"),
        customer("1", "戊公司"),
        customer("6", "己公司"),
    )
    assert [row["line"] for row in report["rows"]] == [1, 3, 4, 5, 6, 7, 8, 9]
    assert outcomes(report)[:6] == [
        "created",
        "row-invalid",
        "row-invalid",
        "owner-unknown",
        "row-invalid",
        "duplicate-customer",
    ]
    # The same customer twice in one file: the later line amends what the earlier one registered.
    assert outcomes(report)[6:] == ["amended", "created"]
    assert report["rows"][2]["problem"]["errors"][0]["field"] == "phones.0"
    await sales.serving.catch_up()
    found = (await sales.rep.get("/customers", params={"external": "legacy:1"})).json()["items"]
    assert [row["name"] for row in found] == ["戊公司"]


async def test_a_dry_run_says_the_same_and_changes_nothing(sales: Sales) -> None:
    rows = (
        customer("d1", "干跑一"),
        customer("d2", "干跑一"),
        customer("d3", "干跑三", owner="nobody.here"),
        customer("d1", "干跑改名"),
        customer("d4", "干跑四"),
        customer("d4", "干跑四"),
        customer("d5", "干跑一"),
    )
    before = await sales.serving.service.log.head()
    dry = await send(sales.admin, "customers", *rows, dry_run=True)
    assert await sales.serving.service.log.head() == before
    wet = await send(sales.admin, "customers", *rows)
    assert outcomes(wet) == [
        "created",
        "duplicate-customer",
        "owner-unknown",
        "amended",
        "created",
        "unchanged",
        "created",  # d1 has let the name go
    ]
    assert outcomes(dry) == outcomes(wet)
    assert (dry["dry_run"], wet["dry_run"]) == (True, False)


async def test_a_changed_row_amends_and_an_unchanged_one_does_nothing(sales: Sales) -> None:
    assert outcomes(await send(sales.admin, "customers", customer("r1", "重来一"))) == ["created"]
    assert outcomes(await send(sales.admin, "customers", customer("r1", "重来一"))) == ["unchanged"]
    renamed = customer("r1", "重来改名", owner="zhao.min")
    assert outcomes(await send(sales.admin, "customers", renamed)) == ["amended"]
    assert outcomes(await send(sales.admin, "customers", renamed)) == ["unchanged"]
    # The old name is free again, the new one is not.
    assert outcomes(await send(sales.admin, "customers", customer("r2", "重来一"))) == ["created"]
    assert outcomes(await send(sales.admin, "customers", customer("r3", "重来改名"))) == [
        "duplicate-customer"
    ]
    because = customer("r3", "重来改名", distinct_because="another branch")
    assert outcomes(await send(sales.admin, "customers", because)) == ["created"]


async def test_a_customer_registered_by_hand_is_found_by_its_reference(sales: Sales) -> None:
    id = await sales.customer(name="手工登记", external=[{"system": "legacy", "id": "h1"}])
    report = await send(sales.admin, "customers", customer("h1", "手工登记", note="从旧系统来"))
    assert (outcomes(report), report["rows"][0]["id"]) == (["amended"], id)


async def test_a_row_whose_reference_was_taken_away_from_its_customer_is_about_that_customer_still(
    sales: Sales,
) -> None:
    row = customer("gone", "失联公司")
    [created] = (await send(sales.admin, "customers", row))["rows"]
    file = {"kind": "enterprise", "name": "失联公司", "external": []}
    assert (await sales.rep.put(f"/customers/{created['id']}", json=file)).status_code == 200
    for again in (row, customer("gone", "寻回公司", phones=["13900990099"])):
        [line] = (await send(sales.admin, "customers", again, customer("beside", "旁边公司")))["rows"][:1]
        assert (line["id"], line["outcome"]) == (created["id"], "unchanged" if again is row else "amended")


async def test_what_was_imported_is_read_by_whoever_names_its_position(sales: Sales) -> None:
    row, why = customer("pos1", "位置客户"), {"Keqing-Reason": "moving%20house"}
    answer = await post_rows(sales.admin, "/imports/customers", row, **why)
    after = {"Keqing-After": answer.headers["keqing-position"]}
    card = await sales.rep.get(f"/customers/{answer.json()['rows'][0]['id']}", headers=after)
    assert card.json()["name"] == "位置客户"
    [fact] = await sales.serving.service.log.stream(UUID(answer.json()["rows"][0]["id"]))
    assert (fact.who, fact.why) == ("root", "moving house")


async def test_opportunities_find_their_customers_by_reference_or_id(sales: Sales) -> None:
    [row] = (await send(sales.admin, "customers", customer("o1", "商机客户")))["rows"]
    report = await send(
        sales.admin,
        "opportunities",
        opportunity("a", customer={"system": "legacy", "id": "o1"}, stage="2", source_stage="Demo"),
        opportunity("b", customer=row["id"]),
        opportunity("c"),
        opportunity("d", customer={"system": "legacy", "id": "nowhere"}),
        opportunity("e", customer=row["id"], outcome="won", closed_on="2026-01-31"),
        opportunity(
            "f", outcome="won", closed_on="2026-01-31", close_value={"amount": "5", "currency": "CNY"}
        ),
        opportunity("g", engaged_on="2027-01-01"),
    )
    assert outcomes(report) == [
        "created",
        "created",
        "created",
        "customer-unknown",
        "outcome-incomplete",
        "customer-missing",
        "date-in-future",
    ]
    # What came without a customer is given one by hand, and can then be won.
    nobodys = report["rows"][2]["id"]
    won = {"amount": {"amount": "5", "currency": "CNY"}}
    problem(await sales.rep.post(f"/opportunities/{nobodys}/won", json=won), 409, "customer-missing")
    named = await sales.rep.put(f"/opportunities/{nobodys}/customer", json={"customer_id": row["id"]})
    assert named.json()["facts"] == ["CustomerNamed"]
    assert (await sales.rep.post(f"/opportunities/{nobodys}/won", json=won)).status_code == 200
    other = await sales.customer()
    moved = await sales.rep.put(f"/opportunities/{nobodys}/customer", json={"customer_id": other})
    problem(moved, 409, "customer-fixed")


async def test_a_changed_row_does_not_overrule_what_was_done_here(sales: Sales) -> None:
    [row] = (await send(sales.admin, "opportunities", opportunity("w1")))["rows"]
    await sales.call(row["id"], "converses")
    again = await send(sales.admin, "opportunities", opportunity("w1"), opportunity("w1", title="x"))
    assert outcomes(again) == ["unchanged", "worked-on-since"]


async def test_who_has_left_owns_what_is_over_and_nothing_new(sales: Sales) -> None:
    leaver = {"login": "past.rep", "name": "Past", "roles": ["rep"]}
    assert outcomes(await send(sales.admin, "users", leaver)) == ["created"]
    theirs = customer("left1", "离职客户", owner="past.rep")
    assert outcomes(await send(sales.admin, "customers", theirs)) == ["created"]
    await sales.admin.delete("/users/past.rep")
    # The same rows again change nothing, whoever has left meanwhile.
    assert outcomes(await send(sales.admin, "customers", theirs)) == ["unchanged"]
    assert outcomes(await send(sales.admin, "customers", theirs | {"note": "x"})) == ["owner-unknown"]
    lost = {"outcome": "lost", "closed_on": "2026-01-31"}
    report = await send(
        sales.admin,
        "opportunities",
        opportunity("left2", owner="past.rep", **lost),
        opportunity("left3", owner="past.rep"),
        opportunity("left4", owner="never.here", **lost),
    )
    assert outcomes(report) == ["created", "owner-unknown", "owner-unknown"]


async def test_a_manager_imports_for_the_team_only(sales: Sales) -> None:
    theirs = customer("m1", "东区客户", owner="chen.bo")
    report = await send(sales.manager, "customers", customer("m2", "北区客户"), theirs)
    assert outcomes(report) == ["created", "owner-beyond-team"]
    assert outcomes(await send(sales.admin, "customers", theirs)) == ["created"]
    mine = customer("m1", "东区客户", owner="li.wei")
    assert outcomes(await send(sales.manager, "customers", mine)) == ["customer-unknown"]
    wanted = opportunity("m3", customer={"system": "legacy", "id": "m1"})
    assert outcomes(await send(sales.manager, "opportunities", wanted)) == ["customer-unknown"]


async def test_people_come_in_any_order_and_circles_are_refused(sales: Sales) -> None:
    def person(login: str, manager: str | None) -> dict[str, Any]:
        return {"login": login, "name": login, "roles": ["rep"], "manager": manager}

    rows = (
        person("im.low", "im.mid"),
        person("im.mid", "im.top"),
        person("im.top", None),
        person("im.x", "im.y"),
        person("im.y", "im.x"),
        person("im.z", "nobody.here"),
    )
    expected = ["created"] * 3 + ["manager-unknown"] * 3
    dry = await send(sales.admin, "users", *rows, dry_run=True)
    assert outcomes(dry) == expected
    assert outcomes(await send(sales.admin, "users", *rows)) == expected
    assert outcomes(await send(sales.admin, "users", *rows))[:3] == ["unchanged"] * 3
    assert outcomes(await send(sales.admin, "users", person("im.top", "im.low"))) == ["manager-cycle"]
