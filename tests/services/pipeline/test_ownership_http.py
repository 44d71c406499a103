"""Whose things one sees and changes: every route of pipeline against every relation to their owner.

The bodies are made from the OpenAPI document, so that a new route is tested without a line here; what
names nothing in its path has its line in TOLD.
"""

from enum import Enum, auto

import pytest
from fastapi.routing import APIRoute

from keqing_pipeline.app import CONTEXT
from keqing_shared.http.openapi import roles_of
from tests.problem import problem
from tests.services.role_table import SHARED, served
from tests.services.same_answer import Answer, answers

from .asking import send, things
from .sales import Sales


class Whose(Enum):
    OWNERS = auto()
    """A thing named in the path: for who sees its owner, for anybody else as good as none."""
    NAMED = auto()
    """It is done to a customer that the body names: the same."""
    LIST = auto()
    """One sees one's own in it, and cannot tell how many others there are."""
    COMMON = auto()
    """The same for everybody whose role allows it: ``test_common_http.py`` has a row for each."""


OWNERS, NAMED, LIST, COMMON = Whose

TOLD: dict[tuple[str, str], Whose] = {
    ("POST", "/customers"): COMMON,
    ("GET", "/duplicates"): COMMON,
    ("POST", "/customers/{customer_id}/erasure"): COMMON,
    ("GET", "/customers/{customer_id}/erasure"): COMMON,
    ("POST", "/opportunities"): NAMED,
    ("GET", "/catalogue"): COMMON,
    ("POST", "/abc"): COMMON,
    ("GET", "/playbook"): COMMON,
    ("GET", "/playbook/{stage}"): COMMON,
    ("POST", "/tracking-list"): NAMED,
    ("GET", "/open-pool"): COMMON,
    ("POST", "/open-pool/{customer_id}/claim"): COMMON,
    ("POST", "/users"): COMMON,
    ("GET", "/users"): COMMON,
    ("GET", "/users/{login}"): COMMON,
    ("PUT", "/users/{login}"): COMMON,
    ("DELETE", "/users/{login}"): COMMON,
    ("POST", "/bulk/customers/owner"): COMMON,
    ("POST", "/bulk/opportunities/owner"): COMMON,
    ("POST", "/bulk/opportunities/lost"): COMMON,
    ("PUT", "/filters/{name}"): COMMON,
    ("DELETE", "/filters/{name}"): COMMON,
    ("POST", "/imports/users"): COMMON,
    ("POST", "/imports/contacts"): COMMON,
    ("POST", "/imports/customers"): COMMON,
    ("POST", "/imports/opportunities"): COMMON,
    **dict.fromkeys(SHARED, COMMON),
}
"""What the path does not say. Imports and bulk actions have tests of their own for whose things they are."""

QUERIES: dict[str, dict[str, str]] = {"/touches": {"day": "2026-12-31"}, "/funnel": {"by": "owner"}}

ROLES = {
    (method, route.path): roles_of(route) or frozenset()
    for router in CONTEXT.routers
    for route in router.routes
    if isinstance(route, APIRoute)
    for method in route.methods
} | SHARED


def whose(method: str, path: str) -> Whose | None:
    """A path that names a thing is its owner's, a list everybody's own, unless TOLD otherwise."""
    if (method, path) in TOLD:
        return TOLD[method, path]
    if "{" in path:
        return OWNERS
    return LIST if method == "GET" else None


def of(which: Whose) -> list[tuple[str, str]]:
    return sorted(route for route in ROLES if whose(*route) is which)


async def test_every_route_says_whose_things_it_is_about(sales: Sales) -> None:
    assert served(sales.serving.app) == set(ROLES)
    assert [route for route in ROLES if whose(*route) is None] == [], "say in TOLD whose things it is about"
    assert set(TOLD) <= set(ROLES)


@pytest.mark.parametrize(("method", "path"), of(OWNERS) + of(NAMED))
async def test_a_thing_is_there_for_who_sees_its_owner_and_for_nobody_else(
    sales: Sales, method: str, path: str
) -> None:
    about = await things(sales)
    for login, role in (
        ("zhao.min", "rep"),  # of the same team
        ("chen.bo", "rep"),
        ("wu.jun", "sales_manager"),  # of another team
        ("nobody.here", "sales_manager"),
    ):
        answer = await send(sales, sales.serving.client(login, role), method, path, about)
        if role in ROLES[method, path]:
            assert answer.status_code == 404, (login, answer.text)
        else:
            problem(answer, 403, "role-missing")
    if method != "GET":
        problem(await send(sales, sales.auditor, method, path, about), 403, "role-missing")
    elif "auditor" in ROLES[method, path]:
        assert (await send(sales, sales.auditor, method, path, about)).status_code == 200
    for login, role in (("fang.lei", "sales_manager"), ("zhou.hong", "sales_manager"), ("li.wei", "rep")):
        if role in ROLES[method, path]:
            mine = await things(sales) if method != "GET" else about
            answer = await send(sales, sales.serving.client(login, role), method, path, mine)
            missing = path.count("{") > 1 and "unknown" in answer.text  # of what the customer has none of
            assert answer.status_code not in (401, 403, 404) or missing, (login, answer.text)


async def seen(sales: Sales, paths: list[str]) -> dict[str, list[Answer]]:
    """By those who have nothing to do with li.wei."""
    await sales.serving.catch_up()
    reps, managers = (sales.stranger, sales.colleague), (sales.other_manager,)
    return {
        path: [
            answer
            for looker in (*(reps if "rep" in ROLES["GET", path] else ()), *managers)
            for answer in await answers(looker, path, QUERIES.get(path, {}))
        ]
        for path in paths
    }


async def test_nobody_can_tell_from_a_list_what_others_have(sales: Sales) -> None:
    await things(sales, sales.stranger)
    lists = [path for _, path in of(LIST)]
    assert len(lists) > 15
    before = await seen(sales, lists)
    about = await things(sales)
    opportunity, customer = about["opportunity_id"], about["customer_id"]
    await sales.call(opportunity, "asks_price")
    await sales.rep.post("/tracking-list", json={"customer_id": customer})
    win = {"amount": {"amount": "5000.00", "currency": "CNY"}}
    assert (await sales.rep.post(f"/opportunities/{opportunity}/won", json=win)).status_code == 200
    for method, path in of(OWNERS):
        if method != "GET":
            for own in (sales.rep, sales.manager):  # whatever of it is possible
                await send(sales, own, method, path, about)
    after = await seen(sales, lists)
    assert [path for path in lists if after[path] != before[path]] == []
    told = b"".join(content for path in lists for _, content in after[path])
    assert not any(id.encode() in told for id in about.values() if id != "li.wei")


async def test_the_lists_do_tell_those_who_see_it(sales: Sales) -> None:
    lists = [path for _, path in of(LIST)]

    async def told() -> dict[str, list[Answer]]:
        await sales.serving.catch_up()
        return {
            path: await answers(
                sales.rep if "rep" in ROLES["GET", path] else sales.manager, path, QUERIES.get(path, {})
            )
            for path in lists
        }

    before = await told()
    await sales.call((await things(sales))["opportunity_id"], "asks_price")
    after = await told()
    assert len([path for path in lists if after[path] != before[path]]) > 8
