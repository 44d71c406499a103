"""An admin erases over HTTP; what is left says that there was somebody, and nothing about whom."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from keqing_pipeline.app import CONTEXT
from keqing_pipeline.customer.facts import CustomerRegistered
from keqing_shared.log.verify import verify
from keqing_shared.privacy.erasures import Erasures
from tests.harness import Serving, serving
from tests.problem import problem

from .conftest import peopled

PHONE = "+8613912345678"
PERSON = {
    "kind": "individual",
    "name": "王丽",
    "source": "walk_in",
    "phones": [PHONE],
    "external": [{"system": "crm", "id": "77"}],
}
ORDER = {"reason": "her letter of 2 March"}


@pytest.fixture
async def it(database: str, tmp_path: Path) -> AsyncIterator[Serving]:
    async with serving(CONTEXT, database, tmp_path) as it:
        await peopled(it)
        yield it


async def registered(it: Serving, **more: Any) -> str:
    answer = await it.client("li.wei", "rep").post("/customers", json={**PERSON, **more})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


async def test_it_is_the_admins_to_order_and_the_auditors_to_see(it: Serving) -> None:
    path = f"/customers/{await registered(it)}/erasure"
    for login, role in (("li.wei", "rep"), ("zhao.min", "sales_manager"), ("auditor", "auditor")):
        assert (await it.client(login, role).post(path, json=ORDER)).status_code == 403
    admin = it.client("admin", "admin")
    problem(await admin.get(path), 404, "not-erased")
    assert (await admin.post(path, json={"reason": ""})).status_code == 422
    problem(
        await admin.post("/customers/0198f0c4-5f00-7a00-8000-000000000001/erasure", json=ORDER),
        404,
        "customer-unknown",
    )
    assert (await admin.post(path, json=ORDER)).status_code == 202
    seen = (await it.client("auditor", "auditor").get(path)).json()
    assert (seen["ordered_by"], seen["reason"], seen["complete"]) == ("admin", ORDER["reason"], False)


async def test_two_orders_at_once_are_one(it: Serving) -> None:
    customer = await registered(it)
    admin = it.client("admin", "admin")
    answers = await asyncio.gather(
        *(admin.post(f"/customers/{customer}/erasure", json=ORDER) for _ in range(4))
    )
    assert {answer.status_code for answer in answers} == {202}
    assert sorted(len(answer.json()["facts"]) for answer in answers) == [0, 0, 0, 1]
    kinds = [type(fact.fact).__name__ for fact in await it.service.log.read(0, 100)]
    assert (kinds.count("CustomerErased"), kinds.count("KeyDestroyed")) == (1, 1)


async def test_the_order_and_the_destruction_stand_or_fall_together(
    it: Serving, monkeypatch: pytest.MonkeyPatch
) -> None:
    customer = await registered(it)

    async def dies(*_: Any) -> None:
        raise ConnectionResetError

    with monkeypatch.context() as patched:
        patched.setattr(it.service.keys, "destroy", dies)
        answer = await it.client("admin", "admin").post(f"/customers/{customer}/erasure", json=ORDER)
        assert answer.status_code >= 500
    assert isinstance((await it.service.log.read(0, 100))[-1].fact, CustomerRegistered)
    await it.catch_up()
    card = (await it.client("li.wei", "rep").get(f"/customers/{customer}")).json()
    assert (card["name"], card["erased"]) == ("王丽", False)


async def test_who_was_erased_is_seen_as_such_and_found_by_no_name(it: Serving) -> None:
    customer = await registered(it)
    rep, admin = it.client("li.wei", "rep"), it.client("admin", "admin")
    deal = await rep.post("/opportunities", json={"customer_id": customer, "title": "车床"})
    assert (await admin.post(f"/customers/{customer}/erasure", json=ORDER)).status_code == 202
    await Erasures(it.service).once()
    await it.catch_up()
    card = (await rep.get(f"/customers/{customer}")).json()
    assert (card["name"], card["details"]["phones"], card["erased"]) == ("[erased]", [], True)
    assert [one["title"] for one in card["opportunities"]] == ["车床"]
    assert (await rep.get("/customers", params={"name": "王丽"})).json()["items"] == []
    assert (await rep.get("/customers", params={"phone": PHONE})).json()["items"] == []
    problem(await rep.put(f"/customers/{customer}", json=PERSON), 409, "customer-is-erased")
    contact = {"name": "韩梅"}
    problem(await rep.post(f"/customers/{customer}/contacts", json=contact), 409, "customer-is-erased")
    opening = {"customer_id": customer, "title": "铣床"}
    problem(await rep.post("/opportunities", json=opening), 409, "customer-is-erased")
    call = {"outcome": "brief", "note": "王丽 rang again"}
    problem(await rep.post(f"/opportunities/{deal.json()['id']}/calls", json=call), 409, "customer-is-erased")
    async with it.service.pool.acquire() as connection:
        assert (await verify(connection)).finding is None


async def test_the_same_person_may_come_again_as_somebody_new(it: Serving) -> None:
    first = await registered(it)
    await it.client("admin", "admin").post(f"/customers/{first}/erasure", json=ORDER)
    await it.catch_up()
    second = await registered(it, external=[])
    assert second != first
    taken = await it.client("li.wei", "rep").post("/customers", json={**PERSON, "name": "李雷", "phones": []})
    problem(taken, 409, "reference-taken")  # what another system calls the erased one stays known


async def test_an_enterprise_keeps_its_name(it: Serving) -> None:
    firm = {
        "kind": "enterprise",
        "name": "北京远山科技有限公司",
        "source": "walk_in",
        "enterprise": {"basics": {"legal_representative": "李雷", "business": "软件"}},
    }
    rep = it.client("li.wei", "rep")
    customer = (await rep.post("/customers", json=firm)).json()["id"]
    await it.client("admin", "admin").post(f"/customers/{customer}/erasure", json=ORDER)
    await it.catch_up()
    card = (await rep.get(f"/customers/{customer}")).json()
    basics = card["details"]["enterprise"]["basics"]
    assert (card["name"], basics["legal_representative"]) == (firm["name"], "[erased]")
    assert len((await rep.get("/customers", params={"name": "远山"})).json()["items"]) == 1
    problem(await rep.post("/customers", json={**firm, "name": "北京远山科技"}), 409, "duplicate-customer")


async def test_nobody_owes_a_touch_to_who_was_forgotten_and_what_became_of_it_may_still_be_said(
    it: Serving,
) -> None:
    rep, admin = it.client("li.wei", "rep"), it.client("admin", "admin")
    customer = await registered(it)
    deals = []
    for title in ("会员卡", "续卡"):
        deal = {"customer_id": customer, "title": title}
        answer = await rep.post("/opportunities", json=deal)
        assert answer.status_code == 201, answer.text
        deals.append(answer.json()["id"])
    works = {"kind": "enterprise", "name": "杭州临江纺织", "source": "walk_in"}
    company = await rep.post("/customers", json=works)
    kept = await rep.post("/opportunities", json={"customer_id": company.json()["id"], "title": "织机"})

    async def touched() -> set[str]:
        await it.catch_up()
        rows = (await rep.get("/touches", params={"day": "2099-12-31"})).json()["items"]
        return {row["opportunity_id"] for row in rows}

    assert await touched() == {*deals, kept.json()["id"]}
    for id in (customer, company.json()["id"]):
        assert (await admin.post(f"/customers/{id}/erasure", json=ORDER)).status_code == 202
    assert await touched() == {kept.json()["id"]}, "the company is there still"
    call = {"outcome": "brief", "note": "绝密"}
    problem(await rep.post(f"/opportunities/{deals[0]}/calls", json=call), 409, "customer-is-erased")
    won = {"amount": {"amount": "100", "currency": "CNY"}}
    assert (await rep.post(f"/opportunities/{deals[0]}/won", json=won)).status_code == 200
    assert (await rep.post(f"/opportunities/{deals[1]}/lost", json={"reason": "价格"})).status_code == 200
    problem(
        await rep.post(f"/opportunities/{deals[1]}/reopened", json={"reason": "?"}), 409, "customer-is-erased"
    )
    assert await touched() == {kept.json()["id"]}


async def test_views_that_are_behind_are_waited_for_and_then_named(
    it: Serving, monkeypatch: pytest.MonkeyPatch
) -> None:
    customer = await registered(it)

    async def never(position: int, timeout: float) -> None:
        raise TimeoutError

    monkeypatch.setattr(it.service.views, "wait_for", never)
    order = await it.client("admin", "admin").post(f"/customers/{customer}/erasure", json=ORDER)
    problem(order, 503, "behind")
    monkeypatch.undo()
    assert (await it.client("admin", "admin").post(f"/customers/{customer}/erasure", json=ORDER)).is_success
