from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import pytest
import pytest_asyncio

from keqing_shared.views import VIEWS_SCHEMA


@pytest_asyncio.fixture
async def pool(database: str) -> AsyncIterator[Any]:
    async with asyncpg.create_pool(database, min_size=1, max_size=8) as pool:
        await pool.execute(VIEWS_SCHEMA)
        await pool.execute(VIEWS_SCHEMA)  # as at every later start
        yield pool


@pytest.fixture
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    """A rebuild of few facts takes several steps as well."""
    monkeypatch.setattr("keqing_shared.views.rebuilding.BATCH", 50)
