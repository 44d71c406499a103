"""The asyncpg recorder that the eventsourcing library lacks: its methods and meanings, awaited.

It stands on the same table and the same append as ``Log``; what it adds is the library's own
vocabulary (StoredEvent, Notification, Tracking, IntegrityError), so that its shipped test cases and
its own readers can be held against our log. Limits: originator ids are UUIDs.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from time import monotonic
from typing import Any, cast
from uuid import UUID

import asyncpg
from eventsourcing.persistence import (
    IntegrityError,
    Notification,
    StoredEvent,
    Tracking,
    WaitInterruptedError,
)

from keqing_shared.log.append import append_batch
from keqing_shared.log.codec import Codec
from keqing_shared.log.request import Meta, NewFact, Request
from keqing_shared.log.schema import LOG_SCHEMA

TRACKING_SCHEMA = """
CREATE TABLE IF NOT EXISTS tracking (
    application_name text PRIMARY KEY,
    notification_id  bigint NOT NULL
);
"""
POLL_SECONDS = 0.1
PAGE = 500


class _Stored:
    """Stands for a fact whose bytes somebody else has encoded."""

    def __init__(self, event: StoredEvent) -> None:
        self.topic = event.topic
        self.state = event.state


class _AsStored(Codec):
    def __init__(self) -> None:
        super().__init__(())

    def encode(self, fact: Any, owner: UUID | None = None) -> bytes:
        return cast("bytes", fact.state)


class PostgresRecorder:
    """AggregateRecorder, ApplicationRecorder, TrackingRecorder and ProcessRecorder in one, async.

    ``who``: whom its inserts are put down to.
    """

    def __init__(self, pool: Any, who: str = "recorder") -> None:
        self._pool = pool
        self._who = who
        self._codec = _AsStored()

    async def create_table(self) -> None:
        """The log's schema and the tracking table, where they are not there yet."""
        await self._pool.execute(LOG_SCHEMA + TRACKING_SCHEMA)

    async def insert_events(
        self, stored_events: Sequence[StoredEvent], tracking: Tracking | None = None
    ) -> list[int]:
        """All or none, together with the tracking record; returns their notification ids.

        Raises IntegrityError when a version is taken or the tracking position is not newer.
        """
        async with self._pool.acquire() as connection, connection.transaction():
            if tracking is not None:
                await self._track(connection, tracking)
            if not stored_events:
                return []
            facts = tuple(
                NewFact(
                    _uuid(event.originator_id), event.originator_version, cast("Any", _Stored(event)), None
                )
                for event in stored_events
            )
            subject = facts[-1]
            request = Request(
                facts,
                Meta(who=self._who),
                datetime.now(UTC),
                subject.originator_id,
                subject.originator_version,
            )
            try:
                (outcome,), head = await append_batch(connection, self._codec, [request])
            except asyncpg.UniqueViolationError as error:
                raise IntegrityError(str(error)) from error
            if isinstance(outcome, Exception):
                raise outcome
            return list(range(head - len(facts) + 1, head + 1))

    async def select_events(
        self,
        originator_id: UUID | str,
        *,
        gt: int | None = None,
        lte: int | None = None,
        desc: bool = False,
        limit: int | None = None,
    ) -> list[StoredEvent]:
        """One stream's events by version."""
        rows = await self._pool.fetch(
            "SELECT originator_id, originator_version, topic, state FROM facts WHERE originator_id = $1"
            " AND ($2::bigint IS NULL OR originator_version > $2)"
            " AND ($3::bigint IS NULL OR originator_version <= $3)"
            f" ORDER BY originator_version {'DESC' if desc else 'ASC'} LIMIT $4",
            _uuid(originator_id),
            gt,
            lte,
            limit,
        )
        return [StoredEvent(*row) for row in rows]

    async def select_notifications(
        self,
        start: int | None,
        limit: int,
        stop: int | None = None,
        topics: Sequence[str] = (),
        *,
        inclusive_of_start: bool = True,
    ) -> list[Notification]:
        """The application sequence from ``start`` to ``stop``, of these topics or all."""
        rows = await self._pool.fetch(
            "SELECT originator_id, originator_version, topic, state, notification_id FROM facts"
            f" WHERE ($1::bigint IS NULL OR notification_id {'>=' if inclusive_of_start else '>'} $1)"
            " AND ($2::bigint IS NULL OR notification_id <= $2) AND ($3::text[] IS NULL OR topic = ANY($3))"
            " ORDER BY notification_id LIMIT $4",
            start,
            stop,
            list(topics) or None,
            limit,
        )
        return [Notification(*row) for row in rows]

    async def max_notification_id(self) -> int | None:
        """None when nothing was recorded yet."""
        head: int | None = await self._pool.fetchval("SELECT nullif(position, 0) FROM log_head")
        return head

    async def insert_tracking(self, tracking: Tracking) -> None:
        """Raises IntegrityError unless it is newer than what was tracked."""
        async with self._pool.acquire() as connection, connection.transaction():
            await self._track(connection, tracking)

    async def max_tracking_id(self, application_name: str) -> int | None:
        """None when nothing of that application was tracked yet."""
        position: int | None = await self._pool.fetchval(
            "SELECT notification_id FROM tracking WHERE application_name = $1", application_name
        )
        return position

    async def has_tracking_id(self, application_name: str, notification_id: int | None) -> bool:
        if notification_id is None:
            return True
        tracked = await self.max_tracking_id(application_name)
        return tracked is not None and tracked >= notification_id

    async def wait(
        self,
        application_name: str,
        notification_id: int | None,
        timeout: float = 1.0,
        interrupt: Any = None,
    ) -> None:
        """Until that much is tracked.

        Raises TimeoutError, or WaitInterruptedError when ``interrupt`` is set.
        """
        deadline = monotonic() + timeout
        while not await self.has_tracking_id(application_name, notification_id):
            if interrupt is not None and interrupt.is_set():
                raise WaitInterruptedError
            if monotonic() >= deadline:
                raise TimeoutError(f"{application_name} is not yet tracked to {notification_id}")
            await asyncio.sleep(min(POLL_SECONDS, timeout / 4))

    async def subscribe(
        self, gt: int | None = None, topics: Sequence[str] = ()
    ) -> AsyncIterator[Notification]:
        """Every notification beyond ``gt``, then those to come; polls, so none is ever missed."""
        after = gt or 0
        while True:
            notifications = await self.select_notifications(
                after, PAGE, topics=topics, inclusive_of_start=False
            )
            for notification in notifications:
                yield notification
                after = notification.id
            if not notifications:
                await asyncio.sleep(POLL_SECONDS / 10)

    async def _track(self, connection: Any, tracking: Tracking) -> None:
        newer = await connection.fetchval(
            "INSERT INTO tracking AS t (application_name, notification_id) VALUES ($1, $2)"
            " ON CONFLICT (application_name) DO UPDATE SET notification_id = excluded.notification_id"
            " WHERE t.notification_id < excluded.notification_id RETURNING true",
            tracking.application_name,
            tracking.notification_id,
        )
        if not newer:
            raise IntegrityError(
                f"{tracking.application_name} is tracked to {tracking.notification_id} or beyond"
            )


def _uuid(id: UUID | str) -> UUID:
    return id if isinstance(id, UUID) else UUID(id)
