"""Payments over HTTP, also when two come at once."""

import asyncio
from typing import Any
from uuid import UUID, uuid4

import httpx

from tests.problem import problem
from tests.services.collections.desk import Desk, done, read, wishes


async def test_a_payment_goes_to_the_oldest_due_first_and_its_rest_is_kept(desk: Desk) -> None:
    customer = await desk.customer()
    second = await desk.issue(customer, "200.00", issued_on="2026-03-02")
    first = await desk.issue(customer, "100.00", issued_on="2026-02-02")
    dollars = await desk.issue(customer, "50.00", issued_on="2026-01-02", currency="USD")
    payment = await desk.payment(await desk.pay(customer, "350.00"))
    assert [(it["invoice_id"], it["amount"]["amount"]) for it in payment["allocations"]] == [
        (str(first), "100.00"),
        (str(second), "200.00"),
    ]
    assert payment["unallocated"]["amount"] == "50.00"
    assert await desk.open(first, second, dollars) == ["0.00", "0.00", "50.00"]
    settled = await desk.invoice(first)
    assert (settled["status"], settled["settled_on"]) == ("settled", "2026-04-01")


async def test_explicit_allocations_are_followed(desk: Desk) -> None:
    customer = await desk.customer()
    first, second = await desk.issue(customer, "100.00"), await desk.issue(customer, "200.00")
    await desk.pay(customer, "150.00", allocations=[(second, "120.00"), (first, "30.00")])
    assert await desk.open(first, second) == ["70.00", "80.00"]


async def test_refused_allocations_leave_no_trace(desk: Desk) -> None:
    customer, rival = await desk.customer(), await desk.customer()
    invoice, theirs = await desk.issue(customer, "100.00"), await desk.issue(rival, "100.00")
    dollars = await desk.issue(customer, "100.00", currency="USD")

    async def attempt(*shares: tuple[UUID, str], currency: str = "CNY") -> httpx.Response:
        return await desk.collector.post(
            "/payments",
            json={
                "customer_id": str(customer),
                "amount": {"amount": "500.00", "currency": "CNY"},
                "received_on": "2026-04-01",
                "allocations": wishes(*shares, currency=currency),
            },
        )

    more = await attempt((invoice, "60.00"), (invoice, "40.01"))
    assert problem(more, 422, "allocation-exceeds-open")["open"] == "40.00"
    problem(await attempt((theirs, "1.00")), 422, "other-customer")
    problem(await attempt((dollars, "1.00"), currency="USD"), 422, "currency-of-payment")
    problem(await attempt((dollars, "1.00")), 422, "currencies-differ")
    problem(await attempt((uuid4(), "1.00")), 404, "invoice-unknown")
    problem(await attempt((invoice, "0")), 422, "amount-not-positive")
    assert await desk.open(invoice, theirs, dollars) == ["100.00", "100.00", "100.00"]
    await desk.serving.catch_up()
    assert read(await desk.collector.get("/payments", params={"customer_id": str(customer)}))["items"] == []


async def test_more_than_the_payment_is_refused(desk: Desk) -> None:
    customer = await desk.customer()
    invoice = await desk.issue(customer, "1000.00")
    payment = await desk.pay(customer, "100.00", allocations=[(invoice, "60.00")])
    more = await desk.collector.post(
        f"/payments/{payment}/allocations", json={"allocations": wishes((invoice, "40.01"))}
    )
    assert problem(more, 422, "allocation-exceeds-payment")["unallocated"] == "40.00"


async def test_a_payment_from_the_future_or_of_nothing_is_refused(desk: Desk) -> None:
    customer = await desk.customer()
    body: dict[str, Any] = {"customer_id": str(customer), "amount": {"amount": "1.00", "currency": "CNY"}}
    tomorrow = await desk.collector.post("/payments", json={**body, "received_on": "2026-04-21"})
    problem(tomorrow, 422, "date-in-future")
    body["amount"] = {"amount": "-1.00", "currency": "CNY"}
    problem(
        await desk.collector.post("/payments", json={**body, "received_on": "2026-04-20"}),
        422,
        "amount-not-positive",
    )
    stranger = {**body, "customer_id": str(uuid4()), "received_on": "2026-04-20"}
    problem(await desk.collector.post("/payments", json=stranger), 404, "customer-unknown")


