"""The ageing report: any day, any buckets, amounts worked out by hand."""

import csv
import io
from typing import Any

import pytest

from keqing_shared.sheets.writing import CSV_TYPE
from tests.problem import problem
from tests.services.collections.ageing_report import aged, line_of
from tests.services.collections.desk import Desk, done


async def test_open_amounts_fall_into_buckets_by_their_due_date(desk: Desk) -> None:
    customer = await desk.customer()
    for due_on, amount in (
        ("2026-04-20", "1.00"),  # due today: not late yet
        ("2026-04-19", "2.00"),  # 1 day
        ("2026-03-21", "4.00"),  # 30 days
        ("2026-03-20", "8.00"),  # 31
        ("2026-02-19", "16.00"),  # 60
        ("2026-01-20", "32.00"),  # 90
        ("2026-01-19", "64.00"),  # 91
    ):
        await desk.issue(customer, amount, issued_on="2026-01-01", due_on=due_on)
    report = await desk.ageing(limit=200)
    assert (report["as_of"], report["basis"], report["by"]) == ("2026-04-20", "due", "customer")
    assert aged(report, customer) == {
        "current": "1.00",
        "1-30": "6.00",
        "31-60": "24.00",
        "61-90": "32.00",
        ">90": "64.00",
    }
    line = line_of(report, customer)
    assert line["name"] == "Acme"
    assert (line["aged"]["open"], line["aged"]["invoices"]) == ("127.00", 7)
    # Issued 109 days ago, all of them.
    assert aged(await desk.ageing(basis="invoice", limit=200), customer) == {">90": "127.00"}
    given = await desk.ageing(buckets="7,100", limit=200)
    assert aged(given, customer) == {"current": "1.00", "1-7": "2.00", "8-100": "124.00"}


async def test_a_past_day_shows_what_counted_then(desk: Desk) -> None:
    customer = await desk.customer()
    invoice = await desk.issue(customer, "100.00", issued_on="2026-01-01", due_on="2026-01-31")
    await desk.pay(customer, "30.00", "2026-02-10", [(invoice, "30.00")])
    credit = {"amount": {"amount": "20.00", "currency": "CNY"}, "reason": "scratched", "on": "2026-03-05"}
    done(await desk.controller.post(f"/invoices/{invoice}/credit-notes", json=credit))

    async def on(day: str) -> dict[str, str]:
        report = await desk.ageing(as_of=day, limit=200)
        return aged(report, customer) if any(it["key"] == str(customer) for it in report["lines"]) else {}

    assert await on("2025-12-31") == {}
    assert await on("2026-01-01") == {"current": "100.00"}
    assert await on("2026-02-09") == {"1-30": "100.00"}
    assert await on("2026-02-10") == {"1-30": "70.00"}
    assert await on("2026-03-04") == {"31-60": "70.00"}
    assert await on("2026-03-05") == {"31-60": "50.00"}


async def test_a_reversal_counts_from_its_day(desk: Desk) -> None:
    customer = await desk.customer()
    invoice = await desk.issue(customer, "100.00", issued_on="2026-01-01", due_on="2026-01-31")
    payment = await desk.pay(customer, "150.00", "2026-02-10", [(invoice, "100.00")])
    reversal = {"reason": "bounced", "on": "2026-03-01"}
    done(await desk.collector.post(f"/payments/{payment}/reversal", json=reversal))
    before = await desk.ageing(as_of="2026-02-28", limit=200)
    assert aged(before, customer) == {}
    assert line_of(before, customer)["aged"]["unallocated"] == "50.00"
    after = await desk.ageing(as_of="2026-03-01", limit=200)
    assert aged(after, customer) == {"1-30": "100.00"}
    assert line_of(after, customer)["aged"]["unallocated"] == "0.00"


async def test_what_is_in_dispute_on_that_day_stands_apart(desk: Desk) -> None:
    customer = await desk.customer()
    invoice = await desk.issue(customer, "100.00", issued_on="2026-01-01")
    await desk.issue(customer, "7.00", issued_on="2026-01-01")
    done(
        await desk.collector.post(
            f"/invoices/{invoice}/dispute", json={"reason": "wrong goods", "on": "2026-02-01"}
        )
    )
    done(
        await desk.collector.post(
            f"/invoices/{invoice}/dispute/resolution",
            json={"upheld": False, "note": "as ordered", "on": "2026-03-01"},
        )
    )
    for day, undisputed, disputed, count in (
        ("2026-01-31", "107.00", "0.00", 0),
        ("2026-02-01", "7.00", "100.00", 1),
        ("2026-02-28", "7.00", "100.00", 1),
        ("2026-03-01", "107.00", "0.00", 0),
    ):
        found = line_of(await desk.ageing(as_of=day, limit=200), customer)["aged"]
        assert (found["undisputed"], found["disputed"], found["disputed_invoices"]) == (
            undisputed,
            disputed,
            count,
        )
        assert found["open"] == "107.00"


