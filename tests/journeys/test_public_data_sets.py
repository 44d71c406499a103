"""The three public data sets, brought in by `keqing import` and asked for over HTTP.

What must come out is worked out here from the files alone, with the standard library's csv, and nothing
of the product. Where the files are not (../shared/data beside the project), this says so and is skipped.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from tests.data_sets import needs_data_sets, read_csv, us_day
from tests.journeys.recomputed import COUNTED, DAYS, expected_ageing, login, simplified
from tests.journeys.stack import COMPLAINTS, RECEIVABLE, SALES, Stack, imported, rehearsed, stack

pytestmark = [pytest.mark.timeout(600), needs_data_sets]
__all__ = ["imported", "rehearsed", "stack"]


# Sales opportunities


@pytest.fixture(scope="module")
def sales() -> list[dict[str, str]]:
    return read_csv("sales-opportunities/sales_pipeline.csv")


@pytest.fixture(scope="module")
def manager_of() -> dict[str, str]:
    return {row["sales_agent"]: row["manager"] for row in read_csv("sales-opportunities/sales_teams.csv")}


PLACES = {"Prospecting": "0", "Engaging": "1", "Won": "won", "Lost": "lost"}


def test_a_dry_run_says_what_would_happen_and_changes_nothing(rehearsed: dict[str, str]) -> None:
    assert rehearsed["sales-opportunities"].splitlines() == [
        "people: 41 would be created",
        "customers: 85 need others of this import, and were checked for their form only",
        "opportunities: 8,800 need others of this import, and were checked for their form only",
        "dry run: nothing was changed",
    ]
    assert "invoices: 2,466 need others of this import" in rehearsed["accounts-receivable"]
    assert "complaints: 3,186 need others of this import" in rehearsed["consumer-complaints"]


def test_the_board_shows_the_known_figures(imported: Stack) -> None:
    counts: Counter[str] = Counter()
    won = Decimal(0)
    for cell in imported.get("/pipeline/board"):
        counts[cell["place"]] += cell["count"]
        if cell["place"] == "won":
            assert [amount["currency"] for amount in cell["amounts"]] == ["USD"]
            won += Decimal(cell["amounts"][0]["amount"])
    assert counts == {"won": 4238, "lost": 2473, "1": 1589, "0": 500}
    assert won == 10_005_534


def test_the_board_shows_for_every_agent_what_the_file_says(
    imported: Stack, sales: list[dict[str, str]]
) -> None:
    counts: Counter[tuple[str, str]] = Counter()
    words: Counter[tuple[str, str]] = Counter()
    won: dict[str, Decimal] = defaultdict(Decimal)
    for row in sales:
        agent, place = login(row["sales_agent"]), PLACES[row["deal_stage"]]
        counts[agent, place] += 1
        words[agent, row["deal_stage"]] += 1
        if place == "won":
            won[agent] += Decimal(row["close_value"])
    cells = imported.get("/pipeline/board")
    assert {(cell["owner"], cell["place"]): cell["count"] for cell in cells} == counts
    assert {
        (cell["owner"], word): count for cell in cells for word, count in cell["source_words"].items()
    } == words
    assert {
        cell["owner"]: Decimal(cell["amounts"][0]["amount"]) for cell in cells if cell["place"] == "won"
    } == won
    assert len(won) == 30


def test_open_opportunities_count_at_the_list_price(imported: Stack, sales: list[dict[str, str]]) -> None:
    prices = {
        row["product"]: Decimal(row["sales_price"]) for row in read_csv("sales-opportunities/products.csv")
    }
    prices["GTXPro"] = prices["GTX Pro"]
    expected = sum(
        prices[row["product"]] for row in sales if row["deal_stage"] in ("Prospecting", "Engaging")
    )
    shown = sum(
        Decimal(cell["amounts"][0]["amount"])
        for cell in imported.get("/pipeline/board")
        if cell["place"] in ("0", "1")
    )
    assert shown == expected


def test_nothing_imported_is_overdue_before_somebody_works_on_it(imported: Stack) -> None:
    assert sum(cell["overdue"] for cell in imported.get("/pipeline/board")) == 0


@pytest.mark.parametrize("by", ["all", "owner", "manager"])
def test_the_funnel_shows_what_the_file_says(
    imported: Stack, sales: list[dict[str, str]], manager_of: dict[str, str], by: str
) -> None:
    group: dict[str, Callable[[str], str | None]] = {
        "all": lambda _: None,
        "owner": login,
        "manager": lambda agent: login(manager_of[agent]),
    }
    expected: dict[str | None, Counter[str]] = defaultdict(Counter)
    won: dict[str | None, Decimal] = defaultdict(Decimal)
    days: dict[str | None, list[int]] = defaultdict(list)
    for row in sales:
        key = group[by](row["sales_agent"])
        expected[key][row["deal_stage"]] += 1
        if row["close_date"]:
            days[key].append((us_day(row["close_date"]) - us_day(row["engage_date"])).days)
        if row["deal_stage"] == "Won":
            won[key] += Decimal(row["close_value"])
    lines = {line["of"]: line for line in imported.get("/pipeline/funnel", by=by)}
    assert lines.keys() == expected.keys()
    for key, line in lines.items():
        stages = {stage["stage"]: stage for stage in line["stages"]}
        counts = expected[key]
        assert (line["won"], line["lost"]) == (counts["Won"], counts["Lost"])
        assert (stages["1"]["now"], stages["0"]["now"]) == (counts["Engaging"], counts["Prospecting"])
        assert line["opportunities"] == counts.total()
        assert [Decimal(amount["amount"]) for amount in line["won_amounts"]] == [won[key]]
        mean = Decimal(sum(days[key])) / len(days[key])
        assert abs(Decimal(stages["1"]["mean_days"]) - mean) <= Decimal("0.05")


def test_opportunities_without_account_have_no_customer_and_the_others_theirs(
    imported: Stack, sales: list[dict[str, str]]
) -> None:
    agent = next(row["sales_agent"] for row in sales if not row["account"])
    expected = Counter(row["account"] for row in sales if row["sales_agent"] == agent)
    name_of = {row["customer_id"]: row["name"] for row in imported.pages("/pipeline/customers")}
    found = imported.pages("/pipeline/opportunities", owner=login(agent))
    assert Counter(name_of.get(row["customer_id"], "") for row in found) == expected
    assert expected[""] > 0


def test_dirty_words_are_cleaned(imported: Stack) -> None:
    rows = {row["name"]: row for row in imported.pages("/pipeline/customers")}
    industries = {row["details"]["industry"] for row in rows.values()}
    assert "technology" in industries
    assert "technolgy" not in industries
    assert rows["Bioholding"]["details"]["enterprise"]["traits"]["region"] == "Philippines"
    products = {
        product
        for row in imported.pages("/pipeline/opportunities", owner="darcel.schlecht")
        for product in row["interests"]
    }
    assert "GTX Pro" in products
    assert "GTXPro" not in products


def test_an_account_belongs_to_who_has_most_opportunities_there(
    imported: Stack, sales: list[dict[str, str]]
) -> None:
    by_account: dict[str, Counter[str]] = defaultdict(Counter)
    for row in sales:
        by_account[row["account"]][login(row["sales_agent"])] += 1
    owners = {
        row["name"]: row["owner"]
        for row in imported.pages("/pipeline/customers")
        if row["details"]["external"][0]["system"] == "sales-opportunities"
    }
    assert len(owners) == 85
    for account, owner in owners.items():
        assert by_account[account][owner] == max(by_account[account].values())


# Accounts receivable


@pytest.fixture(scope="module")
def receivable() -> list[dict[str, str]]:
    return read_csv("accounts-receivable.csv")


@pytest.mark.parametrize("buckets", ["30,60,90", "7,14,21,28"])
@pytest.mark.parametrize("basis", ["due", "invoice"])
def test_the_ageing_of_past_days_equals_a_recomputation_from_the_file(
    imported: Stack, receivable: list[dict[str, str]], basis: str, buckets: str
) -> None:
    ends = [int(end) for end in buckets.split(",")]
    something = 0
    for day in DAYS:
        report = imported.get(
            "/collections/ageing",
            as_of=day.isoformat(),
            basis=basis,
            by="customer",
            buckets=buckets,
            limit=200,
        )
        expected = expected_ageing(receivable, day, basis, ends)
        shown = {line["name"]: simplified(line["aged"]) for line in report["lines"]}
        assert shown == expected, day
        assert report["next"] is None
        if expected:
            [total] = report["totals"]
            assert total["currency"] == "USD"
            assert Decimal(total["unallocated"]) == 0
            assert simplified(total) == {
                column: sum(line[column] for line in expected.values())
                for column in next(iter(expected.values()))
            }
            something += 1
    assert something >= 24


def test_the_late_invoices_and_no_others_became_overdue(
    imported: Stack, receivable: list[dict[str, str]]
) -> None:
    late = {row["invoiceNumber"]: int(row["DaysLate"]) for row in receivable if int(row["DaysLate"]) > 0}
    due = {row["invoiceNumber"]: us_day(row["DueDate"]) for row in receivable}
    assert len(late) == 877
    raised: set[tuple[str, int]] = set()
    customers = [
        row["customer_id"]
        for row in imported.pages("/pipeline/customers")
        if row["details"]["external"][0]["system"] == "accounts-receivable"
    ]
    assert len(customers) == 100
    for customer in customers:
        history = imported.pages(f"/collections/audit/customers/{customer}", kind="PaymentOverdue")
        for entry in history:
            fact = entry["fact"]
            raised.add((fact["number"], fact["threshold"]))
            assert date.fromisoformat(fact["on"]) == due[fact["number"]] + timedelta(days=fact["threshold"])
            assert datetime.fromisoformat(entry["recorded_at"]).year > 2013, "recorded today, not then"
    assert {number for number, _ in raised} == late.keys()
    assert raised == {
        (number, threshold)
        for number, days in late.items()
        for threshold in (1, 30, 60, 90)
        if days >= threshold
    }


# Consumer complaints


@pytest.fixture(scope="module")
def complaints() -> list[dict[str, str]]:
    return read_csv("consumer-complaints.csv")


@pytest.mark.parametrize(
    "by",
    [("product",), ("issue",), ("region",), ("response", "timely"), ("channel",), ("product", "issue")],
    ids=" and ".join,
)
def test_the_pareto_equals_a_count_of_the_file(
    imported: Stack, complaints: list[dict[str, str]], by: tuple[str, ...]
) -> None:
    expected = Counter(tuple(COUNTED[dimension](row) for dimension in by) for row in complaints)
    chart = imported.get("/service-desk/pareto", by=list(by), limit=1000)
    assert chart["total"] == 3186
    assert {tuple(line["keys"]): line["count"] for line in chart["lines"]} == expected
    counts = [line["count"] for line in chart["lines"]]
    assert counts == sorted(counts, reverse=True)
    so_far = 0
    for line in chart["lines"]:
        so_far += line["count"]
        assert line["cumulative"] == pytest.approx(so_far / 3186, abs=0.0001)


def test_every_issue_has_one_category(imported: Stack, complaints: list[dict[str, str]]) -> None:
    chart = imported.get("/service-desk/pareto", by=["issue", "category"], limit=1000)
    by_issue = Counter(row["Issue"] for row in complaints)
    assert {line["keys"][0]: line["count"] for line in chart["lines"]} == by_issue
    assert {line["keys"][1] for line in chart["lines"]} == {
        "contract",
        "service",
        "freight",
        "quality",
        "overselling",
        "customer_side",
    }


def test_every_company_has_its_complaints(imported: Stack, complaints: list[dict[str, str]]) -> None:
    name_of = {row["customer_id"]: row["name"] for row in imported.pages("/pipeline/customers")}
    chart = imported.get("/service-desk/pareto", by=["customer"], limit=1000)
    shown = {name_of[line["keys"][0]]: line["count"] for line in chart["lines"]}
    assert shown == Counter(row["Company"] for row in complaints)
    assert len(shown) == 491


def test_complaints_of_a_day_keep_their_day(imported: Stack, complaints: list[dict[str, str]]) -> None:
    day = date(2016, 1, 26)
    chart = imported.get("/service-desk/pareto", by=["severity"], **{"from": str(day), "to": str(day)})
    assert chart["total"] == sum(us_day(row["Date received"]) == day for row in complaints)


# All of them


def test_a_second_run_changes_nothing(imported: Stack) -> None:
    before = imported.settled_heads()
    expected = {"sales-opportunities": 41 + 85 + 8800, "accounts-receivable": 1 + 100 + 2466}
    expected["consumer-complaints"] = 1 + 491 + 3186
    for profile, path in (SALES, RECEIVABLE, COMPLAINTS):
        again = imported.import_(profile, path)
        assert again.returncode == 0, again.stderr
        found = re.findall(r"([\d,]+) (\w+)", again.stdout)
        assert {word for _, word in found} == {"unchanged"}
        assert sum(int(count.replace(",", "")) for count, _ in found) == expected[profile]
    assert imported.settled_heads() == before


def test_history_disturbs_nobody(imported: Stack) -> None:
    """Neither the disputes and delays of 2012 nor the complaints of 2016 are news."""
    imported.settled_heads()
    assert imported.heads()["notify"] == 0


def test_refused_rows_are_told_with_line_field_and_reason(imported: Stack, tmp_path: Path) -> None:
    before = imported.settled_heads()
    header = "countryCode,customerID,PaperlessDate,invoiceNumber,InvoiceDate,DueDate,InvoiceAmount,Disputed,"
    header += "SettledDate,PaperlessBill,DaysToSettle,DaysLate"
    rows = [
        "391,0379-NEVHP,4/6/2013,0000611365,1/2/2013,2/1/2013,55.94,No,1/15/2013,Paper,13,0",
        "391,0379-NEVHP,4/6/2013,BAD-1,13/2/2013,2/1/2013,55.94,No,1/15/2013,Paper,13,0",
        "391,0379-NEVHP,4/6/2013,BAD-2,1/2/2013,2/1/2013,55.94,No,1/1/2013,Paper,13,0",
        "391,0379-NEVHP,4/6/2013",
        "391,0379-NEVHP,4/6/2013,0000611365,1/2/2013,2/1/2013,99.00,No,1/15/2013,Paper,13,0",
    ]
    file, errors = tmp_path / "invoices.csv", tmp_path / "errors.csv"
    file.write_text("\n".join([header, *rows]) + "\n")
    done = imported.import_("accounts-receivable", file, "--errors", str(errors))
    assert done.returncode == 1
    assert "invoices: 1 unchanged, 4 refused" in done.stdout
    kept = {int(row["line"]): row for row in read_csv(errors)}
    assert sorted(kept) == [3, 4, 5, 6]
    assert kept[3]["field"] == "InvoiceDate"
    assert kept[4]["field"] == "settled_on"
    assert "has 3 cells where the header has 12" in kept[5]["message"]
    assert kept[6]["type"] == "row-differs"
    assert "invoices.csv:3: InvoiceDate: '13/2/2013' is no day" in done.stderr
    assert imported.settled_heads() == before
