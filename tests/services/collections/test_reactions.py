"""What collections does on hearing of deals and settlements, in the transaction of the message."""

from typing import Any
from uuid import UUID, uuid4

import pytest

from tests.services.collections.desk import Desk, read
from tests.services.collections.hearing import settled, tell, won


async def account(desk: Desk, customer: UUID) -> dict[str, Any]:
    return read(await desk.collector.get(f"/customers/{customer}/account"))


async def test_a_deal_opens_the_credit_file_and_counts_as_a_purchase(desk: Desk) -> None:
    customer = await desk.customer()
    await tell(desk, "pipeline", "DealWon", customer, won("9000.00"))
    await tell(desk, "pipeline", "DealWon", customer, won("500.00", on="2026-04-18"))
    file = (await account(desk, customer))["credit_file"]
    assert file["opened_on"] == "2026-04-17"
    assert [it["amount"]["amount"] for it in file["purchases"]] == ["9000.00", "500.00"]
    assert (await account(desk, customer))["balances"][0]["purchased"] == "9500.00"


async def test_a_deal_told_twice_counts_once(desk: Desk) -> None:
    customer, deal = await desk.customer(), uuid4()
    await tell(desk, "pipeline", "DealWon", customer, won("9000.00", deal), times=2)
    await tell(desk, "pipeline", "DealWon", customer, won("9000.00", deal))
    assert [type(it).__name__ for it in await desk.facts(customer)] == ["CreditFileOpened", "PurchaseCounted"]


@pytest.mark.parametrize("form", ["credit_note", "refund"])
async def test_a_settlement_credits_the_invoice_it_names(desk: Desk, form: str) -> None:
    customer = await desk.customer()
    invoice = await desk.issue(customer, "100.00")
    await tell(desk, "service-desk", "ComplaintSettled", customer, settled(form, "30.00", invoice), times=2)
    shown = await desk.invoice(invoice)
    assert shown["open"]["amount"] == "70.00"
    assert [(it["amount"]["amount"], it["on"]) for it in shown["credits"]] == [("30.00", "2026-04-18")]
    assert (await account(desk, customer))["unallocated"] == []


async def test_what_the_invoice_cannot_take_is_credit_on_account(desk: Desk) -> None:
    customer = await desk.customer()
    invoice = await desk.issue(customer, "100.00")
    await desk.pay(customer, "80.00", allocations=[(invoice, "80.00")])
    message = settled("credit_note", "30.00", invoice)
    await tell(desk, "service-desk", "ComplaintSettled", customer, message, times=3)
    assert (await desk.invoice(invoice))["status"] == "settled"
    [credit] = (await account(desk, customer))["unallocated"]
    assert (credit["amount"], credit["unallocated"], credit["granted"]) == ("10.00", "10.00", True)


async def test_a_settlement_without_a_usable_invoice_is_credit_on_account(desk: Desk) -> None:
    customer, rival = await desk.customer(), await desk.customer()
    theirs, dollars = await desk.issue(rival, "100.00"), await desk.issue(customer, "9.00", currency="USD")
    for invoice in (None, uuid4(), theirs, dollars):
        await tell(desk, "service-desk", "ComplaintSettled", customer, settled("refund", "5.00", invoice))
    assert (await account(desk, customer))["balances"][0]["unallocated"] == "20.00"
    assert await desk.open(theirs, dollars) == ["100.00", "9.00"]
    credit = (await account(desk, customer))["unallocated"][0]["payment_id"]
    invoice = await desk.issue(customer, "3.00")
    answer = await desk.collector.post(f"/payments/{credit}/allocations", json={})
    assert answer.status_code == 201
    assert await desk.open(invoice) == ["0.00"]


async def test_a_credit_counts_no_earlier_than_its_invoice_was_open(desk: Desk) -> None:
    customer = await desk.customer()
    invoice = await desk.issue(customer, "100.00", issued_on="2026-04-19")
    await tell(desk, "service-desk", "ComplaintSettled", customer, settled("refund", "5.00", invoice))
    assert [it["on"] for it in (await desk.invoice(invoice))["credits"]] == ["2026-04-19"]


@pytest.mark.parametrize(("form", "amount"), [("repair", None), ("gift", "50.00"), ("apology", None)])
async def test_other_settlements_cost_nothing_here(desk: Desk, form: str, amount: str | None) -> None:
    customer = await desk.customer()
    await tell(desk, "service-desk", "ComplaintSettled", customer, settled(form, amount))
    assert await desk.facts(customer) == []


async def test_a_customer_is_known_as_soon_as_pipeline_tells(desk: Desk) -> None:
    customer = uuid4()
    registered = {"kind": "enterprise", "name": "Blue", "owner": "li.wei", "importance": None, "external": []}
    await tell(desk, "pipeline", "CustomerRegistered", customer, registered)
    await desk.issue(customer, "1.00")
    await tell(desk, "pipeline", "OwnerChanged", customer, {"owner": "wang.fang", "previous": "li.wei"})
    shown = await account(desk, customer)
    assert (shown["name"], shown["owner"]) == ("Blue", "wang.fang")
