"""A service desk that has heard of people and customers, and short ways to work at it."""

from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import httpx
import msgspec

from keqing_service_desk.reactions import reactions
from keqing_shared.messaging.envelope import Envelope
from tests.harness import Serving

SHANGHAI = ZoneInfo("Asia/Shanghai")
ACME, BOLT = UUID(int=0xACE), UUID(int=0xB01)
"""Customers of li.wei in the east, and of wang.bo in the west."""
PEOPLE = (
    ("zhao.min", "agent", "desk", "qian.li"),
    ("sun.lan", "agent", "desk", "qian.li"),
    ("qian.li", "supervisor", "desk", None),
    ("li.wei", "rep", "east", "gao.yan"),
    ("wang.bo", "rep", "west", "hu.bin"),
    ("gao.yan", "sales_manager", "east", None),
    ("hu.bin", "sales_manager", "west", None),
    ("he.jing", "auditor", None, None),
)


def at(day: int, hour: int, minute: int = 0) -> datetime:
    """Of March 2026, whose 2nd is a Monday, Shanghai time."""
    return datetime(2026, 3, day, hour, minute, tzinfo=SHANGHAI).astimezone(UTC)


@dataclass
class Desk:
    """The running service, and what is done at it."""

    serving: Serving
    positions: "count[int]"

    @property
    def agent(self) -> httpx.AsyncClient:
        return self.serving.client("zhao.min", "agent")

    @property
    def colleague(self) -> httpx.AsyncClient:
        return self.serving.client("sun.lan", "agent")

    @property
    def supervisor(self) -> httpx.AsyncClient:
        return self.serving.client("qian.li", "supervisor")

    @property
    def manager(self) -> httpx.AsyncClient:
        return self.serving.client("gao.yan", "sales_manager")

    @property
    def rep(self) -> httpx.AsyncClient:
        return self.serving.client("li.wei", "rep")

    async def hear(self, event: str, customer_id: UUID | None, /, **data: Any) -> int:
        """Lets a message of pipeline take effect as the consumers do; how many facts followed."""
        position = next(self.positions)
        service = self.serving.service
        async with service.pool.acquire() as connection, connection.transaction():
            message = envelope(event, customer_id, position, data)
            receipts = await reactions.react(message, service, connection)
        for receipt in receipts:
            service.log.signal(receipt.position)
        return sum(len(receipt.facts) for receipt in receipts)

    async def open(self, client: httpx.AsyncClient | None = None, **changes: Any) -> str:
        """A new complaint's id."""
        answer = await (client or self.agent).post("/complaints", json=new_complaint(**changes))
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

    async def take(self, complaint_id: str, *steps: str) -> httpx.Response:
        """These steps, each of which must succeed; the last answer."""
        for step in steps:
            answer = await self.agent.post(f"/complaints/{complaint_id}/{step}", json=STEPS[step])
            assert answer.status_code == 201, (step, answer.text)
        return answer

    async def settling(self, **changes: Any) -> str:
        """A complaint whose solution was accepted."""
        complaint_id = await self.open(**changes)
        await self.take(complaint_id, *UNTIL_SETTLEMENT)
        return complaint_id

    async def card(self, complaint_id: str, client: httpx.AsyncClient | None = None) -> Any:
        answer = await (client or self.agent).get(f"/complaints/{complaint_id}")
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def queue(self, client: httpx.AsyncClient | None = None, **filters: Any) -> list[Any]:
        await self.serving.catch_up()
        answer = await (client or self.agent).get("/queue", params={"limit": 200, **filters})
        assert answer.status_code == 200, answer.text
        items: list[Any] = answer.json()["items"]
        return items


def envelope(name: str, customer_id: UUID | None, position: int, data: dict[str, Any]) -> Envelope:
    return Envelope(
        specversion="1.0",
        id=f"pipeline:{position}",
        source="/keqing/pipeline",
        type=f"keqing.pipeline.{name}.v1",
        subject=customer_id,
        time=datetime.now(UTC),
        datacontenttype="application/json",
        position=position,
        previous=position - 1,
        who="li.wei",
        data=msgspec.Raw(msgspec.json.encode(data)),
    )


def new_complaint(**changes: Any) -> dict[str, Any]:
    return {
        "customer_id": str(ACME),
        "category": "quality",
        "severity": "major",
        "what_happened": "水泵漏水。The pump leaks.",
        **changes,
    }


def customer(name: str, owner: str, *external: tuple[str, str]) -> dict[str, Any]:
    return {
        "kind": "enterprise",
        "name": name,
        "owner": owner,
        "importance": "ordinary",
        "external": [{"system": system, "id": id} for system, id in external],
    }


STEPS: dict[str, dict[str, Any]] = {
    "acknowledgement": {"apology": "We are sorry.", "heard_out": True},
    "facts": {
        "evidence": "The seal is torn.",
        "cause": "product_quality",
        "responsible_side": "company",
        "responsible_unit": "Plant 2",
    },
    "solution": {"description": "A new seal, today."},
    "solution/answer": {"accepted": True},
    "settlement": {"form": "repair"},
    "settlement/approval": {"approved": True},
    "goodwill": {"contact": "Called them.", "suggestion": "Check the seal yearly."},
    "closing": {"satisfaction": 4, "comment": "Fine."},
    "escalation": {"to": "manager", "reason": "They insist."},
    "reassignment": {"assigned_to": "sun.lan"},
    "waiting": {"awaited": "Photos."},
    "reopening": {"reason": "It leaks again."},
}
UNTIL_SETTLEMENT = ("acknowledgement", "facts", "solution", "solution/answer")
TO_THE_END = (*UNTIL_SETTLEMENT, "settlement", "goodwill", "closing")
