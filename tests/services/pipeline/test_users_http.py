"""The people directory over HTTP."""

import asyncio

import pytest

from tests.problem import problem

from .sales import Sales


async def enrol(sales: Sales, login: str, **members: object) -> None:
    body = {"login": login, "name": login, "roles": ["rep"], **members}
    answer = await sales.admin.post("/users", json=body)
    assert answer.status_code == 201, answer.text


async def test_somebody_is_enrolled_amended_and_gone(sales: Sales) -> None:
    await enrol(sales, "new.one", manager="zhou.hong", team="north")
    shown = await sales.admin.get("/users/new.one")
    assert shown.headers["etag"] == '"1"'
    assert shown.json() == {
        "login": "new.one",
        "name": "new.one",
        "roles": ["rep"],
        "team": "north",
        "manager": "zhou.hong",
        "language": "zh",
        "active": True,
        "version": 1,
    }
    profile = {"name": "New One", "roles": ["rep", "collector"], "manager": "wu.jun", "language": "en"}
    stale = await sales.admin.put("/users/new.one", json=profile, headers={"If-Match": '"7"'})
    problem(stale, 412, "stale-version")
    answer = await sales.admin.put("/users/new.one", json=profile, headers={"If-Match": '"1"'})
    assert answer.json()["facts"] == ["UserAmended"]
    answer = await sales.admin.delete("/users/new.one")
    assert answer.json()["facts"] == ["UserDeactivated"]
    await sales.serving.catch_up()
    listed = (await sales.admin.get("/users", params={"role": "collector"})).json()["items"]
    assert [(row["login"], row["active"], row["manager"]) for row in listed] == [("new.one", False, "wu.jun")]
    owner = {"kind": "enterprise", "name": "无主有限公司", "owner": "new.one"}
    problem(await sales.manager.post("/customers", json=owner), 422, "owner-unknown")


async def test_everybody_is_listed_by_login_in_pages(sales: Sales) -> None:
    await sales.serving.catch_up()
    seen: list[str] = []
    query = {"limit": "3"}
    while True:
        page = (await sales.manager.get("/users", params=query)).json()
        seen += [row["login"] for row in page["items"]]
        if page["next"] is None:
            break
        query["after"] = page["next"]
    assert seen == sorted(set(seen))
    assert {"chen.bo", "fang.lei", "li.wei", "sun.li", "wu.jun", "zhao.min", "zhou.hong"} <= set(seen)


async def test_a_login_is_given_once(sales: Sales) -> None:
    body = {"login": "li.wei", "name": "another", "roles": ["rep"]}
    problem(await sales.admin.post("/users", json=body), 409, "login-taken")


@pytest.mark.parametrize(
    ("members", "slug"),
    [
        ({"manager": "nobody.here"}, "manager-unknown"),
        ({"manager": "odd.one"}, "manager-cycle"),
        ({"roles": []}, "request-invalid"),
        ({"roles": ["king"]}, "request-invalid"),
        ({"language": "fr"}, "request-invalid"),
        ({"login": "Odd One"}, "request-invalid"),
    ],
)
async def test_bad_people_are_refused(sales: Sales, members: dict[str, object], slug: str) -> None:
    body = {"login": "odd.one", "name": "Odd", "roles": ["rep"], **members}
    problem(await sales.admin.post("/users", json=body), 422, slug)


async def test_a_circle_of_managers_is_refused_even_when_closed_at_once(sales: Sales) -> None:
    for login in ("ring.a", "ring.b", "ring.c"):
        await enrol(sales, login, roles=["sales_manager"])

    def under(login: str, manager: str) -> object:
        profile = {"name": login, "roles": ["sales_manager"], "manager": manager}
        return sales.admin.put(f"/users/{login}", json=profile)

    answers = await asyncio.gather(
        under("ring.a", "ring.b"),
        under("ring.b", "ring.c"),
        under("ring.c", "ring.a"),  # type: ignore[call-overload]
    )
    assert sorted(answer.status_code for answer in answers) == [200, 200, 422]
    [refused] = [answer for answer in answers if answer.status_code == 422]
    problem(refused, 422, "manager-cycle")


async def test_who_has_left_leads_nobody_new(sales: Sales) -> None:
    await enrol(sales, "gone.boss", roles=["sales_manager"])
    await sales.admin.delete("/users/gone.boss")
    body = {"login": "late.one", "name": "Late", "roles": ["rep"], "manager": "gone.boss"}
    problem(await sales.admin.post("/users", json=body), 422, "manager-unknown")


async def test_the_unknown_are_not_found(sales: Sales) -> None:
    profile = {"name": "x", "roles": ["rep"]}
    problem(await sales.admin.get("/users/nobody.here"), 404, "user-unknown")
    problem(await sales.admin.put("/users/nobody.here", json=profile), 404, "user-unknown")
    problem(await sales.admin.delete("/users/nobody.here"), 404, "user-unknown")
