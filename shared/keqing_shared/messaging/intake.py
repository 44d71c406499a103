"""Intake: one source's messages take effect in this context, in order, each exactly once.

Effect and checkpoint are one PostgreSQL transaction; NATS hears of it afterwards. So a message that
comes twice is skipped, and one whose predecessor is missing waits: nothing is ever passed over.
"""

import asyncio
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from typing import Any
from uuid import UUID

import asyncpg
import structlog
from nats.aio.msg import Msg
from nats.errors import Error
from tenacity import AsyncRetrying, retry_if_exception_type, wait_random_exponential

from keqing_shared.lease import Lease, LeaseLost
from keqing_shared.log import Conflict
from keqing_shared.logs import told_of
from keqing_shared.messaging import metrics
from keqing_shared.messaging.connection import until_connected
from keqing_shared.messaging.cursor import Cursor, Interrupted
from keqing_shared.messaging.envelope import Envelope, NotOurs, opened
from keqing_shared.messaging.progress import complain
from keqing_shared.messaging.reactions import Reacting, Reactions
from keqing_shared.messaging.stream import ContextStream, StreamDisagrees
from keqing_shared.outage import DATABASE_AWAY

BATCH = 100
"""The most messages in one transaction."""
LOG_HELD_SECONDS = 0.02
"""A transaction that has appended facts keeps others from appending: it ends after this long."""
ATTEMPTS = 3
"""How often a message's handlers may fail before the message is parked."""
PAUSE_SECONDS = 0.05
LOOK_SECONDS = 0.2
"""How often one who waits for a stream looks how far it is written."""

TRANSIENT = (
    asyncpg.PostgresConnectionError,
    asyncpg.InternalClientError,
    asyncpg.IdleInTransactionSessionTimeoutError,
    asyncpg.TransactionRollbackError,
    asyncpg.OperatorInterventionError,
    asyncpg.InsufficientResourcesError,
    asyncpg.LockNotAvailableError,
    Conflict,
    OSError,
)
"""What says nothing against the message: the same again succeeds later."""

_log = structlog.get_logger(__name__)


class Gap(Exception):
    """The message that should follow the checkpoint has not come."""

    def __init__(self, position: int) -> None:
        super().__init__(f"the message after {position} is missing")
        self.position = position


class HandlerFailed(Exception):
    """A message cannot be taken in, for a reason of its own."""

    def __init__(self, envelope: Envelope, cause: Exception) -> None:
        self.reason = told_of(cause)
        super().__init__(f"{envelope.id} {envelope.name}: {self.reason}")


INTERRUPTIONS = (*DATABASE_AWAY, Error, LeaseLost, Interrupted, Gap, StreamDisagrees)


@dataclass(frozen=True)
class Arrived:
    envelope: Envelope
    payload: bytes


async def locked_position(db: Any, source: str) -> int:
    """The source's checkpoint, locked until the transaction ends: one at a time takes in or replays."""
    await db.execute("INSERT INTO consumers (source) VALUES ($1) ON CONFLICT DO NOTHING", source)
    position: int = await db.fetchval("SELECT position FROM consumers WHERE source = $1 FOR UPDATE", source)
    return position


