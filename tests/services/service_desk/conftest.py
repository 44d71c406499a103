"""A service desk on a database of its own per module, at ten on a working Monday."""

from collections.abc import AsyncIterator
from itertools import count

import pytest

from keqing_service_desk.app import CONTEXT
from tests.harness import Serving, serving
from tests.services.service_desk.desk import ACME, BOLT, PEOPLE, Desk, at, customer


@pytest.fixture(scope="module")
async def running(module_database: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Desk]:
    async with serving(CONTEXT, module_database, tmp_path_factory.mktemp("home")) as it:
        yield await peopled(it)


@pytest.fixture
async def desk(running: Desk) -> Desk:
    await running.serving.set_clock(at(2, 10))
    return running


async def peopled(it: Serving) -> Desk:
    """With the people and customers of ``desk``."""
    desk = Desk(it, count(1))
    for login, role, team, manager in PEOPLE:
        await desk.hear(
            "UserEnrolled",
            None,
            login=login,
            name=login,
            roles=[role],
            team=team,
            manager=manager,
            language="zh",
            active=True,
        )
    await desk.hear("CustomerRegistered", ACME, **customer("Acme", "li.wei", ("crm", "acme")))
    await desk.hear("CustomerRegistered", BOLT, **customer("Bolt", "wang.bo", ("crm", "bolt")))
    return desk
