"""Messages of other contexts, taking effect in collections as the consumer lets them."""

from datetime import UTC, datetime
from itertools import count
from typing import Any
from uuid import UUID, uuid4

import msgspec

from keqing_collections.reactions import reactions
from keqing_shared.messaging.envelope import Envelope
from tests.services.collections.desk import Desk

POSITIONS = count(1)
TOLD_AT = datetime(2026, 4, 18, 3, 0, tzinfo=UTC)


async def tell(
    desk: Desk, context: str, name: str, customer: UUID, data: dict[str, Any], times: int = 1
) -> None:
    """The message takes effect as the consumer lets it, ``times`` over, as if no checkpoint helped."""
    position = next(POSITIONS)
    envelope = Envelope(
        specversion="1.0",
        id=f"{context}:{position}",
        source=f"/keqing/{context}",
        type=f"keqing.{context}.{name}.v1",
        subject=customer,
        time=TOLD_AT,
        datacontenttype="application/json",
        position=position,
        previous=position - 1,
        who="somebody",
        data=msgspec.Raw(msgspec.json.encode(data)),
    )
    service = desk.serving.service
    for _ in range(times):
        async with service.pool.acquire() as db, db.transaction():
            receipts = await reactions.react(envelope, service, db)
        for receipt in receipts:
            service.log.signal(receipt.position)
    await desk.serving.catch_up()


def won(amount: str, deal: UUID | None = None, on: str = "2026-04-17") -> dict[str, Any]:
    return {
        "opportunity_id": str(deal or uuid4()),
        "owner": "li.wei",
        "amount": {"amount": amount, "currency": "CNY"},
        "products": [],
        "won_on": on,
    }


def settled(
    form: str, amount: str | None, invoice: UUID | None = None, currency: str = "CNY"
) -> dict[str, Any]:
    return {
        "complaint_id": str(uuid4()),
        "form": form,
        "amount": None if amount is None else {"amount": amount, "currency": currency},
        "invoice_id": None if invoice is None else str(invoice),
    }
