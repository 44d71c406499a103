"""The people of the HTTP tests and what they do most."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any

import httpx

from keqing_shared.domain import Fact
from tests.harness import Serving

SHANGHAI = timezone(timedelta(hours=8))

PEOPLE: tuple[tuple[str, str, str | None, str | None], ...] = (
    ("fang.lei", "sales_manager", None, None),
    ("zhou.hong", "sales_manager", "north", "fang.lei"),
    ("wu.jun", "sales_manager", "east", "fang.lei"),
    ("li.wei", "rep", "north", "zhou.hong"),
    ("zhao.min", "rep", "north", "zhou.hong"),
    ("chen.bo", "rep", "east", "wu.jun"),
    ("sun.li", "auditor", None, None),
)


def at(day: int, hour: int = 10, minute: int = 0) -> datetime:
    """March 2026, Shanghai."""
    return datetime(2026, 3, day, hour, minute, tzinfo=SHANGHAI)


@dataclass
class Sales:
    serving: Serving
    _numbers: Iterator[int]

    @property
    def admin(self) -> httpx.AsyncClient:
        return self.serving.client("root", "admin")

    @property
    def rep(self) -> httpx.AsyncClient:
        """li.wei, of zhou.hong's team north."""
        return self.serving.client("li.wei", "rep")

    @property
    def colleague(self) -> httpx.AsyncClient:
        """zhao.min, of the same team."""
        return self.serving.client("zhao.min", "rep")

    @property
    def stranger(self) -> httpx.AsyncClient:
        """chen.bo, of wu.jun's team east."""
        return self.serving.client("chen.bo", "rep")

    @property
    def manager(self) -> httpx.AsyncClient:
        """zhou.hong."""
        return self.serving.client("zhou.hong", "sales_manager")

    @property
    def other_manager(self) -> httpx.AsyncClient:
        """wu.jun."""
        return self.serving.client("wu.jun", "sales_manager")

    @property
    def director(self) -> httpx.AsyncClient:
        """fang.lei, over both managers."""
        return self.serving.client("fang.lei", "sales_manager")

    @property
    def auditor(self) -> httpx.AsyncClient:
        return self.serving.client("sun.li", "auditor")

    def number(self) -> int:
        """Another one every time, for names that nobody has."""
        return next(self._numbers)

    async def customer(self, by: httpx.AsyncClient | None = None, **members: Any) -> str:
        """Registers one; its id."""
        body = {"kind": "enterprise", "name": f"客户{self.number()}号", **members}
        answer = await (by or self.rep).post("/customers", json=body)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

    async def opportunity(
        self, by: httpx.AsyncClient | None = None, customer_id: str | None = None, **members: Any
    ) -> str:
        """Opens one; its id."""
        customer_id = customer_id or await self.customer(by)
        body = {"customer_id": customer_id, "title": "年度采购", **members}
        answer = await (by or self.rep).post("/opportunities", json=body)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

    async def call(self, opportunity_id: str, *signals: str, **members: Any) -> httpx.Response:
        body = {"outcome": "interactive", "signals": list(signals), **members}
        answer = await self.rep.post(f"/opportunities/{opportunity_id}/calls", json=body)
        assert answer.status_code == 201, answer.text
        return answer

    async def made(self, kind: type[Fact]) -> int:
        """Lets every duty run once; how many facts of this kind that made."""
        before = await self.serving.service.log.head()
        await self.serving.tick()
        return sum(isinstance(it.fact, kind) for it in await self.serving.service.log.read(before, 10_000))

    async def card(self, opportunity_id: str, by: httpx.AsyncClient | None = None) -> dict[str, Any]:
        """The opportunity's card once the views know everything."""
        await self.serving.catch_up()
        answer = await (by or self.rep).get(f"/opportunities/{opportunity_id}")
        assert answer.status_code == 200, answer.text
        card: dict[str, Any] = answer.json()
        return card
