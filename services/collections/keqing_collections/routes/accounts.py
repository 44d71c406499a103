"""A customer's account: what is owed, what is not allocated, what was bought."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from uuid import UUID

from fastapi import APIRouter

from keqing_collections.credit_file import CREDIT_FILE, Purchase, credit_file_of
from keqing_collections.routes.sight import MAY_READ
from keqing_collections.views.invoices import InvoiceItem, Owed, invoices, owed
from keqing_collections.views.payments import PaymentItem, on_account, payments
from keqing_shared.directory import files_of
from keqing_shared.domain import value
from keqing_shared.http import Ask, Asking

router = APIRouter(tags=["accounts"])

MOST = 100
"""Invoices and payments shown; `/invoices` and `/payments` page through all of them."""
NOTHING = Decimal("0.00")


@value
class Balance:
    """One currency of an account; overdue and disputed are parts of open and may overlap."""

    currency: str
    open: Decimal
    overdue: Decimal
    disputed: Decimal
    unallocated: Decimal
    purchased: Decimal
    """Deals won."""


@value
class CreditFileShown:
    """Opened by the first deal won."""

    opened_on: date
    purchases: tuple[Purchase, ...]


@value
class Account:
    customer_id: UUID
    name: str | None
    owner: str | None
    balances: tuple[Balance, ...]
    credit_file: CreditFileShown | None
    open_invoices: tuple[InvoiceItem, ...]
    """The first hundred, oldest due first."""
    unallocated: tuple[PaymentItem, ...]
    """The first hundred payments and credits with a rest, oldest first."""


@router.get("/customers/{customer_id}/account", dependencies=[MAY_READ])
async def account(customer_id: UUID, ask: Ask) -> Account:
    """What a customer owes and has on account, and the purchases behind it; together with the files that
    are part of it by now."""
    customer = await ask.see_customer(customer_id)
    files = await files_of(ask.db, customer_id)
    credit = await _credit(ask, files)
    purchases = credit.purchases if credit else ()
    debts = {debt.currency: debt for debt in await owed(ask.db, files, ask.today)}
    rests = await on_account(ask.db, files)
    bought: dict[str, Decimal] = {}
    for purchase in purchases:
        currency = purchase.amount.currency
        bought[currency] = bought.get(currency, NOTHING) + purchase.amount.amount
    return Account(
        customer_id=customer_id,
        name=customer.name,
        owner=customer.owner,
        balances=tuple(
            _balance(currency, debts.get(currency), rests.get(currency), bought.get(currency))
            for currency in sorted({*debts, *rests, *bought})
        ),
        credit_file=credit,
        open_invoices=tuple(await invoices(ask.db, ask.today, customers=files, status="open", limit=MOST)),
        unallocated=tuple(await payments(ask.db, customers=files, unallocated=True, limit=MOST)),
    )


async def _credit(ask: Asking, files: Sequence[UUID]) -> CreditFileShown | None:
    """Of all of them, as if it had been one from the first deal on."""
    found = [
        state
        for file in files
        if (state := (await ask.service.streams.load(CREDIT_FILE, credit_file_of(file))).state) is not None
    ]
    if not found:
        return None
    purchases = sorted((one for file in found for one in file.purchases), key=lambda one: one.on)
    return CreditFileShown(opened_on=min(file.opened_on for file in found), purchases=tuple(purchases))


def _balance(currency: str, debt: Owed | None, rest: Decimal | None, bought: Decimal | None) -> Balance:
    return Balance(
        currency=currency,
        open=debt.open if debt else NOTHING,
        overdue=debt.overdue if debt else NOTHING,
        disputed=debt.disputed if debt else NOTHING,
        unallocated=rest or NOTHING,
        purchased=bought or NOTHING,
    )
