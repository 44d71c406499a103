from datetime import UTC, datetime
from uuid import UUID

import pytest

from keqing_notify.notification import (
    NOTIFICATION,
    ArchiveNotification,
    MarkUnread,
    NoSuchNotification,
    NotificationArchived,
    NotificationMarkedUnread,
    NotificationRaised,
    NotificationRead,
    RaiseNotification,
    ReadNotification,
    notification_id,
)
from keqing_shared.testing import given

CUSTOMER = UUID("11111111-1111-4111-8111-111111111111")
MONDAY = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
TUESDAY = datetime(2026, 11, 3, 9, 0, tzinfo=UTC)

RAISED = NotificationRaised(
    kind="payment_overdue",
    recipient="li.wei",
    event_id="collections:41",
    event="collections.PaymentOverdue",
    customer_id=CUSTOMER,
    occurred_at=MONDAY,
    raised_at=MONDAY,
    members={"number": "INV-7", "threshold": 30},
    collapse_key="payment_overdue:7",
)
RAISE = RaiseNotification(
    kind="payment_overdue",
    recipient="li.wei",
    event_id="collections:41",
    event="collections.PaymentOverdue",
    customer_id=CUSTOMER,
    occurred_at=MONDAY,
    at=MONDAY,
    members={"number": "INV-7", "threshold": 30},
    collapse_key="payment_overdue:7",
)


def test_an_event_becomes_news_for_a_person() -> None:
    given(NOTIFICATION).when(RAISE).then(RAISED)


def test_an_event_told_twice_is_news_once() -> None:
    given(NOTIFICATION, RAISED).when(RAISE).then()


def test_an_event_told_again_after_the_news_was_archived_stays_archived() -> None:
    given(NOTIFICATION, RAISED, NotificationArchived(at=TUESDAY)).when(RAISE).then()


def test_news_is_read_by_whom_it_is_for() -> None:
    given(NOTIFICATION, RAISED).when(ReadNotification(at=TUESDAY, by="li.wei")).then(
        NotificationRead(at=TUESDAY)
    )


def test_reading_twice_says_nothing_new() -> None:
    given(NOTIFICATION, RAISED, NotificationRead(at=MONDAY)).when(
        ReadNotification(at=TUESDAY, by="li.wei")
    ).then()


def test_reading_what_is_archived_leaves_it_archived() -> None:
    tried = given(NOTIFICATION, RAISED, NotificationArchived(at=MONDAY)).when(
        ReadNotification(at=TUESDAY, by="li.wei")
    )
    tried.then()
    assert tried.state().standing == "archived"


def test_read_news_can_be_unread_again() -> None:
    given(NOTIFICATION, RAISED, NotificationRead(at=MONDAY)).when(MarkUnread(at=TUESDAY, by="li.wei")).then(
        NotificationMarkedUnread(at=TUESDAY)
    )


def test_unread_news_stays_unread_without_a_word() -> None:
    given(NOTIFICATION, RAISED).when(MarkUnread(at=TUESDAY, by="li.wei")).then()


def test_archived_news_comes_back_by_being_unread_again() -> None:
    tried = given(NOTIFICATION, RAISED, NotificationArchived(at=MONDAY)).when(
        MarkUnread(at=TUESDAY, by="li.wei")
    )
    tried.then(NotificationMarkedUnread(at=TUESDAY))
    assert tried.state().standing == "unread"


def test_news_is_archived_unread_or_read_and_only_once() -> None:
    archive = ArchiveNotification(at=TUESDAY, by="li.wei")
    archived = NotificationArchived(at=TUESDAY)
    given(NOTIFICATION, RAISED).when(archive).then(archived)
    given(NOTIFICATION, RAISED, NotificationRead(at=MONDAY)).when(archive).then(archived)
    given(NOTIFICATION, RAISED, archived).when(archive).then()


@pytest.mark.parametrize("command", [ReadNotification, MarkUnread, ArchiveNotification])
def test_another_persons_news_is_answered_like_none_at_all(
    command: type[ReadNotification | MarkUnread | ArchiveNotification],
) -> None:
    by_wang = command(at=TUESDAY, by="wang.fang")
    anothers = given(NOTIFICATION, RAISED).when(by_wang).refused(NoSuchNotification)
    none = given(NOTIFICATION).when(by_wang).refused(NoSuchNotification)
    assert (anothers.status, str(anothers)) == (none.status, str(none)) == (404, NoSuchNotification.title())


def test_event_kind_and_person_make_the_stream() -> None:
    first = notification_id("collections:41", "payment_overdue", "li.wei")
    assert first == notification_id("collections:41", "payment_overdue", "li.wei")
    others = {
        notification_id("collections:42", "payment_overdue", "li.wei"),
        notification_id("collections:41", "invoice_disputed", "li.wei"),
        notification_id("collections:41", "payment_overdue", "wang.fang"),
        notification_id("pipeline:41", "payment_overdue", "li.wei"),
    }
    assert len(others | {first}) == 5
