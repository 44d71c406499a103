"""Opportunities over HTTP: worked, advanced, won, lost."""

import asyncio
from uuid import uuid4

import pytest

from tests.problem import problem

from .sales import Sales, at


async def test_an_opportunity_is_opened_by_default_for_the_customers_owner(sales: Sales) -> None:
    customer_id = await sales.customer()
    body = {
        "customer_id": customer_id,
        "title": "年度采购",
        "amount": {"amount": "50000.00", "currency": "CNY"},
        "expected_close_on": "2026-04-20",
        "interests": ["CRM"],
    }
    answer = await sales.manager.post("/opportunities", json=body)
    assert (answer.status_code, answer.json()["facts"]) == (201, ["OpportunityOpened"])
    card = await sales.card(answer.json()["id"])
    shown = card["opportunity"]
    assert (shown["owner"], shown["stage"], shown["outcome"]) == ("li.wei", "0", "open")
    assert (shown["next_touch_on"], card["grade"]) == ("2026-03-17", "B")
    assert shown["amount"] == {"amount": "50000.00", "currency": "CNY"}
    mine = (await sales.rep.get("/opportunities", params={"customer_id": customer_id})).json()["items"]
    assert [row["opportunity_id"] for row in mine] == [answer.json()["id"]]


async def test_a_call_is_read_back_at_once_by_whoever_names_its_position(sales: Sales) -> None:
    id = await sales.opportunity()
    answer = await sales.call(
        id,
        "converses",
        at="2026-03-02T09:30:00+08:00",
        minutes=12,
        with_whom=["王总"],
        note="想先看案例",
        objections=["价格偏高"],
        next_step="发案例",
        next_on="2026-03-05",
    )
    after = {"Keqing-After": answer.headers["keqing-position"]}
    card = (await sales.rep.get(f"/opportunities/{id}", headers=after)).json()
    [entry] = card["logbook"]
    assert (entry["kind"], entry["by"], entry["effective"]) == ("call", "li.wei", True)
    assert entry["entered"]["with_whom"] == ["王总"]
    assert entry["at"] == "2026-03-02T01:30:00Z"
    shown = card["opportunity"]
    assert (shown["contacts"], shown["last_contact_on"], shown["next_touch_on"]) == (
        1,
        "2026-03-02",
        "2026-03-05",
    )


async def test_a_visit_keeps_its_steps_and_contacts_come_in_pages(sales: Sales) -> None:
    id = await sales.opportunity()
    visit = {
        "outcome": "appointment",
        "steps": {"target": True, "opening": True},
        "opening": "warm",
        "close": "choice",
    }
    answer = await sales.rep.post(f"/opportunities/{id}/visits", json=visit)
    assert (answer.status_code, answer.json()["facts"]) == (201, ["VisitLogged"])
    for hour in (7, 8, 9):
        await sales.call(id, at=at(2, hour).isoformat())
    await sales.serving.catch_up()
    first = (await sales.rep.get(f"/opportunities/{id}/logbook", params={"limit": 3})).json()
    rest = (
        await sales.rep.get(f"/opportunities/{id}/logbook", params={"limit": 3, "after": first["next"]})
    ).json()
    kinds = [row["kind"] for row in first["items"] + rest["items"]]
    assert (kinds, rest["next"]) == (["visit", "call", "call", "call"], None)
    assert first["items"][0]["entered"]["steps"]["target"] is True
    assert first["items"][0]["entered"]["steps"]["close"] is False


async def test_stages_rise_with_evidence_and_fall_with_a_reason(sales: Sales) -> None:
    id = await sales.opportunity()
    stage = f"/opportunities/{id}/stage"
    document = problem(await sales.rep.post(stage, json={"to": "3"}), 422, "evidence-missing")
    assert "asks_price" in document["missing"]
    assert "asks_basics" not in document["missing"]
    await sales.call(id, "asks_price")
    answer = await sales.rep.post(stage, json={"to": "3"})
    assert (answer.status_code, answer.json()["facts"]) == (200, ["StageAdvanced"])
    problem(await sales.rep.post(stage, json={"to": "1"}), 422, "reason-missing")
    answer = await sales.rep.post(stage, json={"to": "1", "reason": "预算冻结"})
    assert answer.json()["facts"] == ["StageReceded"]
    problem(await sales.rep.post(stage, json={"to": "won"}), 422, "request-invalid")
    card = await sales.card(id)
    assert [(step["to"], step["reason"]) for step in card["opportunity"]["steps"]] == [
        ("0", None),
        ("3", None),
        ("1", "预算冻结"),
    ]
    assert card["opportunity"]["steps"][1]["evidence"] == ["asks_price"]


