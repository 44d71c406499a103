"""What is the same for everybody whose role allows it: every such route asked by every role with a request
that is good, and with one about something that there is not."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from keqing_shared.messaging import Published
from keqing_shared.messaging.envelope import message
from keqing_shared.policy import plain
from tests.json_lines import post_rows
from tests.problem import problem
from tests.services.role_table import ANYBODY, EVERYBODY, SHARED, Filled

from .sales import Sales, at
from .test_access_http import EXPECTED
from .test_ownership_http import COMMON, of

ROLES = {route: frozenset(roles) for route, roles in EXPECTED.items()} | SHARED
PEOPLE = {"rep": "li.wei", "sales_manager": "zhou.hong", "auditor": "sun.li", "admin": "root"}

About = dict[str, str]
NOWHERE = {"stage": "9", "name": "not kept"}
"""Beside ids of nothing."""


def client_of(sales: Sales, role: str) -> httpx.AsyncClient:
    return sales.serving.client(PEOPLE.get(role, f"some.{role.replace('_', '-')}"), role)


async def nothing(_: Sales) -> About:
    return {}


async def a_customer(sales: Sales) -> About:
    return {"customer_id": await sales.customer()}


async def an_erased_customer(sales: Sales) -> About:
    about = await a_customer(sales)
    path = f"/customers/{about['customer_id']}/erasure"
    assert (await sales.admin.post(path, json={"reason": "asked for it"})).status_code == 202
    return about


async def a_customer_in_the_pool(sales: Sales) -> About:
    """Of another team, and cooled off."""
    await sales.serving.set_clock(at(2))
    customer_id = await sales.customer(sales.stranger)
    await sales.opportunity(sales.stranger, customer_id)
    assert (await sales.stranger.post("/tracking-list", json={"customer_id": customer_id})).status_code == 201
    gone = await sales.stranger.post(
        f"/tracking-list/{customer_id}/removal", json={"reason": "other", "note": "no more time"}
    )
    assert gone.status_code == 200, gone.text
    await sales.serving.set_clock(at(20))
    return {"customer_id": customer_id}


async def a_person(sales: Sales) -> About:
    login = f"new.one{sales.number()}"
    enrolled = {"login": login, "name": "新人", "roles": ["rep"], "team": "north"}
    assert (await sales.admin.post("/users", json=enrolled)).status_code == 201
    return {"login": login}


async def a_parked_message(sales: Sales) -> About:
    """Of no customer."""
    service = sales.serving.service
    (fact,) = await service.log.read(0, 1)
    told = message("collections", 0, fact, Published("NothingOfOurs", {}))
    await service.pool.execute(
        "INSERT INTO parked (source, position, customer_id, message, error, attempts)"
        " VALUES ('collections', 1, NULL, $1, 'x', 3) ON CONFLICT DO NOTHING",
        told.payload,
    )
    return {"source": "collections"}


async def a_filter(sales: Sales) -> About:
    """Of everybody's own, under the same name."""
    for role in EVERYBODY - {"auditor"}:
        kept = {"list": "/opportunities", "query": {"stage": "3"}}
        answer = await client_of(sales, role).put("/filters/mine", json=kept)
        assert answer.status_code == 200, answer.text
    return {"name": "mine"}


@dataclass(frozen=True)
class Good:
    """A request that nothing speaks against, and its answer."""

    status: int = 200
    body: Callable[[Sales], Any] | None = None
    query: dict[str, str] | None = None
    row: Callable[[str], dict[str, Any]] | None = None
    """Of an import; it is given a number that nobody has."""
    about: Callable[[Sales], Awaitable[About]] = nothing
    missing: int = 404
    """The answer when there is no such thing as the path names; what is put comes into being."""


def _passing_on(_: Sales) -> Any:
    return {"previous": "li.wei", "owner": "zhao.min", "reason": "left"}


def _profile(_: Sales) -> Any:
    return {"name": "新人", "roles": ["rep"], "team": "north"}


def _ours(number: str) -> dict[str, Any]:
    return {"external": {"system": "row", "id": number}}


