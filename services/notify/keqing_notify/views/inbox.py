"""What is in my inbox?"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from keqing_notify.notification import (
    NotificationArchived,
    NotificationMarkedUnread,
    NotificationRaised,
    NotificationRead,
    Standing,
)
from keqing_shared.domain import Recorded, value
from keqing_shared.views import Index, Rows, Table, View

Show = Literal["all", "unread", "archived"]
"""``all`` is everything that is not archived."""


@value
class InboxRow:
    notification_id: UUID
    recipient: str
    position: int
    """Of the fact that raised it: the order of the inbox and of the live stream."""
    version: int
    kind: str
    event: str
    event_id: str
    customer_id: UUID | None
    members: dict[str, Any]
    critical: bool
    collapse_key: str | None
    standing: Standing
    occurred_at: datetime
    raised_at: datetime


INBOX = Table(
    "inbox",
    InboxRow,
    key=("notification_id",),
    indexes=(
        ("recipient", "position"),
        Index(("recipient", "position"), where="standing = 'unread'"),
        Index(("recipient", "collapse_key", "position"), where="collapse_key IS NOT NULL"),
    ),
)


def raised_row(it: Recorded[Any], fact: NotificationRaised) -> InboxRow:
    """As the inbox shows what was just raised."""
    return InboxRow(
        notification_id=it.originator_id,
        recipient=fact.recipient,
        position=it.position,
        version=it.originator_version,
        kind=fact.kind,
        event=fact.event,
        event_id=fact.event_id,
        customer_id=fact.customer_id,
        members=fact.members,
        critical=fact.critical,
        collapse_key=fact.collapse_key,
        standing="unread",
        occurred_at=fact.occurred_at,
        raised_at=fact.raised_at,
    )


class Inbox(View):
    name = "inbox"
    version = 1
    tables = (INBOX,)

    def touches(self, it: Recorded[Any]) -> Iterable[tuple[Table[Any], UUID]]:
        match it.fact:
            case NotificationRead() | NotificationMarkedUnread() | NotificationArchived():
                yield INBOX, it.originator_id

    def project(self, it: Recorded[Any], rows: Rows) -> None:
        match it.fact:
            case NotificationRaised() as fact:
                rows.put(INBOX, raised_row(it, fact))
            case NotificationRead():
                self._stand(it, rows, "read")
            case NotificationMarkedUnread():
                self._stand(it, rows, "unread")
            case NotificationArchived():
                self._stand(it, rows, "archived")

    def _stand(self, it: Recorded[Any], rows: Rows, standing: Standing) -> None:
        row = rows.get(INBOX, it.originator_id)
        if row is not None:
            rows.put(INBOX, replace(row, standing=standing, version=it.originator_version))


_STANDINGS: dict[Show, list[Standing]] = {
    "all": ["unread", "read"],
    "unread": ["unread"],
    "archived": ["archived"],
}
_NEWEST = (
    "NOT EXISTS (SELECT FROM inbox later WHERE later.recipient = i.recipient"
    " AND later.collapse_key = i.collapse_key AND later.position > i.position)"
)


async def inbox(
    db: Any, recipient: str, show: Show, before: int | None, limit: int
) -> list[tuple[InboxRow, int]]:
    """Newest first, beyond a position; of those with the same collapse key only the newest, with how
    many came before it.
    """
    records = await db.fetch(
        f"SELECT {INBOX.columns}, (SELECT count(*) FROM inbox e WHERE e.recipient = i.recipient"
        " AND e.collapse_key = i.collapse_key AND e.position < i.position) AS repeats"
        f" FROM inbox i WHERE recipient = $1 AND standing = ANY($2) AND {_NEWEST}"
        " AND ($3::bigint IS NULL OR position < $3) ORDER BY position DESC LIMIT $4",
        recipient,
        _STANDINGS[show],
        before,
        limit,
    )
    return [(row, record["repeats"]) for row, record in zip(INBOX.rows(records), records, strict=True)]


async def unread_count(db: Any, recipient: str) -> int:
    """How many the inbox shows as unread."""
    return int(
        await db.fetchval(
            f"SELECT count(*) FROM inbox i WHERE recipient = $1 AND standing = 'unread' AND {_NEWEST}",
            recipient,
        )
    )


async def unread_ids(db: Any, recipient: str, up_to: int) -> list[UUID]:
    """Every unread one up to a position, those included that a newer one hides."""
    records = await db.fetch(
        "SELECT notification_id FROM inbox WHERE recipient = $1 AND standing = 'unread' AND position <= $2"
        " ORDER BY position",
        recipient,
        up_to,
    )
    return [record["notification_id"] for record in records]


async def raised_between(db: Any, recipient: str, after: int, until: int, limit: int) -> list[InboxRow]:
    """In the order they were raised, whatever became of them: what a live stream missed."""
    return INBOX.rows(
        await db.fetch(
            f"SELECT {INBOX.columns} FROM inbox WHERE recipient = $1 AND position > $2 AND position <= $3"
            " ORDER BY position LIMIT $4",
            recipient,
            after,
            until,
            limit,
        )
    )