async def test_an_assessment_that_says_no_is_overridden_by_a_manager_only(sales: Sales) -> None:
    customer_id = await sales.customer(assessment={"stronger_than_rivals": "no"})
    id = await sales.opportunity(customer_id=customer_id)
    await sales.call(id, "asks_price")
    stage, wanted = f"/opportunities/{id}/stage", {"to": "3", "reason": "战略客户"}
    document = problem(await sales.rep.post(stage, json=wanted), 409, "assessment-says-no")
    assert document["objections"] == ["stronger_than_rivals"]
    chinese = await sales.rep.post(stage, json=wanted, headers={"Accept-Language": "zh"})
    assert chinese.json()["detail"] == (
        "以下各项评估为“否”：我们是否强于竞争对手；经理可发送 override_assessment 并说明理由来越过"
    )
    override = wanted | {"override_assessment": True}
    problem(await sales.rep.post(stage, json=override), 403, "override-not-allowed")
    bare = {"to": "3", "override_assessment": True}
    problem(await sales.manager.post(stage, json=bare), 422, "reason-missing")
    answer = await sales.manager.post(stage, json=override)
    assert answer.json()["facts"] == ["StageAdvanced"]


async def test_two_who_advance_the_same_stage_at_once_advance_it_once(sales: Sales) -> None:
    id = await sales.opportunity()
    await sales.call(id, "converses")
    answers = await asyncio.gather(
        *(
            client.post(f"/opportunities/{id}/stage", json={"to": "1"})
            for client in (sales.rep, sales.manager, sales.director)
        )
    )
    assert [answer.status_code for answer in answers] == [200, 200, 200]
    assert sorted(answer.json()["facts"] for answer in answers) == [[], [], ["StageAdvanced"]]


async def test_two_who_close_it_differently_at_once_leave_one_outcome(sales: Sales) -> None:
    id = await sales.opportunity()
    won, lost = await asyncio.gather(
        sales.rep.post(f"/opportunities/{id}/won", json={"amount": {"amount": "10", "currency": "CNY"}}),
        sales.manager.post(f"/opportunities/{id}/lost", json={"reason": "价格"}),
    )
    assert sorted((won.status_code, lost.status_code)) == [200, 409]
    card = await sales.card(id)
    assert card["opportunity"]["outcome"] == ("won" if won.status_code == 200 else "lost")


async def test_won_and_taken_back_and_lost(sales: Sales) -> None:
    id = await sales.opportunity(interests=["CRM", "ERP"])
    body = {"amount": {"amount": "48000.50", "currency": "CNY"}, "won_on": "2026-03-02"}
    answer = await sales.rep.post(f"/opportunities/{id}/won", json=body)
    assert answer.json()["facts"] == ["DealWon"]
    shown = (await sales.card(id))["opportunity"]
    assert (shown["outcome"], shown["products"], shown["won"]) == (
        "won",
        ["CRM", "ERP"],
        {"amount": "48000.50", "currency": "CNY"},
    )
    problem(await sales.rep.post(f"/opportunities/{id}/won", json=body), 409, "already-decided")
    reopened = await sales.rep.post(f"/opportunities/{id}/reopened", json={"reason": "录错了"})
    assert reopened.json()["facts"] == ["OpportunityReopened"]
    problem(await sales.rep.post(f"/opportunities/{id}/reopened", json={"reason": "又"}), 409, "not-decided")
    lost = await sales.rep.post(f"/opportunities/{id}/lost", json={"reason": "价格", "rival": "北山"})
    assert lost.json()["facts"] == ["DealLost"]
    shown = (await sales.card(id))["opportunity"]
    assert (shown["outcome"], shown["lost_because"], shown["rival"], shown["won"]) == (
        "lost",
        "价格",
        "北山",
        None,
    )
    problem(await sales.rep.post(f"/opportunities/{id}/stage", json={"to": "0"}), 409, "already-decided")


