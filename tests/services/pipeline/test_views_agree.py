"""Every view, folded anew from the whole log, has the rows that it came to have one fact at a time."""

import dataclasses
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID

import pytest

from keqing_pipeline.app import CONTEXT
from keqing_pipeline.customer.erasure import ConfirmErasure
from keqing_pipeline.customer.rules import CUSTOMER
from keqing_pipeline.policy import PipelinePolicy
from keqing_pipeline.tracking.policy import BandCapacities
from keqing_shared.views import View, project_all
from tests.harness import serving

from .account_life import the_life_of_an_account, two_files_of_a_key_account
from .conftest import peopled
from .import_rows import customer, opportunity, send
from .sales import Sales, at
from .test_needs_http import ANSWERS


@pytest.fixture
async def sales(database: str, tmp_path: Path) -> AsyncIterator[Sales]:
    policy = PipelinePolicy(band_capacities=BandCapacities(close=1))
    async with serving(dataclasses.replace(CONTEXT, policy=policy), database, tmp_path) as it:
        sales = await peopled(it)
        await it.set_clock(at(2))
        yield sales


async def a_full_life(sales: Sales) -> None:
    """Every kind of fact at least once."""
    customer_id = await sales.customer(name="一生", phones=["13800138333"])
    id = await sales.opportunity(customer_id=customer_id, interests=["CRM"])
    await sales.call(id, "asks_price", next_on="2026-03-04")
    await sales.rep.post(f"/opportunities/{id}/stage", json={"to": "3"})
    await sales.serving.set_clock(at(12))
    await sales.serving.tick()
    await sales.rep.post(f"/opportunities/{id}/visits", json={"outcome": "brief"})
    await sales.rep.post(f"/opportunities/{id}/messages", json={"outcome": "brief"})
    await sales.rep.post(f"/opportunities/{id}/stage", json={"to": "1", "reason": "预算"})
    await sales.rep.put(f"/opportunities/{id}", json={"title": "改名", "expected_close_on": "2026-03-20"})
    await sales.serving.tick()
    await sales.rep.put(f"/opportunities/{id}/purchase-project", json={"problem": "订单错漏"})
    await sales.rep.post(f"/opportunities/{id}/diagnosis", json=ANSWERS)
    await sales.rep.post(f"/opportunities/{id}/need", json={"need": "orders"})
    for reply in ("rejected", "accepted"):
        product = {"product": "shop-window"} if reply == "accepted" else {}
        await sales.rep.post(f"/opportunities/{id}/recommendation", json=product)
        await sales.rep.post(f"/opportunities/{id}/recommendation/{reply}", json={"reason": "太贵"})
    await sales.rep.post(f"/opportunities/{id}/lost", json={"reason": "价格", "rival": "北山"})
    await sales.rep.post(f"/opportunities/{id}/reopened", json={"reason": "又来了"})
    await sales.rep.put(f"/customers/{customer_id}", json={"kind": "enterprise", "name": "一世"})
    await sales.rep.post(f"/customers/{customer_id}/references", json={"system": "shop", "id": "1"})
    moved = {"owner": "zhao.min", "reason": "调整"}
    assert (await sales.manager.post(f"/customers/{customer_id}/owner", json=moved)).status_code == 200
    won = {"amount": {"amount": "9.50", "currency": "CNY"}}
    assert (await sales.colleague.post(f"/opportunities/{id}/won", json=won)).status_code == 200
    await sales.admin.put("/users/chen.bo", json={"name": "Chen", "roles": ["rep"]})
    await sales.admin.delete("/users/chen.bo")
    await send(sales.admin, "customers", customer("v1", "进口"))
    await sales.rep.put("/filters/mine", json={"list": "/opportunities", "query": {"owner": "li.wei"}})
    await sales.rep.delete("/filters/mine")
    [row] = (await send(sales.admin, "opportunities", opportunity("v2", stage="1")))["rows"]
    await send(sales.admin, "opportunities", opportunity("v2", stage="2", source_stage="Two"))
    named = await sales.rep.put(f"/opportunities/{row['id']}/customer", json={"customer_id": customer_id})
    assert named.status_code == 404  # it is zhao.min's by now
    mine = await sales.customer()
    named = await sales.rep.put(f"/opportunities/{row['id']}/customer", json={"customer_id": mine})
    assert named.status_code == 200
    await sales.serving.catch_up()