async def test_a_rest_is_allocated_later(desk: Desk) -> None:
    customer = await desk.customer()
    payment = await desk.pay(customer, "300.00", allocations=[])
    first, second = await desk.issue(customer, "100.00"), await desk.issue(customer, "500.00")
    done(
        await desk.collector.post(
            f"/payments/{payment}/allocations",
            json={"allocations": wishes((second, "50.00")), "on": "2026-04-10"},
        )
    )
    done(await desk.collector.post(f"/payments/{payment}/allocations", json={}))
    assert await desk.open(first, second) == ["0.00", "300.00"]
    shown = await desk.payment(payment)
    assert [it["on"] for it in shown["allocations"]] == ["2026-04-10", "2026-04-20", "2026-04-20"]
    assert shown["unallocated"]["amount"] == "0.00"


async def test_a_reversal_reopens_the_invoices(desk: Desk) -> None:
    customer = await desk.customer()
    invoice = await desk.issue(customer, "100.00")
    payment = await desk.pay(customer, "150.00")
    problem(await desk.collector.post(f"/payments/{payment}/reversal", json={}), 422, "request-invalid")
    early = {"reason": "bounced", "on": "2026-03-31"}
    problem(await desk.collector.post(f"/payments/{payment}/reversal", json=early), 422, "date-too-early")
    done(await desk.collector.post(f"/payments/{payment}/reversal", json={"reason": "bounced"}))
    reopened = await desk.invoice(invoice)
    assert (reopened["open"]["amount"], reopened["status"], reopened["allocations"]) == ("100.00", "open", [])
    shown = await desk.payment(payment)
    assert (shown["reversed_on"], shown["unallocated"]["amount"]) == ("2026-04-20", "0")
    again = await desk.collector.post(f"/payments/{payment}/reversal", json={"reason": "bounced"})
    problem(again, 409, "payment-is-reversed")
    later = await desk.collector.post(f"/payments/{payment}/allocations", json={})
    problem(later, 409, "payment-is-reversed")


async def test_payments_are_listed_with_their_rest(desk: Desk) -> None:
    customer = await desk.customer("rep.payments")
    invoice = await desk.issue(customer, "100.00")
    spent = await desk.pay(customer, "100.00", allocations=[(invoice, "100.00")], received_on="2026-04-01")
    kept = await desk.pay(customer, "30.00", allocations=[], received_on="2026-04-02")
    await desk.serving.catch_up()

    async def listed(**query: Any) -> list[str]:
        found = read(await desk.rep("rep.payments").get("/payments", params=query))
        return [row["payment_id"] for row in found["items"]]

    assert await listed() == [str(spent), str(kept)]
    assert await listed(unallocated=True) == [str(kept)]
    first = read(await desk.rep("rep.payments").get("/payments", params={"limit": 1}))
    assert first["items"][0]["customer"] == "Acme"
    assert await listed(after=first["next"]) == [str(kept)]
    problem(await desk.rep("rep.elsewhere").get(f"/payments/{kept}"), 404, "payment-unknown")


async def test_the_account_shows_what_is_owed_and_what_is_kept(desk: Desk) -> None:
    customer = await desk.customer()
    late = await desk.issue(customer, "100.00", issued_on="2026-02-02")
    fresh = await desk.issue(customer, "250.00", issued_on="2026-04-02")
    done(await desk.collector.post(f"/invoices/{fresh}/dispute", json={"reason": "wrong goods"}))
    kept = await desk.pay(customer, "70.00", allocations=[(late, "40.00")])
    dollars = await desk.pay(customer, "9.00", "2026-04-02", allocations=[], currency="USD")
    await desk.serving.catch_up()
    account = read(await desk.collector.get(f"/customers/{customer}/account"))
    assert account["balances"] == [
        {
            "currency": "CNY",
            "open": "310.00",
            "overdue": "60.00",
            "disputed": "250.00",
            "unallocated": "30.00",
            "purchased": "0.00",
        },
        {
            "currency": "USD",
            "open": "0.00",
            "overdue": "0.00",
            "disputed": "0.00",
            "unallocated": "9.00",
            "purchased": "0.00",
        },
    ]
    assert [row["invoice_id"] for row in account["open_invoices"]] == [str(late), str(fresh)]
    assert [row["payment_id"] for row in account["unallocated"]] == [str(kept), str(dollars)]
    assert account["credit_file"] is None
    problem(await desk.rep("rep.elsewhere").get(f"/customers/{customer}/account"), 404, "customer-unknown")


