"""Rows of another system about what is here already: they decide what they speak of, and nothing else."""

from typing import Any
from uuid import UUID

import asyncpg
import pytest

from keqing_pipeline.opportunity.facts import FollowUpMissed
from keqing_pipeline.views import likeness
from tests.json_lines import import_rows, outcomes
from tests.problem import problem

from .import_rows import customer, opportunity, send
from .sales import Sales, at


async def test_a_row_with_fewer_columns_leaves_what_was_entered_by_hand(sales: Sales) -> None:
    [made] = (await send(sales.admin, "customers", customer("few", "留存公司", industry="纺织")))["rows"]
    external = [{"system": "legacy", "id": "few"}]
    by_hand = {"kind": "enterprise", "name": "留存公司", "external": external, "phones": ["13912340001"]}
    saved = await sales.rep.put(f"/customers/{made['id']}", json={**by_hand, "note": "见面谈"})
    assert saved.status_code == 200
    # One row changes the name only, the next one clears the note as well.
    renamed, cleared = customer("few", "留存新公司"), customer("few", "留存三公司", note=None)
    for row, note in ((renamed, "见面谈"), (cleared, None)):
        assert outcomes(await send(sales.admin, "customers", row, dry_run=True)) == ["amended"]
        assert outcomes(await send(sales.admin, "customers", row)) == ["amended"]
        assert outcomes(await send(sales.admin, "customers", row)) == ["unchanged"]
        await sales.serving.catch_up()
        card = (await sales.rep.get(f"/customers/{made['id']}")).json()
        kept = (card["name"], card["details"]["phones"], card["details"]["note"])
        assert kept == (row["name"], ["+8613912340001"], note)
    # The phone is the customer's still: nobody else gets it.
    other = customer("other", "别家公司", phones=["13912340001"])
    assert outcomes(await send(sales.admin, "customers", other)) == ["duplicate-customer"]


async def test_a_sheet_without_a_column_leaves_a_contacts_birthday(sales: Sales) -> None:
    whose = await sales.customer()
    row = {"external": {"system": "legacy", "id": "p1"}, "customer": whose, "name": "王丽"}
    birthday = {"month": 5, "day": 17}
    [made] = (await send(sales.admin, "contacts", {**row, "birthday": birthday, "title": "采购员"}))["rows"]
    assert outcomes(await send(sales.admin, "contacts", {**row, "title": "采购总监"})) == ["amended"]
    await sales.serving.catch_up()
    profile = (await sales.rep.get(f"/contacts/{made['id']}")).json()["contact"]["profile"]
    assert (profile["title"], profile["birthday"]["month"], profile["birthday"]["day"]) == ("采购总监", 5, 17)


async def test_a_list_of_people_without_their_superiors_leaves_them_where_they_are(sales: Sales) -> None:
    new = {"login": "yu.yan", "name": "于燕", "roles": ["rep"], "team": "east", "manager": "wu.jun"}
    assert outcomes(await send(sales.admin, "users", new)) == ["created"]
    slim = {"login": "yu.yan", "name": "于燕", "roles": ["rep", "collector"]}
    assert outcomes(await send(sales.admin, "users", slim)) == ["amended"]
    assert outcomes(await send(sales.admin, "users", slim)) == ["unchanged"]
    await sales.serving.catch_up()
    [person] = [
        one for one in (await sales.admin.get("/users?limit=200")).json()["items"] if one["login"] == "yu.yan"
    ]
    assert (person["team"], person["manager"], person["roles"]) == ("east", "wu.jun", ["rep", "collector"])


async def test_an_unchanged_row_of_a_contact_leaves_what_people_did_since(sales: Sales) -> None:
    whose = await sales.customer()
    row = {"external": {"system": "legacy", "id": "p2"}, "customer": whose, "name": "李雷"}
    row |= {"phones": ["13912340002"], "covered_by": ["li.wei"]}
    [made] = (await send(sales.admin, "contacts", row))["rows"]
    amended = {"name": "李雷", "phones": ["13912340003"], "title": "厂长"}
    assert (await sales.rep.put(f"/contacts/{made['id']}", json=amended)).status_code == 200
    assert (await sales.rep.delete(f"/contacts/{made['id']}/coverage/li.wei")).status_code == 200
    assert outcomes(await send(sales.admin, "contacts", row)) == ["unchanged"]
    await sales.serving.catch_up()
    shown = (await sales.rep.get(f"/contacts/{made['id']}")).json()["contact"]
    assert (shown["profile"]["phones"], shown["covered_by"]) == (["+8613912340003"], [])
    # Once the other system has changed its mind it has its say again.
    assert outcomes(await send(sales.admin, "contacts", row | {"phones": ["13912340004"]})) == ["amended"]
    await sales.serving.catch_up()
    shown = (await sales.rep.get(f"/contacts/{made['id']}")).json()["contact"]
    assert (shown["profile"]["phones"], shown["profile"]["title"]) == (["+8613912340004"], "厂长")
    assert shown["covered_by"] == ["li.wei"]


