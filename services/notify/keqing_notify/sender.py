"""Sends what is due to webhooks: several at once, a slow receiver holding up nobody but itself."""

import asyncio
import time
from collections import Counter
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import structlog
from standardwebhooks import Webhook as Signer

from keqing_notify.delivery import DELIVERY, Delivery, GiveUp, RecordFailed, RecordSent, message_id
from keqing_notify.outgoing import Answer, Outgoing
from keqing_notify.policy import NotifyPolicy
from keqing_notify.secret import SealingKeyMissing, Secrets, SecretUnreadable
from keqing_notify.views.deliveries import due_deliveries
from keqing_notify.webhook import WEBHOOK, DisableWebhook
from keqing_shared.outage import DATABASE_AWAY
from keqing_shared.service import Service

WHO = "webhooks"
LONGEST_PAUSE = 1.0
"""Seconds between two looks for what became due."""
PAUSE_AFTER_FAILURE = 5.0
"""Seconds before the same delivery is tried again after a failure of our own."""

_log = structlog.get_logger(__name__)


async def send_due_deliveries(service: Service) -> None:
    """Until cancelled. An attempt that is cut off is not recorded, so it is made again, under the same id."""
    policy: NotifyPolicy = service.policy
    async with Outgoing(anywhere=service.settings.development, timeout=policy.send_timeout) as outgoing:
        await Sender(service, outgoing).run()


class Sender:
    def __init__(self, service: Service, outgoing: Outgoing) -> None:
        self._service = service
        self._outgoing = outgoing
        self._in_flight: dict[UUID, UUID] = {}
        """Delivery to webhook."""
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def _policy(self) -> NotifyPolicy:
        policy: NotifyPolicy = self._service.policy
        return policy

    async def run(self) -> None:
        try:
            while True:
                # Looked up before the rows: what comes in between wakes us at once.
                position, turns = self._service.log.position, self._service.clock.turns
                try:
                    with suppress(TimeoutError):
                        await self._service.views.wait_for(position, LONGEST_PAUSE)
                    await self._start_due()
                    await self._something_new(position, turns)
                except DATABASE_AWAY as problem:
                    _log.warning("webhooks.database_away", problem=str(problem))
                    await asyncio.sleep(LONGEST_PAUSE)
        finally:
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _something_new(self, position: int, turns: int) -> None:
        """Until the log has more or the clock was set, at the latest after the longest pause."""
        log = asyncio.create_task(self._service.log.wait_beyond(position, LONGEST_PAUSE))
        clock = asyncio.create_task(self._service.clock.turned(turns, LONGEST_PAUSE))
        try:
            done, _ = await asyncio.wait((log, clock), return_when=asyncio.FIRST_COMPLETED)
        finally:
            log.cancel()
            clock.cancel()
        for task in done:
            task.result()

    async def _start_due(self) -> None:
        room = self._policy.sends_at_once - len(self._in_flight)
        if room <= 0:
            return
        most = self._policy.sends_at_once_per_webhook
        due = await due_deliveries(
            self._service.pool, self._service.clock.now(), most, self._in_flight.keys(), room
        )
        busy = Counter(self._in_flight.values())
        for delivery_id, webhook_id in due:
            if busy[webhook_id] >= most:
                continue
            busy[webhook_id] += 1
            self._in_flight[delivery_id] = webhook_id
            task = asyncio.create_task(self._send(delivery_id, webhook_id), name=f"webhook:{delivery_id}")
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _send(self, delivery_id: UUID, webhook_id: UUID) -> None:
        try:
            position = await self._attempt(delivery_id, webhook_id)
            # Until the view knows the result, the delivery still looks due.
            with suppress(TimeoutError):
                await self._service.views.wait_for(position, PAUSE_AFTER_FAILURE)
        except Exception:
            _log.exception("webhooks.attempt_failed", delivery_id=str(delivery_id))
            await asyncio.sleep(PAUSE_AFTER_FAILURE)
        finally:
            del self._in_flight[delivery_id]

    async def _attempt(self, delivery_id: UUID, webhook_id: UUID) -> int:
        """The log's position with the result in it."""
        streams = self._service.streams
        delivery = (await streams.load(DELIVERY, delivery_id)).state
        now = self._service.clock.now()
        if delivery is None or not delivery.is_due(now):
            return self._service.log.position
        webhook = (await streams.load(WEBHOOK, webhook_id)).state
        if webhook is None or not webhook.enabled:
            return await self._record(delivery_id, GiveUp(reason="the webhook is disabled", at=now))
        answer = await self._post(webhook.endpoint.url, webhook_id, delivery_id, delivery, now)
        _log.info(
            "webhooks.attempt",
            delivery_id=str(delivery_id),
            webhook_id=str(webhook_id),
            status=answer.status,
            reason=answer.reason,
            latency_ms=answer.latency_ms,
        )
        position = await self._record(delivery_id, _result(delivery, answer, self._service.clock.now()))
        if answer.gone:
            disable = DisableWebhook(at=now, reason="gone")
            await self._service.execute(WEBHOOK, webhook_id, disable, who=WHO, why="the receiver said 410")
        return position

    async def _post(
        self, url: str, webhook_id: UUID, delivery_id: UUID, delivery: Delivery, now: datetime
    ) -> Answer:
        old_valid = timedelta(seconds=self._policy.old_secret_valid)
        try:
            keys = await Secrets(self._service.settings).valid(self._service.pool, webhook_id, now, old_valid)
        except (SecretUnreadable, SealingKeyMissing) as problem:
            return Answer(None, f"cannot sign: {problem}", 0)
        if not keys:
            return Answer(None, "cannot sign: there is no secret", 0)
        headers = signed(keys, message_id(delivery_id), delivery.body)
        return await self._outgoing.post(url, headers, delivery.body.encode())

    async def _record(self, delivery_id: UUID, command: RecordSent | RecordFailed | GiveUp) -> int:
        receipt = await self._service.execute(DELIVERY, delivery_id, command, who=WHO, why=None)
        return receipt.position


def signed(keys: list[str], message: str, body: str) -> dict[str, str]:
    """Headers of Standard Webhooks, signed with every valid secret. Receivers hold the timestamp against
    their own clocks, so it is the real time, whatever clock a developer has set here.
    """
    sent_at = datetime.fromtimestamp(int(time.time()), UTC)
    return {
        "content-type": "application/json",
        "user-agent": "keqing-webhooks/1",
        "webhook-id": message,
        "webhook-timestamp": str(int(sent_at.timestamp())),
        "webhook-signature": " ".join(Signer(key).sign(message, sent_at, body) for key in keys),
    }


def _result(delivery: Delivery, answer: Answer, now: datetime) -> Any:
    attempt = delivery.attempts + 1
    if answer.reason is None and answer.status is not None:
        return RecordSent(attempt=attempt, status=answer.status, latency_ms=answer.latency_ms, at=now)
    return RecordFailed(
        attempt=attempt,
        reason=answer.reason or "no answer",
        status=answer.status,
        latency_ms=answer.latency_ms,
        at=now,
        for_good=answer.gone,
    )
