"""What was sent to which webhook, what is still due, and what is dead?"""

from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from keqing_notify.delivery import (
    DeliveryDead,
    DeliveryFailed,
    DeliveryQueued,
    DeliveryReplayed,
    DeliverySent,
    Standing,
)
from keqing_shared.domain import Recorded, value
from keqing_shared.views import Index, Rows, Table, View


@value
class DeliveryRow:
    delivery_id: UUID
    webhook_id: UUID
    position: int
    """Of the fact that queued it."""
    version: int
    event: str
    event_id: str
    customer_id: UUID | None
    standing: Standing
    attempts: int
    queued_at: datetime
    due_at: datetime | None
    """When the next attempt is due; null when there is none."""
    last_attempt_at: datetime | None = None
    last_status: int | None = None
    last_latency_ms: int | None = None
    last_reason: str | None = None


@value
class AttemptRow:
    delivery_id: UUID
    attempt: int
    outcome: Literal["sent", "failed"]
    at: datetime
    status: int | None
    latency_ms: int
    reason: str | None
    next_attempt_at: datetime | None


DELIVERIES = Table(
    "deliveries",
    DeliveryRow,
    key=("delivery_id",),
    indexes=(
        ("position",),
        ("webhook_id", "position"),
        ("standing", "position"),
        Index(("webhook_id", "due_at"), where="due_at IS NOT NULL"),
    ),
)
ATTEMPTS = Table("attempts", AttemptRow, key=("delivery_id", "attempt"))


class Deliveries(View):
    name = "deliveries"
    version = 1
    tables = (DELIVERIES, ATTEMPTS)

    def touches(self, it: Recorded[Any]) -> Iterable[tuple[Table[Any], UUID]]:
        match it.fact:
            case DeliverySent() | DeliveryFailed() | DeliveryDead() | DeliveryReplayed():
                yield DELIVERIES, it.originator_id

    def project(self, it: Recorded[Any], rows: Rows) -> None:
        match it.fact:
            case DeliveryQueued() as fact:
                rows.put(DELIVERIES, _queued(it, fact))
            case DeliverySent() | DeliveryFailed() | DeliveryDead() | DeliveryReplayed() as fact:
                row = rows.get(DELIVERIES, it.originator_id)
                if row is not None:
                    rows.put(DELIVERIES, _after(replace(row, version=it.originator_version), fact))
        match it.fact:
            case DeliverySent() | DeliveryFailed() as fact:
                rows.put(ATTEMPTS, _attempt(it.originator_id, fact))


def _queued(it: Recorded[Any], fact: DeliveryQueued) -> DeliveryRow:
    return DeliveryRow(
        delivery_id=it.originator_id,
        webhook_id=fact.webhook_id,
        position=it.position,
        version=it.originator_version,
        event=fact.event,
        event_id=fact.event_id,
        customer_id=fact.customer_id,
        standing="queued",
        attempts=0,
        queued_at=fact.due_at,
        due_at=fact.due_at,
    )


def _after(
    row: DeliveryRow, fact: DeliverySent | DeliveryFailed | DeliveryDead | DeliveryReplayed
) -> DeliveryRow:
    match fact:
        case DeliverySent():
            return replace(
                row,
                standing="sent",
                attempts=fact.attempt,
                due_at=None,
                last_attempt_at=fact.at,
                last_status=fact.status,
                last_latency_ms=fact.latency_ms,
                last_reason=None,
            )
        case DeliveryFailed():
            return replace(
                row,
                standing="failed",
                attempts=fact.attempt,
                due_at=fact.next_attempt_at,
                last_attempt_at=fact.at,
                last_status=fact.status,
                last_latency_ms=fact.latency_ms,
                last_reason=fact.reason,
            )
        case DeliveryDead():
            return replace(row, standing="dead", due_at=None, last_reason=fact.reason)
        case DeliveryReplayed():
            return replace(row, standing="queued", due_at=fact.due_at)


def _attempt(delivery_id: UUID, fact: DeliverySent | DeliveryFailed) -> AttemptRow:
    match fact:
        case DeliverySent():
            outcome: Literal["sent", "failed"] = "sent"
            reason, next_attempt_at = None, None
        case DeliveryFailed():
            outcome, reason, next_attempt_at = "failed", fact.reason, fact.next_attempt_at
    return AttemptRow(
        delivery_id=delivery_id,
        attempt=fact.attempt,
        outcome=outcome,
        at=fact.at,
        status=fact.status,
        latency_ms=fact.latency_ms,
        reason=reason,
        next_attempt_at=next_attempt_at,
    )


async def deliveries(
    db: Any, webhook_id: UUID | None, standing: Standing | None, before: int | None, limit: int
) -> list[DeliveryRow]:
    """Newest first."""
    return DELIVERIES.rows(
        await db.fetch(
            f"SELECT {DELIVERIES.columns} FROM deliveries"
            " WHERE ($1::uuid IS NULL OR webhook_id = $1) AND ($2::text IS NULL OR standing = $2)"
            " AND ($3::bigint IS NULL OR position < $3) ORDER BY position DESC LIMIT $4",
            webhook_id,
            standing,
            before,
            limit,
        )
    )


async def delivery(db: Any, delivery_id: UUID) -> tuple[DeliveryRow, list[AttemptRow]] | None:
    """With every attempt, in order."""
    found = DELIVERIES.rows(
        await db.fetch(f"SELECT {DELIVERIES.columns} FROM deliveries WHERE delivery_id = $1", delivery_id)
    )
    if not found:
        return None
    attempts = await db.fetch(
        f"SELECT {ATTEMPTS.columns} FROM attempts WHERE delivery_id = $1 ORDER BY attempt", delivery_id
    )
    return found[0], ATTEMPTS.rows(attempts)


async def due_deliveries(
    db: Any, now: datetime, per_webhook: int, but_not: Collection[UUID], limit: int
) -> list[tuple[UUID, UUID]]:
    """Delivery and webhook of what is due, the longest due first, of each webhook a few: a receiver with
    a long backlog leaves room for the others.
    """
    records = await db.fetch(
        "SELECT d.delivery_id, w.webhook_id FROM webhooks w CROSS JOIN LATERAL ("
        "  SELECT delivery_id, due_at FROM deliveries"
        "  WHERE webhook_id = w.webhook_id AND due_at <= $1 AND delivery_id <> ALL($3::uuid[])"
        "  ORDER BY due_at LIMIT $2) d ORDER BY d.due_at LIMIT $4",
        now,
        per_webhook,
        list(but_not),
        limit,
    )
    return [(record["delivery_id"], record["webhook_id"]) for record in records]
