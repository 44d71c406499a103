"""The day ahead: told once, and again when there is more, also by whoever enters a birthday on its eve."""

from datetime import date
from typing import Any

import httpx

from keqing_pipeline.care.reminder import CARE_DAY, AddBirthday, AnnounceCareDay, CareDayAhead
from keqing_shared.testing import given
from tests.answer import read

from .sales import Sales, at

DAY = date(2026, 3, 12)


def announcing(birthdays: int = 0, anniversaries: int = 0, *festivals: str) -> AnnounceCareDay:
    return AnnounceCareDay(
        owner="li.wei", on=DAY, birthdays=birthdays, anniversaries=anniversaries, festivals=festivals
    )


def told(birthdays: int = 0, anniversaries: int = 0, *festivals: str) -> CareDayAhead:
    return CareDayAhead(
        owner="li.wei", on=DAY, birthdays=birthdays, anniversaries=anniversaries, festivals=festivals
    )


ENTERED = AddBirthday(owner="li.wei", on=DAY)


def test_a_day_is_told_once_and_one_that_holds_nothing_never() -> None:
    given(CARE_DAY).when(announcing(1, 2, "labour_day")).then(told(1, 2, "labour_day"))
    given(CARE_DAY, told(1, 2, "labour_day")).when(announcing(1, 2, "labour_day")).then()
    given(CARE_DAY).when(announcing()).then()


def test_a_day_is_told_again_when_there_is_more_and_not_when_there_is_less() -> None:
    given(CARE_DAY, told(1, 1)).when(announcing(2, 0)).then(told(2, 1))
    given(CARE_DAY, told(2, 1)).when(announcing(1, 1)).then()


def test_a_birthday_entered_on_the_eve_is_told_at_once_and_not_again() -> None:
    given(CARE_DAY).when(ENTERED).then(told(1))
    given(CARE_DAY, told(1, 2, "labour_day")).when(ENTERED).then(told(2, 2, "labour_day"))
    given(CARE_DAY, told(1), told(2)).when(announcing(2)).then()


async def ahead(sales: Sales, owner: str) -> list[int]:
    """The birthdays that this owner was told of 12 March, telling by telling."""
    facts = [it.fact for it in await sales.serving.service.log.read(0, 10_000)]
    return [
        fact.birthdays
        for fact in facts
        if isinstance(fact, CareDayAhead) and (fact.owner, fact.on) == (owner, DAY)
    ]


async def add(by: httpx.AsyncClient, customer_id: str, **members: Any) -> str:
    body = {"name": "王丽", **members}
    return str(read(await by.post(f"/customers/{customer_id}/contacts", json=body), 201)["id"])


async def test_a_birthday_entered_after_tomorrow_was_told_is_told_as_it_is_entered(sales: Sales) -> None:
    customer, birthday = await sales.customer(), {"birthday": {"month": 3, "day": 12}}
    await add(sales.rep, customer, **birthday)
    await sales.serving.set_clock(at(11, 9))
    await sales.serving.tick("care tomorrow")
    assert await ahead(sales, "li.wei") == [1]
    second = await add(sales.rep, customer, birthday={"month": 5, "day": 1})
    await add(sales.rep, customer, name="李雷", **birthday)
    assert await ahead(sales, "li.wei") == [1, 2]
    for body in ({"name": "王丽", **birthday}, {"name": "王莉", **birthday}):
        read(await sales.rep.put(f"/contacts/{second}", json=body))
        assert await ahead(sales, "li.wei") == [1, 2, 3]
    # Nobody at the other customer is told of before; whoever comes there is.
    other = await sales.customer(by=sales.colleague)
    await sales.colleague.put(f"/contacts/{second}/coverage/zhao.min")
    read(await sales.manager.post(f"/contacts/{second}/moved", json={"customer_id": other}))
    assert await ahead(sales, "zhao.min") == [1]
    await sales.serving.catch_up()
    assert await sales.serving.tick("care tomorrow") == 0
