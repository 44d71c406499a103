"""The 8,800 sales opportunities through the import endpoints: board and funnel say what the files say."""

import time
from collections import Counter, defaultdict
from collections.abc import AsyncIterator
from datetime import datetime
from decimal import Decimal
from itertools import count
from typing import Any
from uuid import UUID

import pytest

from keqing_pipeline.app import CONTEXT
from tests.data_sets import needs_data_sets, read_csv, us_day
from tests.harness import serving
from tests.json_lines import import_all

from .sales import Sales

pytestmark = [needs_data_sets, pytest.mark.timeout(240)]

STAGES = {
    "Prospecting": {"stage": "0"},
    "Engaging": {"stage": "1"},
    "Won": {"stage": "1", "outcome": "won"},
    "Lost": {"stage": "1", "outcome": "lost"},
}
Row = dict[str, str]


def read(name: str) -> list[Row]:
    return read_csv(f"sales-opportunities/{name}")


def login(name: str) -> str:
    return name.lower().replace(" ", ".")


def day(given: str) -> str | None:
    return us_day(given).isoformat() if given else None


def user_rows() -> list[dict[str, Any]]:
    teams = read("sales_teams.csv")
    regions = {row["manager"]: row["regional_office"] for row in teams}
    agents = [
        {
            "login": login(row["sales_agent"]),
            "name": row["sales_agent"],
            "roles": ["rep"],
            "team": row["manager"],
            "manager": login(row["manager"]),
            "language": "en",
        }
        for row in teams
    ]
    managers = [
        {"login": login(name), "name": name, "roles": ["sales_manager"], "team": name, "language": "en"}
        for name in regions
    ]
    return agents + managers  # those who lead come last on purpose


def customer_rows() -> list[dict[str, Any]]:
    """Whoever has most opportunities with an account owns it."""
    deals: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for row in read("sales_pipeline.csv"):
        deals[row["account"]][row["sales_agent"]] += 1
    return [
        {
            "kind": "enterprise",
            "name": row["account"],
            "owner": login(deals[row["account"]].most_common(1)[0][0]),
            "source": "import",
            "industry": row["sector"],
            "external": [{"system": "sales-opportunities", "id": row["account"]}],
            "enterprise": {
                "basics": {"address": row["office_location"]},
                "traits": {"employees": int(row["employees"])},
            },
        }
        for row in read("accounts.csv")
    ]


def opportunity_rows() -> list[dict[str, Any]]:
    return [
        {
            "external": {"system": "sales-opportunities", "id": row["opportunity_id"]},
            "title": f"{row['account'] or 'Unknown account'}: {row['product']}",
            "owner": login(row["sales_agent"]),
            "customer": {"system": "sales-opportunities", "id": row["account"]} if row["account"] else None,
            "interests": [row["product"].replace("GTXPro", "GTX Pro")],
            "source_stage": row["deal_stage"],
            "engaged_on": day(row["engage_date"]),
            "closed_on": day(row["close_date"]),
            "close_value": {"amount": row["close_value"], "currency": "USD"}
            if row["deal_stage"] == "Won"
            else None,
            **STAGES[row["deal_stage"]],
        }
        for row in read("sales_pipeline.csv")
    ]


async def send(sales: Sales, kind: str, rows: list[dict[str, Any]], *, dry_run: bool = False) -> Counter[str]:
    return await import_all(sales.admin, f"/imports/{kind}", rows, dry_run=dry_run)


@pytest.fixture(scope="module")
async def imported(module_database: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Sales]:
    async with serving(CONTEXT, module_database, tmp_path_factory.mktemp("home")) as it:
        sales = Sales(it, count(1))
        assert await send(sales, "users", user_rows()) == {"created": 35 + 6}
        assert await send(sales, "customers", customer_rows()) == {"created": 85}
        opportunities = opportunity_rows()
        assert await send(sales, "opportunities", opportunities, dry_run=True) == {"created": 8800}
        assert await it.service.log.head() == 35 + 6 + 85
        began = time.perf_counter()
        assert await send(sales, "opportunities", opportunities) == {"created": 8800}
        print(f"\n8,800 opportunities at {8800 / (time.perf_counter() - began):,.0f} rows/s")  # noqa: T201
        await it.catch_up()
        yield sales


async def test_the_board_shows_how_many_are_where(imported: Sales) -> None:
    places: Counter[str] = Counter()
    words: Counter[str] = Counter()
    won = Decimal(0)
    for cell in (await imported.admin.get("/board")).json():
        places[cell["place"]] += cell["count"]
        words.update(cell["source_words"])
        assert cell["overdue"] == 0, "a list of the past has no touches due"
        if cell["place"] == "won":
            won += sum(Decimal(amount["amount"]) for amount in cell["amounts"])
    assert places == {"won": 4238, "lost": 2473, "1": 1589, "0": 500}
    assert words == {"Won": 4238, "Lost": 2473, "Engaging": 1589, "Prospecting": 500}
    assert won == 10_005_534


