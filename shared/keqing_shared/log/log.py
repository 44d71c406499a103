"""The log of one context: gapless positions in commit order, appended in groups, read in order."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from itertools import groupby
from operator import itemgetter
from types import TracebackType
from typing import Any, Self
from uuid import UUID

from keqing_shared.domain import Fact, Recorded
from keqing_shared.log.append import GroupCommit, Outcome, append_batch, stored_receipt
from keqing_shared.log.codec import Codec
from keqing_shared.log.past import Past
from keqing_shared.log.recorded import COLUMNS, recorded, unopened
from keqing_shared.log.request import Receipt, Request
from keqing_shared.log.snapshots import Snapshot, SnapshotTable
from keqing_shared.log.wakeup import POLL_SECONDS, Wakeup

# A snapshot that reaches beyond its stream (the log was restored from an older copy) counts as none.
_SINCE_SNAPSHOT = """
WITH taken AS MATERIALIZED (
    SELECT s.state, s.originator_version
      FROM snapshots s
     WHERE s.originator_id = $1 AND s.aggregate = $2 AND s.snapshot_version = $3
       AND EXISTS (SELECT FROM facts f WHERE f.originator_id = s.originator_id
                                         AND f.originator_version = s.originator_version)
)
SELECT originator_version, NULL AS topic, state FROM taken
UNION ALL
SELECT originator_version, topic, state FROM facts
 WHERE originator_id = $1 AND originator_version > coalesce((SELECT originator_version FROM taken), 0)
