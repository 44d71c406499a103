"""Which payments are there, and what of them is not allocated."""

from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from keqing_collections.payment import CreditGranted, PaymentAllocated, PaymentReceived, PaymentReversed
from keqing_shared.directory import CUSTOMERS_NAME
from keqing_shared.domain import Recorded, value
from keqing_shared.views import Index, RowKey, Rows, Table, View


@value
class PaymentRow:
    """A payment, or credit on account, in a list."""

    payment_id: UUID
    customer_id: UUID
    currency: str
    amount: Decimal
    unallocated: Decimal
    received_on: date
    granted: bool = False
    """Credit on account rather than money."""
    reversed_on: date | None = None


@value
class PaymentItem(PaymentRow):
    customer: str | None
    """Its name; None of an individual."""


PAYMENTS = Table(
    "payments",
    PaymentRow,
    key=("payment_id",),
    indexes=(
        ("received_on", "payment_id"),
        ("customer_id", "received_on"),
        Index(("received_on", "payment_id"), where="unallocated > 0"),
    ),
)


class Payments(View):
    """One row a payment."""

    name = "payments"
    tables = (PAYMENTS,)

    def touches(self, it: Recorded[Any]) -> Iterable[RowKey]:
        if isinstance(it.fact, PaymentAllocated | PaymentReversed):
            yield PAYMENTS, it.originator_id

    def project(self, it: Recorded[Any], rows: Rows) -> None:
        match it.fact:
            case PaymentReceived() as fact:
                rows.put(
                    PAYMENTS,
                    PaymentRow(
                        payment_id=it.originator_id,
                        customer_id=fact.customer_id,
                        currency=fact.amount.currency,
                        amount=fact.amount.amount,
                        unallocated=fact.amount.amount,
                        received_on=fact.received_on,
                    ),
                )
            case CreditGranted() as fact:
                rows.put(
                    PAYMENTS,
                    PaymentRow(
                        payment_id=it.originator_id,
                        customer_id=fact.customer_id,
                        currency=fact.amount.currency,
                        amount=fact.amount.amount,
                        unallocated=fact.amount.amount,
                        received_on=fact.on,
                        granted=True,
                    ),
                )
            case PaymentAllocated(amount=amount):
                if row := rows.get(PAYMENTS, it.originator_id):
                    rows.put(PAYMENTS, replace(row, unallocated=row.unallocated - amount.amount))
            case PaymentReversed(on=on):
                if row := rows.get(PAYMENTS, it.originator_id):
                    rows.put(PAYMENTS, replace(row, unallocated=Decimal(0), reversed_on=on))


async def payments(
    db: Any,
    *,
    customers: Collection[UUID] | None = None,
    unallocated: bool | None = None,
    owners: Collection[str] | None = None,
    after: tuple[date, UUID] | None = None,
    limit: int = 200,
) -> list[PaymentItem]:
    """In the order of receipt; ``customers``: of these only, ``owners``: of these people's only."""
    received_on, payment_id = after or (None, None)
    records = await db.fetch(
        f"""
        SELECT {PAYMENTS.columns}, {CUSTOMERS_NAME.format(of="p")} FROM payments p
        WHERE ($1::uuid[] IS NULL OR customer_id = ANY ($1))
          AND ($2::bool IS NULL OR (unallocated > 0) = $2)
          AND ($3::text[] IS NULL OR EXISTS (
                SELECT FROM directory_customers d WHERE d.customer_id = p.customer_id AND d.owner = ANY ($3)))
          AND ($4::date IS NULL OR (received_on, payment_id) > ($4, $5::uuid))
        ORDER BY received_on, payment_id LIMIT $6
        """,
        None if customers is None else list(customers),
        unallocated,
        None if owners is None else list(owners),
        received_on,
        payment_id,
        limit,
    )
    return PAYMENTS.items(PaymentItem, records)


async def on_account(db: Any, customers: Collection[UUID]) -> dict[str, Decimal]:
    """What of these customers' payments and credits is not allocated, by currency."""
    records = await db.fetch(
        "SELECT currency, sum(unallocated) AS rest FROM payments"
        " WHERE customer_id = ANY ($1) AND unallocated > 0 GROUP BY currency",
        list(customers),
    )
    return {record["currency"]: record["rest"] for record in records}
