"""Pipeline on a database of its own per module, its people enrolled, at ten on Monday, 2 March 2026."""

from collections.abc import AsyncIterator
from itertools import count

import pytest

from keqing_pipeline.app import CONTEXT
from tests.harness import Serving, serving
from tests.services.pipeline.sales import PEOPLE, Sales, at


@pytest.fixture(scope="module")
async def running(module_database: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Sales]:
    async with serving(CONTEXT, module_database, tmp_path_factory.mktemp("home")) as it:
        yield await peopled(it)


@pytest.fixture
async def sales(running: Sales) -> Sales:
    await running.serving.set_clock(at(2))
    return running


async def peopled(it: Serving) -> Sales:
    """With the people of ``sales``."""
    sales = Sales(it, count(1))
    for login, role, team, manager in PEOPLE:
        body = {"login": login, "name": login, "roles": [role], "team": team, "manager": manager}
        answer = await sales.admin.post("/users", json=body)
        assert answer.status_code == 201, answer.text
    await it.catch_up()
    return sales
