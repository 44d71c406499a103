"""Schemathesis with all its checks finds nothing in what every context has in common."""

from uuid import uuid4

import pytest
from fastapi import APIRouter

from keqing_shared.context import Context
from keqing_shared.http import Ask, allow
from tests.exploring import explore
from tests.harness import Serving, serving
from tests.shared.http.library import ACME, LIBRARY
from tests.shared.http.loan import LOAN


@pytest.mark.timeout(300)
async def test_nothing_is_found_in_the_library(library: Serving) -> None:
    body = {"customer_id": str(ACME), "copy": f"copy-{uuid4()}", "title": "儒林外史"}
    await library.client("li.wei", "rep").post("/loans", json=body)
    report = await explore(library, examples=10)
    assert "Operations:       14 selected" in report


@pytest.mark.timeout(120)
async def test_a_route_that_breaks_its_promise_is_found(database: str, tmp_path: object) -> None:
    router = APIRouter()

    @router.get("/promises", dependencies=[allow("admin")])
    async def promises(ask: Ask, size: int = 0) -> int:
        return 1 // size

    context = Context(name="library", aggregates=[LOAN], routers=[router], directory=LIBRARY.directory)
    async with serving(context, database, tmp_path) as it:  # type: ignore[arg-type]
        with pytest.raises(AssertionError, match="Server error"):
            await explore(it, examples=3, options=("--include-path", "/library/promises"))
