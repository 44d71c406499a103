"""Rows of another system about what is here already: they decide what they speak of, and nothing else."""

from typing import Any

import asyncpg
import pytest

from keqing_pipeline.views import likeness
from tests.json_lines import import_rows, outcomes
from tests.problem import problem

from .import_rows import customer, opportunity, send
from .sales import Sales


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
