"""All four services on real servers, and people who use them over HTTP.

``Keqing-After`` is how a journey waits: the next question is answered once the last command is known there.
"""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx

from keqing_collections.app import CONTEXT as COLLECTIONS
from keqing_notify.app import CONTEXT as NOTIFY
from keqing_pipeline.app import CONTEXT as PIPELINE
from keqing_service_desk.app import CONTEXT as SERVICE_DESK
from tests.harness import Serving, serving

CONTEXTS = (PIPELINE, SERVICE_DESK, COLLECTIONS, NOTIFY)
STAFF = (
    ("zhao.min", "赵敏", ["sales_manager"], None),
    ("li.wei", "李伟", ["rep"], "zhao.min"),
    ("sun.li", "孙丽", ["rep"], "zhao.min"),
    ("chen.jie", "陈洁", ["agent"], None),
    ("wang.fang", "王芳", ["collector"], None),
    ("he.ping", "何平", ["credit_controller"], None),
)
ROLES = {login: roles for login, _, roles, _ in STAFF} | {"admin": ["admin"], "auditor": ["auditor"]}


@dataclass
class House:
    """The services by name, and the last position each told us of."""

    services: dict[str, Serving]
    positions: dict[str, str]

    async def call(self, who: str, method: str, path: str, **options: Any) -> httpx.Response:
        """``await house.call("li.wei", "POST", "/pipeline/customers", json=...)``."""
        _, context, rest = path.split("/", 2)
        client = self.services[context].client(who, *ROLES[who])
        response = await client.request(method, f"/{rest}", **options)
        if position := response.headers.get("Keqing-Position"):
            self.positions[position.partition(":")[0]] = position
        return response

    async def do(self, who: str, path: str, body: dict[str, Any], **options: Any) -> str:
        """A command that must succeed; the id of what it was done to."""
        headers = {"Keqing-After": self._known_elsewhere(path), **options.pop("headers", {})}
        response = await self.call(who, "POST", path, json=body, headers=headers, **options)
        assert response.is_success, response.text
        return str(response.json()["id"])

    async def ask(self, who: str, path: str, after: str, **params: Any) -> Any:
        """A question whose answer must know all that the context ``after`` did for us."""
        headers = {"Keqing-After": self.positions[after]}
        response = await self.call(who, "GET", path, params=params, headers=headers)
        assert response.is_success, response.text
        return response.json()

    async def set_clock(self, moment: datetime) -> None:
        for service in self.services.values():
            await service.set_clock(moment)

    async def tick(self, context: str, *duties: str) -> None:
        """The context's clockwork once, or these of its duties."""
        await self.services[context].tick(*duties)
        self.positions[context] = f"{context}:{await self.services[context].service.log.head()}"

    def _known_elsewhere(self, path: str) -> str:
        # Whoever speaks of a customer to another context waits until it has heard of it.
        return self.positions.get("pipeline", "pipeline:0")


@asynccontextmanager
async def house(database: str, nats_url: str, home: Path) -> AsyncIterator[House]:
    """Everything running but the clockwork, which ``tick`` turns."""
    async with AsyncExitStack() as stack:
        services = {
            context.name: await stack.enter_async_context(serving(context, database, home, nats_url))
            for context in CONTEXTS
        }
        built = House(services, {})
        for login, name, roles, manager in STAFF:
            body = {"login": login, "name": name, "roles": roles, "team": "north", "language": "zh"}
            await built.do("admin", "/pipeline/users", {**body, "manager": manager})
        yield built


def customer(name: str, owner: str = "li.wei") -> dict[str, Any]:
    """A registration that every rule accepts."""
    return {"kind": "enterprise", "name": name, "source": "internet", "owner": owner, "importance": "key"}
