"""Who may do what with whose things: every route against every role and every relation."""

from uuid import uuid4

import httpx
import pytest
from fastapi.routing import APIRoute

from keqing_pipeline.app import CONTEXT
from keqing_shared.http.openapi import roles_of
from tests.problem import problem
from tests.services.role_table import SHARED, let_in, served

from .sales import Sales

STAFF = {
    "rep",
    "sales_manager",
    "agent",
    "supervisor",
    "collector",
    "credit_controller",
    "auditor",
    "admin",
}
SALES = {"rep", "sales_manager"}
READERS = SALES | {"auditor", "admin"}
KEEPERS = {"admin", "auditor", "sales_manager", "supervisor"}

EXPECTED: dict[tuple[str, str], set[str]] = {
    ("POST", "/customers"): SALES,
    ("GET", "/customers"): STAFF,
    ("GET", "/customers/{customer_id}"): STAFF,
    ("PUT", "/customers/{customer_id}"): SALES,
    ("POST", "/customers/{customer_id}/owner"): {"sales_manager"},
    ("POST", "/customers/{customer_id}/references"): SALES,
    ("POST", "/customers/{customer_id}/erasure"): {"admin"},
    ("GET", "/customers/{customer_id}/erasure"): {"admin", "auditor"},
    ("POST", "/customers/{customer_id}/contacts"): SALES,
    ("GET", "/duplicates"): SALES | {"admin"},
    ("POST", "/customers/{customer_id}/merged"): {"sales_manager"},
    ("POST", "/customers/{customer_id}/parted"): {"sales_manager"},
    ("POST", "/customers/{customer_id}/team"): SALES,
    ("DELETE", "/customers/{customer_id}/team/{login}"): SALES,
    ("GET", "/customers/{customer_id}/team"): READERS,
    ("POST", "/customers/{customer_id}/first-impressions"): SALES,
    ("GET", "/first-impressions"): READERS,
    ("GET", "/coverage"): READERS,
    ("GET", "/sources"): READERS,
    ("GET", "/visit-route"): READERS,
    ("GET", "/contacts"): STAFF,
    ("GET", "/contacts/{contact_id}"): STAFF,
    ("PUT", "/contacts/{contact_id}"): SALES,
    ("PUT", "/contacts/{contact_id}/coverage/{login}"): SALES,
    ("DELETE", "/contacts/{contact_id}/coverage/{login}"): SALES,
    ("POST", "/contacts/{contact_id}/left"): SALES,
    ("POST", "/contacts/{contact_id}/moved"): SALES,
    ("POST", "/contacts/{contact_id}/returned"): SALES,
    ("POST", "/contacts/{contact_id}/observations"): SALES,
    ("GET", "/contacts/{contact_id}/observations"): STAFF,
    ("POST", "/opportunities"): SALES,
    ("GET", "/opportunities"): READERS,
    ("GET", "/opportunities/{opportunity_id}"): READERS,
    ("GET", "/opportunities/{opportunity_id}/logbook"): READERS,
    ("PUT", "/opportunities/{opportunity_id}"): SALES,
    ("PUT", "/opportunities/{opportunity_id}/customer"): SALES,
    ("POST", "/opportunities/{opportunity_id}/owner"): {"sales_manager"},
    ("POST", "/opportunities/{opportunity_id}/calls"): SALES,
    ("POST", "/opportunities/{opportunity_id}/visits"): SALES,
    ("POST", "/opportunities/{opportunity_id}/messages"): SALES,
    ("POST", "/opportunities/{opportunity_id}/stage"): SALES,
    ("PUT", "/opportunities/{opportunity_id}/purchase-project"): SALES,
    ("POST", "/opportunities/{opportunity_id}/diagnosis"): SALES,
    ("POST", "/opportunities/{opportunity_id}/need"): SALES,
    ("POST", "/opportunities/{opportunity_id}/recommendation"): SALES,
    ("POST", "/opportunities/{opportunity_id}/recommendation/accepted"): SALES,
    ("POST", "/opportunities/{opportunity_id}/recommendation/rejected"): SALES,
    ("GET", "/catalogue"): READERS,
    ("POST", "/opportunities/{opportunity_id}/won"): SALES,
    ("POST", "/opportunities/{opportunity_id}/lost"): SALES,
    ("POST", "/opportunities/{opportunity_id}/reopened"): SALES,
    ("GET", "/customers/{customer_id}/account"): STAFF,
    ("PUT", "/customers/{customer_id}/account/level"): SALES,
    ("PUT", "/customers/{customer_id}/account/appraisal"): SALES,
    ("POST", "/customers/{customer_id}/account/key"): {"sales_manager"},
    ("POST", "/customers/{customer_id}/account/key/end"): {"sales_manager"},
    ("PUT", "/customers/{customer_id}/account/plan"): SALES,
    ("POST", "/customers/{customer_id}/account/reviews"): SALES,
    ("POST", "/customers/{customer_id}/tenders"): SALES,
    ("POST", "/customers/{customer_id}/tenders/{tender_id}/decision"): SALES,
    ("GET", "/accounts"): READERS,
    ("GET", "/pareto"): READERS,
    ("POST", "/abc"): {"sales_manager", "admin"},
    ("POST", "/customers/{customer_id}/care-requests"): SALES,
    ("POST", "/customers/{customer_id}/care-requests/{request_id}/approval"): {"sales_manager", "admin"},
    ("POST", "/customers/{customer_id}/care-requests/{request_id}/rejection"): {"sales_manager", "admin"},
    ("POST", "/customers/{customer_id}/care-requests/{request_id}/completion"): SALES,
    ("POST", "/customers/{customer_id}/care-requests/{request_id}/cancellation"): SALES,
    ("GET", "/care-requests"): READERS,
    ("GET", "/care-requests/{request_id}"): READERS,
    ("GET", "/care-calendar"): READERS,
    ("POST", "/customers/{customer_id}/referral-requests"): SALES,
    ("POST", "/customers/{customer_id}/referrals"): SALES,
    ("GET", "/customers/{customer_id}/referrals"): READERS,
    ("GET", "/referrals"): READERS,
    ("GET", "/board"): READERS,
    ("GET", "/touches"): READERS,
    ("GET", "/funnel"): READERS,
    ("GET", "/forecast"): READERS,
    ("GET", "/activity"): READERS,
    ("GET", "/playbook"): READERS,
    ("GET", "/playbook/{stage}"): READERS,
    ("GET", "/tracking-list"): READERS,
    ("POST", "/tracking-list"): SALES,
    ("POST", "/tracking-list/{customer_id}/removal"): SALES,
    ("GET", "/occupancy"): READERS,
    ("GET", "/open-pool"): READERS,
    ("POST", "/open-pool/{customer_id}/claim"): SALES,
    ("POST", "/users"): {"admin"},
    ("GET", "/users"): KEEPERS,
    ("GET", "/users/{login}"): KEEPERS,
    ("PUT", "/users/{login}"): {"admin"},
    ("DELETE", "/users/{login}"): {"admin"},
    ("POST", "/bulk/customers/owner"): {"sales_manager"},
    ("POST", "/bulk/opportunities/owner"): {"sales_manager"},
    ("POST", "/bulk/opportunities/lost"): {"sales_manager"},
    ("GET", "/filters"): STAFF,
    ("PUT", "/filters/{name}"): STAFF - {"auditor"},
    ("DELETE", "/filters/{name}"): STAFF - {"auditor"},
    ("GET", "/exports/contacts"): {"admin", "sales_manager"},
    ("GET", "/exports/customers"): {"admin", "sales_manager"},
    ("GET", "/exports/opportunities"): {"admin", "sales_manager"},
    ("POST", "/imports/users"): {"admin"},
    ("POST", "/imports/contacts"): {"admin", "sales_manager"},
    ("POST", "/imports/customers"): {"admin", "sales_manager"},
    ("POST", "/imports/opportunities"): {"admin", "sales_manager"},
}

