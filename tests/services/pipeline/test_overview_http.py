"""The board, today's touches, the funnel and the clockwork, each on a database of its own."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from keqing_pipeline.app import CONTEXT
from keqing_pipeline.opportunity.facts import GradeChanged
from tests.harness import serving
from tests.problem import problem

from .conftest import peopled
from .sales import Sales, at


@pytest.fixture
async def sales(database: str, tmp_path: Path) -> AsyncIterator[Sales]:
    async with serving(CONTEXT, database, tmp_path) as it:
        sales = await peopled(it)
        await it.set_clock(at(2))
        yield sales


async def advance(sales: Sales, id: str, signal: str, to: str) -> None:
    await sales.call(id, signal)
    answer = await sales.rep.post(f"/opportunities/{id}/stage", json={"to": to})
    assert answer.status_code == 200, answer.text


async def test_grades_are_crossed_with_time_and_said_once(sales: Sales) -> None:
    crossing = await sales.opportunity(expected_close_on="2026-04-20")
    decided = await sales.opportunity(expected_close_on="2026-04-20")
    await sales.rep.post(f"/opportunities/{decided}/lost", json={"reason": "价格"})
    await sales.opportunity(expected_close_on="2026-12-01")
    await sales.serving.set_clock(at(16))  # before any touch is missed
    assert await sales.made(GradeChanged) == 0
    amended = {"title": "年度采购", "expected_close_on": "2026-04-15"}
    await sales.rep.put(f"/opportunities/{crossing}", json=amended)
    assert await sales.made(GradeChanged) == 1
    assert await sales.made(GradeChanged) == 0
    card = await sales.card(crossing)
    assert (card["grade"], card["urgency"]) == ("A", "eager")


async def test_who_has_bought_is_called_late_in_the_day(sales: Sales) -> None:
    won = await sales.opportunity()
    await sales.rep.post(f"/opportunities/{won}/won", json={"amount": {"amount": "9", "currency": "CNY"}})
    await sales.opportunity()
    await sales.serving.catch_up()
    touches = (await sales.rep.get("/touches", params={"day": "2026-03-17"})).json()["items"]
    assert [(row["place"], row["due_on"], row["due_from"]) for row in touches] == [
        ("0", "2026-03-17", None),
        ("won", "2026-03-17", "16:00:00"),
    ]
    # A grade says how near a deal is; this one is made.
    assert [(row["grade"], row["urgency"]) for row in touches] == [("D", None), (None, None)]
    first = (await sales.rep.get("/touches", params={"day": "2026-03-17", "limit": 1})).json()
    query = {"day": "2026-03-17", "limit": 1, "after": first["next"]}
    second = (await sales.rep.get("/touches", params=query)).json()
    assert (second["items"], second["next"]) == (touches[1:], None)


async def test_the_board_counts_sums_and_sees_what_is_overdue(sales: Sales) -> None:
    yuan = {"amount": {"amount": "1000.25", "currency": "CNY"}}
    dollars = {"amount": {"amount": "70.00", "currency": "USD"}}
    await sales.opportunity(**yuan)
    await sales.opportunity(**yuan)
    await sales.opportunity(**dollars)
    await sales.opportunity()
    listening = await sales.opportunity(**yuan)
    await advance(sales, listening, "converses", "1")
    won = await sales.opportunity(**dollars)
    await sales.rep.post(f"/opportunities/{won}/won", json={"amount": {"amount": "65.00", "currency": "USD"}})
    await sales.opportunity(by=sales.stranger)
    # The touches of stage 1 are due on the 9th, those of stage 0 on the 17th.
    await sales.serving.set_clock(at(10))
    await sales.serving.catch_up()
    board = (await sales.rep.get("/board")).json()
    assert [(cell["place"], cell["count"], cell["overdue"]) for cell in board] == [
        ("0", 4, 0),
        ("1", 1, 1),
        ("won", 1, 0),
    ]
    assert board[0]["amounts"] == [
        {"amount": "2000.50", "currency": "CNY"},
        {"amount": "70.00", "currency": "USD"},
    ]
    assert board[2]["amounts"] == [{"amount": "65.00", "currency": "USD"}]
    assert {cell["owner"] for cell in board} == {"li.wei"}
    everybody = (await sales.auditor.get("/board")).json()
    assert sum(cell["count"] for cell in everybody) == 7
    hers = (await sales.auditor.get("/board", params={"owner": "chen.bo"})).json()
    assert [(cell["owner"], cell["count"]) for cell in hers] == [("chen.bo", 1)]


async def test_touches_come_by_grade_then_stage_then_overdue(sales: Sales) -> None:
    soon, later = {"expected_close_on": "2026-03-25"}, {"expected_close_on": "2026-12-01"}
    d_0 = await sales.opportunity(**later)
    a_1 = await sales.opportunity(**soon)
    await advance(sales, a_1, "converses", "1")
    a_3 = await sales.opportunity(**soon)
    await advance(sales, a_3, "asks_price", "3")
    await sales.serving.set_clock(at(3))
    d_0_later = await sales.opportunity(**later)
    a_3_later = await sales.opportunity(**soon)
    await advance(sales, a_3_later, "asks_price", "3")
    await sales.serving.set_clock(at(4, 8))
    not_due = await sales.opportunity(**soon)
    await sales.serving.set_clock(at(18, 9))
    await sales.serving.catch_up()
    touches = (await sales.rep.get("/touches")).json()["items"]
    ids = [touch["opportunity_id"] for touch in touches]
    assert ids == [a_3, a_3_later, a_1, d_0, d_0_later]
    assert not_due not in ids
    first = touches[0]
    assert (first["grade"], first["place"], first["due_on"], first["overdue_days"]) == (
        "A",
        "3",
        "2026-03-05",
        13,
    )
    assert first["customer"].startswith("客户")
    # Page by page the same, whatever the size of the page.
    paged: list[str] = []
    query: dict[str, str] = {"limit": "2"}
    while True:
        page = (await sales.rep.get("/touches", params=query)).json()
        paged += [touch["opportunity_id"] for touch in page["items"]]
        if page["next"] is None:
            break
        query["after"] = page["next"]
    assert paged == ids
    earlier = (await sales.rep.get("/touches", params={"day": "2026-03-05"})).json()["items"]
    assert [touch["opportunity_id"] for touch in earlier] == [a_3]


async def test_a_missed_touch_is_noted_once_per_due_date_and_counted_in_a_row(sales: Sales) -> None:
    id = await sales.opportunity()
    await advance(sales, id, "converses", "1")  # due on Monday the 9th
    await sales.serving.set_clock(at(9, 23))
    assert await sales.serving.tick("missed touches") == 0
    await sales.serving.set_clock(at(10, 0, 1))
    assert await sales.serving.tick("missed touches") == 1
    assert await sales.serving.tick("missed touches") == 0
    await sales.serving.set_clock(at(17))
    assert await sales.serving.tick("missed touches") == 1
    [touch] = (await sales.rep.get("/touches")).json()["items"]
    assert (touch["due_on"], touch["overdue_days"], touch["missed_in_a_row"]) == ("2026-03-09", 8, 2)
    log = await sales.serving.service.log.read(0, 1000)
    missed = [it for it in log if type(it.fact).__name__ == "FollowUpMissed"]
    assert [(str(it.fact.due_on), it.fact.in_a_row, it.who) for it in missed] == [
        ("2026-03-09", 1, "clockwork"),
        ("2026-03-16", 2, "clockwork"),
    ]
    told = CONTEXT.publish(missed[1])
    assert told is not None
    assert (told.name, told.data["owner"], told.data["in_a_row"]) == ("FollowUpMissed", "li.wei", 2)


async def test_the_funnel_knows_how_far_and_how_long(sales: Sales) -> None:
    first, second, third = [await sales.opportunity() for _ in range(3)]
    await sales.serving.set_clock(at(4))
    await advance(sales, first, "converses", "1")
    await advance(sales, second, "asks_price", "3")
    await sales.serving.set_clock(at(10))
    yuan = {"amount": "100.00", "currency": "CNY"}
    await sales.rep.post(f"/opportunities/{second}/won", json={"amount": yuan})
    await sales.rep.post(f"/opportunities/{third}/lost", json={"reason": "价格"})
    await sales.serving.catch_up()
    [line] = (await sales.manager.get("/funnel")).json()
    assert (line["opportunities"], line["open"], line["won"], line["lost"]) == (3, 1, 1, 1)
    assert (line["win_rate"], line["won_amounts"]) == ("0.5000", [yuan])
    stages = {stage["stage"]: stage for stage in line["stages"]}
    counts = {name: (stage["now"], stage["reached"], stage["advanced"]) for name, stage in stages.items()}
    assert counts == {
        "refused": (0, 0, 0),
        "0": (0, 3, 2),
        "1": (1, 2, 1),
        "2": (0, 1, 1),
        "3": (0, 1, 1),
        "4": (0, 1, 1),
    }
    assert stages["0"]["conversion"] == "0.6667"
    # Two stayed two days at stage 0, the lost one eight; the won one six days at stage 3.
    assert (stages["0"]["mean_days"], stages["0"]["median_days"]) == ("4.0", "2.0")
    assert (stages["3"]["mean_days"], stages["1"]["mean_days"]) == ("6.0", None)


async def recede(sales: Sales, id: str, to: str) -> None:
    answer = await sales.rep.post(f"/opportunities/{id}/stage", json={"to": to, "reason": "变了"})
    assert answer.status_code == 200, answer.text


async def reached(sales: Sales) -> dict[str, tuple[int, int, str | None]]:
    await sales.serving.catch_up()
    [line] = (await sales.manager.get("/funnel")).json()
    return {it["stage"]: (it["reached"], it["advanced"], it["conversion"]) for it in line["stages"]}


async def test_only_who_refused_counts_as_refused_and_comes_back_by_a_rise(sales: Sales) -> None:
    refusing, lost, back, _ = [await sales.opportunity() for _ in range(4)]
    for id in (refusing, lost, back):
        await recede(sales, id, "refused")
    await sales.rep.post(f"/opportunities/{lost}/lost", json={"reason": "不再联系"})
    assert (await reached(sales))["refused"] == (3, 0, "0.0000")
    await advance(sales, back, "converses", "1")
    assert (await reached(sales))["refused"] == (3, 1, "0.3333")
    await recede(sales, back, "refused")
    counts = await reached(sales)
    assert (counts["refused"], counts["0"], counts["1"]) == (
        (3, 0, "0.0000"),
        (4, 1, "0.2500"),
        (1, 0, "0.0000"),
    )


async def test_a_win_taken_back_leaves_how_far_it_had_come_before(sales: Sales) -> None:
    id = await sales.opportunity()
    await advance(sales, id, "asks_price", "3")
    await recede(sales, id, "1")
    await sales.rep.post(f"/opportunities/{id}/won", json={"amount": {"amount": "9", "currency": "CNY"}})
    assert (await reached(sales))["4"] == (1, 1, "1.0000")
    answer = await sales.rep.post(f"/opportunities/{id}/reopened", json={"reason": "合同未签"})
    assert answer.status_code == 200, answer.text
    counts = await reached(sales)
    assert (counts["1"], counts["3"], counts["4"]) == ((1, 1, "1.0000"), (1, 0, "0.0000"), (0, 0, None))


async def test_the_funnel_by_owner_and_by_manager(sales: Sales) -> None:
    await sales.opportunity()
    await sales.opportunity(by=sales.colleague)
    await sales.opportunity(by=sales.stranger)
    await sales.serving.catch_up()
    by_owner = (await sales.director.get("/funnel", params={"by": "owner"})).json()
    assert [(line["of"], line["open"]) for line in by_owner] == [
        ("chen.bo", 1),
        ("li.wei", 1),
        ("zhao.min", 1),
    ]
    by_manager = (await sales.director.get("/funnel", params={"by": "manager"})).json()
    assert [(line["of"], line["open"]) for line in by_manager] == [("wu.jun", 1), ("zhou.hong", 2)]
    problem(await sales.director.get("/funnel", params={"by": "moon"}), 422, "request-invalid")


async def test_the_funnel_of_nothing_is_one_empty_line(sales: Sales) -> None:
    [line] = (await sales.rep.get("/funnel")).json()
    assert (line["opportunities"], line["win_rate"], line["won_amounts"]) == (0, None, [])
    assert {stage["conversion"] for stage in line["stages"]} == {None}


async def test_the_policy_says_its_numbers(sales: Sales) -> None:
    policy = (await sales.rep.get("/policy")).json()
    assert policy["touch_every"] == {
        "stage_0": 15,
        "stage_1": 7,
        "stage_2": 7,
        "stage_3": 3,
        "stage_4": 3,
        "won": 15,
        "won_from": "16:00:00",
    }
    assert policy["grade_within"] == {"a": 1, "b": 2, "c": 3}
    assert policy["contact_recorded_within_days"] == 30
