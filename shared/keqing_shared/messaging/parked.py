"""Parked messages: what could not be taken in, and what waits behind it, until somebody decides."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
import structlog

from keqing_shared.domain import NotFound
from keqing_shared.logs import told_of
from keqing_shared.messaging import metrics
from keqing_shared.messaging.envelope import opened
from keqing_shared.messaging.intake import TRANSIENT, locked_position
from keqing_shared.messaging.reactions import Reacting, Reactions

_log = structlog.get_logger(__name__)

_COLUMNS = "source, position, customer_id, message, error, attempts, parked_at"


class NothingParked(NotFound):
    """Nothing is parked there"""


class ParkedMessage(msgspec.Struct, frozen=True, kw_only=True):
    """A message aside; ``error`` None: it is sound, but waits behind one of its customer that is not."""

    source: str
    position: int
    customer_id: UUID | None
    name: str
    error: str | None
    attempts: int
    parked_at: datetime
    message: msgspec.Raw
    """The CloudEvent as it came."""


class Replayed(msgspec.Struct, frozen=True, kw_only=True):
    """How a replay went: ``error`` None and ``left`` 0 when the customer's whole sequence took effect."""

    taken: int
    left: int
    error: str | None


class Parked:
    """The parked messages of one context."""

    def __init__(self, service: Reacting, reactions: Reactions) -> None:
        self._service = service
        self._reactions = reactions

    async def list(
        self, *, limit: int = 50, after: tuple[str, int] | None = None, source: str | None = None
    ) -> Sequence[ParkedMessage]:
        """By source and position; ``after`` the (source, position) of the last one seen."""
        rows = await self._service.pool.fetch(
            f"SELECT {_COLUMNS} FROM parked WHERE (source, position) > ($1, $2)"
            " AND ($3::text IS NULL OR source = $3) ORDER BY source, position LIMIT $4",
            *(after or ("", 0)),
            source,
            limit,
        )
        return [_parked(row) for row in rows]

    async def count(self) -> dict[str, int]:
        """How many, by source."""
        rows = await self._service.pool.fetch("SELECT source, count(*) FROM parked GROUP BY source")
        return {row["source"]: row["count"] for row in rows}

    async def replay(self, source: str, customer_id: UUID | None) -> Replayed:
        """Lets the customer's messages take effect in their order, each in a transaction of its own, up to
        the first that fails again. With the last one gone the customer's new messages flow again.
        Raises NothingParked.
        """
        taken, error = 0, None
        while error is None:
            try:
                found = await self._replay_first(source, customer_id)
            except TRANSIENT:
                raise
            except Exception as failure:
                error = told_of(failure)
                _log.warning("message.failed-again", source=source, customer_id=str(customer_id), error=error)
                await self._note(source, customer_id, error)
            else:
                if not found:
                    break
                taken += 1
        left = await self._service.pool.fetchval(
            "SELECT count(*) FROM parked WHERE source = $1 AND customer_id IS NOT DISTINCT FROM $2",
            source,
            customer_id,
        )
        if not taken and error is None:
            raise NothingParked(
                "no message of {customer_id} from {source} is parked", customer_id=customer_id, source=source
            )
        await self._counted(source)
        return Replayed(taken=taken, left=left, error=error)

    async def drop(self, source: str, customer_id: UUID | None, position: int | None = None) -> int:
        """Gives up one message, or with no position all of the customer's; how many. Raises NothingParked."""
        async with self._service.pool.acquire() as db, db.transaction():
            await locked_position(db, source)
            rows = await db.fetch(
                "DELETE FROM parked WHERE source = $1 AND customer_id IS NOT DISTINCT FROM $2"
                " AND ($3::bigint IS NULL OR position = $3) RETURNING position",
                source,
                customer_id,
                position,
            )
        if not rows:
            raise NothingParked(
                "no such message of {customer_id} from {source} is parked",
                customer_id=customer_id,
                source=source,
            )
        _log.warning("message.dropped", source=source, positions=[row["position"] for row in rows])
        await self._counted(source)
        return len(rows)

    async def _replay_first(self, source: str, customer_id: UUID | None) -> bool:
        """The lock on the checkpoint keeps the intake from parking another one behind meanwhile."""
        async with self._service.pool.acquire() as db, db.transaction():
            await locked_position(db, source)
            row = await db.fetchrow(
                "DELETE FROM parked WHERE source = $1 AND position = (SELECT min(position) FROM parked"
                " WHERE source = $1 AND customer_id IS NOT DISTINCT FROM $2) RETURNING message",
                source,
                customer_id,
            )
            if row is None:
                return False
            receipts = await self._reactions.react(opened(row["message"]), self._service, db)
        told = max((receipt.position for receipt in receipts if receipt.facts), default=0)
        if told:
            self._service.log.signal(told)
        return True

    async def _note(self, source: str, customer_id: UUID | None, error: str) -> None:
        await self._service.pool.execute(
            "UPDATE parked SET error = $3, attempts = attempts + 1 WHERE source = $1 AND position ="
            " (SELECT min(position) FROM parked WHERE source = $1 AND customer_id IS NOT DISTINCT FROM $2)",
            source,
            customer_id,
            error,
        )

    async def _counted(self, source: str) -> None:
        metrics.PARKED.labels(self._service.context.name, source).set((await self.count()).get(source, 0))


def _parked(row: Any) -> ParkedMessage:
    return ParkedMessage(
        source=row["source"],
        position=row["position"],
        customer_id=row["customer_id"],
        name=opened(row["message"]).name,
        error=row["error"],
        attempts=row["attempts"],
        parked_at=row["parked_at"],
        message=msgspec.Raw(row["message"]),
    )
