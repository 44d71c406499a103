"""Webhooks: who else is told, and the secrets they verify with."""

from contextlib import suppress
from datetime import datetime, timedelta
from typing import Annotated
from urllib.parse import urlsplit
from uuid import UUID, uuid4

from fastapi import APIRouter
from pydantic import Field

from keqing_notify.address import AddressNotPublic, check_url
from keqing_notify.delivery import DELIVERY, QueueDelivery, delivery_id
from keqing_notify.resolution import NameUnknown, addresses_of, leads_inside
from keqing_notify.secret import Secrets, new_secret
from keqing_notify.telling import Heard, message_body
from keqing_notify.views.webhooks import WebhookRow, webhook, webhooks
from keqing_notify.webhook import (
    WEBHOOK,
    DisableWebhook,
    EnableWebhook,
    Endpoint,
    NoSuchWebhook,
    RegisterWebhook,
    RotateSecret,
    WebhookIsDisabled,
)
from keqing_shared.domain import value
from keqing_shared.http import Ask, Do, Page, Paging, Receipt, allow
from keqing_shared.http.ask import PATIENCE
from keqing_shared.streams import Unit

REPEATED = "Keqing-Repeated"

router = APIRouter(tags=["webhooks"])


@value
class WebhookSecret:
    """The secret is shown here and never again."""

    id: UUID
    version: int
    secret: Annotated[str, Field(examples=["whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"])]


@router.post("/webhooks", status_code=201, dependencies=[allow("admin")])
async def register(body: Endpoint, do: Do) -> WebhookSecret:
    """Tell another system. From the moment of the answer every event that it wants reaches it, signed."""
    settings = do.service.settings
    if not settings.development:
        await _refuse_inside(body.url)
    webhook_id, secret, secrets = do.new_id(), new_secret(), Secrets(settings)
    # First the secret, so that no delivery ever meets a webhook without one.
    await secrets.add(do.db, webhook_id, secret, do.now)
    registered = False
    try:
        receipt = await do(
            WEBHOOK,
            webhook_id,
            RegisterWebhook(
                endpoint=body,
                known_kinds=frozenset(one.kind for one in do.policy.subscriptions),
                development=settings.development,
                at=do.now,
            ),
        )
        registered = receipt.id == webhook_id
    finally:
        if not registered:
            await secrets.forget(do.db, webhook_id)
    await _known(do, receipt.position)
    if not registered:  # the same command again under its key gets its first answer again
        secret = await _current(do, receipt.id)
        do.response.headers[REPEATED] = "true"
    return WebhookSecret(id=receipt.id, version=receipt.version, secret=secret)


@router.get("/webhooks", dependencies=[allow("admin", "auditor")])
async def list_webhooks(ask: Ask, paging: Paging) -> Page[WebhookRow]:
    """In the order of registration, the disabled ones as well."""
    after = paging.after(datetime, UUID)
    rows = await webhooks(ask.db, (after[0], after[1]) if after else None, paging.fetch)
    return paging.page(rows, key=lambda row: (row.registered_at, row.webhook_id))


@router.get("/webhooks/{webhook_id}", dependencies=[allow("admin", "auditor")])
async def show_webhook(webhook_id: UUID, ask: Ask) -> WebhookRow:
    """One of them."""
    row = await webhook(ask.db, webhook_id)
    if row is None:
        raise NoSuchWebhook
    ask.etag(row.version)
    return row


@router.delete("/webhooks/{webhook_id}", dependencies=[allow("admin")])
async def disable(webhook_id: UUID, do: Do) -> Receipt:
    """No longer told; what is still due dies. It stays in the list and can be enabled again."""
    receipt = await do(WEBHOOK, webhook_id, DisableWebhook(at=do.now, reason="by_hand"))
    await _known(do, receipt.position)
    return receipt


@router.post("/webhooks/{webhook_id}/enable", dependencies=[allow("admin")])
async def enable(webhook_id: UUID, do: Do) -> Receipt:
    """Told again, from now on; dead deliveries can be replayed one by one."""
    development = do.service.settings.development
    receipt = await do(WEBHOOK, webhook_id, EnableWebhook(at=do.now, development=development))
    await _known(do, receipt.position)
    return receipt


@router.post("/webhooks/{webhook_id}/secret", status_code=201, dependencies=[allow("admin")])
async def rotate_secret(webhook_id: UUID, do: Do) -> WebhookSecret:
    """A new secret; for a day the old one signs beside it, so that the receiver can change over."""
    secrets, secret = Secrets(do.service.settings), new_secret()
    receipt = await do(WEBHOOK, webhook_id, RotateSecret(at=do.now))
    if REPEATED in receipt.headers:
        secret = await _current(do, webhook_id)
        do.response.headers[REPEATED] = "true"
    else:
        await secrets.add(do.db, webhook_id, secret, do.now)
    return WebhookSecret(id=webhook_id, version=receipt.version, secret=secret)


@router.post("/webhooks/{webhook_id}/test", status_code=201, dependencies=[allow("admin")])
async def send_ping(webhook_id: UUID, do: Do) -> Receipt:
    """Sends a ``notify.Ping``, retried like anything else; the receipt names the delivery to look at."""
    ping = Heard(
        id=f"ping:{uuid4()}",
        source="notify",
        name="Ping",
        customer_id=None,
        time=do.now,
        who=do.user.login,
        data={},
    )
    queue = QueueDelivery(
        webhook_id=webhook_id,
        event_id=ping.id,
        event=ping.type,
        customer_id=None,
        body=message_body(ping, []),
        at=do.now,
    )

    async def work(unit: Unit) -> None:
        receiver = (await unit.load(WEBHOOK, webhook_id)).state
        if receiver is None:
            raise NoSuchWebhook
        if not receiver.enabled:
            raise WebhookIsDisabled
        await unit.execute(DELIVERY, delivery_id(webhook_id, ping.id), queue)

    return await do.transact(work)


async def _refuse_inside(url: str) -> None:
    """Outside development. A name that is not known yet may become so; it is looked up at every sending."""
    check_url(url, development=False)
    host = urlsplit(url).hostname
    with suppress(NameUnknown):
        if host and leads_inside(await addresses_of(host, 443)):
            raise AddressNotPublic("{host} leads into a private network", field="url", host=host)


async def _known(do: Do, position: int) -> None:
    """Once the view has it, whatever happens from here on finds it. Should it lag, the command stands."""
    with suppress(TimeoutError):
        await do.service.views.wait_for(position, PATIENCE)


async def _current(do: Do, webhook_id: UUID) -> str:
    valid = await Secrets(do.service.settings).valid(do.db, webhook_id, do.now, timedelta())
    return valid[0]
