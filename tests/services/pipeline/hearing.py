"""Messages of other contexts, taking effect in pipeline as the consumer lets them."""

from datetime import UTC, datetime
from itertools import count
from typing import Any
from uuid import UUID

import msgspec

from keqing_pipeline.reactions import reactions
from keqing_shared.messaging.envelope import Envelope
from tests.services.pipeline.sales import Sales

POSITIONS = count(1)
TOLD_AT = datetime(2026, 3, 2, 3, tzinfo=UTC)


async def hear(
    sales: Sales,
    context: str,
    name: str,
    customer: str | None,
    *,
    times: int = 1,
    at: datetime = TOLD_AT,
    **data: Any,
) -> None:
    """``times`` over, as if no checkpoint helped."""
    position = next(POSITIONS)
    envelope = Envelope(
        specversion="1.0",
        id=f"{context}:{position}",
        source=f"/keqing/{context}",
        type=f"keqing.{context}.{name}.v1",
        subject=None if customer is None else UUID(customer),
        time=at,
        datacontenttype="application/json",
        position=position,
        previous=position - 1,
        who="somebody",
        data=msgspec.Raw(msgspec.json.encode(data)),
    )
    service = sales.serving.service
    for _ in range(times):
        async with service.pool.acquire() as db, db.transaction():
            receipts = await reactions.react(envelope, service, db)
        for receipt in receipts:
            service.log.signal(receipt.position)
    await sales.serving.catch_up()
