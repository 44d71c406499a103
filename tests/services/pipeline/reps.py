"""Reps with tracking lists that are soon full; fixtures for the modules that import them."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from typing import Any

import httpx
import pytest

from keqing_pipeline.app import CONTEXT
from keqing_pipeline.policy import PipelinePolicy
from keqing_pipeline.tracking.policy import BandCapacities, PoolRules
from tests.harness import serving

from .conftest import peopled
from .sales import Sales

SMALL = PipelinePolicy(
    band_capacities=BandCapacities(nurture=3, develop=2, close=1), open_pool=PoolRules(claims_a_day=2)
)


@pytest.fixture(scope="module")
async def running(module_database: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Sales]:
    context = replace(CONTEXT, policy=SMALL)
    async with serving(context, module_database, tmp_path_factory.mktemp("home")) as it:
        yield await peopled(it)


@dataclass
class Rep:
    """Somebody of zhou.hong's team, with an empty list."""

    sales: Sales
    login: str

    @property
    def client(self) -> httpx.AsyncClient:
        return self.sales.serving.client(self.login, "rep")

    async def prospect(self, *signals: str, to: str | None = None, **members: Any) -> tuple[str, str]:
        """A customer and an opportunity with it, not tracked yet."""
        customer_id = await self.sales.customer(self.client, **members)
        id = await self.sales.opportunity(self.client, customer_id)
        if to is not None:
            await self.rise(id, to)
        return customer_id, id

    async def rise(self, id: str, to: str) -> httpx.Response:
        signal = {"1": "converses", "2": "asks_basics", "3": "asks_price", "4": "agrees_but_away"}[to]
        call = {"outcome": "interactive", "signals": [signal]}
        assert (await self.client.post(f"/opportunities/{id}/calls", json=call)).status_code == 201
        answer = await self.client.post(f"/opportunities/{id}/stage", json={"to": to})
        assert answer.status_code == 200, answer.text
        return answer

    async def track(
        self, customer_id: str, by: httpx.AsyncClient | None = None, **more: Any
    ) -> httpx.Response:
        return await (by or self.client).post("/tracking-list", json={"customer_id": customer_id, **more})

    async def tracked(self, to: str | None = None, **members: Any) -> tuple[str, str]:
        """The same, tracked."""
        customer_id, id = await self.prospect(to=to, **members)
        answer = await self.track(customer_id)
        assert answer.status_code == 201, answer.text
        return customer_id, id

    async def give_up(self, customer_id: str, reason: str = "blunder", **more: Any) -> httpx.Response:
        return await self.client.post(
            f"/tracking-list/{customer_id}/removal", json={"reason": reason, **more}
        )

    async def claim(self, customer_id: str, **more: Any) -> httpx.Response:
        return await self.client.post(f"/open-pool/{customer_id}/claim", json=more)

    async def bands(self) -> dict[str, int]:
        """How many are in each band that is not empty."""
        await self.sales.serving.catch_up()
        [occupancy] = (await self.client.get("/occupancy")).json()
        assert occupancy["owner"] == self.login
        return {band["band"]: band["count"] for band in occupancy["bands"] if band["count"]}

    async def whom(self) -> set[str]:
        await self.sales.serving.catch_up()
        return {row["customer_id"] for row in (await self.client.get("/tracking-list")).json()["items"]}


@pytest.fixture
async def rep(sales: Sales) -> Rep:
    return await enrolled(sales)


@pytest.fixture
async def rival(sales: Sales) -> Rep:
    return await enrolled(sales)


async def enrolled(sales: Sales) -> Rep:
    login = f"rep{sales.number()}"
    body = {"login": login, "name": login, "roles": ["rep"], "team": "north", "manager": "zhou.hong"}
    assert (await sales.admin.post("/users", json=body)).status_code == 201
    await sales.serving.catch_up()
    return Rep(sales, login)


async def pooled(sales: Sales, **params: str) -> dict[str, dict[str, Any]]:
    """The pool's cards as an auditor sees them."""
    await sales.serving.catch_up()
    cards: list[dict[str, Any]] = []
    after: dict[str, str] = {}
    while True:
        page = (await sales.auditor.get("/open-pool", params={"limit": "2", **after, **params})).json()
        cards += page["items"]
        if page["next"] is None:
            return {card["customer_id"]: card for card in cards}
        after = {"after": page["next"]}