CALL = {"outcome": "brief"}
COMMANDS = [
    ("calls", CALL),
    ("visits", CALL),
    ("messages", CALL),
    ("diagnosis", {"answers": [{"question": "worry", "answer": "unknown"}]}),
    ("need", {"need": "orders"}),
    ("recommendation", {}),
    ("recommendation/accepted", {}),
    ("recommendation/rejected", {"reason": "x"}),
    ("stage", {"to": "1"}),
    ("won", {"amount": {"amount": "1", "currency": "CNY"}}),
    ("lost", {"reason": "x"}),
    ("reopened", {"reason": "x"}),
]


def test_every_route_has_its_rule() -> None:
    stated = {
        (method, route.path): set(roles_of(route) or ())
        for router in CONTEXT.routers
        for route in router.routes
        if isinstance(route, APIRoute)
        for method in route.methods
    }
    assert stated == EXPECTED


async def test_nothing_is_served_that_no_table_names(sales: Sales) -> None:
    assert served(sales.serving.app) == EXPECTED.keys() | SHARED.keys()


@pytest.mark.parametrize(("method", "path"), sorted(SHARED))
async def test_the_routes_that_every_service_has_are_for_their_roles(
    sales: Sales, method: str, path: str
) -> None:
    assert await let_in(sales.serving, method, path) == SHARED[method, path]