async def test_a_row_that_speaks_of_the_title_only_leaves_amount_stage_and_promise(sales: Sales) -> None:
    dates = {"engaged_on": "2026-02-02", "next_on": "2026-03-06"}
    first = opportunity("slim", amount={"amount": "700"}, stage="2", **dates)
    [made] = (await send(sales.admin, "opportunities", first))["rows"]
    before = (await sales.card(made["id"], sales.rep))["opportunity"]
    report = await send(sales.admin, "opportunities", opportunity("slim", title="改名"))
    assert outcomes(report) == ["amended"]
    await sales.serving.catch_up()
    after = (await sales.card(made["id"], sales.rep))["opportunity"]
    changed = {name for name in after if after[name] != before.get(name)}
    assert changed - {"version", "changed_at"} == {"title"}
    assert (after["title"], after["amount"]["amount"], after["stage"]) == ("改名", "700", "2")


async def test_a_lost_deal_keeps_its_reason_when_a_row_does_not_say_it(sales: Sales) -> None:
    lost = opportunity(
        "lost", engaged_on="2026-02-02", outcome="lost", closed_on="2026-02-20", reason="价格", rival="泰盛"
    )
    [made] = (await send(sales.admin, "opportunities", lost))["rows"]
    report = await send(sales.admin, "opportunities", opportunity("lost", title="改名"))
    assert outcomes(report) == ["amended"]
    await sales.serving.catch_up()
    card = (await sales.card(made["id"], sales.rep))["opportunity"]
    assert (card["title"], card["outcome"], card["lost_because"], card["rival"]) == (
        "改名",
        "lost",
        "价格",
        "泰盛",
    )


async def test_a_customer_told_apart_once_is_known_again_without_the_reference_that_was_taken_off(
    sales: Sales,
) -> None:
    await send(sales.admin, "customers", customer("t0", "远山贸易公司"))
    await sales.serving.catch_up()
    row: dict[str, Any] = customer("t1", "元山贸易公司", distinct_because="另一家")
    [made] = (await send(sales.admin, "customers", row))["rows"]
    assert made["outcome"] == "created"
    file = {"kind": "enterprise", "name": "元山贸易公司", "external": []}
    assert (await sales.rep.put(f"/customers/{made['id']}", json=file)).status_code == 200
    await sales.serving.catch_up()
    again = customer("t1", "元山贸易公司", note="又来了")
    for dry_run in (True, False):
        report = await send(sales.admin, "customers", again, dry_run=dry_run)
        assert (outcomes(report), report["rows"][0]["id"]) == (["amended"], made["id"])


