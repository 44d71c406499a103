"""The public data set of consumer complaints: 3,186 rows in, and the Pareto counts what the file does."""

import csv
import json
from collections import Counter
from collections.abc import AsyncIterator
from datetime import datetime
from itertools import count
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from keqing_service_desk.app import CONTEXT
from tests.harness import serving

from .conftest import peopled
from .desk import Desk, customer

FILE = Path(__file__).parents[4] / "shared" / "data" / "consumer-complaints.csv"
CHANNELS = {
    "Web": "web",
    "Referral": "referral",
    "Phone": "phone",
    "Postal mail": "post",
    "Fax": "fax",
}
BOOLEANS = {"Yes": True, "No": False, "": None}

pytestmark = pytest.mark.skipif(not FILE.exists(), reason="the public data sets are not beside the checkout")


def read() -> list[dict[str, str]]:
    with FILE.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def day(given: str) -> str:
    return datetime.strptime(given, "%m/%d/%Y").date().isoformat()  # noqa: DTZ007


def row(number: int, given: dict[str, str]) -> dict[str, Any]:
    return {
        "external": {"system": "consumer-complaints", "id": str(number)},
        "customer": {"system": "consumer-complaints", "id": given["Company"]},
        "category": "overselling" if "dvertising" in given["Issue"] else "service",
        "received_on": day(given["Date received"]),
        "closed": given["Company response to consumer"] != "In progress",
        "product": given["Product"],
        "sub_product": given["Sub-product"] or None,
        "issue": given["Issue"],
        "sub_issue": given["Sub-issue"] or None,
        "channel": CHANNELS[given["Submitted via"]],
        "region": given["State"] or None,
        "forwarded_on": day(given["Date sent to company"]),
        "response": given["Company response to consumer"],
        "timely": BOOLEANS[given["Timely response?"]],
        "disputed": BOOLEANS[given["Consumer disputed?"]],
    }


@pytest.fixture(scope="module")
async def desk(module_database: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Desk]:
    async with serving(CONTEXT, module_database, tmp_path_factory.mktemp("home")) as it:
        desk = await peopled(it)
        for number, company in zip(count(1), sorted({given["Company"] for given in read()})):
            await desk.hear(
                "CustomerRegistered",
                UUID(int=number),
                **customer(company, "li.wei", ("consumer-complaints", company)),
            )
        yield desk


async def import_all(desk: Desk) -> Counter[str]:
    rows = [row(number, given) for number, given in enumerate(read(), 1)]
    sums: Counter[str] = Counter()
    for start in range(0, len(rows), 1000):
        answer = await desk.serving.client("root", "admin").post(
            "/imports/complaints",
            content="\n".join(map(json.dumps, rows[start : start + 1000])),
            headers={"Content-Type": "application/x-ndjson"},
        )
        assert answer.status_code == 200, answer.text
        sums.update({outcome: answer.json()[outcome] for outcome in ("created", "unchanged", "refused")})
    return sums


async def counts(desk: Desk, *by: str) -> dict[tuple[str | None, ...], int]:
    answer = await desk.agent.get("/pareto", params={"by": by, "limit": 1000})
    assert answer.status_code == 200, answer.text
    chart = answer.json()
    assert sum(line["count"] for line in chart["lines"]) == chart["total"] == 3186
    numbers = [line["count"] for line in chart["lines"]]
    assert numbers == sorted(numbers, reverse=True)
    assert chart["lines"][-1]["cumulative"] == 1
    return {tuple(line["keys"]): line["count"] for line in chart["lines"]}


@pytest.mark.timeout(180)
async def test_the_pareto_equals_a_count_of_the_file(desk: Desk) -> None:
    given = read()
    assert await import_all(desk) == {"created": 3186, "unchanged": 0, "refused": 0}
    await desk.serving.catch_up()
    for dimension, column in (
        ("product", "Product"),
        ("issue", "Issue"),
        ("response", "Company response to consumer"),
    ):
        assert await counts(desk, dimension) == Counter((one[column],) for one in given)
    assert await counts(desk, "product", "issue") == Counter((one["Product"], one["Issue"]) for one in given)
    assert await counts(desk, "region") == Counter((one["State"] or None,) for one in given)
    timely = await counts(desk, "timely")
    assert timely == {("true",): 3093, ("false",): 93}
    advertised = sum("dvertising" in one["Issue"] for one in given)
    assert await counts(desk, "category") == {("service",): 3186 - advertised, ("overselling",): advertised}
    in_progress = [item for item in await desk.queue() if item["received_at"] is None]
    assert len(in_progress) == sum(one["Company response to consumer"] == "In progress" for one in given) == 3
    assert await desk.serving.tick() == 0, "history starts no clocks"
    head = await desk.serving.service.log.head()
    assert await import_all(desk) == {"created": 0, "unchanged": 3186, "refused": 0}
    assert await desk.serving.service.log.head() == head
