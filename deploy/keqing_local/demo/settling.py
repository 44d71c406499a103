"""Waiting until everybody has heard of everything, so that time may go on."""

import asyncio

from keqing_local.client import answered
from keqing_local.demo.talk import Talk
from keqing_local.services import SERVICES

LISTENS = {
    "service-desk": ("pipeline",),
    "collections": ("pipeline", "service-desk"),
    "notify": ("pipeline", "service-desk", "collections"),
}
_CHEAP = {"service-desk": "/service-desk/policy", "collections": "/collections/policy"}


async def settle(talk: Talk, login: str) -> None:
    """Until no service has news for another, and what the clock brought about is done.

    Raises CannotRun.
    """
    before: dict[str, int] = {}
    while (heads := await _heads(talk, login)) != before:
        news = {service for service in SERVICES if heads[service] != before.get(service)}
        before = heads
        await asyncio.gather(
            *(
                _heard(talk, login, listener, f"{source}:{heads[source]}")
                for listener, sources in LISTENS.items()
                for source in sources
                if source in news
            )
        )


async def _heads(talk: Talk, login: str) -> dict[str, int]:
    """How long each log is."""

    async def head(service: str) -> int:
        length: int = answered(await talk.ask(login, "GET", f"/{service}/health/ready"))["head"]
        return length

    return dict(zip(SERVICES, await asyncio.gather(*map(head, SERVICES)), strict=True))


async def _heard(talk: Talk, login: str, listener: str, position: str) -> None:
    """Any question will do: ``Keqing-After`` is what waits."""
    path = _CHEAP.get(listener, "/notify/inbox?limit=1")
    answered(await talk.ask(login, "GET", path, after=position))
