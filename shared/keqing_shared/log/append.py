"""Group commit: concurrent appends travel in one statement, each succeeds or conflicts alone."""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

import asyncpg
import msgspec
import structlog
from tenacity import AsyncRetrying, retry_if_exception_type, stop_after_delay, wait_exponential_jitter

from keqing_shared.log.arguments import sealed_arguments
from keqing_shared.log.codec import Codec
from keqing_shared.log.request import Conflict, KeyReused, Receipt, Repeated, Request, Taken
from keqing_shared.outage import CONNECTION_LOST

MAX_REQUESTS = 512
"""In one statement; more wait for the next."""
RETRY_SECONDS = 5.0
"""How long an append outlives a lost connection before its caller hears of it."""

SENT_AGAIN = (*CONNECTION_LOST, asyncpg.DeadlockDetectedError)

_STATEMENT = "SELECT * FROM append_facts({})".format(", ".join(f"${n}" for n in range(1, 25)))
_log = structlog.get_logger(__name__)

Outcome = Receipt | Exception
Waiting = tuple[Request, "asyncio.Future[Receipt]"]


async def append_batch(
    connection: Any, codec: Codec, requests: Sequence[Request], *, repeated: bool = False
) -> tuple[list[Outcome], int]:
    """One statement for all requests: each one's receipt or refusal, and the log's head after it.

    Within the requests no stream version, key or claim may occur twice, nor one write what another was
    decided upon (see ``distinct``).
    ``repeated``: the same call may have been committed before its answer was lost, so facts that
    stand there under our own command id count as appended.
    """
    row = await connection.fetchrow(_STATEMENT, *await sealed_arguments(connection, codec, requests))
    outcomes: list[Outcome | None] = [None] * len(requests)
    for index, fingerprint, position, receipt in zip(
        row["repeats"] or (),
        row["repeat_fingerprints"] or (),
        row["repeat_positions"] or (),
        row["repeat_receipts"] or (),
        strict=True,
    ):
        outcomes[index - 1] = stored_receipt(
            requests[index - 1].meta.fingerprint, fingerprint, position, receipt
        )
    for index, scope, key, holder in zip(
        row["takens"] or (),
        row["taken_scopes"] or (),
        row["taken_keys"] or (),
        row["taken_holders"] or (),
        strict=True,
    ):
        if outcomes[index - 1] is None:
            outcomes[index - 1] = _taken(codec, requests[index - 1], scope, key, holder)
    for index in row["conflicts"] or ():
        if outcomes[index - 1] is None or isinstance(outcomes[index - 1], Taken):
            request = requests[index - 1]
            outcomes[index - 1] = await _own_earlier(connection, request) if repeated else Conflict()
    last = 0
    positions: list[int | None] = row["positions"]
    at = 0
    for index, request in enumerate(requests):
        count = len(request.facts)
        if outcomes[index] is None:
            last = positions[at + count - 1] or 0 if count else row["head"]
            outcomes[index] = request.receipt(last)
        at += count
    return [outcome for outcome in outcomes if outcome is not None], row["head"]


def _taken(codec: Codec, request: Request, scope: str, stored: str, holder: UUID) -> Taken:
    """Names the key as the caller did."""
    key = next(it.key for it in request.claims if it.scope == scope and codec.name(scope, it.key) == stored)
    return Taken(scope, key, holder)


def stored_receipt(asked: bytes, fingerprint: bytes, position: int, receipt: bytes) -> Outcome:
    """The first receipt of a repeated command, or the refusal of its key's reuse."""
    if fingerprint != asked:
        return KeyReused("send a new Idempotency-Key with a new command")
    return msgspec.structs.replace(msgspec.json.decode(receipt, type=Repeated), position=position)


async def _own_earlier(connection: Any, request: Request) -> Outcome:
    if not request.facts:
        return Conflict()
    first = request.facts[0]
    row = await connection.fetchrow(
        "SELECT command_id, notification_id FROM facts WHERE originator_id = $1 AND originator_version = $2",
        first.originator_id,
        first.originator_version,
    )
    if row is not None and row["command_id"] == request.meta.command_id:
        return request.receipt(row["notification_id"] + len(request.facts) - 1)
    return Conflict()