async def test_currencies_are_never_added(desk: Desk) -> None:
    customer = await desk.customer("rep.currencies")
    await desk.issue(customer, "100.00", issued_on="2026-04-01")
    await desk.issue(customer, "9.00", issued_on="2026-04-01", currency="USD")
    await desk.pay(customer, "5.00", allocations=[], currency="EUR")
    rep = desk.rep("rep.currencies")
    report = await desk.ageing(rep, by="currency")
    assert [(it["key"], it["aged"]["open"], it["aged"]["unallocated"]) for it in report["lines"]] == [
        ("CNY", "100.00", "0.00"),
        ("EUR", "0.00", "5.00"),
        ("USD", "9.00", "0.00"),
    ]
    assert [it["aged"] for it in report["lines"]] == report["totals"]


async def test_it_is_summed_by_todays_owner(desk: Desk) -> None:
    await desk.person("rep.sums", "Sum Rep")
    one, other = await desk.customer("rep.sums"), await desk.customer("rep.sums")
    await desk.issue(one, "100.00", issued_on="2026-04-01")
    await desk.issue(other, "50.00", issued_on="2026-04-01")
    nobodys = await desk.customer(None)
    await desk.issue(nobodys, "3.00", issued_on="2026-04-01")
    report = await desk.ageing(by="owner", limit=200)
    assert aged(report, "rep.sums") == {"current": "150.00"}
    assert line_of(report, "rep.sums")["name"] == "Sum Rep"
    assert aged(report, "None")["current"] == "3.00"
    assert [it["key"] for it in (await desk.ageing(desk.rep("rep.sums"), by="owner"))["lines"]] == [
        "rep.sums"
    ]


async def test_the_report_comes_in_pages_with_the_totals_of_all(desk: Desk) -> None:
    customers = [await desk.customer("rep.pages") for _ in range(5)]
    for customer in customers:
        await desk.issue(customer, "10.00", issued_on="2026-04-01")
    rep = desk.rep("rep.pages")
    seen: list[str] = []
    after: dict[str, str] = {}
    for _ in range(3):
        report = await desk.ageing(rep, limit=2, **after)
        assert [total["open"] for total in report["totals"]] == ["50.00"]
        seen += [line["key"] for line in report["lines"]]
        after = {"after": report["next"]}
    assert report["next"] is None
    assert seen == sorted(str(customer) for customer in customers)


async def test_an_empty_account_gives_an_empty_report(desk: Desk) -> None:
    report = await desk.ageing(desk.rep("rep.nobody"))
    assert (report["lines"], report["totals"], report["next"]) == ([], [], None)


@pytest.mark.parametrize(
    ("query", "slug"),
    [
        ({"as_of": "2026-04-21"}, "as-of-in-future"),
        ({"by": "grade"}, "grades-unknown"),
        ({"buckets": "30,30"}, "buckets-not-ascending"),
        ({"buckets": "60,30"}, "buckets-not-ascending"),
        ({"buckets": "0,30"}, "request-invalid"),
        ({"buckets": "x"}, "request-invalid"),
        ({"basis": "delivery"}, "request-invalid"),
        ({"as_of": "yesterday"}, "request-invalid"),
        ({"after": "AAAA"}, "cursor-invalid"),
    ],
)
async def test_questions_without_an_answer_are_refused(desk: Desk, query: dict[str, Any], slug: str) -> None:
    problem(await desk.collector.get("/ageing", params=query), 422, slug)


async def test_as_a_sheet_each_amount_stands_once_and_every_page_of_it(desk: Desk) -> None:
    one, other = await desk.customer("rep.sheet"), await desk.customer("rep.sheet")
    await desk.issue(one, "100.00", issued_on="2026-01-01", due_on="2026-01-31")
    late = await desk.issue(one, "30.00", issued_on="2026-04-01", due_on="2026-05-01")
    dispute = {"reason": "wrong goods", "on": "2026-04-02"}
    done(await desk.collector.post(f"/invoices/{late}/dispute", json=dispute))
    await desk.pay(other, "5.00", allocations=[])
    await desk.serving.catch_up()
    query = {"as_of": "2026-04-10", "limit": 1}
    answer = await desk.rep("rep.sheet").get("/ageing", params=query, headers={"Accept": CSV_TYPE})
    assert answer.status_code == 200, answer.text
    sheet = csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff")))
    rows = [(row["key"], row["part"], row["age"], row["invoices"], row["amount"]) for row in sheet]
    expected = {
        str(one): [("open", "61-90", "1", "100.00"), ("disputed", "", "1", "30.00")],
        str(other): [("unallocated", "", "", "5.00")],
    }
    assert rows == [(key, *line) for key in sorted(expected) for line in expected[key]]
