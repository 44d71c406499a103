"""After a key is destroyed every process forgets it; when the views have followed, that is said."""

import asyncio
from typing import TYPE_CHECKING, Any
from uuid import UUID

import structlog

from keqing_shared.outage import DATABASE_AWAY
from keqing_shared.privacy.erasure import ERASURE, ConfirmErased, erasure_id
from keqing_shared.views import give_up_abandoned

if TYPE_CHECKING:
    from keqing_shared.service import Service

EVERY = 1.0
"""Seconds: the longest a process remembers what others have erased."""
WHO = "erasure"

_log = structlog.get_logger(__name__)


class Erasures:
    """Of one context in one process; any number may run."""

    def __init__(self, service: "Service") -> None:
        self._service = service
        self._seen = 0

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            try:
                await self.once()
            except DATABASE_AWAY as error:
                _log.info("erasures.waiting", context=self._service.context.name, error=type(error).__name__)
            await asyncio.sleep(EVERY)

    async def once(self) -> int:
        """How many erasures were confirmed."""
        service = self._service
        latest = await service.keys.destroyed_until()
        if latest > self._seen:
            service.keys.ring.forget()
            service.streams.memory.forget()
            self._seen = latest
        if "views" not in service.settings.roles:
            return 0
        confirmed = 0
        for customer_id, position in await service.keys.unconfirmed():
            if await self._followed(position):
                await self._confirm(customer_id)
                confirmed += 1
        return confirmed

    async def _followed(self, position: int) -> bool:
        """Whether no view shows, or is being built from, what was readable before."""
        names = [view.name for view in self._service.context.views]
        behind = await self._service.pool.fetchval(
            "SELECT count(*) FROM unnest($1::text[]) AS n(name) LEFT JOIN views v USING (name)"
            " WHERE coalesce(v.position, 0) < $2",
            names,
            position,
        )
        return not behind and await give_up_abandoned(
            self._service.pool, self._service.context.views, position
        )

    async def _confirm(self, customer_id: UUID) -> None:
        """The fact first: cut off between the two, it is found said already."""
        command: Any = ConfirmErased(customer_id=customer_id)
        await self._service.execute(ERASURE, erasure_id(customer_id), command, who=WHO)
        await self._service.keys.confirm(customer_id)
        _log.info("erasure.confirmed", context=self._service.context.name, customer_id=str(customer_id))
