"""The queue with its clocks, and the Pareto."""

from typing import Any
from uuid import uuid4

import pytest

from .desk import BOLT, Desk, at


async def test_the_queue_shows_the_step_that_is_due_and_the_overdue_first(desk: Desk) -> None:
    product = f"pump {uuid4()}"
    minor = await desk.open(severity="minor", product=product)
    major = await desk.open(severity="major", product=product)
    critical = await desk.open(severity="critical", product=product)
    waiting = await desk.open(severity="critical", product=product)
    await desk.agent.post(f"/complaints/{waiting}/waiting", json={"awaited": "Photos."})
    done = await desk.open(product=product)
    await desk.take(
        done, "acknowledgement", "facts", "solution", "solution/answer", "settlement", "goodwill", "closing"
    )
    await desk.take(minor, "acknowledgement")
    await desk.serving.set_clock(at(2, 11, 30))
    items = [item for item in await desk.queue() if item["product"] == product]
    assert [item["complaint_id"] for item in items] == [critical, major, minor, waiting]
    assert [item["overdue"] for item in items] == [True, False, False, False]
    assert {item["customer"] for item in items} == {"Acme"}
    assert [item["step"] for item in items] == [
        "acknowledgement",
        "acknowledgement",
        "facts",
        "acknowledgement",
    ]
    assert items[0]["deadline_at"].startswith("2026-03-02T03:0")  # one hour after ten
    assert items[2]["deadline_at"] == items[2]["solution_due_at"]
    assert items[3]["deadline_at"] is None
    assert items[3]["waiting_since"] is not None
    await desk.serving.tick()
    [first, *_] = [item for item in await desk.queue(overdue=True) if item["product"] == product]
    assert (first["complaint_id"], first["response_missed"], first["escalated_to"]) == (
        critical,
        True,
        "supervisor",
    )


async def test_the_queue_is_filtered(desk: Desk) -> None:
    mine = await desk.open(customer_id=str(BOLT), severity="critical")
    nobodys = await desk.open(desk.serving.client("wang.bo", "rep"), customer_id=str(BOLT), severity="minor")
    await desk.take(mine, "acknowledgement")

    async def ids(**filters: Any) -> list[str]:
        return [item["complaint_id"] for item in await desk.queue(customer_id=str(BOLT), **filters)]

    assert await ids(assigned_to="zhao.min") == [mine]
    assert await ids(unassigned=True) == [nobodys]
    assert await ids(severity=["minor", "major"]) == [nobodys]
    assert await ids(step="facts") == [mine]
    assert await ids(overdue=True) == []
    assert set(await ids(overdue=False)) == {mine, nobodys}


async def test_the_queue_comes_in_pages(desk: Desk) -> None:
    for severity in ("minor", "critical", "minor", "major"):
        await desk.open(severity=severity)
    waiting = await desk.open()
    await desk.agent.post(f"/complaints/{waiting}/waiting", json={"awaited": "Photos."})
    whole = [item["complaint_id"] for item in await desk.queue()]
    paged: list[str] = []
    after: dict[str, str] = {}
    while True:
        page = (await desk.agent.get("/queue", params={"limit": 2, **after})).json()
        paged += [item["complaint_id"] for item in page["items"]]
        if page["next"] is None:
            break
        after = {"after": page["next"]}
    assert paged == whole
    assert waiting in whole
    assert (await desk.agent.get("/queue", params={"after": "nonsense"})).status_code == 422


async def test_the_same_cause_for_the_same_product_again_is_flagged(desk: Desk) -> None:
    product = f"pump {uuid4()}"
    first = await desk.open(product=product)
    await desk.take(first, "acknowledgement", "facts")
    await desk.serving.set_clock(at(20, 10))
    second = await desk.open(product=product)
    await desk.take(second, "acknowledgement")
    before = {item["complaint_id"]: item["repeat"] for item in await desk.queue()}
    assert not before[second], "the cause is not known yet"
    await desk.take(second, "facts")
    flags = {item["complaint_id"]: item["repeat"] for item in await desk.queue()}
    assert (flags[first], flags[second]) == (False, True)
    assert (await desk.card(second))["repeats"] == [first]
    await desk.serving.set_clock(at(19, 10).replace(month=6))
    third = await desk.open(product=product, cause="product_quality")
    flags = {item["complaint_id"]: item["repeat"] for item in await desk.queue(desk.agent)}
    assert not flags[third], "91 days later"


async def test_the_pareto_counts_the_most_frequent_first(desk: Desk) -> None:
    issue = f"leak {uuid4()}"
    await desk.serving.set_clock(at(11, 10).replace(year=2027))  # a day of its own
    for category, cause in (
        ("quality", "product_quality"),
        ("quality", "product_quality"),
        ("quality", "staff_mistake"),
        ("freight", None),
    ):
        await desk.open(category=category, cause=cause, issue=issue)
    await desk.serving.catch_up()
    day = {"from": "2027-03-11", "to": "2027-03-11"}

    async def lines(*by: str) -> Any:
        answer = await desk.agent.get("/pareto", params={"by": by, **day})
        assert answer.status_code == 200, answer.text
        return answer.json()

    counted = await lines("category")
    assert counted == {
        "by": ["category"],
        "total": 4,
        "lines": [
            {"keys": ["quality"], "count": 3, "share": 0.75, "cumulative": 0.75},
            {"keys": ["freight"], "count": 1, "share": 0.25, "cumulative": 1.0},
        ],
    }
    crossed = await lines("category", "cause", "issue")
    assert [(line["keys"], line["count"]) for line in crossed["lines"]] == [
        (["quality", "product_quality", issue], 2),
        (["freight", None, issue], 1),
        (["quality", "staff_mistake", issue], 1),
    ]
    sheet = await desk.agent.get(
        "/pareto", params={"by": ["category", "cause"], **day}, headers={"Accept": "text/csv"}
    )
    assert sheet.text.removeprefix("\ufeff").splitlines() == [
        "category,cause,product,issue,severity,channel,region,response,timely,customer,count,share,cumulative",
        "quality,product_quality,,,,,,,,,2,0.5,0.5",
        "freight,,,,,,,,,,1,0.25,0.75",
        "quality,staff_mistake,,,,,,,,,1,0.25,1.0",
    ]
    none = await desk.agent.get("/pareto", params={"by": "cause", "to": "1999-12-31"})
    assert none.json() == {"by": ["cause"], "total": 0, "lines": []}


@pytest.mark.parametrize(
    "params",
    [
        {},
        {"by": "mood"},
        {"by": ["cause", "cause"]},
        {"by": ["cause", "category", "product", "issue"]},
        {"by": "cause", "from": "2026-02-30"},
        {"by": "cause", "from": "2026-03-02", "to": "2026-03-01"},
        {"by": "cause", "until": "2026-03-01"},
    ],
)
async def test_a_pareto_that_cannot_be_drawn(desk: Desk, params: dict[str, Any]) -> None:
    assert (await desk.agent.get("/pareto", params=params)).status_code == 422


async def test_what_the_desk_goes_by_can_be_read(desk: Desk) -> None:
    policy = (await desk.rep.get("/policy")).json()
    assert policy["terms"][0] == {"severity": "critical", "response_hours": 1, "solution_hours": 8}
    assert policy["authority"][1] == {
        "role": "supervisor",
        "limit": {"amount": "5000", "currency": "CNY"},
    }
    assert policy["working_time"]["opens"] == "09:00"
