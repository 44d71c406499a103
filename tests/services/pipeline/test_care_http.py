"""Care over HTTP: from the request to its outcome, at once by many, and the register."""

import asyncio
from collections import Counter
from uuid import uuid4

import httpx
import pytest

from tests.answer import read
from tests.problem import problem
from tests.services.pipeline.care_requests import person, submitted, wish
from tests.services.pipeline.hearing import hear
from tests.services.pipeline.sales import Sales, at
from tests.services.pipeline.two_files import merge


def after(answer: httpx.Response) -> dict[str, str]:
    """So that the next question knows of it."""
    return {"Keqing-After": answer.headers["keqing-position"]}


async def test_care_goes_from_the_request_to_its_outcome(sales: Sales) -> None:
    customer = await sales.customer()
    wang = await person(sales, customer, name="王丽")
    request = await submitted(sales, customer, wish(wang, notes="她喜欢龙井"))
    here = f"/customers/{customer}/care-requests/{request}"
    early = {"outcome": "好", "cost": {"amount": "1"}}
    refused = await sales.rep.post(f"{here}/completion", json=early, headers={"Accept-Language": "zh"})
    document = problem(refused, 409, "not-approved")
    assert (document["status"], document["standing"], document["approver"]) == (409, "submitted", "zhou.hong")
    assert document["detail"] == "当前状态：待审批；须先由 zhou.hong 批准"
    read(await sales.manager.post(f"{here}/approval"))
    problem(await sales.manager.post(f"{here}/approval"), 409, "already-decided-upon")
    await sales.serving.set_clock(at(10))
    cost = {"amount": "280", "currency": "CNY"}
    read(await sales.rep.post(f"{here}/completion", json={"outcome": "很高兴", "cost": cost}))
    await sales.serving.catch_up()
    entry = read(await sales.auditor.get(f"/care-requests/{request}"))
    expected = {
        "contact": "王丽",
        "what": "一盒茶叶",
        "notes": "她喜欢龙井",
        "status": "done",
        "requested_by": "li.wei",
        "approver": "zhou.hong",
        "decided_by": "zhou.hong",
        "ended_by": "li.wei",
        "outcome": "很高兴",
        "cost": cost,
        "top_executive": False,
    }
    assert {name: entry[name] for name in expected} == expected


async def test_the_receipt_says_which_request_it_is_also_of_two_that_ask_for_the_same(sales: Sales) -> None:
    customer = await sales.customer()
    body = wish(await person(sales, customer), budget=100)
    here = f"/customers/{customer}/care-requests"
    first, second = await submitted(sales, customer, body), await submitted(sales, customer, body)
    assert first != second
    read(await sales.manager.post(f"{here}/{second}/approval"))
    await sales.serving.catch_up()
    statuses = {id: read(await sales.rep.get(f"/care-requests/{id}"))["status"] for id in (first, second)}
    assert statuses == {first: "submitted", second: "approved"}
    # Sent again under its key, it is the same one.
    sent = [await sales.rep.post(here, json=body, headers={"Idempotency-Key": "tea"}) for _ in range(2)]
    assert sent[1].headers["keqing-repeated"] == "true"
    assert read(sent[0], 201) == read(sent[1], 201)
    read(await sales.rep.get(f"/care-requests/{sent[0].json()['id']}", headers=after(sent[0])))


async def test_the_receipt_says_which_tender_it_is(sales: Sales) -> None:
    customer = await sales.customer()
    here = f"/customers/{customer}/tenders"
    opened = [read(await sales.rep.post(here, json={"title": "泵站"}), 201)["id"] for _ in range(2)]
    read(await sales.rep.post(f"{here}/{opened[0]}/decision", json={"outcome": "lost"}))
    await sales.serving.catch_up()
    [left] = read(await sales.rep.get(f"/customers/{customer}/account"))["account"]["tenders"]
    assert left["tender_id"] == opened[1]


async def test_care_is_for_somebody_who_is_at_the_customer(sales: Sales) -> None:
    customer, elsewhere = await sales.customer(), await sales.customer()
    here = f"/customers/{customer}/care-requests"
    gone = await person(sales, customer)
    read(await sales.rep.post(f"/contacts/{gone}/left", json={}))
    for contact in (str(uuid4()), await person(sales, elsewhere), gone):
        document = problem(await sales.rep.post(here, json=wish(contact)), 422, "not-at-customer")
        assert document["field"] == "contact_id"


