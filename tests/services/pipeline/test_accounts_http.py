"""Accounts over HTTP: what other contexts tell, classes and Pareto, key accounts, and who may leave.

Classes are computed over everybody, and each currency is ranked alone: every test buys in one of its own.
"""

from datetime import UTC, datetime
from uuid import uuid4

import pytest

from tests.answer import read
from tests.problem import problem
from tests.services.pipeline.accounts import account, bought, facts, watched
from tests.services.pipeline.hearing import hear
from tests.services.pipeline.sales import Sales, at


async def test_a_complaint_marks_the_account_until_it_is_closed(sales: Sales) -> None:
    customer, complaint = await sales.customer(), str(uuid4())
    await hear(sales, "service-desk", "ComplaintOpened", customer, times=2, complaint_id=complaint)
    mark = {"complaint_id": complaint, "opened_on": "2026-03-02", "open": True}
    assert (await account(sales, customer))["account"]["complaints"] == [mark]
    assert (await account(sales, customer))["signs"] == [], "a customer who never bought cannot be lost"
    await hear(sales, "service-desk", "ComplaintClosed", customer, times=2, complaint_id=complaint)
    assert (await account(sales, customer))["account"]["complaints"] == [mark | {"open": False}]
    later = datetime(2026, 3, 4, 17, tzinfo=UTC)
    await hear(sales, "service-desk", "ComplaintReopened", customer, at=later, complaint_id=complaint)
    # Five in the afternoon in London is one in the morning of the next day in Shanghai.
    again = mark | {"opened_on": "2026-03-05"}
    assert (await account(sales, customer))["account"]["complaints"] == [again]
    assert len(await facts(sales, customer, "ComplaintMarked", "ComplaintCleared")) == 3


@pytest.mark.parametrize("end", ["InvoiceSettled", "InvoiceCancelled", "InvoiceWrittenOff"])
async def test_a_payment_is_late_once_until_nobody_waits_for_it(sales: Sales, end: str) -> None:
    customer, invoice = await sales.customer(), str(uuid4())
    for threshold in (1, 30):
        await hear(
            sales,
            "collections",
            "PaymentOverdue",
            customer,
            invoice_id=invoice,
            due_on="2026-02-01",
            threshold=threshold,
        )
    late = (await account(sales, customer))["account"]["late_payments"]
    assert late == [{"invoice_id": invoice, "due_on": "2026-02-01"}]
    await hear(sales, "collections", end, customer, times=2, invoice_id=invoice)
    assert (await account(sales, customer))["account"]["late_payments"] == []
    assert len(await facts(sales, customer, "PaymentLate", "LatenessEnded")) == 2
    await hear(sales, "collections", "InvoiceReopened", customer, times=2, invoice_id=invoice)
    assert (await account(sales, customer))["account"]["late_payments"] == late


async def test_credit_that_is_held_warns_until_it_is_released(sales: Sales) -> None:
    customer = await sales.customer()
    await hear(sales, "collections", "CreditHeld", customer, times=2, reason="over_limit")
    assert (await account(sales, customer))["account"]["credit_held"] is True
    await hear(sales, "collections", "CreditReleased", customer, times=2)
    assert (await account(sales, customer))["account"]["credit_held"] is False
    assert len(await facts(sales, customer, "CreditHoldMarked", "CreditHoldCleared")) == 2


async def test_what_was_paid_is_summed_by_currency_without_what_went_back(sales: Sales) -> None:
    customer, first = await sales.customer(), str(uuid4())
    for id, amount, currency in (
        (first, "100.50", "CNY"),
        (str(uuid4()), "9.50", "CNY"),
        (str(uuid4()), "7", "USD"),
    ):
        money = {"amount": amount, "currency": currency}
        await hear(
            sales,
            "collections",
            "PaymentReceived",
            customer,
            times=2,
            payment_id=id,
            amount=money,
            received_on="2026-03-01",
        )
    shown = (await account(sales, customer))["account"]["paid"]
    assert shown == [{"amount": "110.00", "currency": "CNY"}, {"amount": "7", "currency": "USD"}]
    back = {"amount": {"amount": "100.50", "currency": "CNY"}, "on": "2026-03-02"}
    for id in (first, str(uuid4())):  # the other one was credit on account, and never counted
        await hear(sales, "collections", "PaymentReversed", customer, times=2, payment_id=id, **back)
    shown = (await account(sales, customer))["account"]["paid"]
    assert shown == [{"amount": "9.50", "currency": "CNY"}, {"amount": "7", "currency": "USD"}]


