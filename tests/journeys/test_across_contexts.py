"""What one context does, the others learn over NATS and act upon."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from uuid import UUID

import nats
import pytest

from tests.journeys.house import House, customer


async def test_a_won_deal_gives_callbacks_at_the_desk_and_a_credit_file_in_collections(house: House) -> None:
    customer_id = await house.do("li.wei", "/pipeline/customers", customer("上海晨光机械有限公司"))
    deal = await house.do("li.wei", "/pipeline/opportunities", {"customer_id": customer_id, "title": "车床"})
    amount = {"amount": "366000", "currency": "CNY"}
    await house.do("li.wei", f"/pipeline/opportunities/{deal}/won", {"amount": amount})

    callbacks = await house.ask("chen.jie", "/service-desk/callbacks", after="pipeline")
    assert [it["kind"] for it in callbacks["items"]] == ["three_days", "three_weeks", "three_months"]
    account = await house.ask("wang.fang", f"/collections/customers/{customer_id}/account", after="pipeline")
    assert account["credit_file"]["purchases"][0]["amount"] == amount
    told = await house.ask("zhao.min", "/notify/inbox", after="pipeline")
    assert [it["kind"] for it in told["items"]] == ["deal_won"]


async def test_a_missed_touch_reaches_its_owner_and_the_third_in_a_row_the_manager(house: House) -> None:
    customer_id = await house.do("li.wei", "/pipeline/customers", customer("Nine Dragons Ltd"))
    deal = await house.do("li.wei", "/pipeline/opportunities", {"customer_id": customer_id, "title": "Pumps"})
    await house.do("li.wei", f"/pipeline/opportunities/{deal}/calls", {"outcome": "brief"})
    now = datetime.now(UTC)
    for missed in (1, 2, 3):
        now += timedelta(days=30)
        await house.set_clock(now)
        await house.tick("pipeline", "missed touches")
        mine = await house.ask("li.wei", "/notify/inbox", after="pipeline")
        assert [it["kind"] for it in mine["items"]] == ["missed_touch"]
        managers = await house.ask("zhao.min", "/notify/inbox", after="pipeline")
        assert len(managers["items"]) == (1 if missed == 3 else 0)


async def test_a_list_that_overflows_and_a_pursuit_in_vain_are_told_to_whose_list_it_is(house: House) -> None:
    policy = await house.call("admin", "GET", "/pipeline/policy")
    narrow = policy.json() | {"band_capacities": policy.json()["band_capacities"] | {"close": 1}}
    headers = {"Keqing-Reason": "a small team"}
    answer = await house.call("admin", "PUT", "/pipeline/policy", json=narrow, headers=headers)
    assert answer.status_code == 200, answer.text
    deals = []
    for name in ("上海晨光机械有限公司", "Nine Dragons Ltd"):
        whom = await house.do("li.wei", "/pipeline/customers", customer(name))
        deal = {"customer_id": whom, "title": "车床"}
        deals.append(await house.do("li.wei", "/pipeline/opportunities", deal))
        await house.do("li.wei", "/pipeline/tracking-list", {"customer_id": whom})
    for deal_id in deals:
        call = {"outcome": "interactive", "signals": ["agrees_but_away"], "with_decider": False}
        await house.do("li.wei", f"/pipeline/opportunities/{deal_id}/calls", call)
        await house.do("li.wei", f"/pipeline/opportunities/{deal_id}/stage", {"to": "4"})
    for _ in range(4):
        await house.do("li.wei", f"/pipeline/opportunities/{deals[0]}/calls", {"outcome": "no_answer"})
    await house.tick("pipeline", "removals suggested")
    mine = await house.ask("li.wei", "/notify/inbox", after="pipeline")
    assert sorted(it["kind"] for it in mine["items"]) == ["band_overfilled", "removal_suggested"]
    [overfilled] = [it for it in mine["items"] if it["kind"] == "band_overfilled"]
    assert (overfilled["members"]["count"], overfilled["members"]["capacity"]) == (2, 1)


async def test_an_overdue_invoice_reaches_its_owner_once_per_threshold(house: House) -> None:
    customer_id = await house.do("li.wei", "/pipeline/customers", customer("Nine Dragons Ltd"))
    today = datetime.now(UTC).date()
    invoice = {
        "customer_id": customer_id,
        "number": "INV-1",
        "issued_on": str(today - timedelta(days=31)),
        "due_on": str(today - timedelta(days=1)),
        "amount": {"amount": "1000.00", "currency": "CNY"},
    }
    await house.do("he.ping", "/collections/invoices", invoice)
    await house.set_clock(datetime.now(UTC) + timedelta(days=2))
    await house.tick("collections")
    await house.tick("collections")  # a second look has nothing to add
    mine = await house.ask("li.wei", "/notify/inbox", after="collections")
    assert [(it["kind"], it["members"]["number"], it["repeats"]) for it in mine["items"]] == [
        ("payment_overdue", "INV-1", 0)
    ]
    assert "INV-1" in mine["items"][0]["body"]
    collectors = await house.ask("wang.fang", "/notify/inbox", after="collections")
    assert len(collectors["items"]) == 1


async def test_a_complaint_reaches_the_customers_owner_of_now(house: House) -> None:
    customer_id = await house.do("li.wei", "/pipeline/customers", customer("Nine Dragons Ltd"))
    handed = {"owner": "sun.li", "reason": "li.wei moves to the south"}
    await house.do("zhao.min", f"/pipeline/customers/{customer_id}/owner", handed)
    # Nothing orders the news of two contexts: notify has heard of the new owner before the complaint comes.
    await house.ask("sun.li", "/notify/inbox", after="pipeline")
    complaint = {
        "customer_id": customer_id,
        "category": "quality",
        "severity": "major",
        "what_happened": "The spindle hums.",
    }
    await house.do("chen.jie", "/service-desk/complaints", complaint)
    kinds = {
        who: [it["kind"] for it in (await house.ask(who, "/notify/inbox", after="service-desk"))["items"]]
        for who in ("li.wei", "sun.li")
    }
    assert "complaint_opened" in kinds["sun.li"]
    assert "complaint_opened" not in kinds["li.wei"]


async def test_a_complaint_and_a_late_payment_stop_gifts_and_warn_of_a_defection(house: House) -> None:
    customer_id = await house.do("li.wei", "/pipeline/customers", customer("Nine Dragons Ltd"))
    deal = await house.do("li.wei", "/pipeline/opportunities", {"customer_id": customer_id, "title": "车床"})
    amount = {"amount": "1000.00", "currency": "CNY"}
    await house.do("li.wei", f"/pipeline/opportunities/{deal}/won", {"amount": amount})
    person = await house.do("li.wei", f"/pipeline/customers/{customer_id}/contacts", {"name": "王丽"})
    today = datetime.now(UTC).date()
    invoice = {
        "customer_id": customer_id,
        "number": "INV-9",
        "issued_on": str(today - timedelta(days=31)),
        "due_on": str(today - timedelta(days=3)),
        "amount": amount,
    }
    await house.do("he.ping", "/collections/invoices", invoice)
    await house.tick("collections")
    complaint = {
        "customer_id": customer_id,
        "category": "quality",
        "severity": "minor",
        "what_happened": "The spindle hums.",
    }
    await house.do("chen.jie", "/service-desk/complaints", complaint)
    for context in ("collections", "service-desk"):
        card = await house.ask("li.wei", f"/pipeline/customers/{customer_id}", after=context)
    account = card["account"]
    assert [mark["open"] for mark in account["complaints"]] == [True]
    assert len(account["late_payments"]) == 1

    path = f"/pipeline/customers/{customer_id}/care-requests"
    wish = {
        "contact_id": person,
        "kind": "gift",
        "occasion": "other",
        "on": str(today + timedelta(days=9)),
        "what": "一盒茶叶",
        "budget": {"amount": "300", "currency": "CNY"},
    }
    refused = await house.call("li.wei", "POST", path, json=wish)
    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/gift-during-complaint")
    await house.do("li.wei", path, wish | {"kind": "meal"})
    await house.tick("pipeline", "defection")
    managers = await house.ask("zhao.min", "/notify/inbox", after="pipeline")
    assert {"care_to_approve", "defection_warning"} <= {it["kind"] for it in managers["items"]}
    [warning] = [
        it
        for it in (await house.ask("li.wei", "/notify/inbox", after="pipeline"))["items"]
        if it["kind"] == "defection_warning"
    ]
    assert warning["body"] == "流失迹象：投诉、付款逾期。"


async def test_a_settlement_by_credit_note_lowers_what_the_invoice_has_open(house: House) -> None:
    customer_id = await house.do("li.wei", "/pipeline/customers", customer("Nine Dragons Ltd"))
    today = datetime.now(UTC).date()
    invoice = await house.do(
        "he.ping",
        "/collections/invoices",
        {
            "customer_id": customer_id,
            "number": "INV-7",
            "issued_on": str(today),
            "due_on": str(today + timedelta(days=30)),
            "amount": {"amount": "1000.00", "currency": "CNY"},
        },
    )
    complaint = await house.do(
        "chen.jie",
        "/service-desk/complaints",
        {
            "customer_id": customer_id,
            "category": "quality",
            "severity": "minor",
            "what_happened": "Two of ten were scratched.",
            "invoices": [invoice],
        },
    )
    path = f"/service-desk/complaints/{complaint}"
    await house.do("chen.jie", f"{path}/acknowledgement", {"apology": "We are sorry.", "heard_out": True})
    facts = {"evidence": "photographs", "cause": "product_quality", "responsible_side": "company"}
    await house.do("chen.jie", f"{path}/facts", facts)
    given = {"form": "credit_note", "amount": {"amount": "200.00", "currency": "CNY"}}
    await house.do("chen.jie", f"{path}/solution", {**given, "description": "A fifth off."})
    await house.do("chen.jie", f"{path}/solution/answer", {"accepted": True})
    await house.do("chen.jie", f"{path}/settlement", {**given, "invoice_id": invoice})
    seen = await house.ask("he.ping", f"/collections/invoices/{invoice}", after="service-desk")
    assert seen["open"]["amount"] == "800.00"


async def test_a_logged_call_is_on_the_board_on_nats_and_in_the_audit(house: House, nats_url: str) -> None:
    customer_id = await house.do("li.wei", "/pipeline/customers", customer("Nine Dragons Ltd"))
    deal = await house.do("li.wei", "/pipeline/opportunities", {"customer_id": customer_id, "title": "Pumps"})
    listener = await nats.connect(nats_url)
    heard = await listener.subscribe(f"keqing.pipeline.CallLogged.{customer_id}")
    await listener.flush()
    call = {
        "outcome": "interactive",
        "signals": ["asks_price"],
        "note": "王总的女儿今年高考",
        "next_step": "报价",
    }
    await house.do("li.wei", f"/pipeline/opportunities/{deal}/calls", call)

    message = json.loads((await asyncio.wait_for(heard.next_msg(timeout=5), 5)).data)
    assert message["specversion"] == "1.0"
    assert message["data"]["opportunity_id"] == deal
    assert "王总" not in json.dumps(message, ensure_ascii=False)
    await listener.close()
    board = await house.ask("li.wei", "/pipeline/board", after="pipeline")
    assert sum(cell["count"] for cell in board) == 1
    history = await house.ask("auditor", f"/pipeline/audit/customers/{customer_id}", after="pipeline")
    assert [it["kind"] for it in history["items"]] == [
        "CustomerRegistered",
        "OpportunityOpened",
        "CallLogged",
    ]
    assert history["items"][-1]["who"] == "li.wei"


async def test_every_context_knows_the_people_and_the_customers(house: House) -> None:
    customer_id = await house.do("li.wei", "/pipeline/customers", customer("Nine Dragons Ltd"))
    position = int(house.positions["pipeline"].partition(":")[2])
    for name in ("service-desk", "collections", "notify"):
        service = house.services[name].service
        assert service.consumers is not None
        await service.consumers.wait_for("pipeline", position, 5)
        entry = await service.directory.customer(UUID(customer_id))
        assert entry is not None
        assert (entry.owner, entry.name) == ("li.wei", "Nine Dragons Ltd")
        person = await service.directory.person("li.wei")
        assert person is not None
        assert (person.name, person.manager, person.team) == ("李伟", "zhao.min", "north")


async def test_who_was_deactivated_is_let_in_nowhere(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("keqing_shared.http.standing.SECONDS", 0.0)
    doors = ("/pipeline/board", "/service-desk/callbacks", "/collections/invoices", "/notify/inbox")
    for door in doors:
        assert (await house.ask("sun.li", door, after="pipeline")) is not None
    assert (await house.call("admin", "DELETE", "/pipeline/users/sun.li")).is_success
    for door in doors:
        known = {"Keqing-After": house.positions["pipeline"]}
        await house.call("li.wei", "GET", door, headers=known)  # once this is answered it is known there
        refused = await house.call("sun.li", "GET", door)
        assert (refused.status_code, refused.json()["detail"]) == (401, "this user was deactivated")