async def test_while_the_database_is_away_nobody_is_told_that_the_house_is_broken(
    sales: Sales, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def lost(*_: Any) -> None:
        raise asyncpg.ConnectionDoesNotExistError

    monkeypatch.setattr(likeness, "_alike", lost)
    body = {"kind": "enterprise", "name": "断线公司", "source": "internet"}
    problem(await sales.rep.post("/customers", json=body), 503, "database-away")
    problem(await sales.rep.get("/duplicates?name=断线公司"), 503, "database-away")


async def test_rows_of_one_reference_in_one_file_are_taken_in_turn(sales: Sales) -> None:
    names = ("轮流公司", "轮流二公司", "轮流三公司")
    rows = [customer("turn", name, note=name) for name in names]
    report = await import_rows(sales.admin, "/imports/customers", *rows)
    assert outcomes(report) == ["created", "amended", "amended"]
    assert len({row["id"] for row in report["rows"]}) == 1


async def test_an_amount_without_its_currency_stays_in_what_it_was_and_can_be_paid(sales: Sales) -> None:
    yen = {"amount": "700", "currency": "JPY"}
    [made] = (await send(sales.admin, "opportunities", opportunity("yen", amount=yen)))["rows"]
    for amount, became in (("800", "amended"), ("8.50", "amount-not-payable")):
        report = await send(sales.admin, "opportunities", opportunity("yen", amount={"amount": amount}))
        assert outcomes(report) == [became]
    card = (await sales.card(made["id"], sales.rep))["opportunity"]
    assert (card["amount"]["amount"], card["amount"]["currency"]) == ("800", "JPY")


async def test_a_row_that_changes_the_title_makes_no_touch_missed_again(sales: Sales) -> None:
    dates = {"engaged_on": "2026-02-02", "next_on": "2026-03-03"}
    [made] = (await send(sales.admin, "opportunities", opportunity("late", **dates)))["rows"]
    await sales.serving.set_clock(at(5))
    await sales.serving.tick()
    assert outcomes(await send(sales.admin, "opportunities", opportunity("late", title="改名"))) == [
        "amended"
    ]
    await sales.serving.tick()
    facts = await sales.serving.service.log.stream(UUID(made["id"]))
    assert [type(it.fact).__name__ for it in facts if isinstance(it.fact, FollowUpMissed)] == [
        "FollowUpMissed"
    ]


async def test_a_loss_keeps_its_reason_when_only_its_day_changes_and_takes_another(sales: Sales) -> None:
    lost = {"outcome": "lost", "engaged_on": "2026-02-02"}
    first = opportunity("why", closed_on="2026-02-20", reason="价格", **lost)
    [made] = (await send(sales.admin, "opportunities", first))["rows"]
    for row, reason in (
        (opportunity("why", closed_on="2026-02-21", **lost), "价格"),
        (opportunity("why", reason="交期"), "交期"),
    ):
        assert outcomes(await send(sales.admin, "opportunities", row)) == ["amended"]
        card = (await sales.card(made["id"], sales.rep))["opportunity"]
        assert (card["lost_because"], card["closed_on"]) == (reason, "2026-02-21")


async def test_another_outcome_does_not_inherit_the_day_of_the_former(sales: Sales) -> None:
    whose = await sales.customer()
    won = {"outcome": "won", "closed_on": "2026-02-20", "close_value": {"amount": "5"}}
    await send(sales.admin, "opportunities", opportunity("other", customer=whose, **won))
    report = await send(sales.admin, "opportunities", opportunity("other", outcome="lost"))
    assert outcomes(report) == ["outcome-incomplete"]


async def test_nothing_is_imported_of_who_was_forgotten(sales: Sales) -> None:
    person = await sales.customer(kind="individual", name=f"忘记{sales.number()}")
    contact = {"external": {"system": "legacy", "id": "fp"}, "customer": person, "name": "家人"}
    [added] = (await send(sales.admin, "contacts", contact))["rows"]
    [made] = (await send(sales.admin, "opportunities", opportunity("fo", customer=person)))["rows"]
    erased = await sales.admin.post(
        f"/customers/{person}/erasure", json={"reason": "asked"}, headers={"Keqing-Reason": "letter of May"}
    )
    assert erased.status_code == 202, erased.text
    own = {"external": {"system": "keqing", "id": added["id"]}, "customer": person, "name": "别名"}
    for kind, row in (
        ("opportunities", opportunity("fo", next_on="2026-03-20")),
        ("opportunities", opportunity("fo", customer=person, title="改名")),
        ("contacts", own),
        ("contacts", contact | {"title": "主任"}),
    ):
        for dry_run in (True, False):
            report = await send(sales.admin, kind, row, dry_run=dry_run)
            assert outcomes(report) == ["customer-is-erased"], (kind, dry_run)
    assert made["outcome"] == "created"


async def test_people_whose_superior_has_left_stay_where_they_are(sales: Sales) -> None:
    boss = {"login": "old.boss", "name": "旧领导", "roles": ["sales_manager"], "manager": "fang.lei"}
    one = {"login": "left.over", "name": "留守", "roles": ["rep"], "manager": "old.boss"}
    assert outcomes(await send(sales.admin, "users", boss, one)) == ["created", "created"]
    gone = await sales.admin.delete("/users/old.boss")
    assert gone.status_code == 200, gone.text
    slim = {"login": "left.over", "name": "留守者", "roles": ["rep"]}
    assert outcomes(await send(sales.admin, "users", slim)) == ["amended"]


async def test_a_dry_run_decides_on_how_things_stand(sales: Sales) -> None:
    row = customer("dry", "干跑公司")
    [made] = (await send(sales.admin, "customers", row))["rows"]
    await sales.admin.post(f"/customers/{made['id']}/erasure", json={"reason": "asked"})
    for dry_run in (True, False):
        report = await send(sales.admin, "customers", row | {"note": "又"}, dry_run=dry_run)
        assert outcomes(report) == ["customer-is-erased"]