async def test_classes_are_computed_on_demand_and_a_fact_says_who_moved(sales: Sales) -> None:
    big, middle, small, stranger = [await sales.customer() for _ in range(3)] + [
        await sales.customer(by=sales.stranger)
    ]
    # Above each, of 1,000: 0, 700, 900 and 960.
    for customer, amount in ((big, 700), (middle, 200), (stranger, 60), (small, 40)):
        await bought(sales, customer, amount, "JPY")
    classed = read(await sales.manager.post("/abc"))
    assert classed["as_of"] == "2026-03-02"
    shown = {c: (await account(sales, c))["account"]["abc"] for c in (big, middle, small)}
    assert shown == {big: "A", middle: "A", small: "C"}
    [said] = await facts(sales, small, "AccountClassed")
    assert (said.fact.abc, said.fact.previous, said.who) == ("C", None, "zhou.hong")
    assert read(await sales.manager.post("/abc"))["changed"] == 0
    await bought(sales, small, 9000, "JPY")
    # Above each, of 10,000: 0 (small), 9,040 (big), 9,740 (middle), 9,940: the stranger is C already.
    assert read(await sales.manager.post("/abc"))["changed"] == 3
    shown = {c: (await account(sales, c))["account"]["abc"] for c in (big, middle, small)}
    assert shown == {big: "B", middle: "C", small: "A"}
    [_, again] = await facts(sales, small, "AccountClassed")
    assert (again.fact.abc, again.fact.previous) == ("A", "C")
    assert read(await sales.other_manager.post("/abc"))["changed"] == 0


async def test_no_classes_are_computed_from_views_that_are_behind(sales: Sales) -> None:
    async with sales.serving.service.pool.acquire() as elsewhere:
        async with elsewhere.transaction():
            await elsewhere.execute("SELECT FROM views FOR UPDATE")  # nobody gets any further
            await sales.customer()
            problem(await sales.manager.post("/abc"), 503, "behind")
    read(await sales.manager.post("/abc"))


async def test_what_was_bought_more_than_twelve_months_ago_no_longer_counts(sales: Sales) -> None:
    old, new = await sales.customer(), await sales.customer()
    await bought(sales, old, 900, "KRW", on="2025-03-03")
    await bought(sales, new, 100, "KRW")
    await sales.manager.post("/abc")
    assert (await account(sales, old))["account"]["abc"] == "A"
    await sales.serving.set_clock(at(3))
    await sales.manager.post("/abc")
    assert (await account(sales, old))["account"]["abc"] == "C", "had a class, and buys nothing any more"
    assert (await account(sales, new))["account"]["abc"] == "A"


async def test_the_clockwork_computes_classes_once_a_month(sales: Sales) -> None:
    customer = await sales.customer()
    await sales.serving.tick("monthly classes")
    await bought(sales, customer, 5, "VND")
    assert await sales.serving.tick("monthly classes") == 0
    await sales.serving.set_clock(datetime(2026, 3, 31, 16, 0, 1, tzinfo=UTC))  # 1 April in Shanghai
    assert await sales.serving.tick("monthly classes") >= 2
    assert (await account(sales, customer))["account"]["abc"] == "A"
    assert await sales.serving.tick("monthly classes") == 0


