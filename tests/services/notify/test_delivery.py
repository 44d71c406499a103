from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from keqing_notify.delivery import (
    DELIVERY,
    DeliveryDead,
    DeliveryFact,
    DeliveryFailed,
    DeliveryNotDead,
    DeliveryQueued,
    DeliveryReplayed,
    DeliverySent,
    GiveUp,
    NoSuchDelivery,
    QueueDelivery,
    RecordFailed,
    RecordSent,
    ReplayDelivery,
    delivery_id,
    message_id,
)
from keqing_notify.policy import POLICY
from keqing_shared.testing import Given, given

WEBHOOK = UUID("22222222-2222-4222-8222-222222222222")
OTHER = UUID("33333333-3333-4333-8333-333333333333")
NOON = datetime(2026, 11, 2, 4, 0, tzinfo=UTC)
QUEUED = DeliveryQueued(
    webhook_id=WEBHOOK,
    event_id="pipeline:9",
    event="pipeline.DealWon",
    customer_id=None,
    body="{}",
    due_at=NOON,
)


def history(*facts: DeliveryFact) -> Given:
    return given(DELIVERY, *facts, policy=POLICY)


def failed(attempt: int, at: datetime, next_attempt_at: datetime | None) -> DeliveryFailed:
    return DeliveryFailed(
        attempt=attempt,
        reason="status 500",
        status=500,
        latency_ms=40,
        at=at,
        next_attempt_at=next_attempt_at,
    )


def dead(attempts: int, reason: str, at: datetime) -> DeliveryDead:
    return DeliveryDead(webhook_id=WEBHOOK, event_id="pipeline:9", attempts=attempts, reason=reason, at=at)


def record_failed(attempt: int, at: datetime, for_good: bool = False) -> RecordFailed:
    return RecordFailed(
        attempt=attempt, reason="status 500", status=500, latency_ms=40, at=at, for_good=for_good
    )


def test_an_event_is_queued_once_per_webhook() -> None:
    queue = QueueDelivery(
        webhook_id=WEBHOOK,
        event_id="pipeline:9",
        event="pipeline.DealWon",
        customer_id=None,
        body="{}",
        at=NOON,
    )
    history().when(queue).then(QUEUED)
    history(QUEUED).when(queue).then()
    assert delivery_id(WEBHOOK, "pipeline:9") == delivery_id(WEBHOOK, "pipeline:9")
    assert len({delivery_id(w, e) for w in (WEBHOOK, OTHER) for e in ("pipeline:9", "pipeline:8")}) == 4


def test_a_sent_delivery_is_done() -> None:
    tried = history(QUEUED).when(RecordSent(attempt=1, status=204, latency_ms=12, at=NOON))
    tried.then(DeliverySent(attempt=1, status=204, latency_ms=12, at=NOON))
    assert not tried.state().is_due(NOON + timedelta(days=9))


def test_the_retries_come_at_5s_5m_30m_2h_5h_10h_10h_and_then_it_is_dead() -> None:
    waits = [
        timedelta(seconds=5),
        timedelta(minutes=5),
        timedelta(minutes=30),
        timedelta(hours=2),
        timedelta(hours=5),
        timedelta(hours=10),
        timedelta(hours=10),
    ]
    facts: list[DeliveryFact] = [QUEUED]
    at = NOON
    for attempt, wait in enumerate(waits, start=1):
        expected = failed(attempt, at, at + wait)
        tried = history(*facts).when(record_failed(attempt, at))
        tried.then(expected)
        assert not tried.state().is_due(at + wait - timedelta(seconds=1))
        assert tried.state().is_due(at + wait)
        facts.append(expected)
        at += wait
    last = history(*facts).when(record_failed(8, at))
    last.then(failed(8, at, None), dead(8, "status 500", at))
    assert last.state().standing == "dead"
    assert at - NOON == timedelta(hours=27, minutes=35, seconds=5)


def test_a_receiver_that_is_gone_is_not_tried_again() -> None:
    history(QUEUED).when(record_failed(1, NOON, for_good=True)).then(
        failed(1, NOON, None), dead(1, "status 500", NOON)
    )


def test_the_result_of_one_attempt_is_recorded_once() -> None:
    retry = NOON + timedelta(seconds=5)
    history(QUEUED, failed(1, NOON, retry)).when(record_failed(1, NOON)).then()
    history(QUEUED, failed(1, NOON, retry)).when(
        RecordSent(attempt=1, status=200, latency_ms=1, at=NOON)
    ).then()
    sent = DeliverySent(attempt=1, status=200, latency_ms=1, at=NOON)
    history(QUEUED, sent).when(record_failed(1, NOON)).then()
    history(QUEUED, sent).when(record_failed(2, NOON)).then()


def test_a_retry_that_arrives_is_sent() -> None:
    retry = NOON + timedelta(seconds=5)
    history(QUEUED, failed(1, NOON, retry)).when(
        RecordSent(attempt=2, status=200, latency_ms=9, at=retry)
    ).then(DeliverySent(attempt=2, status=200, latency_ms=9, at=retry))


def test_a_delivery_to_a_disabled_webhook_is_given_up_without_an_attempt() -> None:
    give_up = GiveUp(reason="webhook disabled", at=NOON)
    given_up = dead(0, "webhook disabled", NOON)
    history(QUEUED).when(give_up).then(given_up)
    history(QUEUED, given_up).when(give_up).then()


def test_a_dead_delivery_is_replayed_with_fresh_retries() -> None:
    later = NOON + timedelta(days=2)
    past: list[DeliveryFact] = [QUEUED]
    at = NOON
    for attempt, seconds in enumerate(POLICY.retry_after, start=1):
        past.append(failed(attempt, at, at + timedelta(seconds=seconds)))
    past += [failed(8, at, None), dead(8, "status 500", at)]
    replayed = DeliveryReplayed(due_at=later)
    tried = history(*past).when(ReplayDelivery(at=later))
    tried.then(replayed)
    assert tried.state().is_due(later)
    history(*past, replayed).when(record_failed(9, later)).then(
        failed(9, later, later + timedelta(seconds=5))
    )


@pytest.mark.parametrize(
    "facts", [[QUEUED], [QUEUED, DeliverySent(attempt=1, status=200, latency_ms=1, at=NOON)]]
)
def test_only_a_dead_delivery_is_replayed(facts: list[DeliveryFact]) -> None:
    history(*facts).when(ReplayDelivery(at=NOON)).refused(DeliveryNotDead)


def test_what_was_never_queued_is_not_found() -> None:
    history().when(ReplayDelivery(at=NOON)).refused(NoSuchDelivery)
    history().when(record_failed(1, NOON)).refused(NoSuchDelivery)


def test_the_message_id_is_the_same_on_every_attempt() -> None:
    assert message_id(WEBHOOK) == "msg_22222222222242228222222222222222"
