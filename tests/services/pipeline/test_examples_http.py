"""Whatever the documentation offers to try goes through as it stands, on a system that has nothing yet."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from keqing_pipeline.app import CONTEXT
from keqing_pipeline.examples import CONTACT, CUSTOMER, EXAMPLES, JSON
from keqing_shared.http.openapi import roles_of
from tests.harness import Serving, serving

OPENED, CALLED = ("POST", "/opportunities"), ("POST", "/opportunities/{opportunity_id}/calls")
WON = ("POST", "/opportunities/{opportunity_id}/won")
PLANNED = ("PUT", "/customers/{customer_id}/account/plan")


@pytest.fixture(scope="module")
async def fresh(module_database: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Serving]:
    async with serving(CONTEXT, module_database, tmp_path_factory.mktemp("home")) as it:
        yield it


def client(it: Serving, method: str, path: str) -> httpx.AsyncClient:
    """Of the manager, or of the admin where only admins may."""
    [roles] = [
        roles_of(route)
        for router in CONTEXT.routers
        for route in router.routes
        if route.path == path and method in route.methods
    ]
    manages = roles is not None and "sales_manager" in roles and "/imports/" not in path
    return it.client("zhao.min", "sales_manager") if manages else it.client("root", "admin")


async def tried(it: Serving, method: str, path: str, body: Any = None, media_type: str = JSON) -> Any:
    """What it is answered with: nothing is refused, no row of an import either."""
    at = path
    if "{opportunity_id}" in path:
        # A fresh one of the customer, with a call logged: what was won is not lost as well.
        opened = (await tried(it, *OPENED, example(OPENED)))["id"]
        if (method, path) != CALLED:
            await sent(it, CALLED, CALLED[1].format(opportunity_id=opened), example(CALLED))
        at = path.format(opportunity_id=opened)
    at = at.format(customer_id=CUSTOMER, contact_id=CONTACT)
    return await sent(it, (method, path), at, body, media_type)


async def sent(it: Serving, route: tuple[str, str], at: str, body: Any, media_type: str = JSON) -> Any:
    content: dict[str, Any] = {} if body is None else {"json": body}
    if isinstance(body, str):
        content = {"content": body.encode(), "headers": {"Content-Type": media_type}}
    answer = await client(it, *route).request(route[0], at, **content)
    assert answer.is_success, (at, body, answer.text)
    assert not answer.json().get("refused"), (at, answer.text)
    await it.catch_up()
    return answer.json()


def example(route: tuple[str, str]) -> Any:
    """The first one."""
    return next(iter(EXAMPLES[route][JSON].values()))


async def test_each_example_goes_through_as_it_stands_in_the_order_of_the_story(fresh: Serving) -> None:
    for (method, path), by_type in EXAMPLES.items():
        if (method, path) == PLANNED:
            await named_key_account(fresh)
        for media_type, named in by_type.items():
            for body in named.values():
                await tried(fresh, method, path, body, media_type)


async def named_key_account(it: Serving) -> None:
    """Who has bought three times, most of it all, and was appraised before."""
    for _ in range(3):
        await tried(it, *WON, example(WON))
    await tried(it, "POST", "/abc")
    await tried(it, "POST", "/customers/{customer_id}/account/key")


async def test_the_documentation_shows_them(fresh: Serving) -> None:
    document = (await fresh.anonymous.get("/openapi.json")).json()
    content = document["paths"]["/pipeline/customers"]["post"]["requestBody"]["content"]
    assert list(content[JSON]["examples"]) == ["an enterprise", "an individual"]
    sheet = document["paths"]["/pipeline/imports/users"]["post"]["requestBody"]["content"]["text/csv"]
    assert sheet["examples"]["a team"]["value"].startswith("login,name,roles,team,manager\n")
