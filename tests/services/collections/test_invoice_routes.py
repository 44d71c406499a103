"""Invoices over HTTP."""

from typing import Any
from uuid import uuid4

import pytest

from tests.problem import problem
from tests.services.collections.desk import Desk, done, read


def body(customer: Any, number: str, **further: Any) -> dict[str, Any]:
    return {
        "customer_id": str(customer),
        "number": number,
        "amount": {"amount": "1000.00", "currency": "CNY"},
        "issued_on": "2026-03-02",
        **further,
    }


async def test_an_invoice_is_issued_and_shown(desk: Desk) -> None:
    customer, number = await desk.customer(), desk.number()
    lines = [{"description": "Pump", "quantity": "2", "unit_price": "442.48", "amount": "884.96"}]
    answer = await desk.collector.post(
        "/invoices", json=body(customer, number, terms_days=10, tax="115.04", lines=lines)
    )
    receipt = done(answer)
    assert receipt["facts"] == ["InvoiceIssued"]
    assert answer.headers["etag"] == '"1"'
    assert answer.headers["keqing-position"] == f"collections:{receipt['position']}"
    shown = await desk.collector.get(f"/invoices/{receipt['id']}")
    assert shown.headers["etag"] == '"1"'
    invoice = read(shown)
    assert invoice["number"] == number
    assert invoice["due_on"] == "2026-03-12"
    assert invoice["open"] == {"amount": "1000.00", "currency": "CNY"}
    assert invoice["status"] == "open"
    assert [line["description"] for line in invoice["lines"]] == ["Pump"]


async def test_a_number_is_issued_once(desk: Desk) -> None:
    customer, number = await desk.customer(), desk.number()
    done(await desk.collector.post("/invoices", json=body(customer, number)))
    problem(
        await desk.collector.post("/invoices", json=body(customer, number)), 409, "invoice-already-issued"
    )


async def test_a_repeat_under_its_key_gets_the_first_receipt(desk: Desk) -> None:
    customer, number, key = await desk.customer(), desk.number(), {"Idempotency-Key": uuid4().hex}
    first = await desk.collector.post("/invoices", json=body(customer, number), headers=key)
    again = await desk.collector.post("/invoices", json=body(customer, number), headers=key)
    assert done(again) == done(first)
    assert again.headers["keqing-repeated"] == "true"
    other = await desk.collector.post("/invoices", json=body(customer, desk.number()), headers=key)
    problem(other, 422, "key-reused")


@pytest.mark.parametrize(
    ("further", "slug"),
    [
        ({"amount": {"amount": "0", "currency": "CNY"}}, "amount-not-positive"),
        ({"issued_on": "2026-04-21"}, "date-in-future"),
        ({"due_on": "2026-03-01"}, "due-date-invalid"),
        ({"due_on": "2026-03-20", "terms_days": 5}, "due-date-invalid"),
        ({"tax": "1000.01"}, "lines-do-not-add-up"),
        (
            {"lines": [{"description": "Pump", "quantity": "1", "unit_price": "9.00", "amount": "9.00"}]},
            "lines-do-not-add-up",
        ),
        ({"number": "with space"}, "request-invalid"),
        ({"amount": {"amount": "1.001", "currency": "CNY"}}, "request-invalid"),
        ({"unheard_of": 1}, "request-invalid"),
    ],
)
async def test_what_is_not_valid_is_refused(desk: Desk, further: dict[str, Any], slug: str) -> None:
    customer = await desk.customer()
    answer = await desk.collector.post("/invoices", json={**body(customer, desk.number()), **further})
    problem(answer, 422, slug)


async def test_a_customer_that_pipeline_never_told_of_gets_no_invoice(desk: Desk) -> None:
    problem(
        await desk.collector.post("/invoices", json=body(uuid4(), desk.number())), 404, "customer-unknown"
    )


async def test_an_unknown_invoice_is_not_found(desk: Desk) -> None:
    problem(await desk.collector.get(f"/invoices/{uuid4()}"), 404, "invoice-unknown")
    problem(
        await desk.collector.post(f"/invoices/{uuid4()}/dispute", json={"reason": "no"}),
        404,
        "invoice-unknown",
    )


async def test_a_rep_sees_the_invoices_of_their_own_customers_only(desk: Desk) -> None:
    mine, theirs = await desk.customer("rep.own"), await desk.customer("rep.other")
    my_invoice, their_invoice = await desk.issue(mine), await desk.issue(theirs)
    await desk.serving.catch_up()
    rep = desk.rep("rep.own")
    read(await rep.get(f"/invoices/{my_invoice}"))
    problem(await rep.get(f"/invoices/{their_invoice}"), 404, "invoice-unknown")
    listed = read(await rep.get("/invoices"))["items"]
    assert [row["invoice_id"] for row in listed] == [str(my_invoice)]


async def test_a_sales_manager_sees_the_teams_invoices(desk: Desk) -> None:
    await desk.person("team.rep", "Rep", manager="team.boss")
    customer, other = await desk.customer("team.rep"), await desk.customer("rep.elsewhere")
    invoice, hidden = await desk.issue(customer), await desk.issue(other)
    await desk.serving.catch_up()
    boss = desk.serving.client("team.boss", "sales_manager")
    read(await boss.get(f"/invoices/{invoice}"))
    problem(await boss.get(f"/invoices/{hidden}"), 404, "invoice-unknown")
    listed = read(await boss.get("/invoices"))["items"]
    assert [row["invoice_id"] for row in listed] == [str(invoice)]