TRIED = {"dry_run": "true"}
GOOD: dict[tuple[str, str], Good] = {
    ("POST", "/customers"): Good(201, lambda it: {"kind": "enterprise", "name": f"客户{it.number()}号"}),
    ("GET", "/duplicates"): Good(query={"name": "临江纺织"}),
    ("POST", "/customers/{customer_id}/erasure"): Good(202, lambda _: {"reason": "asked"}, about=a_customer),
    ("GET", "/customers/{customer_id}/erasure"): Good(about=an_erased_customer),
    ("GET", "/catalogue"): Good(),
    ("POST", "/abc"): Good(),
    ("GET", "/playbook"): Good(),
    ("GET", "/playbook/{stage}"): Good(missing=422),
    ("GET", "/open-pool"): Good(),
    ("POST", "/open-pool/{customer_id}/claim"): Good(body=lambda _: {}, about=a_customer_in_the_pool),
    ("POST", "/users"): Good(201, lambda it: {**_profile(it), "login": f"new.one{it.number()}"}),
    ("GET", "/users"): Good(),
    ("GET", "/users/{login}"): Good(about=a_person),
    ("PUT", "/users/{login}"): Good(body=_profile, about=a_person),
    ("DELETE", "/users/{login}"): Good(about=a_person),
    ("POST", "/bulk/customers/owner"): Good(body=_passing_on, query=TRIED),
    ("POST", "/bulk/opportunities/owner"): Good(body=_passing_on, query=TRIED),
    ("POST", "/bulk/opportunities/lost"): Good(
        body=lambda _: {"untouched_since": "2026-01-01", "reason": "stale"}, query=TRIED
    ),
    ("PUT", "/filters/{name}"): Good(
        body=lambda _: {"list": "/opportunities", "query": {"stage": "3"}}, missing=200
    ),
    ("DELETE", "/filters/{name}"): Good(about=a_filter),
    ("POST", "/imports/users"): Good(row=lambda n: {"login": f"row.{n}", "name": "新人", "roles": ["rep"]}),
    ("POST", "/imports/customers"): Good(
        row=lambda n: {
            "kind": "enterprise",
            "name": f"第{n}厂",
            "owner": "li.wei",
            "external": [{"system": "row", "id": n}],
        }
    ),
    ("POST", "/imports/contacts"): Good(
        row=lambda n: {**_ours(n), "customer": {"system": "row", "id": "1"}, "name": "王丽"}
    ),
    ("POST", "/imports/opportunities"): Good(row=lambda n: {**_ours(n), "title": "x", "owner": "li.wei"}),
    ("GET", "/audit/customers/{customer_id}"): Good(about=a_customer),
    ("GET", "/audit/customers/{customer_id}/state"): Good(about=a_customer),
    ("GET", "/audit/customers/{customer_id}/difference"): Good(
        query={"from": "2026-03-01T00:00:00Z"}, about=a_customer
    ),
    ("GET", "/audit/exports"): Good(),
    ("GET", "/policy"): Good(),
    ("PUT", "/policy"): Good(body=lambda it: plain(it.serving.service.policy)),
    ("GET", "/policy/changes"): Good(),
    ("GET", "/parked"): Good(),
    ("POST", "/parked/{source}/replay"): Good(about=a_parked_message),
    ("DELETE", "/parked/{source}"): Good(about=a_parked_message),
    ("GET", "/development/clock"): Good(),
    ("PUT", "/development/clock"): Good(body=lambda _: {"now": "2026-03-02T10:00:00+08:00"}),
    ("GET", "/health/live"): Good(),
    ("GET", "/health/ready"): Good(),
    ("GET", "/metrics"): Good(),
    ("GET", "/openapi.json"): Good(),
    ("GET", "/docs"): Good(),
    ("GET", "/docs/assets/{file}"): Good(),
}


async def sent(
    sales: Sales, client: httpx.AsyncClient, method: str, path: str, about: About
) -> httpx.Response:
    good = GOOD[method, path]
    filled = path.format_map(Filled(about))
    headers = {"Keqing-Reason": "because"}
    if good.row is not None:
        return await post_rows(client, filled, good.row(str(sales.number())), dry_run=False)
    body = None if good.body is None else good.body(sales)
    return await client.request(method, filled, params=good.query, json=body, headers=headers)


def test_no_route_is_exempt() -> None:
    assert GOOD.keys() == set(of(COMMON))


@pytest.mark.parametrize(("method", "path"), sorted(GOOD))
async def test_a_good_request_is_answered_to_every_role_that_may_and_to_no_other(
    sales: Sales, method: str, path: str
) -> None:
    good, allowed = GOOD[method, path], ROLES[method, path]
    if allowed == ANYBODY:
        assert (await sent(sales, sales.serving.anonymous, method, path, {})).status_code == good.status
        return
    for role in sorted(EVERYBODY):
        about = await good.about(sales)
        answer = await sent(sales, client_of(sales, role), method, path, about)
        if role in allowed:
            assert answer.status_code == good.status, (role, answer.text)
        else:
            assert set(problem(answer, 403, "role-missing")["roles"]) == allowed
        problem(await sent(sales, sales.serving.anonymous, method, path, about), 401, "unauthenticated")


NAMED = sorted(route for route in GOOD if "{" in route[1] and ROLES[route] != ANYBODY)


@pytest.mark.parametrize(("method", "path"), NAMED)
async def test_what_is_not_there_is_not_there_for_who_may_and_forbidden_to_the_others(
    sales: Sales, method: str, path: str
) -> None:
    for role in sorted(EVERYBODY):
        answer = await sent(sales, client_of(sales, role), method, path, NOWHERE)
        if role in ROLES[method, path]:
            assert answer.status_code == GOOD[method, path].missing, (role, answer.text)
        else:
            problem(answer, 403, "role-missing")
