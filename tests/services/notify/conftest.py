"""Notify and its neighbours on real servers, once per module."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.services.notify.neighbour import Neighbours, notifying, others


@pytest.fixture(scope="module")
async def town(
    module_database: str, module_nats_url: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Neighbours]:
    home: Path = tmp_path_factory.mktemp("home")
    async with (
        others(module_database, module_nats_url, home) as services,
        notifying(services, module_database, module_nats_url, home) as it,
    ):
        yield it