# Two at once


async def test_two_payments_race_for_the_last_open_amount(desk: Desk) -> None:
    customer = await desk.customer()
    for _ in range(5):
        invoice = await desk.issue(customer, "100.00")
        answers = await asyncio.gather(
            *(
                desk.collector.post(
                    "/payments",
                    json={
                        "customer_id": str(customer),
                        "amount": {"amount": "100.00", "currency": "CNY"},
                        "received_on": "2026-04-01",
                        "allocations": wishes((invoice, "100.00")),
                    },
                )
                for _ in range(4)
            )
        )
        assert sorted(answer.status_code for answer in answers) == [201, 422, 422, 422]
        assert await desk.open(invoice) == ["0.00"]


async def test_payments_without_wishes_share_what_is_open_and_keep_the_rest(desk: Desk) -> None:
    customer = await desk.customer()
    invoices = [await desk.issue(customer, "100.00") for _ in range(3)]
    payments = await asyncio.gather(*(desk.pay(customer, "120.00") for _ in range(5)))
    assert await desk.open(*invoices) == ["0.00", "0.00", "0.00"]
    shown = [await desk.payment(payment) for payment in payments]
    assert sum(float(payment["unallocated"]["amount"]) for payment in shown) == 300.0


async def test_the_same_payment_is_allocated_by_several_at_once_but_spent_once(desk: Desk) -> None:
    customer = await desk.customer()
    invoices = [await desk.issue(customer, "100.00") for _ in range(6)]
    payment = await desk.pay(customer, "250.00", allocations=[])
    answers = await asyncio.gather(
        *(
            desk.collector.post(
                f"/payments/{payment}/allocations", json={"allocations": wishes((invoice, "100.00"))}
            )
            for invoice in invoices
        )
    )
    assert sorted(answer.status_code for answer in answers) == [201, 201, 422, 422, 422, 422]
    assert sorted(await desk.open(*invoices)) == ["0.00", "0.00", "100.00", "100.00", "100.00", "100.00"]
    assert (await desk.payment(payment))["unallocated"]["amount"] == "50.00"


async def test_a_reversal_and_an_allocation_at_once_leave_both_sides_agreeing(desk: Desk) -> None:
    customer = await desk.customer()
    for _ in range(5):
        invoice = await desk.issue(customer, "100.00")
        payment = await desk.pay(customer, "100.00", allocations=[])
        await asyncio.gather(
            desk.collector.post(
                f"/payments/{payment}/allocations", json={"allocations": wishes((invoice, "100.00"))}
            ),
            desk.collector.post(f"/payments/{payment}/reversal", json={"reason": "bounced"}),
        )
        assert (await desk.payment(payment))["reversed_on"] == "2026-04-20"
        assert await desk.open(invoice) == ["100.00"]


async def test_the_same_key_twice_at_once_records_one_payment(desk: Desk) -> None:
    customer = await desk.customer()
    body = {
        "customer_id": str(customer),
        "amount": {"amount": "5.00", "currency": "CNY"},
        "received_on": "2026-04-01",
    }
    key = {"Idempotency-Key": uuid4().hex}
    answers = await asyncio.gather(
        *(desk.collector.post("/payments", json=body, headers=key) for _ in range(5))
    )
    assert len({done(answer)["id"] for answer in answers}) == 1
    await desk.serving.catch_up()
    listed = read(await desk.collector.get("/payments", params={"customer_id": str(customer)}))
    assert len(listed["items"]) == 1


async def test_a_stale_version_of_a_payment_is_refused(desk: Desk) -> None:
    customer = await desk.customer()
    payment = await desk.pay(customer, "10.00", allocations=[])
    await desk.issue(customer, "10.00")
    current = {"If-Match": '"1"'}
    done(await desk.collector.post(f"/payments/{payment}/allocations", json={}, headers=current))
    stale = await desk.collector.post(
        f"/payments/{payment}/reversal", json={"reason": "bounced"}, headers=current
    )
    problem(stale, 412, "stale-version")
