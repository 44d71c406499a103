"""A delivery: the recorded life of one event on its way to one webhook."""

from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID, uuid5

import msgspec
from msgspec.structs import replace

from keqing_notify.policy import NotifyPolicy
from keqing_shared.domain import Aggregate, Command, Fact, NotFound, RuleBroken, Words

_DELIVERIES = UUID("0f7d0c55-2a0c-5f0e-8f43-1c9be8a0a3b7")

Standing = Literal["queued", "sent", "failed", "dead"]
IN_WORDS: dict[Standing, Words] = {
    "queued": Words("queued"),
    "sent": Words("sent"),
    "failed": Words("failed, and will be tried again"),
    "dead": Words("dead"),
}


def delivery_id(webhook_id: UUID, event_id: str) -> UUID:
    """The same for the same event and webhook: whatever is redelivered is queued once."""
    return uuid5(_DELIVERIES, f"{webhook_id}\n{event_id}")


def message_id(delivery_id: UUID) -> str:
    """The ``webhook-id`` header: the same on every attempt, so that a receiver can skip repeats."""
    return f"msg_{delivery_id.hex}"


class DeliveryQueued(Fact, topic="notify.delivery-queued.v1"):
    webhook_id: UUID
    event_id: str
    event: str
    """``collections.PaymentOverdue``"""
    customer_id: UUID | None
    body: str
    """The JSON text that is signed and sent, byte for byte the same on every attempt."""
    due_at: datetime


class DeliverySent(Fact, topic="notify.delivery-sent.v1"):
    attempt: int
    status: int
    latency_ms: int
    at: datetime


class DeliveryFailed(Fact, topic="notify.delivery-failed.v1"):
    attempt: int
    reason: str
    status: int | None
    latency_ms: int
    at: datetime
    next_attempt_at: datetime | None
    """None: there is none, the delivery is dead."""


class DeliveryDead(Fact, topic="notify.delivery-dead.v1"):
    webhook_id: UUID
    event_id: str
    attempts: int
    reason: str
    at: datetime


class DeliveryReplayed(Fact, topic="notify.delivery-replayed.v1"):
    due_at: datetime


DeliveryFact = DeliveryQueued | DeliverySent | DeliveryFailed | DeliveryDead | DeliveryReplayed


class QueueDelivery(Command):
    webhook_id: UUID
    event_id: str
    event: str
    customer_id: UUID | None
    body: str
    at: datetime


class RecordSent(Command):
    attempt: int
    status: int
    latency_ms: int
    at: datetime


class RecordFailed(Command):
    attempt: int
    reason: str
    status: int | None
    latency_ms: int
    at: datetime
    for_good: bool = False
    """The receiver is gone: no further attempt makes sense."""


class GiveUp(Command):
    """Nothing can be sent any more, and no attempt was made: the webhook is disabled."""

    reason: str
    at: datetime


class ReplayDelivery(Command):
    at: datetime


DeliveryCommand = QueueDelivery | RecordSent | RecordFailed | GiveUp | ReplayDelivery


class Delivery(msgspec.Struct, frozen=True, kw_only=True):
    webhook_id: UUID
    event_id: str
    event: str
    customer_id: UUID | None
    body: str
    standing: Standing = "queued"
    attempts: int = 0
    """All of them, those before a replay included: names an attempt's result for good."""
    failures: int = 0
    """In a row since it was queued or replayed: chooses the wait."""
    due_at: datetime | None

    @property
    def is_settled(self) -> bool:
        """Sent or dead: no attempt is planned."""
        return self.due_at is None

    def is_due(self, now: datetime) -> bool:
        return self.due_at is not None and self.due_at <= now


class NoSuchDelivery(NotFound):
    """There is no such delivery."""


class DeliveryNotDead(RuleBroken):
    """Only a dead delivery is replayed."""


def decide(command: DeliveryCommand, delivery: Delivery | None, policy: NotifyPolicy) -> list[DeliveryFact]:
    if isinstance(command, QueueDelivery):
        return [] if delivery else [_queued(command)]
    if delivery is None:
        raise NoSuchDelivery
    match command:
        case RecordSent() | RecordFailed() if delivery.is_settled or command.attempt != delivery.attempts + 1:
            # The result of an attempt that somebody else has already recorded.
            return []
        case RecordSent(attempt=attempt, status=status, latency_ms=latency_ms, at=at):
            return [DeliverySent(attempt=attempt, status=status, latency_ms=latency_ms, at=at)]
        case RecordFailed():
            return _failed(command, delivery, policy)
        case GiveUp(reason=reason, at=at):
            if delivery.is_settled:
                return []
            return [_dead(delivery, delivery.attempts, reason, at)]
        case ReplayDelivery(at=at):
            if delivery.standing != "dead":
                raise DeliveryNotDead("this one is {standing}", standing=IN_WORDS[delivery.standing])
            return [DeliveryReplayed(due_at=at)]


def _queued(command: QueueDelivery) -> DeliveryQueued:
    return DeliveryQueued(
        webhook_id=command.webhook_id,
        event_id=command.event_id,
        event=command.event,
        customer_id=command.customer_id,
        body=command.body,
        due_at=command.at,
    )


def _failed(command: RecordFailed, delivery: Delivery, policy: NotifyPolicy) -> list[DeliveryFact]:
    hopeless = command.for_good or delivery.failures >= len(policy.retry_after)
    failed = DeliveryFailed(
        attempt=command.attempt,
        reason=command.reason,
        status=command.status,
        latency_ms=command.latency_ms,
        at=command.at,
        next_attempt_at=(
            None if hopeless else command.at + timedelta(seconds=policy.retry_after[delivery.failures])
        ),
    )
    if not hopeless:
        return [failed]
    return [failed, _dead(delivery, command.attempt, command.reason, command.at)]


def _dead(delivery: Delivery, attempts: int, reason: str, at: datetime) -> DeliveryDead:
    return DeliveryDead(
        webhook_id=delivery.webhook_id, event_id=delivery.event_id, attempts=attempts, reason=reason, at=at
    )


def evolve(delivery: Delivery | None, fact: DeliveryFact) -> Delivery | None:
    if isinstance(fact, DeliveryQueued):
        return Delivery(
            webhook_id=fact.webhook_id,
            event_id=fact.event_id,
            event=fact.event,
            customer_id=fact.customer_id,
            body=fact.body,
            due_at=fact.due_at,
        )
    if delivery is None:
        return None
    match fact:
        case DeliverySent(attempt=attempt):
            return replace(delivery, standing="sent", attempts=attempt, failures=0, due_at=None)
        case DeliveryFailed(attempt=attempt, next_attempt_at=due_at):
            failures = delivery.failures + 1
            return replace(delivery, standing="failed", attempts=attempt, failures=failures, due_at=due_at)
        case DeliveryDead():
            return replace(delivery, standing="dead", due_at=None)
        case DeliveryReplayed(due_at=due_at):
            return replace(delivery, standing="queued", failures=0, due_at=due_at)


DELIVERY = Aggregate(
    name="delivery",
    facts=(DeliveryQueued, DeliverySent, DeliveryFailed, DeliveryDead, DeliveryReplayed),
    decide=decide,
    evolve=evolve,
    customer_of=lambda _id, delivery: delivery.customer_id,
    state=Delivery,
)
