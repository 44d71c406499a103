"""The relay: publishes what a context's facts mean to the others, in order, each one once.

Any number may run; a lease elects one. Two things make a replaced one harmless: its checkpoint is
written under the epoch of its lease, and every message says after which stream sequence it must come,
so that NATS itself keeps the stream's order and refuses whatever is out of turn. The stream's last
message tells where publishing stands; the checkpoint spares reading facts that are none of the others'
business, and tells that a stream was lost.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol
from uuid import UUID

import structlog
from nats.aio.client import Client
from nats.errors import Error
from tenacity import AsyncRetrying, retry_if_exception_type, wait_random_exponential

from keqing_shared.domain import Recorded
from keqing_shared.lease import Lease, LeaseLost
from keqing_shared.messaging import metrics
from keqing_shared.messaging.connection import until_connected
from keqing_shared.messaging.envelope import CONTENT_TYPE, message
from keqing_shared.messaging.progress import Answers
from keqing_shared.messaging.published import Publish
from keqing_shared.messaging.publisher import Publisher, Refused
from keqing_shared.messaging.stream import ContextStream, StreamDisagrees
from keqing_shared.outage import DATABASE_AWAY

WINDOW = 256
"""The most facts that are published and not yet acknowledged."""
ACK_SECONDS = 3.0
LOOK_SECONDS = 0.2
"""How often one who waits for NATS looks whether the connection is still the same."""
CHECKPOINT_SECONDS = 0.25
"""The checkpoint is written this often at the most; what it lacks the stream itself tells."""
CHECK_SECONDS = 5.0
"""How often an idle relay looks whether its stream is still there."""

_log = structlog.get_logger(__name__)


class FactSource(Protocol):
    """What the relay needs of the log."""

    async def read(self, after: int, limit: int, *, opened: bool) -> Sequence[Recorded[Any]]: ...
    async def head(self) -> int: ...
    async def wait_beyond(self, position: int, timeout: float) -> bool: ...


class Fenced(Exception):
    """Another relay has taken over the checkpoint."""


class OutOfTurn(Exception):
    """NATS did not store a message at the place it was meant for; look anew where the stream ends."""


INTERRUPTIONS = (*DATABASE_AWAY, Error, LeaseLost, Fenced, OutOfTurn, Refused, StreamDisagrees)


@dataclass
class _Progress:
    """Everything up to ``position`` is in the stream, the last message being ``published``."""

    position: int
    published: int
    sequence: int


class Relay:
    """Publishes the facts of one log. ``nats`` reconnects by itself (see ``connection``)."""

    def __init__(
        self, pool: Any, log: FactSource, publish: Publish, nats: Client, name: str, *, ttl: float = 3.0
    ) -> None:
        self.name = name
        self.position = 0
        """How far the others have been told by this process; 0 while it does not lead."""
        self._pool = pool
        self._log = log
        self._publish = publish
        self._nats = nats
        self._lease = Lease(pool, f"relay:{name}", ttl)
        self._stream = ContextStream(nats, name)

    async def run(self) -> None:
        """Runs until cancelled; waits out a lost database and a lost NATS."""
        async for attempt in AsyncRetrying(
            retry=retry_if_exception_type(Exception), wait=wait_random_exponential(multiplier=0.1, max=1.0)
        ):
            with attempt:
                try:
                    await until_connected(self._nats)
                    async with self._lease.held() as epoch:
                        await self._lead(epoch)
                except INTERRUPTIONS as error:
                    metrics.RELAY_FAILURES.labels(self.name, type(error).__name__).inc()
                    _log.warning("relay.interrupted", context=self.name, error=repr(error))
                    raise
                except Exception as error:
                    # A fact that cannot be told (publish raised, say) must not be skipped: keep trying.
                    metrics.RELAY_FAILURES.labels(self.name, type(error).__name__).inc()
                    _log.exception("relay.failed", context=self.name, position=self.position)
                    raise

    async def _lead(self, epoch: int) -> None:
        leads = metrics.RELAY_LEADS.labels(self.name)
        leads.set(1)
        try:
            async with Answers(self._nats, self.name) as answers, Publisher(self._nats) as publisher:
                await _Leading(self, epoch, answers, publisher).run()
        finally:
            self.position = 0
            leads.set(0)


class _Leading:
    """One relay's time at the head, from its lease to the first interruption."""

    def __init__(self, relay: Relay, epoch: int, answers: Answers, publisher: Publisher) -> None:
        self._relay = relay
        self._context = relay.name
        self._pool = relay._pool
        self._log = relay._log
        self._nats = relay._nats
        self._epoch = epoch
        self._answers = answers
        self._publisher = publisher
        self._stream = relay._stream
        self._reconnects = relay._nats.stats["reconnects"]
        self._told: str | None = None
        self._saved = (0, 0)
        self._saved_at = self._checked_at = 0.0

    async def run(self) -> None:
        clock = asyncio.get_running_loop().time
        progress = await self._start()
        self._checked_at = clock()
        try:
            while True:
                facts = await self._log.read(progress.position, WINDOW, opened=False)
                if facts:
                    await self._tell(progress, facts)
                await self._moved(progress)
                if clock() - self._saved_at >= CHECKPOINT_SECONDS:
                    await self._save(progress)
                self._connected()
                if self._answers.complaint is not None:
                    await self._examine(self._answers.complaint)
                if not facts:
                    await self._check(progress)
                    await self._log.wait_beyond(
                        progress.position, CHECKPOINT_SECONDS if self._unsaved(progress) else 1.0
                    )
        finally:
            await asyncio.shield(self._save_at_last(progress))

    async def _start(self) -> _Progress:
        """Takes over the checkpoint and compares it with the stream."""
        row = await self._pool.fetchrow(
            "INSERT INTO relay AS known (context, epoch) VALUES ($1, $2)"
            " ON CONFLICT (context) DO UPDATE SET epoch = $2 WHERE known.epoch < $2"
            " RETURNING log_id, position, published",
            self._context,
            self._epoch,
        )
        if row is None:
            raise Fenced(f"epoch {self._epoch} is over")
        self._log_id: UUID = row["log_id"]
        tail = await self._stream.keep(self._log_id)
        head = await self._log.head()
        if tail.position > head:
            raise StreamDisagrees(
                f"stream {self._stream.name} ends at position {tail.position}, the log at {head}:"
                " was the database restored from a backup?"
            )
        if tail.position == row["published"]:
            position = max(row["position"], tail.position)
        else:
            # Ahead of the checkpoint: we stopped between publishing and writing it. Behind: it lost its end.
            if tail.position < row["published"]:
                _log.error(
                    "stream.behind", stream=self._stream.name, ends=tail.position, published=row["published"]
                )
            position = tail.position
        self._saved = (row["position"], row["published"])
        _log.info("relay.leads", context=self._context, epoch=self._epoch, position=position)
        return _Progress(position, tail.position, tail.sequence)

    async def _tell(self, progress: _Progress, facts: Sequence[Recorded[Any]]) -> None:
        """Publishes without waiting, then moves the progress over the acknowledged prefix."""
        sent: list[tuple[int, asyncio.Future[int] | None]] = []
        try:
            published, sequence = progress.published, progress.sequence
            for it in facts:
                event = self._relay._publish(it)
                if event is None:
                    sent.append((it.position, None))
                    continue
                told = message(self._context, published, it, event)
                headers = {
                    "Nats-Msg-Id": told.id,
                    "Nats-Expected-Stream": self._stream.name,
                    "Nats-Expected-Last-Sequence": str(sequence),
                    "Content-Type": CONTENT_TYPE,
                }
                if self._told is not None:
                    # Were a stranger's message to take our predecessor's place, the sequence alone would fit.
                    # Not on the first one: a restarted server knows the last id no more, but we have looked.
                    headers["Nats-Expected-Last-Msg-Id"] = self._told
                self._told = told.id
                sent.append((it.position, await self._publisher.publish(told.subject, told.payload, headers)))
                published, sequence = it.position, sequence + 1
            until = asyncio.get_running_loop().time() + ACK_SECONDS
            for position, waiting in sent:
                if waiting is not None:
                    await self._answer(waiting, until)
                    self._acknowledged(progress, position, waiting.result())
                progress.position = position
        finally:
            for _, unanswered in sent:
                if unanswered is not None and not unanswered.done():
                    unanswered.cancel()
                elif unanswered is not None and not unanswered.cancelled():
                    unanswered.exception()  # looked at, so that asyncio does not complain of it

    async def _answer(self, waiting: "asyncio.Future[int]", until: float) -> None:
        """An acknowledgement that was on its way when the connection broke never comes."""
        while not waiting.done():
            await asyncio.wait((waiting,), timeout=LOOK_SECONDS)
            self._connected()
            if not waiting.done() and asyncio.get_running_loop().time() > until:
                raise OutOfTurn("JetStream does not acknowledge")

    def _connected(self) -> None:
        if self._nats.stats["reconnects"] != self._reconnects or not self._nats.is_connected:
            raise OutOfTurn("the connection was lost")

    def _acknowledged(self, progress: _Progress, position: int, sequence: int) -> None:
        if sequence != progress.sequence + 1:
            raise OutOfTurn(f"{position} came to stand at {sequence}, not {progress.sequence + 1}")
        progress.sequence = sequence
        progress.published = position
        metrics.RELAY_PUBLISHED.labels(self._context).inc()

    async def _moved(self, progress: _Progress) -> None:
        self._relay.position = progress.position
        metrics.RELAY_POSITION.labels(self._context).set(progress.position)
        await self._answers.now(progress.position, progress.published)

    def _unsaved(self, progress: _Progress) -> bool:
        return self._saved != (progress.position, progress.published)

    async def _save(self, progress: _Progress) -> None:
        """Raises Fenced when the checkpoint belongs to another relay by now."""
        self._saved_at = asyncio.get_running_loop().time()
        if not self._unsaved(progress):
            return
        now = (progress.position, progress.published)
        saved = await self._pool.fetchval(
            "UPDATE relay SET position = $3, published = $4 WHERE context = $1 AND epoch = $2 RETURNING true",
            self._context,
            self._epoch,
            *now,
        )
        if not saved:
            raise Fenced(f"epoch {self._epoch} is over")
        self._saved = now

    async def _save_at_last(self, progress: _Progress) -> None:
        try:
            async with asyncio.timeout(ACK_SECONDS):
                await self._save(progress)
        except (*DATABASE_AWAY, Fenced) as error:
            _log.info("relay.unsaved", context=self._context, error=type(error).__name__)

    async def _check(self, progress: _Progress) -> None:
        """Somebody may have deleted or emptied the stream while there was nothing to publish."""
        if asyncio.get_running_loop().time() - self._checked_at < CHECK_SECONDS:
            return
        self._checked_at = asyncio.get_running_loop().time()
        if await self._stream.last_sequence() != progress.sequence:
            raise OutOfTurn("the stream ends elsewhere")

    async def _examine(self, position: int) -> None:
        self._answers.complaint = None
        if await self._stream.gap_after(position):
            _log.error("stream.rebuilt", stream=self._stream.name, damage=f"gap after {position}")
            await self._stream.rebuild(self._log_id)
            raise OutOfTurn("the stream is written anew")