async def test_the_funnel_says_the_same_in_one_line(imported: Sales) -> None:
    [line] = (await imported.admin.get("/funnel")).json()
    assert (line["opportunities"], line["open"], line["won"], line["lost"]) == (8800, 2089, 4238, 2473)
    assert line["won_amounts"] == [{"amount": "10005534", "currency": "USD"}]
    assert Decimal(line["win_rate"]) == round(Decimal(4238) / (4238 + 2473), 4)
    stages = {stage["stage"]: stage for stage in line["stages"]}
    assert stages["0"]["source_words"] == {"Prospecting": 500}
    assert stages["1"]["source_words"] == {"Engaging": 1589}
    assert (stages["0"]["reached"], stages["1"]["reached"], stages["4"]["reached"]) == (8800, 8300, 4238)


async def test_time_in_stage_is_from_engaging_to_closing(imported: Sales) -> None:
    days = sorted(
        (datetime.fromisoformat(closed) - datetime.fromisoformat(engaged)).days
        for row in read("sales_pipeline.csv")
        if (closed := day(row["close_date"])) and (engaged := day(row["engage_date"]))
    )
    [line] = (await imported.admin.get("/funnel")).json()
    engaging = next(stage for stage in line["stages"] if stage["stage"] == "1")
    middle = len(days) // 2
    assert len(days) == 4238 + 2473
    assert Decimal(engaging["median_days"]) == days[middle]
    assert Decimal(engaging["mean_days"]) == round(Decimal(sum(days)) / len(days), 1)


@pytest.mark.parametrize("by", ["owner", "manager"])
async def test_each_agent_and_manager_has_what_the_files_say(imported: Sales, by: str) -> None:
    manager_of = {row["sales_agent"]: row["manager"] for row in read("sales_teams.csv")}
    expected: defaultdict[str, Counter[str]] = defaultdict(Counter)
    amounts: defaultdict[str, Decimal] = defaultdict(Decimal)
    for row in read("sales_pipeline.csv"):
        whose = login(row["sales_agent"] if by == "owner" else manager_of[row["sales_agent"]])
        expected[whose][row["deal_stage"]] += 1
        amounts[whose] += Decimal(row["close_value"] or 0)
    lines = (await imported.admin.get("/funnel", params={"by": by})).json()
    assert [line["of"] for line in lines] == sorted(expected)
    for line in lines:
        counts = expected[line["of"]]
        assert (line["won"], line["lost"], line["open"]) == (
            counts["Won"],
            counts["Lost"],
            counts["Engaging"] + counts["Prospecting"],
        )
        assert sum(Decimal(amount["amount"]) for amount in line["won_amounts"]) == amounts[line["of"]]


async def test_a_second_import_changes_nothing(imported: Sales) -> None:
    before = await imported.serving.service.log.head()
    assert await send(imported, "customers", customer_rows()) == {"unchanged": 85}
    assert await send(imported, "opportunities", opportunity_rows()) == {"unchanged": 8800}
    assert await send(imported, "users", user_rows()) == {"unchanged": 35 + 6}
    assert await imported.serving.service.log.head() == before


async def test_nothing_of_the_past_is_missed_or_told(imported: Sales) -> None:
    assert await imported.serving.tick("missed touches") == 0
    told = Counter(
        type(it.fact).__name__
        for it in await imported.serving.service.log.read(0, 40_000)
        if CONTEXT.publish(it) is not None
    )
    assert told == {"UserEnrolled": 35 + 6, "CustomerRegistered": 85}


async def test_business_dates_are_the_files_and_recorded_time_is_now(imported: Sales) -> None:
    first = read("sales_pipeline.csv")[0]
    external = f"sales-opportunities:{first['opportunity_id']}"
    found = (await imported.admin.get("/opportunities", params={"external": external})).json()["items"]
    [one] = found
    assert (one["opened_on"], one["closed_on"]) == ("2016-10-20", "2017-03-01")
    assert one["won"] == {"amount": "1054", "currency": "USD"}
    recorded = await imported.serving.service.log.stream(UUID(one["opportunity_id"]))
    assert [type(it.fact).__name__ for it in recorded] == ["OpportunityOpened", "DealWon"]
    assert {it.recorded_at.date() for it in recorded} == {imported.serving.service.clock.now().date()}
