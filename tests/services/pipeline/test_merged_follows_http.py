"""Who works with a customer, what was asked for and who named whom holds of all its files while they are one,
and is right back once they part."""

from typing import Any
from uuid import UUID

import httpx

from keqing_pipeline.customer.rules import CUSTOMER
from tests.answer import read
from tests.problem import problem

from .accounts import facts
from .care_requests import person, submitted, wish
from .sales import Sales, at
from .two_files import merge, part, two_files


async def team(sales: Sales, customer_id: str) -> dict[str, Any]:
    """By login: whether first impressions are noted, and when they are due."""
    members = read(await sales.manager.get(f"/customers/{customer_id}/team"))
    assert {one["customer_id"] for one in members} <= {customer_id}
    return {one["login"]: (one["note"], one["impressions_due_on"]) for one in members}


async def test_the_account_team_works_with_the_whole_customer_and_parts_with_its_file(sales: Sales) -> None:
    gone, kept = await two_files(sales)
    await person(sales, gone)  # li.wei was there from the beginning
    for login, customer in (("zhou.hong", gone), ("zhao.min", kept)):
        read(await sales.manager.post(f"/customers/{customer}/team", json={"login": login}), 201)
    assert "TeamFollowed" in await merge(sales, gone, kept)
    both = {"li.wei": (None, None), "zhou.hong": (None, "2026-03-09"), "zhao.min": (None, "2026-03-09")}
    assert await team(sales, kept) == both
    card = read(await sales.colleague.get(f"/customers/{kept}"))
    assert sorted(card["team"]) == ["li.wei", "zhao.min", "zhou.hong"]
    # Who is on the team of one file is on that of the other, sees it, and owes nothing twice.
    assert read(await sales.rep.get(f"/customers/{kept}/team"))
    again = await sales.manager.post(f"/customers/{kept}/team", json={"login": "zhou.hong"})
    assert read(again, 201)["facts"] == []
    read(await sales.manager.post(f"/customers/{kept}/first-impressions", json={"note": "前台"}), 201)
    twice = await sales.manager.post(f"/customers/{kept}/first-impressions", json={"note": "前台"})
    problem(twice, 409, "impressions-noted")
    await sales.serving.catch_up()
    owed = read(await sales.manager.get("/first-impressions", params={"login": "zhao.min"}))["items"]
    assert kept in {one["customer_id"] for one in owed}
    assert problem(await sales.rep.get(f"/customers/{gone}/team"), 409, "merged-away")["survivor"] == kept
    await part(sales, gone)
    assert await team(sales, gone) == {"li.wei": (None, None), "zhou.hong": ("前台", "2026-03-09")}
    assert await team(sales, kept) == {"zhao.min": (None, "2026-03-09")}


async def test_whoever_left_the_team_meanwhile_does_not_come_back_by_a_parting(sales: Sales) -> None:
    gone, kept = await two_files(sales)
    read(await sales.manager.post(f"/customers/{gone}/team", json={"login": "zhou.hong"}), 201)
    await merge(sales, gone, kept)
    read(await sales.manager.delete(f"/customers/{kept}/team/zhou.hong"))
    await part(sales, gone)
    assert await team(sales, gone) == {}


async def test_first_impressions_owed_at_a_merged_file_are_still_missed(sales: Sales) -> None:
    gone, kept = await two_files(sales)
    read(await sales.manager.post(f"/customers/{gone}/team", json={"login": "zhou.hong"}), 201)
    await merge(sales, gone, kept)
    await sales.serving.set_clock(at(10))
    await sales.serving.tick("first impressions")
    assert len(await facts(sales, gone, "FirstImpressionsOverdue")) == 1
    owed = read(await sales.manager.get("/first-impressions", params={"login": "zhou.hong"}))["items"]
    assert [one["overdue"] for one in owed if one["customer_id"] == kept] == [True]


async def register(sales: Sales, customer_id: str) -> list[tuple[str, str, str]]:
    listed = read(await sales.manager.get("/care-requests", params={"customer_id": customer_id}))["items"]
    return sorted((one["request_id"], one["customer_id"], one["customer"]) for one in listed)


async def name_of(sales: Sales, customer_id: str) -> str:
    state = (await sales.serving.service.streams.load(CUSTOMER, UUID(customer_id))).state
    assert state is not None
    return state.name


async def test_the_register_of_care_names_the_whole_customer_and_the_file_again_after_parting(
    sales: Sales,
) -> None:
    gone, kept = await two_files(sales)
    asked = await submitted(sales, gone, wish(await person(sales, gone)))
    own = [(asked, gone, await name_of(sales, gone))]
    assert await register(sales, gone) == own
    assert "CareFollowed" in await merge(sales, gone, kept)
    assert await register(sales, kept) == [(asked, kept, await name_of(sales, kept))]
    # Whoever owns the customer now sees it; approved there, it stays so.
    assert read(await sales.colleague.get(f"/care-requests/{asked}"))["customer_id"] == kept
    read(await sales.manager.post(f"/customers/{kept}/care-requests/{asked}/approval"))
    await part(sales, gone)
    assert (await register(sales, gone), await register(sales, kept)) == (own, [])
    assert read(await sales.rep.get(f"/care-requests/{asked}"))["status"] == "approved"
    problem(await sales.colleague.get(f"/care-requests/{asked}"), 404, "customer-unknown")


