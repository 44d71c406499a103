"""What is added to a file at the very moment of its merge is refused or comes after it, whoever is faster."""

import asyncio
from typing import Any
from uuid import UUID, uuid4

import pytest

from keqing_pipeline.contact.commands import AddContact
from keqing_pipeline.contact.profile import ContactProfile
from keqing_pipeline.contact.rules import CONTACT
from keqing_pipeline.opportunity.commands import OpenOpportunity, Prospect
from keqing_pipeline.opportunity.rules import OPPORTUNITY
from keqing_pipeline.whole import check_its_own
from keqing_shared.domain import MergedAway
from keqing_shared.log import Meta
from tests.answer import read
from tests.problem import problem

from .accounts import facts
from .sales import Sales, at
from .two_files import merge, part, two_files


async def opened(sales: Sales, customer_id: str) -> str:
    """As by somebody who looked before the merge, and whose facts come after it."""
    id, service = uuid4(), sales.serving.service
    command = OpenOpportunity(
        customer_id=UUID(customer_id), owner="li.wei", prospect=Prospect(title="迟到"), at=at(2)
    )
    await service.execute(OPPORTUNITY, id, command, who="li.wei")
    await sales.serving.catch_up()
    return str(id)


async def added(sales: Sales, customer_id: str) -> str:
    id, profile = uuid4(), ContactProfile(name="王丽")
    command = AddContact(customer_id=UUID(customer_id), profile=profile, today=at(2).date())
    await sales.serving.service.execute(CONTACT, id, command, who="li.wei")
    await sales.serving.catch_up()
    return str(id)


async def whose(sales: Sales, *ids: str) -> list[str]:
    streams = sales.serving.service.streams
    found = []
    for id in ids:
        state: Any = (await streams.load(OPPORTUNITY, UUID(id))).state
        found.append(str((state or (await streams.load(CONTACT, UUID(id))).state).whose))
    return found


async def tidied(sales: Sales) -> int:
    made = await sales.serving.tick("left behind")
    await sales.serving.catch_up()
    return made


async def test_what_was_added_a_moment_too_late_comes_after_its_file_and_goes_back_with_it(
    sales: Sales,
) -> None:
    gone, kept = await two_files(sales)
    await merge(sales, gone, kept)
    deal, person = await opened(sales, gone), await added(sales, gone)
    assert await tidied(sales) == 4
    assert await whose(sales, deal, person) == [kept, kept]
    assert await tidied(sales) == 0
    assert len(await facts(sales, kept, "TakenAlong")) == 2
    card = read(await sales.colleague.get(f"/customers/{kept}"))
    assert ([one["opportunity_id"] for one in card["opportunities"]], len(card["contacts"])) == ([deal], 1)
    await part(sales, gone)
    assert await whose(sales, deal, person) == [gone, gone]
    assert await tidied(sales) == 0


async def test_it_comes_all_the_way_to_whoever_stands_for_the_customer_and_back_step_by_step(
    sales: Sales,
) -> None:
    gone, kept = await two_files(sales)
    last = await sales.customer()
    await merge(sales, gone, kept)
    await merge(sales, kept, last)
    deal = await opened(sales, gone)
    await tidied(sales)
    assert await whose(sales, deal) == [last]
    await part(sales, kept)
    assert await whose(sales, deal) == [kept]
    await part(sales, gone)
    assert await whose(sales, deal) == [gone]


async def test_a_tracked_survivor_is_pursued_by_what_came_late_as_well(sales: Sales) -> None:
    gone, kept = await two_files(sales)
    await sales.opportunity(by=sales.colleague, customer_id=kept)
    await sales.serving.catch_up()
    read(await sales.manager.post("/tracking-list", json={"customer_id": kept}), 201)
    await merge(sales, gone, kept)
    await opened(sales, gone)
    assert await tidied(sales) == 3
    assert len(await facts(sales, kept, "OpportunityJoined")) == 1


async def test_whoever_comes_after_the_merge_is_told_where_the_customer_is(sales: Sales) -> None:
    gone, kept = await two_files(sales)
    mine = await sales.customer()
    person = read(await sales.rep.post(f"/customers/{mine}/contacts", json={"name": "王丽"}), 201)["id"]
    await merge(sales, gone, kept)
    for path, body in (
        ("/opportunities", {"customer_id": gone, "title": "x"}),
        (f"/customers/{gone}/contacts", {"name": "王丽"}),
        (f"/contacts/{person}/moved", {"customer_id": gone}),
        (f"/customers/{gone}/team", {"login": "li.wei"}),
        (f"/customers/{gone}/tenders", {"title": "泵站"}),
        (f"/customers/{gone}/referrals", {"kind": "enterprise", "name": f"新客{sales.number()}"}),
    ):
        document = problem(await sales.manager.post(path, json=body), 409, "merged-away")
        assert document["survivor"] == kept


async def test_whoever_looked_before_the_merge_and_writes_after_it_is_told_so_as_well(sales: Sales) -> None:
    gone, kept = await two_files(sales)
    looked = 0

    async def work(unit: Any) -> None:
        nonlocal looked
        await check_its_own(unit, UUID(gone))
        looked += 1
        await merge(sales, gone, kept)
        prospect = Prospect(title="迟到")
        opening = OpenOpportunity(customer_id=UUID(gone), owner="li.wei", prospect=prospect, at=at(2))
        await unit.execute(OPPORTUNITY, uuid4(), opening)

    with pytest.raises(MergedAway) as refused:
        await sales.serving.service.streams.transact(work, Meta(who="li.wei"))
    assert (looked, refused.value.members) == (1, {"survivor": kept})


@pytest.mark.parametrize("merge_first", [True, False])
async def test_at_the_same_moment_nothing_is_left_behind(sales: Sales, merge_first: bool) -> None:
    for _ in range(5):
        gone, kept = await two_files(sales)
        body: dict[str, Any] = {"customer_id": gone, "title": "同时"}
        opening = [sales.rep.post("/opportunities", json=body) for _ in range(4)]
        person = [sales.rep.post(f"/customers/{gone}/contacts", json={"name": "王丽"}) for _ in range(4)]
        merging = sales.manager.post(f"/customers/{gone}/merged", json={"into": kept, "reason": "同一家"})
        ways = [merging, *opening, *person] if merge_first else [*opening, *person, merging]
        answers = await asyncio.gather(*ways)
        merged = answers.pop(0 if merge_first else -1)
        assert merged.status_code == 200, merged.text
        for answer in answers:
            if answer.status_code != 201:
                problem(answer, 409, "merged-away")
        await sales.serving.catch_up()
        await tidied(sales)
        made = [str(answer.json()["id"]) for answer in answers if answer.status_code == 201]
        assert set(await whose(sales, *made)) <= {kept}
        await part(sales, gone)
        assert set(await whose(sales, *made)) <= {gone}
