"""A key account is one as the whole customer, and each file's again once they part."""

from tests.answer import read
from tests.problem import problem

from .accounts import account, facts
from .key_accounts import PLAN, a_key_account, key
from .sales import Sales
from .two_files import merge, part, two_files


async def test_a_tender_of_a_merged_file_is_decided_at_the_whole(sales: Sales) -> None:
    gone, kept = await two_files(sales)
    read(await sales.rep.post(f"/customers/{gone}/tenders", json={"title": "泵站"}), 201)
    await merge(sales, gone, kept)
    shown = read(await sales.manager.get(f"/customers/{kept}/account"))["account"]
    decision = f"/customers/{kept}/tenders/{shown['tenders'][0]['tender_id']}/decision"
    assert read(await sales.colleague.post(decision, json={"outcome": "lost"}))["facts"] == ["TenderDecided"]
    await part(sales, gone)
    assert (await account(sales, gone))["account"]["tenders"] == []


async def test_a_key_account_goes_on_as_the_whole_and_back_with_what_its_plan_has_become(
    sales: Sales,
) -> None:
    gone, kept = await two_files(sales)
    await a_key_account(sales, gone, "SEK", "一条产线")
    told = await merge(sales, gone, kept)
    assert {"ClassTakenOver", "KeyAccountEnded", "KeyAccountTakenOver"} <= set(told)
    assert await key(sales, kept) == ("A", "2026-03-02", "一条产线")
    [line] = [
        one
        for one in read(await sales.manager.get("/accounts", params={"key": "true"}))["items"]
        if one["customer_id"] in (gone, kept)
    ]
    assert line["customer_id"] == kept
    plan = PLAN | {"objectives": [{"what": "两条产线"}]}
    read(await sales.colleague.put(f"/customers/{kept}/account/plan", json=plan))
    told = await part(sales, gone)
    assert told.count("KeyAccountEnded") == told.count("KeyAccountRestored") == 1
    assert await key(sales, gone) == ("A", "2026-03-02", "两条产线")
    assert await key(sales, kept) == (None, None, None)


async def test_of_two_key_accounts_the_survivors_stands_and_the_other_rests_until_they_part(
    sales: Sales,
) -> None:
    gone, kept = await two_files(sales)
    await a_key_account(sales, gone, "DKK", "其一")
    await a_key_account(sales, kept, "DKK", "其二")
    await merge(sales, gone, kept)
    [ended] = await facts(sales, gone, "KeyAccountEnded")
    assert ended.fact.because == "merged"
    assert await key(sales, kept) == ("A", "2026-03-02", "其二")
    problem(await sales.manager.post(f"/customers/{kept}/account/key"), 409, "already-key-account")
    read(await sales.manager.post(f"/customers/{kept}/account/key/end", json={"reason": "不做了"}))
    await part(sales, gone)
    assert await key(sales, gone) == ("A", "2026-03-02", "其一")
    assert (await key(sales, kept))[1:] == (None, None)


async def test_a_key_account_that_was_ended_meanwhile_is_none_after_parting(sales: Sales) -> None:
    gone, kept = await two_files(sales)
    await a_key_account(sales, gone, "CZK", "一条产线")
    await merge(sales, gone, kept)
    read(await sales.manager.post(f"/customers/{kept}/account/key/end", json={"reason": "不做了"}))
    await part(sales, gone)
    assert (await key(sales, gone))[1:] == (None, None)


async def test_what_people_judged_of_one_file_counts_where_nobody_judged_the_whole(sales: Sales) -> None:
    gone, kept = await two_files(sales)
    level = {"level": "leading", "evidence": "互为最大"}
    read(await sales.rep.put(f"/customers/{gone}/account/level", json=level))
    await merge(sales, gone, kept)
    shown = read(await sales.manager.get(f"/customers/{kept}/account"))["account"]
    assert (shown["level"], shown["level_evidence"]) == ("leading", "互为最大")
    listed = read(await sales.manager.get("/accounts", params={"level": "leading"}))["items"]
    assert kept in {one["customer_id"] for one in listed}
    level = {"level": "aware", "evidence": "重新认识"}
    read(await sales.colleague.put(f"/customers/{kept}/account/level", json=level))
    await sales.serving.catch_up()
    shown = read(await sales.manager.get(f"/customers/{kept}/account"))["account"]
    assert (shown["level"], shown["level_evidence"]) == ("aware", "重新认识")
    await part(sales, gone)
    assert (await account(sales, gone))["account"]["level"] == "leading"