async def test_pareto_ranks_what_one_may_see(sales: Sales) -> None:
    first, second, third = [await sales.customer() for _ in range(3)]
    hidden = await sales.customer(by=sales.stranger)
    for customer, amount in ((first, 300), (first, 200), (second, 250), (third, 250), (hidden, 9000)):
        await bought(sales, customer, amount, "HUF")
    await sales.serving.catch_up()
    lines, query = [], {"currency": "HUF", "limit": "1"}
    while True:
        page = read(await sales.rep.get("/pareto", params=query))
        lines += page["items"]
        if page["next"] is None:
            break
        query["after"] = page["next"]
    assert [(line["customer_id"], line["rank"]) for line in lines] == [
        (first, 1),
        *((customer, 2) for customer in sorted((second, third))),
    ]
    assert [line["bought"]["amount"] for line in lines] == ["500", "250", "250"]
    assert [line["purchases"] for line in lines] == [2, 1, 1]
    assert [(line["percent"], line["cumulative_percent"]) for line in lines] == [
        ("50.0", "50.0"),
        ("25.0", "100.0"),
        ("25.0", "100.0"),
    ]
    [of_all, *_] = read(await sales.auditor.get("/pareto", params={"currency": "HUF"}))["items"]
    assert (of_all["customer_id"], of_all["percent"]) == (hidden, "90.0")
    earlier = {"currency": "HUF", "until": "2026-03-01"}
    assert read(await sales.rep.get("/pareto", params=earlier))["items"] == []


async def test_a_deal_that_is_open_again_is_no_purchase(sales: Sales) -> None:
    customer = await sales.customer()
    id = await sales.opportunity(customer_id=customer)
    won = {"amount": {"amount": "80", "currency": "SEK"}}
    read(await sales.rep.post(f"/opportunities/{id}/won", json=won))
    await sales.serving.catch_up()
    query = {"currency": "SEK"}
    assert len(read(await sales.rep.get("/pareto", params=query))["items"]) == 1
    read(await sales.rep.post(f"/opportunities/{id}/reopened", json={"reason": "退货"}))
    await sales.serving.catch_up()
    assert read(await sales.rep.get("/pareto", params=query))["items"] == []


async def test_a_key_account_is_named_planned_reviewed_and_ended(sales: Sales) -> None:
    customer = await sales.customer()
    here = f"/customers/{customer}/account"
    problem(await sales.manager.post(f"{here}/key"), 409, "not-class-a")
    await bought(sales, customer, 100, "NOK")
    await bought(sales, customer, 100, "NOK")
    await sales.manager.post("/abc")
    document = problem(await sales.manager.post(f"{here}/key"), 409, "bought-too-seldom")
    assert (document["purchases"], document["needed"]) == (2, 3)
    # No waiting: what was bought a moment ago counts.
    await sales.rep.post(
        f"/opportunities/{await sales.opportunity(customer_id=customer)}/won",
        json={"amount": {"amount": "1", "currency": "NOK"}},
    )
    problem(await sales.manager.post(f"{here}/key"), 409, "not-appraised")
    appraisal = {"profitable": "yes", "squeezing": "no", "evidence": "毛利两成，从不催价"}
    read(await sales.rep.put(f"{here}/appraisal", json=appraisal))
    named = await sales.manager.post(f"{here}/key")
    assert read(named, 201)["facts"] == ["KeyAccountNamed"]
    plan = {
        "objectives": [{"what": "第二条产线", "by": "2026-09-30"}],
        "team": ["li.wei", "nobody.here"],
        "promises": [{"standard": "strategic_support", "what": "共同开发"}],
        "review_every_days": 7,
    }
    assert (
        problem(await sales.rep.put(f"{here}/plan", json=plan), 422, "team-member-unknown")["field"] == "team"
    )
    read(await sales.rep.put(f"{here}/plan", json=plan | {"team": ["li.wei", "zhao.min"]}))
    shown = (await account(sales, customer))["account"]
    assert (shown["key_since"], shown["review_due_on"]) == ("2026-03-02", "2026-03-09")
    assert await sales.serving.tick("account reviews") == 0
    await sales.serving.set_clock(at(9, 8))
    assert await sales.serving.tick("account reviews") == 1
    assert await sales.serving.tick("account reviews") == 0
    read(await sales.rep.post(f"{here}/reviews", json={"findings": "进度正常"}), 201)
    shown = (await account(sales, customer))["account"]
    assert (shown["reviewed_on"], shown["review_due_on"]) == ("2026-03-09", "2026-03-16")
    keys = read(await sales.rep.get("/accounts", params={"key": "true"}))["items"]
    assert [(line["customer_id"], line["abc"]) for line in keys] == [(customer, "A")]
    read(await sales.manager.post(f"{here}/key/end", json={"reason": "合并"}))
    await sales.serving.catch_up()
    assert read(await sales.rep.get("/accounts", params={"key": "true"}))["items"] == []


