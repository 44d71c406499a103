"""Who is known by too few, who is on which account team, and who owes first impressions, over HTTP."""

from typing import Any

import httpx

from tests.problem import problem

from .sales import Sales, at


async def person(sales: Sales, customer_id: str, *roles: str, also: tuple[str, ...] = ()) -> str:
    """Covered by li.wei, and by the others."""
    body = {"name": f"某{sales.number()}", "roles": list(roles)}
    answer = await sales.rep.post(f"/customers/{customer_id}/contacts", json=body)
    assert answer.status_code == 201, answer.text
    id = str(answer.json()["id"])
    for login in also:
        assert (await sales.rep.put(f"/contacts/{id}/coverage/{login}")).status_code == 200
    return id


async def mapped(client: httpx.AsyncClient, **query: Any) -> dict[str, dict[str, Any]]:
    answer = await client.get("/coverage", params={"limit": "200", **query})
    assert answer.status_code == 200, answer.text
    return {row["customer_id"]: row for row in answer.json()["items"]}


async def test_a_customer_is_flagged_whose_decider_is_known_by_fewer_than_two(sales: Sales) -> None:
    thin, safe, none = await sales.customer(), await sales.customer(), await sales.customer()
    await person(sales, thin, "decider", also=("zhao.min",))
    await person(sales, thin, "decider", "payer")
    gone = await person(sales, safe, "decider")
    await sales.rep.post(f"/contacts/{gone}/left", json={})
    await person(sales, safe, "decider", also=("zhao.min", "zhou.hong"))
    await person(sales, none, "user")
    await sales.serving.catch_up()
    rows = await mapped(sales.rep)
    shown = {
        id: [rows[id][name] for name in ("contacts", "deciders", "decider_cover", "covered_by", "flagged")]
        for id in (thin, safe, none)
    }
    assert shown == {
        thin: [2, 2, 1, ["li.wei", "zhao.min"], True],
        safe: [1, 1, 3, ["li.wei", "zhao.min", "zhou.hong"], False],
        none: [1, 0, None, ["li.wei"], False],
    }
    assert thin in await mapped(sales.rep, flagged="true")
    assert not {safe, none} & (await mapped(sales.rep, flagged="true")).keys()
    assert thin not in await mapped(sales.rep, flagged="false")
    assert thin not in await mapped(sales.stranger)
    assert thin not in await mapped(sales.manager, owner="zhao.min")
    assert thin in await mapped(sales.auditor, owner="li.wei")


async def test_whoever_has_left_us_covers_nobody(sales: Sales) -> None:
    body = {"name": "短暂", "roles": ["rep"], "team": "north", "manager": "zhou.hong"}
    await sales.admin.post("/users", json={"login": "short.stay", **body})
    await sales.serving.catch_up()
    id = await sales.customer()
    await person(sales, id, "decider", also=("short.stay",))
    await sales.serving.catch_up()
    assert (await mapped(sales.rep))[id]["flagged"] is False
    assert id in await mapped(sales.rep, flagged="false")
    assert id not in await mapped(sales.rep, flagged="true")
    await sales.admin.delete("/users/short.stay")
    await sales.serving.catch_up()
    row = (await mapped(sales.rep))[id]
    assert (row["flagged"], row["decider_cover"], row["covered_by"]) == (True, 1, ["li.wei"])
    assert id in await mapped(sales.rep, flagged="true")
    assert id not in await mapped(sales.rep, flagged="false")


async def team_of(sales: Sales, customer_id: str, by: httpx.AsyncClient | None = None) -> dict[str, Any]:
    await sales.serving.catch_up()
    answer = await (by or sales.rep).get(f"/customers/{customer_id}/team")
    assert answer.status_code == 200, answer.text
    return {row["login"]: row for row in answer.json()}


async def test_whoever_comes_to_cover_somebody_joins_the_team_and_owes_first_impressions(
    sales: Sales,
) -> None:
    id = await sales.customer()
    await person(sales, id, "user", also=("zhao.min",))
    team = await team_of(sales, id, by=sales.colleague)
    assert {login: row["impressions_due_on"] for login, row in team.items()} == {
        "li.wei": None,
        "zhao.min": "2026-03-09",
    }
    problem(await sales.stranger.get(f"/customers/{id}/team"), 404, "customer-unknown")
    owed = (await sales.colleague.get("/first-impressions")).json()["items"]
    assert id in [row["customer_id"] for row in owed]
    body = {"note": "前台比总监更清楚"}
    problem(
        await sales.stranger.post(f"/customers/{id}/first-impressions", json=body), 404, "customer-unknown"
    )
    noted = await sales.colleague.post(f"/customers/{id}/first-impressions", json=body)
    assert (noted.status_code, noted.json()["facts"]) == (201, ["FirstImpressionsNoted"])
    assert (await team_of(sales, id))["zhao.min"]["note"] == "前台比总监更清楚"
    again = await sales.colleague.post(f"/customers/{id}/first-impressions", json=body)
    problem(again, 409, "impressions-noted")
    owed = (await sales.colleague.get("/first-impressions")).json()["items"]
    assert id not in [row["customer_id"] for row in owed]


async def test_a_new_owner_is_a_newcomer_and_missing_notes_are_told_once(sales: Sales) -> None:
    id = await sales.customer()
    body = {"owner": "zhao.min", "reason": "调整"}
    assert (await sales.manager.post(f"/customers/{id}/owner", json=body)).status_code == 200
    joined = await sales.colleague.post(f"/customers/{id}/team", json={"login": "chen.bo"})
    assert joined.status_code == 201
    await sales.serving.set_clock(at(9))
    await sales.serving.tick()
    assert not any(row["overdue"] for row in (await team_of(sales, id, by=sales.colleague)).values())
    await sales.serving.set_clock(at(10))
    await sales.serving.tick()
    team = await team_of(sales, id, by=sales.colleague)
    assert {login for login, row in team.items() if row["overdue"]} == {"zhao.min", "chen.bo"}
    assert await sales.serving.tick() == 0
    gone = await sales.colleague.delete(f"/customers/{id}/team/chen.bo")
    assert gone.json()["facts"] == ["TeamLeft"]
    assert (await team_of(sales, id, by=sales.colleague)).keys() == {"zhao.min"}
