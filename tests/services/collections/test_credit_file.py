"""The credit file opens with the first deal and counts the purchases."""

from datetime import date
from decimal import Decimal
from uuid import UUID

from keqing_collections.credit_file import (
    CREDIT_FILE,
    CountPurchase,
    CreditFileOpened,
    PurchaseCounted,
    credit_file_of,
)
from keqing_shared.domain import Money
from keqing_shared.testing import given

ACME = UUID(int=1)
ON = date(2026, 3, 2)
AMOUNT = Money(amount=Decimal("9000.00"), currency="CNY")


def won(deal: int) -> CountPurchase:
    return CountPurchase(customer_id=ACME, opportunity_id=UUID(int=deal), amount=AMOUNT, on=ON)


def counted(deal: int) -> PurchaseCounted:
    return PurchaseCounted(opportunity_id=UUID(int=deal), amount=AMOUNT, on=ON)


OPENED = CreditFileOpened(customer_id=ACME, on=ON)


def test_the_first_deal_opens_the_file() -> None:
    given(CREDIT_FILE).when(won(1)).then(OPENED, counted(1))


def test_a_further_deal_is_counted_in_the_same_file() -> None:
    given(CREDIT_FILE, OPENED, counted(1)).when(won(2)).then(counted(2))


def test_the_same_deal_counts_once() -> None:
    given(CREDIT_FILE, OPENED, counted(1)).when(won(1)).then()


def test_a_customer_has_one_file() -> None:
    assert credit_file_of(ACME) == credit_file_of(ACME)
    assert credit_file_of(ACME) != credit_file_of(UUID(int=2))
