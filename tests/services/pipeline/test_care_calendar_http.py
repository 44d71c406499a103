"""The calendar of care over HTTP, and what tomorrow brings."""

from datetime import UTC, datetime
from typing import Any

import httpx

from keqing_pipeline.app import CONTEXT
from tests.answer import read
from tests.services.pipeline.care_requests import person
from tests.services.pipeline.sales import Sales

FOUNDED = {"enterprise": {"basics": {"founded_on": "2016-03-12"}}}


async def calendar(client: httpx.AsyncClient, **query: str) -> list[dict[str, Any]]:
    """Through pages of two."""
    days: list[dict[str, Any]] = []
    asked = {"limit": "2", **query}
    while True:
        page = read(await client.get("/care-calendar", params=asked))
        days += page["items"]
        if page["next"] is None:
            return days
        asked["after"] = page["next"]


async def test_the_calendar_shows_birthdays_festivals_and_anniversaries(sales: Sales) -> None:
    customer = await sales.customer(name="周年公司", **FOUNDED)
    solar = await person(sales, customer, name="阳历", birthday={"year": 1980, "month": 3, "day": 8})
    # The 21st of the first lunar month of 2026 is 9 March.
    born = {"calendar": "lunar", "month": 1, "day": 21}
    lunar = await person(sales, customer, name="农历", birthday=born)
    # Who was born on those days of the other calendar is not meant.
    await person(sales, customer, birthday={"month": 1, "day": 21})
    await person(sales, customer, birthday={"calendar": "lunar", "month": 3, "day": 8})
    gone = await person(sales, customer, birthday={"month": 3, "day": 8})
    read(await sales.rep.post(f"/contacts/{gone}/left", json={}))
    await person(
        sales, await sales.customer(by=sales.stranger), sales.stranger, birthday={"month": 3, "day": 8}
    )
    await sales.serving.catch_up()
    days = await calendar(sales.rep, days="11")
    shown = [
        (day["on"], day["kind"], day["festival"] or day["contact"] or day["customer"], day["years"])
        for day in days
    ]
    assert shown == [
        ("2026-03-03", "festival", "lantern_festival", None),
        ("2026-03-08", "birthday", "阳历", 46),
        ("2026-03-08", "festival", "womens_day", None),
        ("2026-03-09", "birthday", "农历", None),
        ("2026-03-12", "company_anniversary", "周年公司", 10),
    ]
    assert [day["contact_id"] for day in days if day["kind"] == "birthday"] == [solar, lunar]
    theirs = await calendar(sales.stranger, since="2026-03-08", days="1")
    assert [day["kind"] for day in theirs] == ["birthday", "festival"]
    assert len(await calendar(sales.auditor, since="2026-03-08", days="1")) == 3
    assert len(await calendar(sales.auditor, since="2026-03-08", days="1", owner="li.wei")) == 2
    # The anniversary of an earlier year is none before the founding.
    assert [day["kind"] for day in await calendar(sales.rep, since="2016-03-12", days="1")] == []


async def test_29_february_is_kept_on_the_28th_of_a_common_year(sales: Sales) -> None:
    founded = {"enterprise": {"basics": {"founded_on": "2012-02-29"}}}
    customer = await sales.customer(by=sales.colleague, **founded)
    await person(sales, customer, sales.colleague, birthday={"month": 2, "day": 29})
    await sales.serving.catch_up()
    for since, kept in (("2026-02-28", 2), ("2028-02-28", 0), ("2028-02-29", 2)):
        days = await calendar(sales.colleague, since=since, days="1")
        assert sum(day["kind"] != "festival" for day in days) == kept, since


async def test_what_tomorrow_brings_is_told_each_owner_once_without_a_name(sales: Sales) -> None:
    customer = await sales.customer(by=sales.stranger, **FOUNDED)
    await person(sales, customer, sales.stranger, name="周杰", birthday={"month": 3, "day": 12})
    await sales.serving.set_clock(datetime(2026, 3, 10, 16, 0, 1, tzinfo=UTC))  # 11 March in Shanghai
    await sales.serving.tick("care tomorrow")
    assert await sales.serving.tick("care tomorrow") == 0
    told = [
        CONTEXT.publish(it)
        for it in await sales.serving.service.log.read(0, 10_000)
        if type(it.fact).__name__ == "CareDayAhead"
        and it.fact.owner == "chen.bo"
        and str(it.fact.on) == "2026-03-12"
    ]
    [message] = told
    assert message is not None
    assert message.data | {"on": str(message.data["on"])} == {
        "owner": "chen.bo",
        "on": "2026-03-12",
        "birthdays": 1,
        "anniversaries": 1,
        "festivals": (),
    }
