"""One's own inbox: nobody reads another's."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Header, Query
from pydantic import Field

from keqing_notify.notification import (
    NOTIFICATION,
    ArchiveNotification,
    MarkUnread,
    ReadNotification,
)
from keqing_notify.reader import InboxItem, Reader
from keqing_notify.views.inbox import Show, inbox, unread_count, unread_ids
from keqing_shared.domain import value
from keqing_shared.http import Ask, Do, Page, Paging, Receipt, allow
from keqing_shared.http.user import Role
from keqing_shared.log import Meta
from keqing_shared.streams import Unit

EVERYBODY: tuple[Role, ...] = (
    "rep", "sales_manager", "agent", "supervisor", "collector", "credit_controller", "auditor", "admin",
)  # fmt: skip
AcceptLanguage = Annotated[
    str | None,
    Header(max_length=500, description="for a reader whose language the directory does not know"),
]
_AT_ONCE = 500

router = APIRouter(tags=["inbox"])


class InboxPage(Page[InboxItem]):
    """``unread`` counts the whole inbox, not this page."""

    unread: int


@value
class UpTo:
    """The ``position`` of the newest that was seen."""

    position: Annotated[int, Field(ge=0, le=2**53)]


@value
class ReadCount:
    """How many were unread until now."""

    read: int


@router.get("/inbox", dependencies=[allow(*EVERYBODY)])
async def read_inbox(
    ask: Ask,
    paging: Paging,
    show: Annotated[Show, Query(description="`all`: whatever is not archived")] = "all",
    accept_language: AcceptLanguage = None,
) -> InboxPage:
    """My inbox, newest first; of several about the same thing only the newest."""
    before = paging.after(int)
    rows = await inbox(ask.db, ask.user.login, show, before[0] if before else None, paging.fetch)
    page = paging.page(rows, key=lambda found: (found[0].position,))
    reader = await Reader.of(ask.directory, ask.user.login, accept_language, ask.policy)
    return InboxPage(
        items=await reader.items(page.items),
        next=page.next,
        unread=await unread_count(ask.db, ask.user.login),
    )


@router.post("/inbox/read", dependencies=[allow(*EVERYBODY)])
async def read_up_to(body: UpTo, do: Do) -> ReadCount:
    """Everything unread in my inbox up to a position is read, the hidden repeats as well."""
    ids = await unread_ids(do.db, do.user.login, body.position)
    read = ReadNotification(at=do.now, by=do.user.login)

    def reading(id: UUID):  # type: ignore[no-untyped-def]
        async def work(unit: Unit) -> None:
            await unit.execute(NOTIFICATION, id, read)

        return work

    def meta(_: int) -> Meta:
        return Meta(who=do.user.login, why=do.why, correlation_id=do.correlation_id)

    position = 0
    for start in range(0, len(ids), _AT_ONCE):
        chunk = ids[start : start + _AT_ONCE]
        for outcome in await do.service.streams.transact_many(
            [reading(id) for id in chunk], meta, ahead=[(NOTIFICATION, id) for id in chunk]
        ):
            if isinstance(outcome, Exception):
                raise outcome
            position = max(position, outcome.position)
    if position:
        do.response.headers["Keqing-Position"] = f"notify:{position}"
    return ReadCount(read=len(ids))


@router.post("/inbox/{notification_id}/read", dependencies=[allow(*EVERYBODY)])
async def read(notification_id: UUID, do: Do) -> Receipt:
    """I have read it."""
    return await do(NOTIFICATION, notification_id, ReadNotification(at=do.now, by=do.user.login))


@router.post("/inbox/{notification_id}/unread", dependencies=[allow(*EVERYBODY)])
async def unread(notification_id: UUID, do: Do) -> Receipt:
    """Back to unread, also from the archive."""
    return await do(NOTIFICATION, notification_id, MarkUnread(at=do.now, by=do.user.login))


@router.post("/inbox/{notification_id}/archive", dependencies=[allow(*EVERYBODY)])
async def archive(notification_id: UUID, do: Do) -> Receipt:
    """Out of the inbox, still to be found with ``show=archived``."""
    return await do(NOTIFICATION, notification_id, ArchiveNotification(at=do.now, by=do.user.login))
