"""The development clock, walked through the past and given back at the end."""

import asyncio
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from datetime import datetime

import httpx

from keqing_local.client import answered
from keqing_local.demo.talk import Talk
from keqing_local.failure import CannotRun
from keqing_local.services import SERVICES

SAME = 0.5
"""Seconds that two settings may differ and still be one: nobody sets it to moments so close."""
FIRST = next(iter(SERVICES))


class Clock:
    """Set in one service, it is kept to by all."""

    def __init__(self, talk: Talk, login: str) -> None:
        self._talk = talk
        self._login = login

    async def turn(self, moment: datetime | None, followed_by: Collection[str] = tuple(SERVICES)) -> None:
        """To this moment, or (None) to real time; waits until these services keep to it. Raises CannotRun."""
        wanted = None if moment is None else moment.isoformat()
        response = await self._talk.ask(self._login, "PUT", f"/{FIRST}/development/clock", {"now": wanted})
        if response.status_code == httpx.codes.NOT_FOUND:
            raise CannotRun("its clock cannot be set: run Keqing under KEQING_ENV=development for a demo")
        ahead: float = answered(response)["ahead_seconds"]
        await asyncio.gather(*(self._follows(service, ahead) for service in followed_by if service != FIRST))

    async def _follows(self, service: str, ahead: float) -> None:
        """The others are told by the database; they have heard within milliseconds."""
        # Asked, because nothing tells those outside.
        while abs(await self._ahead(service) - ahead) > SAME:  # noqa: ASYNC110
            await asyncio.sleep(0.003)

    async def _ahead(self, service: str) -> float:
        response = await self._talk.ask(self._login, "GET", f"/{service}/development/clock")
        ahead: float = answered(response)["ahead_seconds"]
        return ahead


@asynccontextmanager
async def borrowed(talk: Talk, login: str) -> AsyncIterator[Clock]:
    """The clock to be turned at will; however this ends, it shows real time afterwards."""
    clock = Clock(talk, login)
    try:
        yield clock
    finally:
        try:
            await clock.turn(None)
        except (CannotRun, httpx.TransportError) as problem:
            raise CannotRun(
                "the clock could not be given back and still shows the past:"
                f" keqing demo again, once Keqing answers, mends that ({problem})"
            ) from None
