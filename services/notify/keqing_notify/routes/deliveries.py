"""The delivery log: what was sent to webhooks, how often, with what result."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query

from keqing_notify.delivery import DELIVERY, NoSuchDelivery, ReplayDelivery, Standing
from keqing_notify.views.deliveries import AttemptRow, DeliveryRow, deliveries, delivery
from keqing_shared.domain import value
from keqing_shared.http import Ask, Do, Page, Paging, Receipt, allow

router = APIRouter(tags=["webhooks"])


@value
class DeliveryStory:
    """A delivery with every attempt so far, in order."""

    delivery: DeliveryRow
    attempts: tuple[AttemptRow, ...]


@router.get("/deliveries", dependencies=[allow("admin", "auditor")])
async def list_deliveries(
    ask: Ask,
    paging: Paging,
    webhook: Annotated[UUID | None, Query(description="of this webhook only")] = None,
    status: Annotated[Standing | None, Query(description="`dead`: those that may be replayed")] = None,
) -> Page[DeliveryRow]:
    """Newest first."""
    before = paging.after(int)
    rows = await deliveries(ask.db, webhook, status, before[0] if before else None, paging.fetch)
    return paging.page(rows, key=lambda row: (row.position,))


@router.get("/deliveries/{delivery_id}", dependencies=[allow("admin", "auditor")])
async def show_delivery(delivery_id: UUID, ask: Ask) -> DeliveryStory:
    """One of them, with its attempts."""
    found = await delivery(ask.db, delivery_id)
    if found is None:
        raise NoSuchDelivery
    ask.etag(found[0].version)
    return DeliveryStory(delivery=found[0], attempts=tuple(found[1]))


@router.post("/deliveries/{delivery_id}/replay", dependencies=[allow("admin")])
async def replay(delivery_id: UUID, do: Do) -> Receipt:
    """Sends a dead one again, under the same ``webhook-id``, with all its retries."""
    return await do(DELIVERY, delivery_id, ReplayDelivery(at=do.now))