def distinct(waiting: "deque[Waiting]") -> list[Waiting]:
    """Takes from the left what may travel in one statement; what collides stays for the next."""
    taken: list[Waiting] = []
    kept: list[Waiting] = []
    seen: set[Any] = set()
    seen_upon: set[Any] = set()
    while waiting and len(taken) < MAX_REQUESTS:
        one = waiting.popleft()
        request = one[0]
        upon = [(id.int, version + 1) for id, version in request.upon]  # a UUID's own hash takes long
        names: list[Any] = [(new.originator_id.int, new.originator_version) for new in request.facts]
        names += [(claim.scope, claim.key) for claim in request.claims]
        if request.meta.key is not None:
            names.append(request.meta.key)
        if seen.isdisjoint(names) and seen.isdisjoint(upon) and seen_upon.isdisjoint(names):
            taken.append(one)
        else:
            kept.append(one)
        seen.update(names)
        seen_upon.update(upon)
    waiting.extendleft(reversed(kept))
    return taken


class GroupCommit:
    """One flusher per process: whatever waits when the last statement returns goes into the next."""

    def __init__(self, pool: Any, codec: Codec, committed: Callable[[int], None]) -> None:
        self._pool = pool
        self._codec = codec
        self._committed = committed
        self._waiting: deque[Waiting] = deque()
        self._arrived = asyncio.Event()
        self._connection: Any = None

    async def append(self, request: Request) -> Receipt:
        """Raises Conflict, Taken or KeyReused; a lost database after RETRY_SECONDS."""
        answer: asyncio.Future[Receipt] = asyncio.get_running_loop().create_future()
        self._waiting.append((request, answer))
        self._arrived.set()
        return await answer

    async def append_many(self, requests: Sequence[Request]) -> list[Outcome]:
        """Each one's receipt or refusal, in their order."""
        loop = asyncio.get_running_loop()
        answers: list[asyncio.Future[Receipt]] = [loop.create_future() for _ in requests]
        self._waiting.extend(zip(requests, answers, strict=True))
        self._arrived.set()
        try:
            return [await _outcome(answer) for answer in answers]
        except asyncio.CancelledError:
            for answer in answers:
                if not answer.cancel() and not answer.cancelled():
                    answer.exception()  # nobody asks any more
            raise

    async def run(self) -> None:
        """Flushes until cancelled."""
        try:
            while True:
                await self._arrived.wait()
                self._arrived.clear()
                while self._waiting:
                    await self._flush(distinct(self._waiting))
        finally:
            await self._release()

    async def drain(self) -> None:
        """Flushes what still waits; for an orderly stop."""
        while self._waiting:
            await self._flush(distinct(self._waiting))
        await self._release()

    async def _flush(self, batch: list[Waiting]) -> None:
        try:
            outcomes = await self._append([request for request, _ in batch])
        except asyncio.CancelledError:
            # The caller learns nothing certain: it may have been committed. A repeat by key tells.
            for _, answer in batch:
                answer.cancel()
            raise
        except Exception as error:
            if len(batch) > 1 and not isinstance(error, SENT_AGAIN):
                for one in batch:  # one request's bad value must not fail its neighbours
                    await self._flush([one])
                return
            outcomes = [error] * len(batch)
        for (_, answer), outcome in zip(batch, outcomes, strict=True):
            if answer.done():
                continue
            if isinstance(outcome, Exception):
                answer.set_exception(outcome)
            else:
                answer.set_result(outcome)

    async def _append(self, requests: list[Request]) -> list[Outcome]:
        try:
            return await self._sent(requests)
        except SENT_AGAIN:
            pass  # only now: what retries costs as much as all else here
        async for attempt in AsyncRetrying(
            retry=retry_if_exception_type(SENT_AGAIN),
            wait=wait_exponential_jitter(multiplier=0.05, max=1.0, jitter=0.05),
            stop=stop_after_delay(RETRY_SECONDS),
            reraise=True,
        ):
            with attempt:
                outcomes = await self._sent(requests, repeated=True)
        return outcomes

    async def _sent(self, requests: list[Request], *, repeated: bool = False) -> list[Outcome]:
        try:
            if self._connection is None:
                self._connection = await self._pool.acquire()
            outcomes, head = await append_batch(self._connection, self._codec, requests, repeated=repeated)
        except SENT_AGAIN as error:
            _log.warning("append.retried", error=type(error).__name__, requests=len(requests))
            await self._release()
            raise
        self._committed(head)
        return outcomes

    async def _release(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            try:
                await self._pool.release(connection, timeout=1.0)
            except (*CONNECTION_LOST, TimeoutError) as error:
                _log.info("append.connection-dropped", error=type(error).__name__)


async def _outcome(answer: "asyncio.Future[Receipt]") -> Outcome:
    try:
        return await answer
    except Exception as refusal:
        return refusal