@pytest.mark.parametrize(
    ("path", "body", "status", "slug"),
    [
        ("calls", {}, 422, "request-invalid"),
        ("calls", {"outcome": "talked"}, 422, "request-invalid"),
        ("calls", {"outcome": "brief", "signals": ["smiles"]}, 422, "request-invalid"),
        ("calls", {"outcome": "brief", "at": "2026-03-02T10:00:00"}, 422, "request-invalid"),
        ("calls", {"outcome": "brief", "at": "2026-03-03T10:00:00+08:00"}, 422, "contact-in-future"),
        ("calls", {"outcome": "brief", "at": "2026-01-30T10:00:00+08:00"}, 422, "contact-too-old"),
        ("calls", {"outcome": "no_answer", "signals": ["converses"]}, 422, "signals-need-answer"),
        ("calls", {"outcome": "brief", "next_on": "2026-03-01"}, 422, "promise-before-contact"),
        ("visits", {"outcome": "brief", "opening": "loud"}, 422, "request-invalid"),
        ("won", {"amount": {"amount": "0", "currency": "CNY"}}, 422, "amount-not-positive"),
        ("won", {"amount": {"amount": "1", "currency": "yuan"}}, 422, "request-invalid"),
        (
            "won",
            {"amount": {"amount": "1", "currency": "CNY"}, "won_on": "2026-03-09"},
            422,
            "date-in-future",
        ),
        ("lost", {"reason": "x", "lost_on": "2026-03-01"}, 422, "closed-before-opened"),
        ("lost", {}, 422, "request-invalid"),
        ("reopened", {"reason": "x"}, 409, "not-decided"),
        ("stage", {"to": "5"}, 422, "request-invalid"),
    ],
)
async def test_every_refusal_says_which_rule(
    sales: Sales, path: str, body: dict[str, object], status: int, slug: str
) -> None:
    id = await sales.opportunity()
    problem(await sales.rep.post(f"/opportunities/{id}/{path}", json=body), status, slug)


async def test_the_same_key_logs_one_call(sales: Sales) -> None:
    id = await sales.opportunity()
    key = {"Idempotency-Key": str(uuid4())}
    answers = await asyncio.gather(
        *(
            sales.rep.post(f"/opportunities/{id}/calls", json={"outcome": "brief"}, headers=key)
            for _ in range(4)
        )
    )
    assert [answer.status_code for answer in answers] == [201] * 4
    assert len({answer.text for answer in answers}) == 1
    assert (await sales.card(id))["opportunity"]["contacts"] == 1


async def test_a_stale_version_is_refused(sales: Sales) -> None:
    id = await sales.opportunity()
    call = {"outcome": "brief"}
    first = await sales.rep.post(f"/opportunities/{id}/calls", json=call, headers={"If-Match": '"1"'})
    assert first.headers["etag"] == '"2"'
    second = await sales.rep.post(f"/opportunities/{id}/calls", json=call, headers={"If-Match": '"1"'})
    problem(second, 412, "stale-version")
    await sales.serving.catch_up()
    shown = await sales.rep.get(f"/opportunities/{id}")
    assert shown.headers["etag"] == '"2"'


async def test_what_one_expects_is_amended(sales: Sales) -> None:
    id = await sales.opportunity()
    body = {"title": "年度采购", "expected_close_on": "2026-03-31"}
    answer = await sales.rep.put(f"/opportunities/{id}", json=body)
    assert answer.json()["facts"] == ["OpportunityAmended"]
    assert (await sales.card(id))["grade"] == "A"
    negative = body | {"amount": {"amount": "-1", "currency": "CNY"}}
    problem(await sales.rep.put(f"/opportunities/{id}", json=negative), 422, "amount-negative")


async def test_a_manager_hands_an_opportunity_over(sales: Sales) -> None:
    id = await sales.opportunity()
    body = {"owner": "zhao.min", "reason": "休假"}
    problem(await sales.rep.post(f"/opportunities/{id}/owner", json=body), 403, "role-missing")
    problem(await sales.colleague.get(f"/opportunities/{id}"), 404, "opportunity-unknown")
    answer = await sales.manager.post(f"/opportunities/{id}/owner", json=body)
    assert answer.json()["facts"] == ["OpportunityHandedOver"]
    assert (await sales.card(id, by=sales.colleague))["opportunity"]["owner"] == "zhao.min"
    # The customer is still li.wei's, who therefore still sees what goes on with it.
    assert (await sales.rep.get(f"/opportunities/{id}")).status_code == 200
    nobody = body | {"owner": "nobody"}
    problem(await sales.manager.post(f"/opportunities/{id}/owner", json=nobody), 422, "owner-unknown")


async def test_nothing_is_opened_with_a_customer_one_may_not_see(sales: Sales) -> None:
    theirs = await sales.customer(by=sales.stranger)
    for id in (theirs, str(uuid4())):
        answer = await sales.rep.post("/opportunities", json={"customer_id": id, "title": "x"})
        problem(answer, 404, "customer-unknown")
