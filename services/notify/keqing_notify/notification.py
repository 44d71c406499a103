"""A notification: one event told to one person as one kind of news, and what that person did with it."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID, uuid5

import msgspec
from msgspec.structs import replace

from keqing_shared.domain import Aggregate, Command, Fact, NotFound

_NOTIFICATIONS = UUID("6b1f2f5c-6d0e-5a53-9a1e-3c3e0c2d8a41")

Standing = Literal["unread", "read", "archived"]


def notification_id(event_id: str, kind: str, recipient: str) -> UUID:
    """The same for the same event, kind and person: whatever is redelivered meets the same stream."""
    return uuid5(_NOTIFICATIONS, f"{event_id}\n{kind}\n{recipient}")


class NotificationRaised(Fact, topic="notify.notification-raised.v1"):
    kind: str
    recipient: str
    event_id: str
    event: str
    """The source's name of what happened: ``collections.PaymentOverdue``."""
    customer_id: UUID | None
    occurred_at: datetime
    raised_at: datetime
    members: dict[str, Any]
    """What the event said; the text is made of it when it is read, in the reader's language."""
    critical: bool = False
    collapse_key: str | None = None
    """Of several with the same key only the newest shows in the inbox."""


class NotificationRead(Fact, topic="notify.notification-read.v1"):
    at: datetime


class NotificationMarkedUnread(Fact, topic="notify.notification-marked-unread.v1"):
    at: datetime


class NotificationArchived(Fact, topic="notify.notification-archived.v1"):
    at: datetime


NotificationFact = NotificationRaised | NotificationRead | NotificationMarkedUnread | NotificationArchived


class RaiseNotification(Command):
    kind: str
    recipient: str
    event_id: str
    event: str
    customer_id: UUID | None
    occurred_at: datetime
    at: datetime
    members: dict[str, Any]
    critical: bool = False
    collapse_key: str | None = None


class ReadNotification(Command):
    at: datetime
    by: str


class MarkUnread(Command):
    at: datetime
    by: str


class ArchiveNotification(Command):
    at: datetime
    by: str


NotificationCommand = RaiseNotification | ReadNotification | MarkUnread | ArchiveNotification


class Notification(msgspec.Struct, frozen=True, kw_only=True):
    kind: str
    recipient: str
    customer_id: UUID | None
    critical: bool
    standing: Standing = "unread"


class NoSuchNotification(NotFound):
    """Your inbox holds no such notification."""


def decide(
    command: NotificationCommand, notification: Notification | None, policy: object
) -> list[NotificationFact]:
    match command:
        case RaiseNotification():
            return [] if notification else [_raised(command)]
        case ReadNotification(at=at, by=by):
            mine = _of(notification, by)
            return [NotificationRead(at=at)] if mine.standing == "unread" else []
        case MarkUnread(at=at, by=by):
            mine = _of(notification, by)
            return [] if mine.standing == "unread" else [NotificationMarkedUnread(at=at)]
        case ArchiveNotification(at=at, by=by):
            mine = _of(notification, by)
            return [] if mine.standing == "archived" else [NotificationArchived(at=at)]


def _of(notification: Notification | None, reader: str) -> Notification:
    # Another person's notification is answered like none at all: an id tells nobody anything.
    if notification is None or notification.recipient != reader:
        raise NoSuchNotification
    return notification


def _raised(command: RaiseNotification) -> NotificationRaised:
    return NotificationRaised(
        kind=command.kind,
        recipient=command.recipient,
        event_id=command.event_id,
        event=command.event,
        customer_id=command.customer_id,
        occurred_at=command.occurred_at,
        raised_at=command.at,
        members=command.members,
        critical=command.critical,
        collapse_key=command.collapse_key,
    )


def evolve(notification: Notification | None, fact: NotificationFact) -> Notification | None:
    if isinstance(fact, NotificationRaised):
        return Notification(
            kind=fact.kind, recipient=fact.recipient, customer_id=fact.customer_id, critical=fact.critical
        )
    if notification is None:
        return None
    match fact:
        case NotificationRead():
            return replace(notification, standing="read")
        case NotificationMarkedUnread():
            return replace(notification, standing="unread")
        case NotificationArchived():
            return replace(notification, standing="archived")


NOTIFICATION = Aggregate(
    name="notification",
    facts=(NotificationRaised, NotificationRead, NotificationMarkedUnread, NotificationArchived),
    decide=decide,
    evolve=evolve,
    customer_of=lambda _id, notification: notification.customer_id,
    state=Notification,
)