async def test_a_relationship_level_is_set_with_evidence(sales: Sales) -> None:
    customer = await sales.customer()
    here = f"/customers/{customer}/account/level"
    assert (await sales.rep.put(here, json={"level": "leading"})).status_code == 422
    read(await sales.rep.put(here, json={"level": "leading", "evidence": "每月互访"}))
    shown = (await account(sales, customer))["account"]
    assert (shown["level"], shown["level_evidence"]) == ("leading", "每月互访")
    found = read(await sales.rep.get("/accounts", params={"level": "leading"}))["items"]
    assert customer in [line["customer_id"] for line in found]


async def test_what_is_told_of_a_part_holds_of_the_whole(sales: Sales) -> None:
    gone, kept, last = [await sales.customer() for _ in range(3)]
    await bought(sales, gone, 10, "TRY")
    await sales.manager.post("/abc")
    invoice, received = (
        str(uuid4()),
        {"amount": {"amount": "9", "currency": "TRY"}, "received_on": "2026-03-01"},
    )
    for customer in (gone, kept):
        await hear(sales, "collections", "PaymentReceived", customer, payment_id=str(uuid4()), **received)
    for one, into in ((gone, kept), (kept, last)):
        merged = {"into": into, "reason": "同一家公司"}
        read(await sales.manager.post(f"/customers/{one}/merged", json=merged))
    await hear(sales, "collections", "PaymentOverdue", gone, invoice_id=invoice, due_on="2026-02-01")
    await hear(sales, "service-desk", "ComplaintOpened", kept, complaint_id=str(uuid4()))
    shown = await account(sales, last)
    assert shown["signs"] == ["complaint", "payment_late"]
    assert shown["account"]["paid"] == [{"amount": "18", "currency": "TRY"}]
    assert await watched(sales, last) == ["DefectionWarned"]
    [line] = [one for one in read(await sales.rep.get("/accounts"))["items"] if one["customer_id"] == last]
    assert (line["open_complaints"], line["late_payments"]) == (1, 1)
    listed = read(await sales.rep.get("/accounts", params={"limit": "200"}))["items"]
    assert not {gone, kept} & {one["customer_id"] for one in listed}
    read(await sales.manager.post("/abc"))
    assert (await account(sales, last))["account"]["abc"] == "A"
    assert [it.fact.abc for it in await facts(sales, gone, "AccountClassed")] == ["A"]
    for one in (kept, gone):
        read(await sales.manager.post(f"/customers/{one}/parted", json={"reason": "看错了"}))
    assert (await account(sales, last))["account"]["complaints"] == []
    assert len((await account(sales, gone))["account"]["late_payments"]) == 1


async def test_accounts_are_seen_by_those_who_see_the_customer(sales: Sales) -> None:
    customer = await sales.customer()
    here = f"/customers/{customer}"
    read(await sales.rep.put(f"{here}/account/level", json={"level": "aware", "evidence": "见过一次"}))
    await sales.serving.catch_up()
    for client in (sales.colleague, sales.stranger, sales.other_manager):
        problem(await client.get(f"{here}/account"), 404, "customer-unknown")
        answer = await client.put(f"{here}/account/level", json={"level": "summit", "evidence": "x"})
        problem(answer, 404, "customer-unknown")
        problem(await client.post(f"{here}/tenders", json={"title": "x"}), 404, "customer-unknown")
        listed = read(await client.get("/accounts", params={"limit": "200"}))["items"]
        assert customer not in [line["customer_id"] for line in listed]
    for client in (sales.rep, sales.manager, sales.director, sales.auditor):
        listed = read(await client.get("/accounts", params={"limit": "200"}))["items"]
        assert customer in [line["customer_id"] for line in listed]
    problem(await sales.other_manager.post(f"{here}/account/key"), 404, "customer-unknown")