"""
_VERSION = itemgetter(0)
"""Streams lie in order already, or nearly: sorted here in no time, there on disk when they are long."""


class Log:
    """Facts of one context in the schema that the pool's search_path names.

    ``async with log:`` starts the flusher, the listener and the teller; reading needs none of them.
    """

    def __init__(self, pool: Any, codec: Codec, name: str) -> None:
        self.name = name
        self.codec = codec
        self.snapshots = SnapshotTable(pool, codec.keys)
        self._pool = pool
        self._wakeup = Wakeup(pool, f"keqing_{name.replace('-', '_')}")
        self._group = GroupCommit(pool, codec, self._wakeup.signal)
        self._tasks: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> Self:
        if self.codec.keys is not None:
            await self.codec.keys.open()
        self._wakeup.position = await self.head()
        self._tasks = [
            asyncio.create_task(run(), name=f"{self.name}:{run.__name__}")
            for run in (self._group.run, self._wakeup.tell, self._wakeup.listen)
        ]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._group.drain()

    @property
    def position(self) -> int:
        """The highest position this process knows to be committed."""
        return self._wakeup.position

    async def append(self, request: Request) -> Receipt:
        """In the next group. Raises Conflict, Taken, KeyReused."""
        return await self._group.append(request)

    async def append_many(self, requests: Sequence[Request]) -> list[Outcome]:
        """The same of many: each one's receipt or refusal, in their order."""
        return await self._group.append_many(requests)

    async def append_within(self, connection: Any, request: Request) -> Receipt:
        """In the caller's own transaction, who then calls ``signal`` with the receipt's position
        once it is committed. Holds the log's lock until then."""
        outcomes, _ = await append_batch(connection, self.codec, [request])
        return _receipt(outcomes[0])

    def signal(self, position: int) -> None:
        """The log is committed up to here: wakes readers, tells other processes."""
        self._wakeup.signal(position)

    async def head(self) -> int:
        """The last committed position; 0 when the log is empty."""
        return int(await self._pool.fetchval("SELECT position FROM log_head") or 0)

    async def wait_beyond(self, position: int, timeout: float = POLL_SECONDS) -> bool:
        """True once the log reaches beyond the position; False after ``timeout`` seconds."""
        deadline = asyncio.get_running_loop().time() + timeout
        while True:
            left = deadline - asyncio.get_running_loop().time()
            if await self._wakeup.wait_beyond(position, max(0.0, min(left, POLL_SECONDS))):
                return True
            head = await self.head()
            if head > position:
                self._wakeup.signal(head)
                return True
            if left <= POLL_SECONDS:
                return False

    async def read(
        self,
        after: int,
        limit: int,
        connection: Any = None,
        until: int | None = None,
        *,
        opened: bool = True,
    ) -> list[Recorded[Fact]]:
        """Up to ``limit`` facts beyond the position ``after``, in order, without a gap; not ``opened``:
        what is personal reads as if it were erased, and no key is needed."""
        last = after + limit if until is None else min(after + limit, until)
        rows = await (connection or self._pool).fetch(
            f"SELECT {COLUMNS} FROM facts WHERE notification_id > $1 AND notification_id <= $2"
            " ORDER BY notification_id",
            after,
            last,
        )
        if not opened:
            return unopened(self.codec, rows)
        noticed = self.codec.destructions
        facts = await recorded(self.codec, rows, connection)
        if self.codec.destructions != noticed and self.codec.keys is not None:
            # Views are fed from here: none shall be given what another process has erased.
            self.codec.keys.ring.forget()
            facts = await recorded(self.codec, rows, connection)
        return facts

    async def subscribe(self, after: int = 0, limit: int = 500) -> AsyncIterator[Recorded[Fact]]:
        """Every fact beyond ``after``, then those to come; never ends by itself."""
        while True:
            facts = await self.read(after, limit)
            for it in facts:
                yield it
                after = it.position
            if not facts:
                await self.wait_beyond(after)

    async def stream(
        self,
        originator_id: UUID,
        *,
        after_version: int = 0,
        until: datetime | None = None,
        connection: Any = None,
    ) -> list[Recorded[Fact]]:
        """One stream's facts in order; ``until`` leaves out what was recorded later."""
        rows = await (connection or self._pool).fetch(
            f"SELECT {COLUMNS} FROM facts WHERE originator_id = $1 AND originator_version > $2"
            " AND ($3::timestamptz IS NULL OR recorded_at <= $3) ORDER BY originator_version",
            originator_id,
            after_version,
            until,
        )
        return await recorded(self.codec, rows, connection)

    async def past(
        self,
        originator_id: UUID,
        *,
        after_version: int = 0,
        until: datetime | None = None,
        connection: Any = None,
    ) -> Past:
        """As ``stream``, for folding."""
        rows = await (connection or self._pool).fetch(
            "SELECT originator_version, topic, state FROM facts"
            " WHERE originator_id = $1 AND originator_version > $2"
            " AND ($3::timestamptz IS NULL OR recorded_at <= $3)",
            originator_id,
            after_version,
            until,
        )
        return Past(self.codec, sorted(rows, key=_VERSION))

    async def past_since_snapshot(
        self, originator_id: UUID, aggregate: str, snapshot_version: str, connection: Any = None
    ) -> tuple[Snapshot | None, Past]:
        """The stream's snapshot of this version, where there is one, and the facts after it."""
        rows = await (connection or self._pool).fetch(
            _SINCE_SNAPSHOT, originator_id, aggregate, snapshot_version
        )
        rows = sorted(rows, key=_VERSION)
        if not rows or rows[0]["topic"] is not None:
            return None, Past(self.codec, rows)
        snapshot = Snapshot(rows[0]["originator_version"], rows[0]["state"])
        return await self.snapshots.opened(snapshot, connection), Past(self.codec, rows[1:])

    async def versions(self, originator_ids: Sequence[UUID]) -> dict[UUID, int]:
        """Of many streams; one without facts is missing."""
        rows = await self._pool.fetch(
            "SELECT originator_id, version FROM versions_of($1)", list(originator_ids)
        )
        return dict(map(tuple, rows))

    async def pasts(self, originator_ids: Sequence[UUID]) -> dict[UUID, Past]:
        """Of many streams; one without facts is missing."""
        rows = await self._pool.fetch(
            "SELECT originator_id, originator_version, topic, state FROM pasts_of($1)", list(originator_ids)
        )
        return {
            id: Past(self.codec, [row[1:] for row in own]) for id, own in groupby(rows, key=itemgetter(0))
        }

    async def streams(self, originator_ids: Sequence[UUID]) -> list[Recorded[Fact]]:
        """The facts of many streams, each stream's in order."""
        rows = await self._pool.fetch(
            f"SELECT {COLUMNS} FROM facts WHERE originator_id = ANY($1)"
            " ORDER BY originator_id, originator_version",
            list(originator_ids),
        )
        return await recorded(self.codec, rows)

    async def customer(
        self,
        customer_id: UUID,
        *,
        after: int = 0,
        limit: int = 1000,
        since: datetime | None = None,
        until: datetime | None = None,
        topics: Sequence[str] | None = None,
    ) -> list[Recorded[Fact]]:
        """A customer's facts in order; the times are those of recording, both ends included."""
        rows = await self._pool.fetch(
            f"SELECT {COLUMNS} FROM facts WHERE customer_id = $1 AND notification_id > $2"
            " AND ($3::timestamptz IS NULL OR recorded_at >= $3)"
            " AND ($4::timestamptz IS NULL OR recorded_at <= $4)"
            " AND ($5::text[] IS NULL OR topic = ANY($5)) ORDER BY notification_id LIMIT $6",
            customer_id,
            after,
            since,
            until,
            None if topics is None else list(topics),
            limit,
        )
        return await recorded(self.codec, rows)

    async def earlier(self, key: str, fingerprint: bytes, connection: Any = None) -> Receipt | None:
        """The receipt of a command done before under this idempotency key. Raises KeyReused."""
        row = await (connection or self._pool).fetchrow(
            "SELECT fingerprint, position, receipt FROM receipts WHERE key = $1", key
        )
        if row is None:
            return None
        return _receipt(stored_receipt(fingerprint, row["fingerprint"], row["position"], row["receipt"]))

    async def claimed(self, scope: str, key: str, connection: Any = None) -> UUID | None:
        """Who holds the name; None when it is free."""
        holder: UUID | None = await (connection or self._pool).fetchval(
            "SELECT holder FROM claims WHERE scope = $1 AND key = $2", scope, self.codec.name(scope, key)
        )
        return holder

    async def claimed_many(self, names: Sequence[tuple[str, str]]) -> dict[tuple[str, str], UUID]:
        """Of these (scope, key) pairs the ones that are held, and by whom."""
        stored = {(scope, self.codec.name(scope, key)): (scope, key) for scope, key in names}
        rows = await self._pool.fetch(
            "SELECT scope, key, holder FROM holders_of($1, $2)",
            [scope for scope, _ in stored],
            [key for _, key in stored],
        )
        return {stored[row["scope"], row["key"]]: row["holder"] for row in rows}


def _receipt(outcome: Outcome) -> Receipt:
    if isinstance(outcome, Exception):
        raise outcome
    return outcome
