"""Destroying a customer's key: in one transaction with the fact that says so."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import partial
from typing import TYPE_CHECKING, Any
from uuid import UUID

from keqing_shared.directory import ErasedTold
from keqing_shared.log import Meta, Receipt
from keqing_shared.messaging import Event, Reactions, Within
from keqing_shared.privacy.erasure import ERASURE, DestroyKey, erasure_id
from keqing_shared.privacy.keys import Keys

if TYPE_CHECKING:
    from keqing_shared.service import Service


async def destroy(
    execute: Callable[..., Awaitable[Receipt]], db: Any, keys: Keys, customer_id: UUID
) -> Receipt:
    """Within the transaction of ``db``. Appended first: who holds the log's lock waits for no other key.

    The customer's snapshots go too; claims on personal names are the business of who made them.
    """
    receipt = await execute(ERASURE, erasure_id(customer_id), DestroyKey(customer_id=customer_id))
    if receipt.facts:
        streams = await streams_of(db, customer_id)
        await keys.destroy(db, customer_id, streams, receipt.position)
        await db.execute("DELETE FROM snapshots WHERE originator_id = ANY($1)", streams)
    return receipt


async def streams_of(db: Any, customer_id: UUID) -> list[UUID]:
    """Every stream with a fact of the customer's."""
    rows = await db.fetch("SELECT DISTINCT originator_id FROM facts WHERE customer_id = $1", customer_id)
    return [row["originator_id"] for row in rows]


@asynccontextmanager
async def erasing(service: "Service", customer_id: UUID, meta: Meta) -> AsyncIterator[Any]:
    """A transaction that ends with the destruction of the customer's key; nobody else writes meanwhile,
    so what is decided within stands. ``meta``: who wants it."""
    async with service.pool.acquire() as db, db.transaction():
        await db.execute("SELECT FROM log_head FOR UPDATE")
        yield db
        execute = partial(service.streams.execute, meta=meta, within=db)
        receipt = await destroy(execute, db, service.keys, customer_id)
    service.log.signal(receipt.position)


def carry_out_erasures(reactions: Reactions) -> None:
    """What pipeline orders is carried out here, in the consumer's transaction. Register it after
    ``follow_directory``."""
    reactions.on("pipeline", "CustomerErased", ErasedTold)(_carry_out)


async def _carry_out(event: Event[ErasedTold], within: Within) -> None:
    if event.customer_id is not None:
        await destroy(within.execute, within.db, within.service.keys, event.customer_id)