class Intake:
    """Takes in one source. Any number may run; a lease elects one."""

    def __init__(self, service: Reacting, reactions: Reactions, source: str, *, ttl: float = 3.0) -> None:
        self.source = source
        self.context = service.context.name
        self._service = service
        self._reactions = reactions
        self._stream = ContextStream(service.nats, source)
        self._lease = Lease(service.pool, f"consumer:{source}", ttl)
        self._moved = asyncio.Event()
        self._known = 0
        """The checkpoint as this replica last saw it. It never goes back, so what is not beyond it is skipped
        without a look into the database; were the database to take something back, a gap would show."""

    async def run(self) -> None:
        """Runs until cancelled; waits out a lost database and a lost NATS."""
        failures = metrics.CONSUMER_FAILURES
        async for attempt in AsyncRetrying(
            retry=retry_if_exception_type(Exception), wait=wait_random_exponential(multiplier=0.1, max=1.0)
        ):
            with attempt:
                try:
                    await until_connected(self._service.nats)
                    async with self._lease.held():
                        await self._follow()
                except INTERRUPTIONS as error:
                    failures.labels(self.context, self.source, type(error).__name__).inc()
                    _log.info(
                        "consumer.interrupted", context=self.context, source=self.source, error=repr(error)
                    )
                    raise
                except Exception as error:
                    failures.labels(self.context, self.source, type(error).__name__).inc()
                    _log.exception("consumer.failed", context=self.context, source=self.source)
                    raise

    async def reached(self, position: int) -> bool:
        """Whether the source was taken in up to this log position, by whichever replica."""
        now = await self._service.pool.fetchval(
            "SELECT position FROM consumers WHERE source = $1", self.source
        )
        return (now or 0) >= position

    async def movement(self, seconds: float) -> None:
        """Returns when this replica has taken in something more, at the latest after the time given."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._moved.wait()

    def wake(self) -> None:
        """Lets everyone look anew who waits for a movement."""
        moved, self._moved = self._moved, asyncio.Event()
        moved.set()

    async def _follow(self) -> None:
        position, log_id = await self._checkpoint()
        await self._same_log(log_id, await self._stream.log_id())
        while not await self._stream.reaches(position):  # noqa: ASYNC110
            await asyncio.sleep(LOOK_SECONDS)  # it is written anew: nothing in it is news yet
        async with Cursor(self._service.nats, self._stream, self.context, position) as cursor:
            try:
                while True:
                    batch = await cursor.batch(BATCH)
                    await self._take_in(batch)
                    await cursor.acknowledge(batch[-1])
            except Gap as gap:
                metrics.CONSUMER_GAPS.labels(self.context, self.source).inc()
                if (
                    gap.position == position
                ):  # a new cursor begins with it as well: the stream lacks something
                    _log.error("consumer.gap", context=self.context, source=self.source, after=position)
                    await complain(self._service.nats, self.source, position)
                raise

    async def _checkpoint(self) -> tuple[int, UUID | None]:
        async with self._service.pool.acquire() as db, db.transaction():
            position = await locked_position(db, self.source)
            log_id = await db.fetchval("SELECT log_id FROM consumers WHERE source = $1", self.source)
            parked = await db.fetchval("SELECT count(*) FROM parked WHERE source = $1", self.source)
        metrics.PARKED.labels(self.context, self.source).set(parked)
        self._at(position)
        return position, log_id

    async def _same_log(self, known: UUID | None, streamed: UUID | None) -> None:
        """Positions of one log mean nothing in another."""
        if streamed is None:
            raise Interrupted(f"no relay keeps stream {self._stream.name} yet")
        if known is None:
            await self._service.pool.execute(
                "UPDATE consumers SET log_id = $2 WHERE source = $1 AND log_id IS NULL", self.source, streamed
            )
        elif known != streamed:
            raise StreamDisagrees(
                f"stream {self._stream.name} holds the facts of log {streamed},"
                f" but {self.context} has followed log {known}"
            )

    async def _take_in(self, batch: Sequence[Msg]) -> None:
        """Raises Gap. Waits out what is transient; parks what is poisoned."""
        waiting = deque(it for it in self._opened(batch) if it.envelope.position > self._known)
        at_once, attempts = BATCH, 0
        while waiting:
            try:
                done = await self._patiently(list(islice(waiting, at_once)))
            except HandlerFailed as failed:
                if at_once > 1:
                    at_once = 1  # find out which: the others must not suffer from it
                    continue
                attempts += 1
                _log.warning("message.failed", context=self.context, error=str(failed), attempt=attempts)
                if attempts < ATTEMPTS:
                    await asyncio.sleep(PAUSE_SECONDS * attempts)
                    continue
                await self._patiently([waiting[0]], poisoned=failed.reason)
                done = 1
            attempts = 0
            for _ in range(done):
                waiting.popleft()

    async def _patiently(self, messages: list[Arrived], *, poisoned: str | None = None) -> int:
        async for attempt in AsyncRetrying(
            retry=retry_if_exception_type((*TRANSIENT, asyncpg.InterfaceError)),
            wait=wait_random_exponential(multiplier=0.02, max=1.0),
        ):
            with attempt:
                return await self._transact(messages, poisoned)
        raise AssertionError("retries never end")

    async def _transact(self, messages: list[Arrived], poisoned: str | None) -> int:
        """One transaction; how many of the messages are dealt with. Raises Gap, HandlerFailed."""
        told = done = 0
        until: float | None = None
        loop = asyncio.get_running_loop()
        async with self._service.pool.acquire() as db, db.transaction():
            start = position = await locked_position(db, self.source)
            rows = await db.fetch("SELECT DISTINCT customer_id FROM parked WHERE source = $1", self.source)
            parked: set[UUID | None] = {row["customer_id"] for row in rows}
            for it in messages:
                envelope = it.envelope
                if envelope.position > position:
                    if envelope.previous > position:
                        break
                    if poisoned is not None or (
                        envelope.subject in parked and self._reactions.wants(envelope)
                    ):
                        await self._park(db, it, poisoned)
                    elif receipt := await self._react(envelope, db):
                        told = max(told, receipt)
                        until = until or loop.time() + LOG_HELD_SECONDS
                    position = envelope.position
                done += 1
                if until is not None and loop.time() >= until:
                    break
            if position != start:
                await db.execute(
                    "UPDATE consumers SET position = $2 WHERE source = $1", self.source, position
                )
        if told:
            self._service.log.signal(told)
        if not done:
            raise Gap(position)
        self._at(position)
        if position != start:
            metrics.CONSUMER_TAKEN.labels(self.context, self.source).inc(done)
            self.wake()
        return done

    async def _react(self, envelope: Envelope, db: Any) -> int:
        """The log's position after the facts that followed; 0 when there were none."""
        try:
            receipts = await self._reactions.react(envelope, self._service, db)
        except TRANSIENT:
            raise
        except Exception as error:
            raise HandlerFailed(envelope, error) from error
        return max((receipt.position for receipt in receipts if receipt.facts), default=0)

    async def _park(self, db: Any, it: Arrived, error: str | None) -> None:
        if error is not None:
            _log.error("message.parked", context=self.context, id=it.envelope.id, error=error)
        await db.execute(
            "INSERT INTO parked (source, position, customer_id, message, error, attempts)"
            " VALUES ($1, $2, $3, $4, $5, $6)",
            self.source,
            it.envelope.position,
            it.envelope.subject,
            it.payload,
            error,
            0 if error is None else ATTEMPTS,
        )
        metrics.PARKED.labels(self.context, self.source).inc()

    def _opened(self, batch: Sequence[Msg]) -> list[Arrived]:
        arrived = []
        for message in batch:
            try:
                envelope = opened(message.data)
                if envelope.context != self.source:
                    raise NotOurs(f"comes from {envelope.context!r}")
            except NotOurs as error:
                # Nothing is lost by leaving it aside: were it one of the relay's, its successor shows a gap.
                _log.error("message.foreign", subject=message.subject, error=str(error))
            else:
                arrived.append(Arrived(envelope, message.data))
        return arrived

    def _at(self, position: int) -> None:
        self._known = position
        metrics.CONSUMER_POSITION.labels(self.context, self.source).set(position)
