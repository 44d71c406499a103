"""Everything that may happen to an account, once, over HTTP and by what other contexts tell."""

from typing import Any
from uuid import UUID, uuid4

import httpx

from keqing_pipeline.opportunity.commands import OpenOpportunity, Prospect
from keqing_pipeline.opportunity.rules import OPPORTUNITY

from .hearing import hear
from .sales import Sales

MONEY = {"amount": "10", "currency": "CNY"}


async def done(request: httpx.Response) -> str:
    assert request.status_code in (200, 201), request.text
    return str(request.json()["id"])


async def the_life_of_an_account(sales: Sales) -> None:
    """From the twelfth of March 2026 on, and four days later."""
    founded = {"enterprise": {"basics": {"founded_on": "2010-03-17"}}}
    customer = await sales.customer(**founded)
    account = f"/customers/{customer}/account"
    for _ in range(3):
        id = await sales.opportunity(customer_id=customer)
        await done(await sales.rep.post(f"/opportunities/{id}/won", json={"amount": MONEY}))
    await done(await sales.rep.post(f"/customers/{customer}/referral-requests", json={}))
    named = {"kind": "enterprise", "name": "被介绍的公司"}
    await done(await sales.rep.post(f"/customers/{customer}/referrals", json=named))
    await a_key_account(sales, account)
    await what_others_tell(sales, customer)
    await sales.serving.tick()
    await gifts(sales, customer)
    merged = {"into": customer, "reason": "同一家公司"}
    await done(await sales.manager.post(f"/customers/{await sales.customer()}/merged", json=merged))
    await sales.serving.catch_up()


async def two_files_of_a_key_account(sales: Sales) -> None:
    """Merged and parted again: the one that goes is a key account, cared for, named and on a list."""
    gone, kept = await sales.customer(), await sales.customer()
    for customer in (gone, kept):
        for _ in range(3):
            id = await sales.opportunity(customer_id=customer)
            if customer == gone:
                await done(await sales.rep.post(f"/opportunities/{id}/won", json={"amount": MONEY}))
        await sales.opportunity(customer_id=customer)
        await sales.serving.catch_up()
        await done(await sales.rep.post("/tracking-list", json={"customer_id": customer}))
    await done(await sales.rep.post(f"/customers/{gone}/referral-requests", json={}))
    await sales.manager.post("/abc")
    appraisal = {"profitable": "yes", "squeezing": "no", "evidence": "账上可见"}
    await done(await sales.rep.put(f"/customers/{gone}/account/appraisal", json=appraisal))
    await done(await sales.manager.post(f"/customers/{gone}/account/key"))
    await gifts(sales, gone)
    merged = {"into": kept, "reason": "同一家公司"}
    await done(await sales.manager.post(f"/customers/{gone}/merged", json=merged))
    await left_behind(sales, gone)
    await done(await sales.manager.post(f"/customers/{gone}/parted", json={"reason": "看错了"}))
    await sales.serving.catch_up()


async def left_behind(sales: Sales, gone: str) -> None:
    """An opportunity opened by somebody who had looked before the merge."""
    at = sales.serving.service.clock.now()
    prospect = Prospect(title="迟到")
    command = OpenOpportunity(customer_id=UUID(gone), owner="li.wei", prospect=prospect, at=at)
    await sales.serving.service.execute(OPPORTUNITY, uuid4(), command, who="li.wei")
    await sales.serving.catch_up()
    await sales.serving.tick("left behind")


async def a_key_account(sales: Sales, account: str) -> None:
    await sales.serving.tick("monthly classes")
    await sales.manager.post("/abc")
    level = {"level": "summit", "evidence": "互为最大"}
    await done(await sales.rep.put(f"{account}/level", json=level))
    appraisal = {"profitable": "yes", "squeezing": "no", "evidence": "账上可见"}
    await done(await sales.rep.put(f"{account}/appraisal", json=appraisal))
    await done(await sales.manager.post(f"{account}/key"))
    plan = {"objectives": [{"what": "更多"}], "team": ["li.wei"], "review_every_days": 1}
    await done(await sales.rep.put(f"{account}/plan", json=plan))
    now = sales.serving.service.clock.now()
    await sales.serving.set_clock(now.replace(day=now.day + 4))
    await sales.serving.tick("account reviews")
    await done(await sales.rep.post(f"{account}/reviews", json={"findings": "都好"}))
    await done(await sales.manager.post(f"{account}/key/end", json={"reason": "合并"}))


async def what_others_tell(sales: Sales, customer: str) -> None:
    complaint, invoice, payment = str(uuid4()), str(uuid4()), str(uuid4())
    await hear(sales, "service-desk", "ComplaintOpened", customer, complaint_id=complaint)
    await hear(sales, "collections", "PaymentOverdue", customer, invoice_id=invoice, due_on="2026-03-01")
    await hear(sales, "collections", "CreditHeld", customer)
    received: dict[str, Any] = {"amount": MONEY, "received_on": "2026-03-02"}
    await hear(sales, "collections", "PaymentReceived", customer, payment_id=payment, **received)
    back: dict[str, Any] = {"amount": MONEY, "on": "2026-03-02"}
    await hear(sales, "collections", "PaymentReversed", customer, payment_id=payment, **back)
    await sales.serving.tick("defection")
    await hear(sales, "service-desk", "ComplaintClosed", customer, complaint_id=complaint)
    await hear(sales, "collections", "InvoiceSettled", customer, invoice_id=invoice)
    await hear(sales, "collections", "CreditReleased", customer)
    await sales.serving.tick("defection")


async def gifts(sales: Sales, customer: str) -> None:
    person = {"name": "王丽", "birthday": {"month": 3, "day": 20}}
    contact = await done(await sales.rep.post(f"/customers/{customer}/contacts", json=person))
    await done(await sales.rep.put(f"/contacts/{contact}", json=person | {"birthday": None}))
    await done(await sales.rep.post(f"/customers/{customer}/tenders", json={"title": "泵站"}))
    await sales.serving.catch_up()
    [tender] = (await sales.rep.get(f"/customers/{customer}/account")).json()["account"]["tenders"]
    decision = f"/customers/{customer}/tenders/{tender['tender_id']}/decision"
    await done(await sales.rep.post(decision, json={"outcome": "won"}))
    day = sales.serving.service.clock.now().date().isoformat()
    wish = {
        "contact_id": contact,
        "kind": "gift",
        "occasion": "other",
        "on": day,
        "what": "茶",
        "budget": MONEY,
    }
    for _ in range(3):
        await done(await sales.rep.post(f"/customers/{customer}/care-requests", json=wish))
    await sales.serving.catch_up()
    listed = (await sales.rep.get("/care-requests", params={"customer_id": customer})).json()["items"]
    first, second, third = (f"/customers/{customer}/care-requests/{one['request_id']}" for one in listed)
    await done(await sales.manager.post(f"{first}/approval"))
    await done(await sales.rep.post(f"{first}/completion", json={"outcome": "高兴", "cost": MONEY}))
    await done(await sales.manager.post(f"{second}/rejection", json={"reason": "太多"}))
    await done(await sales.rep.post(f"{third}/cancellation", json={"reason": "改期"}))
