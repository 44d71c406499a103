"""Payments meet invoices: each step touches both sides together, within one unit of work.

A unit runs again from the start when somebody else was faster, so whatever is decided here is
decided on what the streams say at that moment.
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import date
from typing import Any, Protocol, TypeVar
from uuid import UUID

from keqing_collections.allocation import Wish, oldest_due_first, share_of
from keqing_collections.invoice import INVOICE, Invoice
from keqing_collections.invoice.commands import TakeAllocation, WithdrawAllocations
from keqing_collections.invoice.rules import InvoiceUnknown, OtherCustomer
from keqing_collections.payment import (
    PAYMENT,
    AllocatePayment,
    Payment,
    PaymentIsReversed,
    PaymentUnknown,
    ReceivePayment,
    ReversePayment,
    Share,
)
from keqing_shared.domain import Aggregate, Command, Money

S = TypeVar("S")
S_co = TypeVar("S_co", covariant=True)


class Stream(Protocol[S_co]):
    """A stream as a unit of work sees it."""

    @property
    def state(self) -> S_co | None: ...


class Unit(Protocol):
    """A unit of work over streams."""

    async def load(self, aggregate: Aggregate[S], id: UUID, /) -> Stream[S]: ...

    async def execute(self, aggregate: Aggregate[Any], id: UUID, command: Command, /) -> object: ...


async def receive(
    unit: Unit,
    payment_id: UUID,
    payment: ReceivePayment,
    wishes: Sequence[Wish] | None,
    candidates: Sequence[UUID],
    customers: Collection[UUID] = (),
) -> None:
    """Records a payment and allocates it: as wished, or (``None``) to the candidates, oldest due first.
    ``customers``: to whose invoices it may go beside its own customer's."""
    on, whose = payment.received_on, {payment.customer_id, *customers}
    if wishes is None:
        shares = oldest_due_first(payment.amount, on, await _open(unit, payment.amount, candidates))
    else:
        shares = await _wished(unit, wishes, on, whose)
    await unit.execute(
        PAYMENT,
        payment_id,
        ReceivePayment(
            customer_id=payment.customer_id,
            amount=payment.amount,
            received_on=on,
            today=payment.today,
            reference=payment.reference,
            shares=shares,
            imported=payment.imported,
        ),
    )
    await _take(unit, payment_id, payment.customer_id, whose, shares)


async def allocate(
    unit: Unit,
    payment_id: UUID,
    wishes: Sequence[Wish] | None,
    candidates: Sequence[UUID],
    on: date,
    today: date,
    customers: Collection[UUID] = (),
) -> None:
    """Allocates what is left of a payment: as wished, or (``None``) to the candidates, oldest due first."""
    payment = await _payment(unit, payment_id)
    whose = {payment.customer_id, *customers}
    if wishes is None:
        left = payment.unallocated
        shares = oldest_due_first(left, on, await _open(unit, left, candidates))
    else:
        shares = await _wished(unit, wishes, on, whose)
    await unit.execute(PAYMENT, payment_id, AllocatePayment(shares=shares, today=today))
    await _take(unit, payment_id, payment.customer_id, whose, shares)


async def reverse(unit: Unit, payment_id: UUID, on: date, today: date, reason: str) -> None:
    """Takes a payment back: every invoice it paid is open again by that much."""
    payment = await _payment(unit, payment_id)
    await unit.execute(PAYMENT, payment_id, ReversePayment(on=on, today=today, reason=reason))
    for invoice_id in payment.invoices:
        await unit.execute(
            INVOICE, invoice_id, WithdrawAllocations(payment_id=payment_id, on=on, reason=reason)
        )


async def _payment(unit: Unit, payment_id: UUID) -> Payment:
    payment = (await unit.load(PAYMENT, payment_id)).state
    if payment is None:
        raise PaymentUnknown
    if payment.reversed_on is not None:
        raise PaymentIsReversed(
            "reversed on {reversed_on}: {reversal_reason}",
            reversed_on=payment.reversed_on,
            reversal_reason=payment.reversal_reason,
        )
    return payment


async def _open(unit: Unit, left: Money, candidates: Sequence[UUID]) -> list[tuple[UUID, Invoice]]:
    """The candidates, in their order, until they can take all that is left."""
    found: list[tuple[UUID, Invoice]] = []
    rest = left.amount
    for key in candidates:
        if rest <= 0:
            break
        invoice = (await unit.load(INVOICE, key)).state
        if invoice is not None and invoice.amount.currency == left.currency:
            found.append((key, invoice))
            rest -= invoice.open.amount
    return found


async def _wished(
    unit: Unit, wishes: Sequence[Wish], on: date, customers: Collection[UUID]
) -> tuple[Share, ...]:
    shares = []
    for index, wish in enumerate(wishes):
        invoice = (await unit.load(INVOICE, wish.invoice_id)).state
        if invoice is None:
            raise InvoiceUnknown("there is no invoice {invoice_id}", invoice_id=wish.invoice_id)
        if invoice.customer_id not in customers:
            raise OtherCustomer(
                "invoice {number} belongs to another customer than the payment",
                field=f"allocations.{index}.invoice_id",
                number=invoice.number,
            )
        shares.append(share_of(wish.invoice_id, invoice, wish.amount, on))
    return tuple(shares)


async def _take(
    unit: Unit, payment_id: UUID, own: UUID, customers: Collection[UUID], shares: Iterable[Share]
) -> None:
    for share in shares:
        invoice = (await unit.load(INVOICE, share.invoice_id)).state
        owing = invoice.customer_id if invoice is not None and invoice.customer_id in customers else own
        await unit.execute(
            INVOICE,
            share.invoice_id,
            TakeAllocation(payment_id=payment_id, customer_id=owing, amount=share.amount, on=share.on),
        )