@pytest.mark.parametrize(("method", "path"), sorted(EXPECTED))
async def test_without_the_role_or_a_token_nothing_goes(sales: Sales, method: str, path: str) -> None:
    expected = EXPECTED[method, path]
    path = path.format_map(Somebodys())
    problem(await sales.serving.anonymous.request(method, path), 401, "unauthenticated")
    for role in sorted(STAFF - expected):
        client = sales.serving.client(f"some.{role}", role)
        document = problem(await client.request(method, path, json={}), 403, "role-missing")
        assert set(document["roles"]) == expected


class Somebodys(dict[str, str]):
    """A value for any parameter of a path."""

    def __missing__(self, name: str) -> str:
        return "li.wei" if name == "login" else str(uuid4())


@pytest.mark.parametrize(("path", "body"), COMMANDS)
async def test_somebody_elses_opportunity_is_as_good_as_none(
    sales: Sales, path: str, body: dict[str, object]
) -> None:
    id = await sales.opportunity()
    for client in (sales.colleague, sales.stranger, sales.other_manager):
        answer = await client.post(f"/opportunities/{id}/{path}", json=body)
        problem(answer, 404, "opportunity-unknown")
    missing = await sales.rep.post(f"/opportunities/{uuid4()}/{path}", json=body)
    problem(missing, 404, "opportunity-unknown")


async def test_who_sees_a_customer_and_its_opportunity(sales: Sales) -> None:
    customer_id = await sales.customer()
    id = await sales.opportunity(customer_id=customer_id)
    await sales.serving.catch_up()
    may: list[httpx.AsyncClient] = [sales.rep, sales.manager, sales.director, sales.auditor]
    may_not = [sales.colleague, sales.stranger, sales.other_manager]
    for client in may:
        assert (await client.get(f"/customers/{customer_id}")).status_code == 200
        assert (await client.get(f"/opportunities/{id}")).status_code == 200
        assert (await client.get(f"/opportunities/{id}/logbook")).status_code == 200
    for client in may_not:
        problem(await client.get(f"/customers/{customer_id}"), 404, "customer-unknown")
        problem(await client.get(f"/opportunities/{id}"), 404, "opportunity-unknown")
        problem(await client.get(f"/opportunities/{id}/logbook"), 404, "opportunity-unknown")
        body = {"kind": "enterprise", "name": "X"}
        problem(await client.put(f"/customers/{customer_id}", json=body), 404, "customer-unknown")
    for client, seen in [(client, True) for client in may] + [(client, False) for client in may_not]:
        query = {"customer_id": customer_id}
        found = (await client.get("/opportunities", params=query)).json()["items"]
        assert [row["opportunity_id"] for row in found] == ([id] if seen else [])


async def test_a_manager_of_another_team_does_not_take_a_customer(sales: Sales) -> None:
    customer_id = await sales.customer()
    body = {"owner": "chen.bo", "reason": "mine now"}
    answer = await sales.other_manager.post(f"/customers/{customer_id}/owner", json=body)
    problem(answer, 404, "customer-unknown")


async def test_who_works_somebody_elses_opportunity_with_ones_own_customer(sales: Sales) -> None:
    customer_id = await sales.customer()
    body = {"customer_id": customer_id, "title": "x", "owner": "zhao.min"}
    problem(await sales.rep.post("/opportunities", json=body), 403, "owner-not-yours")
    id = (await sales.manager.post("/opportunities", json=body)).json()["id"]
    for client in (sales.rep, sales.colleague):
        assert (await client.post(f"/opportunities/{id}/calls", json=CALL)).status_code == 201
    problem(await sales.stranger.post(f"/opportunities/{id}/calls", json=CALL), 404, "opportunity-unknown")


async def test_lists_hold_what_one_may_see(sales: Sales) -> None:
    await sales.opportunity(by=sales.stranger)
    await sales.opportunity()
    await sales.serving.catch_up()

    async def owners(client: httpx.AsyncClient) -> set[str]:
        board = {cell["owner"] for cell in (await client.get("/board")).json()}
        funnel = (await client.get("/funnel", params={"by": "owner"})).json()
        assert {line["of"] for line in funnel} == board
        query = {"day": "2026-12-31", "limit": "200"}
        touches = {row["owner"] for row in (await client.get("/touches", params=query)).json()["items"]}
        assert touches <= board
        return board

    assert await owners(sales.stranger) == {"chen.bo"}
    assert "chen.bo" not in await owners(sales.rep)
    assert "chen.bo" not in await owners(sales.manager)
    assert await owners(sales.other_manager) == {"chen.bo"}
    assert {"chen.bo", "li.wei"} <= await owners(sales.director)
    assert {"chen.bo", "li.wei"} <= await owners(sales.auditor)
