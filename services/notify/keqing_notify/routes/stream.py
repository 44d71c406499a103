"""The live stream: notifications as they are raised, as server-sent events."""

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Annotated

import msgspec
from fastapi import APIRouter, Header
from fastapi.responses import StreamingResponse

from keqing_notify.live import live_of
from keqing_notify.policy import NotifyPolicy
from keqing_notify.reader import Reader
from keqing_notify.routes.inbox import EVERYBODY, AcceptLanguage
from keqing_notify.views.inbox import InboxRow, raised_between
from keqing_shared.domain.shape import shape
from keqing_shared.domain.worded import Words
from keqing_shared.http import Ask, allow
from keqing_shared.http.ask import PATIENCE

RECONNECT_MS = 2000
_PAGE = 200
_DESCRIPTION = """Each event `notification` is an item of the inbox as JSON; its `id` is the item's position.
Resume with `Last-Event-ID` (or ask for what came after any position): nothing is left out. A comment
comes every few seconds; the stream ends after an hour, with its token, when the server stops, or when its
client is too slow, and is then to be resumed."""

router = APIRouter(tags=["inbox"])


@router.get(
    "/stream",
    dependencies=[allow(*EVERYBODY)],
    response_class=StreamingResponse,
    responses={
        200: {
            "description": _DESCRIPTION,
            "content": {"text/event-stream": {"schema": {"type": "string"}}},
        }
    },
)
async def stream(
    ask: Ask,
    last_event_id: Annotated[
        str | None,
        Header(
            alias="Last-Event-ID",
            pattern=shape(
                r"^(0|[1-9][0-9]{0,15})$", Words("the id of the last event that arrived: a whole number")
            ),
            description="the id of the last event that arrived",
        ),
    ] = None,
    accept_language: AcceptLanguage = None,
) -> StreamingResponse:
    """My notifications, live."""
    return StreamingResponse(
        _events(ask, None if last_event_id is None else int(last_event_id), accept_language),
        media_type="text/event-stream",
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )


async def _events(ask: Ask, last_event_id: int | None, accept_language: str | None) -> AsyncIterator[bytes]:
    service, login = ask.service, ask.user.login
    policy: NotifyPolicy = ask.policy
    loop = asyncio.get_running_loop()
    ends_at = loop.time() + min(policy.live_for, ask.user.until - time.time())

    async def event(row: InboxRow) -> bytes:
        reader = await Reader.of(service.directory, login, accept_language, policy)
        item = msgspec.json.encode(await reader.item(row))
        return b"id: %d\nevent: notification\ndata: %s\n\n" % (row.position, item)

    async with live_of(service).listening(login) as listener:
        yield b"retry: %d\n: connected\n\n" % RECONNECT_MS
        if last_event_id is not None:
            # What was raised before we listened is in the view once the view is there.
            try:
                await service.views.wait_for(listener.since, PATIENCE)
            except TimeoutError:
                return
            sent = last_event_id
            while rows := await raised_between(service.pool, login, sent, listener.since, _PAGE):
                for row in rows:
                    yield await event(row)
                sent = rows[-1].position
        while loop.time() < ends_at:
            try:
                new = await listener.next(min(policy.heartbeat, max(0.0, ends_at - loop.time())))
            except TimeoutError:
                yield b": still here\n\n"
                continue
            if new is None:
                return
            if last_event_id is None or new.position > last_event_id:
                yield await event(new)
