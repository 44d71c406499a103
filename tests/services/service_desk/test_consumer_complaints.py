"""The public data set of consumer complaints: 3,186 rows in, and the Pareto counts what the file does."""

from collections import Counter
from collections.abc import AsyncIterator
from itertools import count
from typing import Any
from uuid import UUID

import pytest

from keqing_service_desk.app import CONTEXT
from tests.data_sets import needs_data_sets, read_csv, us_day
from tests.harness import serving
from tests.json_lines import import_all

from .conftest import peopled
from .desk import Desk, customer

CHANNELS = {
    "Web": "web",
    "Referral": "referral",
    "Phone": "phone",
    "Postal mail": "post",
    "Fax": "fax",
}
BOOLEANS = {"Yes": True, "No": False, "": None}

pytestmark = needs_data_sets


def read() -> list[dict[str, str]]:
    return read_csv("consumer-complaints.csv")


def row(number: int, given: dict[str, str]) -> dict[str, Any]:
    return {
        "external": {"system": "consumer-complaints", "id": str(number)},
        "customer": {"system": "consumer-complaints", "id": given["Company"]},
        "category": "overselling" if "dvertising" in given["Issue"] else "service",
        "received_on": us_day(given["Date received"]).isoformat(),
        "closed": given["Company response to consumer"] != "In progress",
        "product": given["Product"],
        "sub_product": given["Sub-product"] or None,
        "issue": given["Issue"],
        "sub_issue": given["Sub-issue"] or None,
        "channel": CHANNELS[given["Submitted via"]],
        "region": given["State"] or None,
        "forwarded_on": us_day(given["Date sent to company"]).isoformat(),
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


async def import_file(desk: Desk) -> Counter[str]:
    rows = [row(number, given) for number, given in enumerate(read(), 1)]
    return await import_all(desk.serving.client("root", "admin"), "/imports/complaints", rows)


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
    assert await import_file(desk) == {"created": 3186}
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
    assert await import_file(desk) == {"unchanged": 3186}
    assert await desk.serving.service.log.head() == head