async def test_the_persons_file_says_who_is_the_top_executive(sales: Sales) -> None:
    customer = await sales.customer()
    here = f"/customers/{customer}/care-requests"
    for file in ({"top_executive": True}, {"title": "董事长"}):
        body = wish(await person(sales, customer, **file))
        problem(await sales.rep.post(here, json=body), 409, "executive-without-reason")
        read(await sales.rep.post(here, json=body | {"executive_reason": "二十周年互赠"}), 201)


async def test_no_gift_during_a_tender_or_a_complaint(sales: Sales) -> None:
    customer, complaint = await sales.customer(), str(uuid4())
    wang, here = await person(sales, customer), f"/customers/{customer}/care-requests"
    read(await sales.rep.post(f"/customers/{customer}/tenders", json={"title": "泵站"}), 201)
    problem(await sales.rep.post(here, json=wish(wang)), 409, "gift-during-tender")
    await sales.serving.catch_up()
    [tender] = read(await sales.rep.get(f"/customers/{customer}/account"))["account"]["tenders"]
    decision = f"/customers/{customer}/tenders/{tender['tender_id']}/decision"
    read(await sales.rep.post(decision, json={"outcome": "won"}))
    request = await submitted(sales, customer, wish(wang))
    await hear(sales, "service-desk", "ComplaintOpened", customer, complaint_id=complaint)
    problem(await sales.rep.post(here, json=wish(wang)), 409, "gift-during-complaint")
    problem(await sales.manager.post(f"{here}/{request}/approval"), 409, "gift-during-complaint")
    await hear(sales, "service-desk", "ComplaintClosed", customer, complaint_id=complaint)
    read(await sales.manager.post(f"{here}/{request}/approval"))


async def test_the_bounds_hold_for_a_customer_of_two_files(sales: Sales) -> None:
    gone, kept = await sales.customer(), await sales.customer()
    wang, complaint = await person(sales, gone), str(uuid4())
    waiting = await submitted(sales, gone, wish(wang, "activity", budget=1600))
    lunch = await submitted(sales, gone, wish(wang, "meal", budget=100))
    await merge(sales, gone, kept)
    here = f"/customers/{kept}/care-requests"
    document = problem(await sales.rep.post(here, json=wish(wang, budget=301)), 409, "yearly-cap-reached")
    assert document["left"] == "300 CNY"
    problem(await sales.rep.post(here, json=wish(wang, "meal", budget=1)), 409, "meal-too-soon")
    # The other contexts still tell of the file that they know.
    await hear(sales, "service-desk", "ComplaintOpened", gone, complaint_id=complaint)
    problem(await sales.rep.post(here, json=wish(wang, budget=300)), 409, "gift-during-complaint")
    await hear(sales, "service-desk", "ComplaintClosed", gone, complaint_id=complaint)
    read(await sales.rep.post(here, json=wish(wang, budget=300)), 201)
    # What was requested there is decided upon here.
    read(await sales.manager.post(f"{here}/{waiting}/approval"))
    read(await sales.rep.post(f"{here}/{lunch}/cancellation", json={"reason": "改期"}))
    read(await sales.rep.post(here, json=wish(wang, "meal", budget=100)), 201)
    problem(
        await sales.manager.post(f"/customers/{gone}/care-requests/{waiting}/approval"), 409, "merged-away"
    )
    await sales.serving.catch_up()
    assert read(await sales.auditor.get(f"/care-requests/{waiting}"))["status"] == "approved"


async def test_who_asked_never_decides(sales: Sales) -> None:
    customer = await sales.customer()
    wang, here = await person(sales, customer), f"/customers/{customer}/care-requests"
    read(await sales.manager.post(here, json=wish(wang)), 201)
    await sales.serving.catch_up()
    [entry] = read(await sales.manager.get("/care-requests", params={"customer_id": customer}))["items"]
    assert entry["approver"] == "fang.lei"
    problem(await sales.manager.post(f"{here}/{entry['request_id']}/approval"), 403, "own-request")
    problem(
        await sales.rep.post(f"{here}/{entry['request_id']}/cancellation", json={"reason": "x"}),
        403,
        "not-your-request",
    )
    read(await sales.director.post(f"{here}/{entry['request_id']}/rejection", json={"reason": "太早"}))


