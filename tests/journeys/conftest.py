from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.journeys.house import House
from tests.journeys.house import house as built


@pytest.fixture
async def house(database: str, nats_url: str, tmp_path: Path) -> AsyncIterator[House]:
    async with built(database, nats_url, tmp_path) as it:
        yield it
