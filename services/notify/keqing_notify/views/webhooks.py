"""Which other systems are told, and of what?"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from keqing_notify.webhook import (
    Endpoint,
    WebhookDisabled,
    WebhookEnabled,
    WebhookRegistered,
    WebhookSecretRotated,
)
from keqing_shared.domain import Recorded, value
from keqing_shared.views import Rows, Table, View


@value
class WebhookRow:
    webhook_id: UUID
    version: int
    url: str
    events: tuple[str, ...]
    kinds: tuple[str, ...]
    description: str | None
    enabled: bool
    registered_at: datetime
    registered_by: str
    secret_rotated_at: datetime | None = None
    disabled_at: datetime | None = None
    disabled_reason: str | None = None

    @property
    def endpoint(self) -> Endpoint:
        return Endpoint(url=self.url, events=self.events, kinds=self.kinds, description=self.description)


WEBHOOKS = Table("webhooks", WebhookRow, key=("webhook_id",), indexes=(("registered_at", "webhook_id"),))


class Webhooks(View):
    name = "webhooks"
    version = 1
    tables = (WEBHOOKS,)

    def touches(self, it: Recorded[Any]) -> Iterable[tuple[Table[Any], UUID]]:
        match it.fact:
            case WebhookSecretRotated() | WebhookDisabled() | WebhookEnabled():
                yield WEBHOOKS, it.originator_id

    def project(self, it: Recorded[Any], rows: Rows) -> None:
        fact = it.fact
        if isinstance(fact, WebhookRegistered):
            rows.put(WEBHOOKS, _registered(it, fact))
            return
        if not isinstance(fact, WebhookSecretRotated | WebhookDisabled | WebhookEnabled):
            return
        row = rows.get(WEBHOOKS, it.originator_id)
        if row is None:
            return
        row = replace(row, version=it.originator_version)
        match fact:
            case WebhookSecretRotated(at=at):
                row = replace(row, secret_rotated_at=at)
            case WebhookDisabled(at=at, reason=reason):
                row = replace(row, enabled=False, disabled_at=at, disabled_reason=reason)
            case WebhookEnabled():
                row = replace(row, enabled=True, disabled_at=None, disabled_reason=None)
        rows.put(WEBHOOKS, row)


def _registered(it: Recorded[Any], fact: WebhookRegistered) -> WebhookRow:
    return WebhookRow(
        webhook_id=it.originator_id,
        version=it.originator_version,
        url=fact.endpoint.url,
        events=fact.endpoint.events,
        kinds=fact.endpoint.kinds,
        description=fact.endpoint.description,
        enabled=True,
        registered_at=fact.at,
        registered_by=it.who,
    )


async def webhooks(db: Any, after: tuple[datetime, UUID] | None, limit: int) -> list[WebhookRow]:
    """In the order of registration."""
    at, id = after or (None, None)
    return WEBHOOKS.rows(
        await db.fetch(
            f"SELECT {WEBHOOKS.columns} FROM webhooks"
            " WHERE $1::timestamptz IS NULL OR (registered_at, webhook_id) > ($1, $2::uuid)"
            " ORDER BY registered_at, webhook_id LIMIT $3",
            at,
            id,
            limit,
        )
    )


async def webhook(db: Any, webhook_id: UUID) -> WebhookRow | None:
    found = WEBHOOKS.rows(
        await db.fetch(f"SELECT {WEBHOOKS.columns} FROM webhooks WHERE webhook_id = $1", webhook_id)
    )
    return found[0] if found else None


async def enabled_webhooks(db: Any) -> list[WebhookRow]:
    """All that are to be told."""
    return WEBHOOKS.rows(await db.fetch(f"SELECT {WEBHOOKS.columns} FROM webhooks WHERE enabled"))