async def test_many_requests_at_once_never_overspend(sales: Sales) -> None:
    """2,000 a year for one person: four times 500, whoever is faster."""
    customer = await sales.customer()
    wang, here = await person(sales, customer), f"/customers/{customer}/care-requests"
    answers = await asyncio.gather(*(sales.rep.post(here, json=wish(wang, budget=500)) for _ in range(9)))
    assert Counter(answer.status_code for answer in answers) == {201: 4, 409: 5}
    assert {answer.json()["type"] for answer in answers if answer.status_code == 409} == {
        "/problems/yearly-cap-reached"
    }


async def test_of_many_meals_at_once_one_takes_place(sales: Sales) -> None:
    customer = await sales.customer()
    people = [await person(sales, customer) for _ in range(6)]
    bodies = [wish(one, "meal", on=f"2026-03-{10 + day}") for day, one in enumerate(people)]
    here = f"/customers/{customer}/care-requests"
    answers = await asyncio.gather(*(sales.rep.post(here, json=body) for body in bodies))
    assert Counter(answer.status_code for answer in answers) == {201: 1, 409: 5}


async def test_two_managers_decide_once(sales: Sales) -> None:
    customer = await sales.customer()
    request = await submitted(sales, customer, wish(await person(sales, customer)))
    approval = f"/customers/{customer}/care-requests/{request}/approval"
    answers = await asyncio.gather(*(by.post(approval) for by in (sales.manager, sales.director)))
    assert sorted(answer.status_code for answer in answers) == [200, 409]


async def test_the_register_is_filtered_and_paged_and_shows_what_one_may_see(sales: Sales) -> None:
    mine, theirs = await sales.customer(), await sales.customer(by=sales.stranger)
    wang, zhao = await person(sales, mine), await person(sales, theirs, sales.stranger)
    for number in range(3):
        await submitted(sales, mine, wish(wang, on=f"2026-04-{number + 1:02}", budget=100))
    read(
        await sales.stranger.post(f"/customers/{theirs}/care-requests", json=wish(zhao, on="2026-04-02")), 201
    )
    await sales.serving.catch_up()
    days, query = [], {"since": "2026-04-01", "until": "2026-04-30", "limit": "2"}
    while True:
        page = read(await sales.rep.get("/care-requests", params=query))
        days += [entry["on"] for entry in page["items"]]
        if page["next"] is None:
            break
        query["after"] = page["next"]
    assert days == ["2026-04-03", "2026-04-02", "2026-04-01"]

    async def found(client: httpx.AsyncClient, **filters: str) -> int:
        query = {"since": "2026-04-01", "until": "2026-04-30", **filters}
        return len(read(await client.get("/care-requests", params=query))["items"])

    assert await found(sales.auditor) == 4
    assert await found(sales.other_manager) == 1
    assert await found(sales.colleague) == 0
    assert await found(sales.auditor, customer_id=theirs) == 1
    assert await found(sales.auditor, contact_id=wang) == 3
    assert await found(sales.auditor, requested_by="chen.bo") == 1
    assert await found(sales.auditor, status="approved") == 0
    assert await found(sales.auditor, kind="gift") == 4
    [entry] = read(await sales.auditor.get("/care-requests", params={"customer_id": theirs}))["items"]
    problem(await sales.rep.get(f"/care-requests/{entry['request_id']}"), 404, "customer-unknown")
    problem(await sales.rep.get(f"/care-requests/{uuid4()}"), 404, "care-unknown")


@pytest.mark.parametrize("path", ["approval", "rejection", "completion", "cancellation"])
async def test_care_of_somebody_elses_customer_is_as_good_as_none(sales: Sales, path: str) -> None:
    customer = await sales.customer()
    here = f"/customers/{customer}/care-requests/{uuid4()}/{path}"
    body = {
        "rejection": {"reason": "x"},
        "cancellation": {"reason": "x"},
        "completion": {"outcome": "x", "cost": {"amount": "1"}},
    }.get(path)
    problem(await sales.other_manager.post(here, json=body), 404, "customer-unknown")
    problem(await sales.manager.post(here, json=body), 404, "care-unknown")