async def test_the_list_is_filtered_and_comes_in_pages(desk: Desk) -> None:
    customer = await desk.customer()
    late = await desk.issue(customer, issued_on="2026-02-02")
    later = await desk.issue(customer, issued_on="2026-03-02")
    soon = await desk.issue(customer, issued_on="2026-04-02")
    await desk.pay(customer, "1000.00", allocations=[(later, "1000.00")])
    done(await desk.collector.post(f"/invoices/{soon}/dispute", json={"reason": "wrong goods"}))
    await desk.serving.catch_up()

    async def listed(**query: Any) -> list[str]:
        found = read(await desk.collector.get("/invoices", params={"customer_id": str(customer), **query}))
        return [row["invoice_id"] for row in found["items"]]

    assert await listed() == [str(late), str(later), str(soon)]
    assert await listed(status="settled") == [str(later)]
    assert await listed(overdue=True) == [str(late)]
    assert await listed(overdue=False) == [str(later), str(soon)]
    assert await listed(disputed=True) == [str(soon)]
    first = read(await desk.collector.get("/invoices", params={"customer_id": str(customer), "limit": 2}))
    assert [row["invoice_id"] for row in first["items"]] == [str(late), str(later)]
    assert {row["customer"] for row in first["items"]} == {"Acme"}
    assert await listed(limit=2, after=first["next"]) == [str(soon)]


async def test_a_credit_note_lowers_what_is_open(desk: Desk) -> None:
    invoice = await desk.issue(await desk.customer())
    credited = await desk.controller.post(
        f"/invoices/{invoice}/credit-notes",
        json={"amount": {"amount": "250.00", "currency": "CNY"}, "reason": "scratched"},
    )
    assert done(credited)["facts"] == ["CreditNoteIssued"]
    assert await desk.open(invoice) == ["750.00"]
    too_much = await desk.controller.post(
        f"/invoices/{invoice}/credit-notes",
        json={"amount": {"amount": "750.01", "currency": "CNY"}, "reason": "scratched"},
    )
    assert problem(too_much, 422, "credit-exceeds-open")["open"] == "750.00"
    other = await desk.controller.post(
        f"/invoices/{invoice}/credit-notes",
        json={"amount": {"amount": "1.00", "currency": "USD"}, "reason": "scratched"},
    )
    problem(other, 422, "currencies-differ")


async def test_a_dispute_is_resolved_with_or_without_credit(desk: Desk) -> None:
    customer = await desk.customer()
    upheld, rejected = await desk.issue(customer), await desk.issue(customer)
    for invoice in (upheld, rejected):
        dispute = {"reason": "wrong goods", "on": "2026-03-10"}
        done(await desk.collector.post(f"/invoices/{invoice}/dispute", json=dispute))
        again = await desk.collector.post(f"/invoices/{invoice}/dispute", json=dispute)
        problem(again, 409, "already-disputed")
    assert (await desk.invoice(upheld))["disputed_on"] == "2026-03-10"
    by_collector = await desk.collector.post(
        f"/invoices/{upheld}/dispute/resolution", json={"upheld": True, "note": "they are right"}
    )
    problem(by_collector, 403, "credit-needs-controller")
    resolved = await desk.controller.post(
        f"/invoices/{upheld}/dispute/resolution",
        json={
            "upheld": True,
            "note": "they are right",
            "credit": {"amount": "400.00", "currency": "CNY"},
            "on": "2026-03-15",
        },
    )
    assert done(resolved)["facts"] == ["DisputeResolved", "CreditNoteIssued"]
    assert await desk.open(upheld) == ["600.00"]
    turned_down = await desk.collector.post(
        f"/invoices/{rejected}/dispute/resolution", json={"upheld": False, "note": "delivered as ordered"}
    )
    assert done(turned_down)["facts"] == ["DisputeResolved"]
    assert await desk.open(rejected) == ["1000.00"]
    once_more = await desk.collector.post(
        f"/invoices/{rejected}/dispute/resolution", json={"upheld": False, "note": "again"}
    )
    problem(once_more, 409, "not-disputed")


async def test_writing_off_and_cancelling_leave_nothing_open(desk: Desk) -> None:
    customer = await desk.customer()
    lost, mistaken, paid = [await desk.issue(customer) for _ in range(3)]
    await desk.pay(customer, "10.00", allocations=[(paid, "10.00")])
    done(await desk.controller.post(f"/invoices/{lost}/write-off", json={"reason": "bankrupt"}))
    done(await desk.collector.post(f"/invoices/{mistaken}/cancellation", json={"reason": "typed wrong"}))
    assert await desk.open(lost, mistaken) == ["0.00", "0.00"]
    assert (await desk.invoice(lost))["status"] == "written_off"
    assert (await desk.invoice(mistaken))["status"] == "cancelled"
    problem(
        await desk.controller.post(f"/invoices/{lost}/write-off", json={"reason": "again"}),
        409,
        "nothing-open",
    )
    problem(
        await desk.collector.post(f"/invoices/{paid}/cancellation", json={"reason": "typed wrong"}),
        409,
        "has-allocations",
    )


async def test_a_stale_version_is_refused(desk: Desk) -> None:
    invoice = await desk.issue(await desk.customer())
    current = {"If-Match": '"1"'}
    done(await desk.collector.post(f"/invoices/{invoice}/dispute", json={"reason": "x"}, headers=current))
    stale = await desk.collector.post(
        f"/invoices/{invoice}/dispute/resolution", json={"upheld": False, "note": "x"}, headers=current
    )
    problem(stale, 412, "stale-version")


async def test_the_policy_can_be_read(desk: Desk) -> None:
    policy = read(await desk.auditor.get("/policy"))
    assert policy["overdue_thresholds"] == [1, 30, 60, 90]
    assert policy["terms_days"] == 30
