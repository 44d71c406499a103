"""A context served on real servers for HTTP tests.

``async with serving(CONTEXT, database, home) as it:`` gives a running service and clients of its app:
``client = it.client("li.wei", "rep")``; ``await it.set_clock(...)``, ``await it.catch_up()``,
``await it.tick()`` (the clockwork's duties, once).
"""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
from fastapi import FastAPI

from keqing_shared.clockwork import Clockwork
from keqing_shared.context import Context
from keqing_shared.http import create_app
from keqing_shared.http.signing import issue_token
from keqing_shared.service import Service
from keqing_shared.settings import Part, Settings

BASE = "http://keqing.test"


@dataclass
class Serving:
    """A service, its app, and people who talk to it."""

    service: Service
    app: FastAPI
    _stack: AsyncExitStack
    _clients: dict[tuple[str, tuple[str, ...]], httpx.AsyncClient] = field(default_factory=dict)

    def client(self, login: str, *roles: str) -> httpx.AsyncClient:
        """Requests with this user's token, to paths below the context's prefix."""
        known = self._clients.get((login, roles))
        if known is None:
            bearer = {"Authorization": f"Bearer {self.token(login, *roles)}"}
            known = self._clients[login, roles] = self._new(bearer)
        return known

    @property
    def anonymous(self) -> httpx.AsyncClient:
        """Requests without a token."""
        return self._new({})

    def token(self, login: str, *roles: str) -> str:
        return issue_token(self.service.settings, login, roles)

    async def catch_up(self) -> None:
        """Until the views know every fact of the log."""
        await self.service.catch_up()

    async def set_clock(self, moment: datetime | None) -> None:
        await self.service.clock.set(moment)

    async def tick(self, *duties: str) -> int:
        """Every duty of the clockwork once, or these; how many facts they made."""
        await self.catch_up()
        wanted = [duty for duty in self.service.context.clockwork if not duties or duty.name in duties]
        made = await Clockwork(self.service, wanted).once()
        await self.catch_up()
        return made

    def _new(self, headers: dict[str, str]) -> httpx.AsyncClient:
        client = httpx.AsyncClient(
            transport=httpx.ASGITransport(app=self.app, raise_app_exceptions=False),
            base_url=f"{BASE}{self.service.context.prefix}",
            headers=headers,
        )
        self._stack.push_async_callback(client.aclose)
        return client


@asynccontextmanager
async def serving(
    context: Context,
    database_url: str,
    home: Path,
    nats_url: str | None = None,
    parts: frozenset[Part] = frozenset({"http", "views", "relay", "reactions"}),
    **settings: Any,
) -> AsyncIterator[Serving]:
    """Runs the parts (not the clockwork: see ``tick``); without ``nats_url`` nothing is told or heard."""
    given = {"env": "development", "home": home, "roles": parts, "pool_size": 6, **settings}
    async with AsyncExitStack() as stack:
        service = await stack.enter_async_context(
            Service(context, Settings(database_url=database_url, nats_url=nats_url, **given))
        )
        yield Serving(service, create_app(context, service=service), stack)