async def a_referral(sales: Sales, customer_id: str, by: httpx.AsyncClient) -> str:
    body = {"kind": "enterprise", "name": f"被介绍{sales.number()}"}
    return str(read(await by.post(f"/customers/{customer_id}/referrals", json=body), 201)["id"])


async def report(sales: Sales, customer_id: str) -> tuple[int, int, int] | None:
    """Asked, given, converted."""
    await sales.serving.catch_up()
    lines = read(await sales.manager.get("/referrals", params={"limit": "200"}))["items"]
    return next(
        (
            (one["asked"], one["given"], one["converted"])
            for one in lines
            if one["customer_id"] == customer_id
        ),
        None,
    )


async def win(sales: Sales, customer_id: str) -> None:
    deal = await sales.opportunity(customer_id=customer_id)
    body = {"amount": {"amount": "10", "currency": "ISK"}}
    read(await sales.rep.post(f"/opportunities/{deal}/won", json=body))


async def test_referrals_are_counted_of_the_whole_customer_and_of_each_file_again(sales: Sales) -> None:
    gone, kept = await two_files(sales)
    await win(sales, gone)
    read(await sales.rep.post(f"/customers/{gone}/referral-requests", json={}), 201)
    named = await a_referral(sales, gone, sales.rep)
    await win(sales, named)
    other = await a_referral(sales, kept, sales.colleague)
    assert (await report(sales, gone), await report(sales, kept)) == ((1, 1, 1), (0, 1, 0))
    assert "ReferralsFollowed" in await merge(sales, gone, kept)
    assert (await report(sales, gone), await report(sales, kept)) == (None, (1, 2, 1))
    shown = read(await sales.manager.get(f"/customers/{kept}/referrals"))["items"]
    assert {(one["customer_id"], one["referrer_id"]) for one in shown} == {(named, kept), (other, kept)}
    assert read(await sales.manager.get(f"/customers/{named}"))["referrer_id"] == kept
    # Asked through the whole, which has bought what its files have.
    read(await sales.colleague.post(f"/customers/{kept}/referral-requests", json={}), 201)
    await part(sales, gone)
    assert (await report(sales, gone), await report(sales, kept)) == ((1, 1, 1), (1, 1, 0))
    assert read(await sales.manager.get(f"/customers/{named}"))["referrer_id"] == gone


async def test_whoever_was_named_stays_named_as_the_whole_and_nobody_has_named_themselves(
    sales: Sales,
) -> None:
    referrer, kept = await two_files(sales)
    named = await a_referral(sales, referrer, sales.rep)
    await merge(sales, named, kept)
    assert await report(sales, referrer) == (0, 1, 0)
    shown = read(await sales.manager.get(f"/customers/{referrer}/referrals"))["items"]
    assert [one["customer_id"] for one in shown] == [kept]
    assert read(await sales.manager.get(f"/customers/{kept}"))["referrer_id"] == referrer
    await merge(sales, kept, referrer)  # all three were one
    assert await report(sales, referrer) == (0, 0, 0)
    assert read(await sales.manager.get(f"/customers/{referrer}"))["referrer_id"] is None
    await part(sales, kept)
    await part(sales, named)
    assert await report(sales, referrer) == (0, 1, 0)
    assert read(await sales.manager.get(f"/customers/{named}"))["referrer_id"] == referrer


async def tracked(sales: Sales, customer_id: str) -> tuple[str, str] | None:
    """Whose list it is on, and at which stage."""
    await sales.serving.catch_up()
    listed = read(await sales.manager.get("/tracking-list", params={"limit": "200"}))["items"]
    return next(
        ((one["owner"], one["stage"]) for one in listed if one["customer_id"] == customer_id),
        None,
    )


async def test_after_parting_each_is_pursued_by_its_own_opportunities_and_on_its_owners_list(
    sales: Sales,
) -> None:
    gone, kept = await two_files(sales)
    far = await sales.opportunity(customer_id=gone)
    await sales.opportunity(by=sales.colleague, customer_id=kept)
    await sales.call(far, "asks_price")
    read(await sales.rep.post(f"/opportunities/{far}/stage", json={"to": "3"}))
    await sales.serving.catch_up()
    for customer in (gone, kept):
        read(await sales.manager.post("/tracking-list", json={"customer_id": customer}), 201)
    assert (await tracked(sales, gone), await tracked(sales, kept)) == (("li.wei", "3"), ("zhao.min", "0"))
    await merge(sales, gone, kept)
    assert (await tracked(sales, gone), await tracked(sales, kept)) == (None, ("zhao.min", "3"))
    assert "OpportunityParted" in await part(sales, gone)
    assert (await tracked(sales, gone), await tracked(sales, kept)) == (("li.wei", "3"), ("zhao.min", "0"))
    assert await sales.serving.tick("lists in step") == 0


async def test_a_person_forgotten_while_part_of_another_is_neither_tracked_nor_touched_after_parting(
    sales: Sales,
) -> None:
    gone, kept = [await sales.customer(kind="individual", name=f"王丽{sales.number()}") for _ in range(2)]
    deal = await sales.opportunity(customer_id=gone)
    await sales.serving.catch_up()
    read(await sales.manager.post("/tracking-list", json={"customer_id": gone}), 201)
    await merge(sales, gone, kept)
    read(await sales.admin.post(f"/customers/{gone}/erasure", json={"reason": "by letter"}), 202)
    assert "TouchesEnded" in await part(sales, gone)
    assert await tracked(sales, gone) is None
    assert (await sales.card(deal))["opportunity"]["next_touch_on"] is None
