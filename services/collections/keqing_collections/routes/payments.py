"""Receiving payments, allocating and reversing them."""

from collections.abc import Sequence
from datetime import date
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import Field

from keqing_collections.allocation import Wish
from keqing_collections.payment import ReceivePayment, Share
from keqing_collections.routes.allocating import allocate, receive, reverse
from keqing_collections.routes.sight import MAY_READ, MAY_WORK, payment_seen
from keqing_collections.views.invoices import oldest_due
from keqing_collections.views.payments import PaymentItem, payments
from keqing_shared.directory import files_of, survivor
from keqing_shared.domain import Day, Line, Money, value
from keqing_shared.http import Ask, Asking, Do, Page, Paging, Receipt

router = APIRouter(tags=["payments"])

Wishes = Annotated[tuple[Wish, ...], Field(max_length=500)]


@value
class NewPayment:
    """Money received. `allocations` left out: oldest due first; empty: kept unallocated."""

    customer_id: UUID
    amount: Money
    received_on: Day
    reference: Line | None = None
    """What the bank says; no names of people."""
    allocations: Wishes | None = None


@value
class Allocations:
    """What is left of a payment, for invoices. `allocations` left out: oldest due first."""

    allocations: Wishes | None = None
    on: Day | None = None
    """The business date they count from; today unless said."""


@value
class Reversal:
    """The money went back, or never came."""

    reason: Line
    on: Day | None = None
    """The business date it counts from; today unless said."""


@value
class PaymentShown:
    """A payment, or credit on account: unallocated = amount - allocations, nothing once reversed."""

    payment_id: UUID
    customer_id: UUID
    amount: Money
    unallocated: Money
    received_on: date
    reference: str | None
    granted: bool
    """Credit on account rather than money."""
    imported: bool
    allocations: tuple[Share, ...]
    reversed_on: date | None
    reversal_reason: str | None


@router.post("/payments", status_code=201, dependencies=[MAY_WORK])
async def record(body: NewPayment, do: Do) -> Receipt:
    """Record a payment and allocate it, all or nothing. What no invoice takes stays unallocated."""
    await do.see_customer(body.customer_id)
    payment_id = do.new_id()
    payment = ReceivePayment(
        customer_id=body.customer_id,
        amount=body.amount,
        received_on=body.received_on,
        reference=body.reference,
        today=do.today,
    )
    files = await files_of(do.db, body.customer_id)
    candidates = await _candidates(do, body.allocations, files, body.amount.currency)

    async def work(unit: Any) -> None:
        await receive(unit, payment_id, payment, body.allocations, candidates, files)

    return await do.transact(work)


@router.get("/payments", dependencies=[MAY_READ])
async def list_payments(
    ask: Ask,
    paging: Paging,
    customer_id: Annotated[UUID | None, Query()] = None,
    unallocated: Annotated[bool | None, Query(description="with a rest to allocate, or without")] = None,
) -> Page[PaymentItem]:
    """Payments in the order of their receipt; of the customers that the user sees. A customer's are also
    those of the files that are part of it."""
    rows = await payments(
        ask.db,
        customers=None if customer_id is None else await files_of(ask.db, customer_id),
        unallocated=unallocated,
        owners=await ask.visible_owners(),
        after=paging.after(date, UUID),
        limit=paging.fetch,
    )
    return paging.page(rows, key=lambda row: (row.received_on, row.payment_id))


@router.get("/payments/{payment_id}", dependencies=[MAY_READ])
async def one_payment(payment_id: UUID, ask: Ask) -> PaymentShown:
    """A payment and where it went."""
    payment, version = await payment_seen(ask, payment_id)
    ask.etag(version)
    return PaymentShown(
        payment_id=payment_id,
        customer_id=payment.customer_id,
        amount=payment.amount,
        unallocated=payment.unallocated,
        received_on=payment.received_on,
        reference=payment.reference,
        granted=payment.granted,
        imported=payment.imported,
        allocations=payment.shares,
        reversed_on=payment.reversed_on,
        reversal_reason=payment.reversal_reason,
    )


@router.post("/payments/{payment_id}/allocations", status_code=201, dependencies=[MAY_WORK])
async def allocate_rest(payment_id: UUID, body: Allocations, do: Do) -> Receipt:
    """Allocate what is left of a payment, all of these or none."""
    payment, _ = await payment_seen(do, payment_id)
    whole = await survivor(do.directory, payment.customer_id)
    files = await files_of(do.db, whole.customer_id if whole else payment.customer_id)
    candidates = await _candidates(do, body.allocations, files, payment.amount.currency)
    on = body.on or do.today

    async def work(unit: Any) -> None:
        await allocate(unit, payment_id, body.allocations, candidates, on, do.today, files)

    return await do.transact(work)


@router.post("/payments/{payment_id}/reversal", status_code=201, dependencies=[MAY_WORK])
async def take_back(payment_id: UUID, body: Reversal, do: Do) -> Receipt:
    """Reverse a payment: the invoices it paid are open again from that day on."""
    await payment_seen(do, payment_id)

    async def work(unit: Any) -> None:
        await reverse(unit, payment_id, body.on or do.today, do.today, body.reason)

    return await do.transact(work)


async def _candidates(
    ask: Asking, wishes: tuple[Wish, ...] | None, customers: Sequence[UUID], currency: str
) -> list[UUID]:
    """Which invoices money without wishes may go to, every one issued before known. Raises Behind."""
    if wishes is not None:
        return []
    await ask.all_shown()
    return await oldest_due(ask.db, customers, currency)