async def the_people_at_a_customer(sales: Sales) -> None:
    before, after = await sales.customer(), await sales.customer()
    body = {"name": "王丽", "roles": ["decider"]}
    answer = await sales.rep.post(f"/customers/{before}/contacts", json=body)
    contact = f"/contacts/{answer.json()['id']}"
    await sales.rep.put(contact, json=body | {"roles": ["payer"]})
    await sales.rep.put(f"{contact}/coverage/zhao.min")
    await sales.rep.delete(f"{contact}/coverage/zhao.min")
    await sales.rep.post(f"{contact}/observations", json={"happened": "迟到", "tells": "很忙"})
    await sales.rep.post(f"{contact}/moved", json={"customer_id": after})
    path = f"/customers/{before}/team"
    assert (await sales.rep.post(path, json={"login": "zhou.hong"})).status_code == 201
    await sales.colleague.post(f"/customers/{before}/first-impressions", json={"note": "前台最清楚"})
    await sales.serving.set_clock(at(20))
    await sales.serving.tick()
    await sales.serving.set_clock(at(12))
    assert (await sales.rep.delete(f"{path}/zhou.hong")).status_code == 200
    assert (await sales.rep.post(f"{contact}/returned")).status_code == 200
    merged = await sales.manager.post(f"/customers/{before}/merged", json={"into": after, "reason": "同一家"})
    assert merged.status_code == 200, merged.text
    parted = await sales.manager.post(f"/customers/{before}/parted", json={"reason": "看错了"})
    assert parted.status_code == 200, parted.text
    await sales.serving.catch_up()


async def a_pursuit(sales: Sales) -> None:
    """Lists and pool, from the first place taken to the last one left."""

    async def listed(signal: str, stage: str) -> tuple[str, str]:
        customer_id = await sales.customer()
        id = await sales.opportunity(customer_id=customer_id)
        tracked = await sales.rep.post("/tracking-list", json={"customer_id": customer_id})
        assert tracked.status_code == 201, tracked.text
        await sales.call(id, signal)
        moved = await sales.rep.post(f"/opportunities/{id}/stage", json={"to": stage})
        assert moved.status_code == 200, moved.text
        return customer_id, id

    async def given_up(customer_id: str) -> None:
        path = f"/tracking-list/{customer_id}/removal"
        assert (await sales.rep.post(path, json={"reason": "blunder"})).status_code == 200

    async def handed(customer_id: str) -> None:
        body = {"owner": "zhao.min", "reason": "调整"}
        answer = await sales.manager.post(f"/customers/{customer_id}/owner", json=body)
        assert answer.status_code == 200

    customer_id, first = await listed("asks_price", "3")
    await listed("agrees_but_away", "4")
    await sales.opportunity(customer_id=customer_id)
    for _ in range(5):
        await sales.call(first)
    await sales.serving.tick()
    await given_up(customer_id)
    assert (await sales.manager.post(f"/open-pool/{customer_id}/claim", json={})).status_code == 200
    by_hand, _ = await listed("converses", "1")
    await given_up(by_hand)
    await handed(by_hand)
    passed, _ = await listed("converses", "1")
    await handed(passed)
    _, lost = await listed("converses", "1")
    await sales.rep.post(f"/opportunities/{lost}/lost", json={"reason": "价格"})
    await sales.serving.catch_up()


async def somebody_forgotten(sales: Sales) -> None:
    id = await sales.customer(kind="individual", name="忘我", phones=["13800138444"])
    await sales.opportunity(customer_id=id)
    erased = await sales.admin.post(f"/customers/{id}/erasure", json={"reason": "by letter"})
    assert erased.status_code == 202, erased.text
    await sales.serving.service.streams.load(CUSTOMER, UUID(id))
    confirming = ConfirmErasure(context="notify", at=at(12))
    await sales.serving.service.execute(CUSTOMER, UUID(id), confirming, who="notify")
    await sales.serving.catch_up()


async def a_filter_kept_for_a_while(sales: Sales) -> None:
    """No view shows it, and none stumbles over it."""
    kept = await sales.rep.put("/filters/late", json={"list": "/touches", "query": {}})
    assert kept.status_code == 200, kept.text
    assert (await sales.rep.delete("/filters/late")).status_code == 200
    await sales.serving.catch_up()


async def test_folding_anew_gives_the_same_rows(sales: Sales) -> None:
    await a_full_life(sales)
    await a_pursuit(sales)
    await the_people_at_a_customer(sales)
    await somebody_forgotten(sales)
    await the_life_of_an_account(sales)
    await two_files_of_a_key_account(sales)
    await a_filter_kept_for_a_while(sales)
    facts = await sales.serving.service.log.read(0, 10_000)
    told = {type(it.fact) for it in facts}
    pipelines = {fact for fact in CONTEXT.facts if fact.topic.startswith("pipeline.")}
    assert pipelines - told == set(), "this test is to use every kind of fact"
    for view in CONTEXT.views:
        await agree(sales, view, project_all(view, facts))


async def agree(sales: Sales, view: View, folded: object) -> None:
    for table in view.tables:
        records = await sales.serving.service.pool.fetch(f"SELECT {table.columns} FROM {table.name}")
        expected = {table.key_of(row): row for row in folded.all(table)}  # type: ignore[attr-defined]
        assert expected
        assert {table.key_of(row): row for row in table.rows(records)} == expected, table.name
