"""The library, served on a database of its own per module."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.harness import Serving, serving
from tests.shared.http.library import LIBRARY


@pytest.fixture(scope="module")
async def library(module_database: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Serving]:
    home: Path = tmp_path_factory.mktemp("home")
    async with serving(LIBRARY, module_database, home) as it:
        yield it
