"""Two files of one customer merged over HTTP: everything follows, the old id says where, and it is undone."""

from typing import Any

from tests.json_lines import outcomes
from tests.problem import problem

from .import_rows import customer, opportunity, send
from .sales import Sales

BECAUSE = {"reason": "同一家公司"}


async def card(sales: Sales, customer_id: str) -> dict[str, Any]:
    await sales.serving.catch_up()
    answer = await sales.manager.get(f"/customers/{customer_id}")
    assert answer.status_code == 200, answer.text
    shown: dict[str, Any] = answer.json()
    return shown


async def two_files(sales: Sales) -> tuple[str, str]:
    """li.wei's, and zhao.min's of the same customer."""
    n = sales.number()
    gone = await sales.customer(
        name=f"远山科技{n}", phones=[f"1380013{n:04d}"], external=[{"system": "old", "id": f"M{n}"}]
    )
    kept = await sales.customer(by=sales.colleague, name=f"北京远山{n}")
    return gone, kept


async def test_opportunities_contacts_phones_and_references_follow_and_go_back(sales: Sales) -> None:
    gone, kept = await two_files(sales)
    deal = await sales.opportunity(customer_id=gone)
    person = (await sales.rep.post(f"/customers/{gone}/contacts", json={"name": "王丽"})).json()["id"]
    before = await card(sales, gone), await card(sales, kept)
    merged = await sales.manager.post(f"/customers/{gone}/merged", json=BECAUSE | {"into": kept})
    assert merged.status_code == 200, merged.text
    assert merged.json()["facts"] == [
        "CustomerMerged",
        "CustomerAbsorbed",
        "CustomerAmended",
        "CustomerNamed",
        "ContactFollowed",
        "TeamFollowed",
    ]
    whole = await card(sales, kept)
    assert [one["opportunity_id"] for one in whole["opportunities"]] == [deal]
    assert whole["details"]["phones"] == before[0]["details"]["phones"]
    assert whole["details"]["external"] == before[0]["details"]["external"]
    seen = (await sales.manager.get("/contacts", params={"customer_id": kept})).json()["items"]
    assert [row["contact_id"] for row in seen] == [person]
    # Whoever owns the other sees what came to it; whoever owned the one still has the own opportunity.
    assert (await sales.colleague.get(f"/opportunities/{deal}")).status_code == 200
    undone = await sales.manager.post(f"/customers/{gone}/parted", json={"reason": "看错了"})
    assert undone.status_code == 200, undone.text
    after = await card(sales, gone), await card(sales, kept)
    for one, was in zip(after, before, strict=True):
        assert one | {"version": 0} == was | {"version": 0}
    seen = (await sales.rep.get("/contacts", params={"customer_id": gone})).json()["items"]
    assert [row["contact_id"] for row in seen] == [person]
    again = await sales.manager.post(f"/customers/{gone}/parted", json={"reason": "再来"})
    problem(again, 409, "not-merged")


async def test_the_merged_id_says_where_the_customer_is_and_is_in_no_list(sales: Sales) -> None:
    gone, kept = await two_files(sales)
    third = await sales.customer()
    name = (await card(sales, gone))["name"]
    for one, into in ((gone, kept), (kept, third)):
        merged = await sales.manager.post(f"/customers/{one}/merged", json=BECAUSE | {"into": into})
        assert merged.status_code == 200, merged.text
    await sales.serving.catch_up()
    body = {"kind": "enterprise", "name": name}
    for answer in (
        await sales.manager.get(f"/customers/{gone}"),
        await sales.rep.put(f"/customers/{gone}", json=body),
        await sales.rep.post("/opportunities", json={"customer_id": gone, "title": "x"}),
        await sales.rep.post(f"/customers/{gone}/contacts", json={"name": "王丽"}),
        await sales.manager.post(f"/customers/{gone}/merged", json=BECAUSE | {"into": third}),
    ):
        assert problem(answer, 409, "merged-away")["survivor"] == third
    problem(await sales.stranger.get(f"/customers/{gone}"), 404, "customer-unknown")
    listed = (await sales.manager.get("/customers", params={"name": name})).json()["items"]
    assert listed == []
    # Its name is still known, as the third one's now; and that one may take it.
    document = problem(await sales.rep.post("/customers", json=body), 409, "duplicate-customer")
    assert [one["id"] for one in document["candidates"]] == [third]
    assert (await sales.rep.put(f"/customers/{third}", json=body)).status_code == 200
    # The first merge is undone only after the second.
    early = await sales.manager.post(f"/customers/{gone}/parted", json={"reason": "x"})
    assert problem(early, 409, "merged-away")["survivor"] == third


async def test_whoever_does_not_see_both_merges_neither(sales: Sales) -> None:
    gone = await sales.customer()
    strangers = await sales.customer(by=sales.stranger)
    body = BECAUSE | {"into": strangers}
    problem(await sales.manager.post(f"/customers/{gone}/merged", json=body), 404, "customer-unknown")
    body = BECAUSE | {"into": gone}
    problem(await sales.manager.post(f"/customers/{strangers}/merged", json=body), 404, "customer-unknown")
    itself = await sales.manager.post(f"/customers/{gone}/merged", json=body)
    problem(itself, 422, "merged-with-itself")


async def test_rows_of_a_merged_customer_are_told_where_it_is_and_its_opportunities_follow(
    sales: Sales,
) -> None:
    row = customer("merged-1", "合并来源一")
    [created] = (await send(sales.admin, "customers", row))["rows"]
    kept = await sales.customer()
    merged = await sales.manager.post(f"/customers/{created['id']}/merged", json=BECAUSE | {"into": kept})
    assert merged.status_code == 200, merged.text
    assert outcomes(await send(sales.admin, "customers", row | {"name": "合并来源二"})) == ["merged-away"]
    of = {"system": "legacy", "id": "merged-1"}
    [taken] = (await send(sales.admin, "opportunities", opportunity("merged-o", customer=of)))["rows"]
    assert (await sales.card(taken["id"]))["opportunity"]["customer_id"] == kept


async def test_a_customer_in_pursuit_leaves_the_list_when_its_file_is_merged(sales: Sales) -> None:
    gone, kept = await two_files(sales)
    await sales.opportunity(customer_id=gone)
    await sales.serving.catch_up()
    tracked = await sales.rep.post("/tracking-list", json={"customer_id": gone})
    assert tracked.status_code == 201, tracked.text
    merged = await sales.manager.post(f"/customers/{gone}/merged", json=BECAUSE | {"into": kept})
    assert {"TrackingEnded", "PlaceLeft"} <= set(merged.json()["facts"])
