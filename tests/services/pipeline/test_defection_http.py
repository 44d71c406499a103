"""Signs that a customer is about to leave, over HTTP."""

from uuid import uuid4

from tests.answer import read
from tests.services.pipeline.accounts import account, bought, watched
from tests.services.pipeline.hearing import hear
from tests.services.pipeline.sales import Sales


async def test_two_signs_warn_of_a_defection_once_until_they_pass(sales: Sales) -> None:
    customer, complaint, invoice = await sales.customer(), str(uuid4()), str(uuid4())
    await bought(sales, customer, 1000, "PLN", on="2025-09-30")  # the quarter before the last
    await bought(sales, customer, 700, "PLN", on="2025-12-31")  # the last one: 30 % less
    await bought(sales, customer, 1, "PLN", on="2026-03-02")  # no gap
    assert (await account(sales, customer))["signs"] == ["purchases_down"]
    assert await watched(sales, customer) == []
    await hear(sales, "service-desk", "ComplaintOpened", customer, complaint_id=complaint)
    assert await watched(sales, customer) == ["DefectionWarned"]
    shown = await account(sales, customer)
    assert shown["signs"] == shown["account"]["signs"] == ["purchases_down", "complaint"]
    assert shown["account"]["warned_on"] == "2026-03-02"
    await hear(sales, "collections", "PaymentOverdue", customer, invoice_id=invoice, due_on="2026-02-01")
    assert await watched(sales, customer) == ["DefectionWarned"], "the same situation"
    warned = read(await sales.rep.get("/accounts", params={"warned": "true"}))["items"]
    assert customer in [line["customer_id"] for line in warned]
    card = read(await sales.rep.get(f"/customers/{customer}"))["account"]
    assert (card["warned_on"], len(card["complaints"]), len(card["late_payments"])) == ("2026-03-02", 1, 1)
    await hear(sales, "service-desk", "ComplaintClosed", customer, complaint_id=complaint)
    await hear(sales, "collections", "InvoiceSettled", customer, invoice_id=invoice)
    assert await watched(sales, customer) == ["DefectionWarned", "DefectionWarningWithdrawn"]
    assert (await account(sales, customer))["account"]["warned_on"] is None


async def test_a_decider_who_left_and_a_gap_are_signs_too(sales: Sales) -> None:
    customer = await sales.customer()
    await bought(sales, customer, 10, "CZK", on="2026-01-31")  # thirty days before 2 March
    body = {"name": "王丽", "roles": ["decider"]}
    contact = read(await sales.rep.post(f"/customers/{customer}/contacts", json=body), 201)["id"]
    assert (await account(sales, customer))["signs"] == ["contact_gap"]
    read(await sales.rep.post(f"/contacts/{contact}/left", json={}))
    assert (await account(sales, customer))["signs"] == ["contact_gap", "decider_left"]
    assert await watched(sales, customer) == ["DefectionWarned"]
    id = await sales.opportunity(customer_id=customer)
    await sales.call(id)
    assert (await account(sales, customer))["signs"] == ["decider_left"]
    assert await watched(sales, customer) == ["DefectionWarned", "DefectionWarningWithdrawn"]
