"""Whose things one sees and changes: every route of pipeline against every relation to their owner.

The bodies are made from the OpenAPI document, so that a new route is tested without a line here; what
names nothing in its path has its line in TOLD.
"""

from enum import Enum, auto
from typing import Any
from uuid import uuid4

import httpx
import pytest
from fastapi.routing import APIRoute

from keqing_pipeline.app import CONTEXT
from keqing_shared.http.openapi import roles_of
from tests.problem import problem

from .sales import Sales


class Whose(Enum):
    OWNERS = auto()
    """A thing named in the path: for who sees its owner, for anybody else as good as none."""
    NAMED = auto()
    """It is done to a customer that the body names: the same."""
    LIST = auto()
    """One sees one's own in it, and cannot tell how many others there are."""
    COMMON = auto()
    """The same for everybody whose role allows it."""


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
}
"""What the path does not say. Imports and bulk actions have tests of their own for whose things they are."""

QUERIES: dict[str, dict[str, str]] = {"/touches": {"day": "2026-12-31"}, "/funnel": {"by": "owner"}}

ROLES = {
    (method, route.path): roles_of(route) or frozenset()
    for router in CONTEXT.routers
    for route in router.routes
    if isinstance(route, APIRoute)
    for method in route.methods
}


def whose(method: str, path: str) -> Whose | None:
    """A path that names a thing is its owner's, a list everybody's own, unless TOLD otherwise."""
    if (method, path) in TOLD:
        return TOLD[method, path]
    if "{" in path:
        return OWNERS
    return LIST if method == "GET" else None


def of(which: Whose) -> list[tuple[str, str]]:
    return sorted(route for route in ROLES if whose(*route) is which)


def test_every_route_says_whose_things_it_is_about() -> None:
    assert [route for route in ROLES if whose(*route) is None] == [], "say in TOLD whose things it is about"
    assert set(TOLD) <= set(ROLES)


class Things(dict[str, str]):
    """Of one customer, by the names that paths have for their ids; any other is the id of nothing."""

    def __missing__(self, name: str) -> str:
        return str(uuid4())


async def things(sales: Sales, by: httpx.AsyncClient | None = None) -> Things:
    """A customer with an opportunity, a contact and a care request, and another one; usually li.wei's."""
    client = by or sales.rep
    customer = await sales.customer(client)
    opportunity = await sales.opportunity(client, customer)
    contact = (await client.post(f"/customers/{customer}/contacts", json={"name": "王丽"})).json()["id"]
    found = Things(
        customer_id=customer,
        opportunity_id=opportunity,
        contact_id=contact,
        into=await sales.customer(client),
        login="li.wei",
    )
    wish = {
        "contact_id": contact,
        "kind": "gift",
        "occasion": "first_visit",
        "on": "2026-03-04",
        "what": "茶叶",
    }
    budget = {"amount": "100.00", "currency": "CNY"}
    await client.post(f"/customers/{customer}/care-requests", json={**wish, "budget": budget})
    await sales.serving.catch_up()
    [asked] = (await client.get("/care-requests", params={"customer_id": customer})).json()["items"]
    found["request_id"] = asked["request_id"]
    return found


def body_of(sales: Sales, method: str, path: str, about: Things) -> Any:
    """The least that the document asks for."""
    document = sales.serving.app.openapi()
    operation = document["paths"][f"/pipeline{path}"][method.lower()]
    content = operation.get("requestBody", {}).get("content", {})
    if "application/json" not in content:
        return None
    return example(content["application/json"]["schema"], document["components"]["schemas"], about)


def example(schema: dict[str, Any], schemas: dict[str, Any], about: Things, name: str = "") -> Any:
    if "$ref" in schema:
        return example(schemas[schema["$ref"].rpartition("/")[2]], schemas, about, name)
    for choice in ("anyOf", "oneOf", "allOf"):
        if choice in schema:
            return example(schema[choice][0], schemas, about, name)
    if name in about or schema.get("format") == "uuid":
        return about[name]
    if "const" in schema or "enum" in schema:
        return schema.get("const", schema.get("enum", [None])[0])
    match schema.get("type"):
        case "object":
            required = schema.get("required", ())
            return {one: example(schema["properties"][one], schemas, about, one) for one in required}
        case "array":
            return [example(schema["items"], schemas, about)] * schema.get("minItems", 0)
        case "integer" | "number":
            return schema.get("minimum", 1)
        case "boolean":
            return True
    if schema.get("format") == "date" or name.endswith("on"):
        return "2026-03-02"
    return schema.get("examples", ["li.wei"])[0]


async def send(
    sales: Sales, client: httpx.AsyncClient, method: str, path: str, about: Things
) -> httpx.Response:
    body = body_of(sales, method, path, about)
    answer = await client.request(
        method, path.format_map(about), json=body, headers={"Keqing-Reason": "as%20it%20is"}
    )
    assert "/problems/request-invalid" not in answer.text, (body, answer.text)
    return answer


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


@pytest.mark.parametrize(("method", "path"), of(LIST))
async def test_nobody_can_tell_from_a_list_what_others_have(sales: Sales, method: str, path: str) -> None:
    await things(sales, sales.stranger)
    lookers = [sales.stranger, sales.colleague, sales.other_manager]

    async def seen() -> list[str]:
        await sales.serving.catch_up()
        query = QUERIES.get(path, {})
        return [(await looker.request(method, path, params=query)).text for looker in lookers]

    before = await seen()
    about = await things(sales)
    opportunity, customer = about["opportunity_id"], about["customer_id"]
    await sales.call(opportunity, "asks_price")
    await sales.rep.post("/tracking-list", json={"customer_id": customer})
    win = {"amount": {"amount": "5000.00", "currency": "CNY"}}
    assert (await sales.rep.post(f"/opportunities/{opportunity}/won", json=win)).status_code == 200
    assert await seen() == before
    assert not any(id in text for text in before for id in about.values() if id != "li.wei")
