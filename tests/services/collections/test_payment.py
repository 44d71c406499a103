"""The rules of a payment."""

from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

import pytest

from keqing_collections.business_date import DateInFuture, DateTooEarly
from keqing_collections.invoice.rules import AmountNotPositive, ReasonMissing
from keqing_collections.payment import (
    PAYMENT,
    AllocatePayment,
    AllocationExceedsPayment,
    CreditGranted,
    CurrencyOfPayment,
    GrantCredit,
    PaymentAllocated,
    PaymentAlreadyReceived,
    PaymentIsReversed,
    PaymentReceived,
    PaymentReversed,
    PaymentUnknown,
    ReceivePayment,
    ReversePayment,
    Share,
)
from keqing_shared.domain import Money
from keqing_shared.testing import given

ACME = UUID(int=1)
FIRST = UUID(int=21)
SECOND = UUID(int=22)
MARCH_10 = date(2026, 3, 10)
TODAY = date(2026, 3, 20)


def cny(amount: str) -> Money:
    return Money(amount=Decimal(amount), currency="CNY")


RECEIVED = PaymentReceived(customer_id=ACME, amount=cny("500.00"), received_on=MARCH_10, reference="wire 7")
REVERSED = PaymentReversed(amount=cny("500.00"), on=TODAY, reason="bounced")


def share(invoice: UUID, amount: str, on: date = MARCH_10, currency: str = "CNY") -> Share:
    return Share(invoice_id=invoice, amount=Money(amount=Decimal(amount), currency=currency), on=on)


def receive(*shares: Share, amount: str = "500.00", on: date = MARCH_10) -> ReceivePayment:
    return ReceivePayment(
        customer_id=ACME, amount=cny(amount), received_on=on, reference="wire 7", shares=shares, today=TODAY
    )


def allocate(*shares: Share) -> AllocatePayment:
    return AllocatePayment(shares=shares, today=TODAY)


def allocated(invoice: UUID, amount: str, on: date = MARCH_10) -> PaymentAllocated:
    return PaymentAllocated(invoice_id=invoice, amount=cny(amount), on=on)


def test_a_payment_without_allocations_stays_unallocated() -> None:
    tried = given(PAYMENT).when(receive())
    tried.then(RECEIVED)
    assert tried.state().unallocated == cny("500.00")


def test_a_payment_is_spread_over_invoices_and_the_rest_is_kept() -> None:
    tried = given(PAYMENT).when(receive(share(FIRST, "300.00"), share(SECOND, "150.00")))
    tried.then(RECEIVED, allocated(FIRST, "300.00"), allocated(SECOND, "150.00"))
    assert tried.state().unallocated == cny("50.00")


def test_more_than_the_payment_is_not_allocated() -> None:
    given(PAYMENT).when(receive(share(FIRST, "300.00"), share(SECOND, "200.01"))).refused(
        AllocationExceedsPayment, unallocated="500.00", field="allocations.1.amount"
    )


def test_the_rest_can_be_allocated_later() -> None:
    given(PAYMENT, RECEIVED, allocated(FIRST, "300.00")).when(allocate(share(SECOND, "200.00", TODAY))).then(
        allocated(SECOND, "200.00", TODAY)
    )


def test_what_is_spent_is_not_allocated_again() -> None:
    given(PAYMENT, RECEIVED, allocated(FIRST, "500.00")).when(allocate(share(SECOND, "0.01"))).refused(
        AllocationExceedsPayment, unallocated="0.00"
    )


def test_a_payment_is_allocated_in_its_own_currency_only() -> None:
    given(PAYMENT, RECEIVED).when(allocate(share(FIRST, "1.00", currency="USD"))).refused(CurrencyOfPayment)


@pytest.mark.parametrize("amount", ["0", "-5"])
def test_a_payment_over_nothing_is_refused(amount: str) -> None:
    given(PAYMENT).when(receive(amount=amount)).refused(AmountNotPositive)
    given(PAYMENT, RECEIVED).when(allocate(share(FIRST, amount))).refused(AmountNotPositive)


def test_a_payment_received_tomorrow_is_refused() -> None:
    given(PAYMENT).when(receive(on=TODAY + timedelta(days=1))).refused(DateInFuture, field="received_on")


def test_an_allocation_does_not_count_from_before_the_receipt() -> None:
    given(PAYMENT, RECEIVED).when(allocate(share(FIRST, "1.00", date(2026, 3, 9)))).refused(DateTooEarly)


def test_an_allocation_does_not_count_from_tomorrow() -> None:
    given(PAYMENT, RECEIVED).when(allocate(share(FIRST, "1.00", date(2026, 3, 21)))).refused(DateInFuture)


def test_a_reversal_leaves_nothing_to_allocate() -> None:
    tried = given(PAYMENT, RECEIVED).when(ReversePayment(on=TODAY, today=TODAY, reason="bounced"))
    tried.then(REVERSED)
    assert tried.state().unallocated == cny("0")


def test_a_reversal_says_why() -> None:
    given(PAYMENT, RECEIVED).when(ReversePayment(on=TODAY, today=TODAY, reason="")).refused(ReasonMissing)


def test_a_reversal_does_not_come_before_the_receipt() -> None:
    given(PAYMENT, RECEIVED).when(ReversePayment(on=date(2026, 3, 9), today=TODAY, reason="x")).refused(
        DateTooEarly
    )


def test_a_reversal_dated_tomorrow_is_refused() -> None:
    given(PAYMENT, RECEIVED).when(ReversePayment(on=date(2026, 3, 21), today=TODAY, reason="x")).refused(
        DateInFuture
    )


def test_a_reversed_payment_is_neither_allocated_nor_reversed_again() -> None:
    given(PAYMENT, RECEIVED, REVERSED).when(allocate(share(FIRST, "1.00"))).refused(PaymentIsReversed)
    given(PAYMENT, RECEIVED, REVERSED).when(ReversePayment(on=TODAY, today=TODAY, reason="x")).refused(
        PaymentIsReversed
    )


def test_a_payment_is_received_once() -> None:
    given(PAYMENT, RECEIVED).when(receive()).refused(PaymentAlreadyReceived)


def test_an_unknown_payment_cannot_be_allocated() -> None:
    given(PAYMENT).when(allocate(share(FIRST, "1.00"))).refused(PaymentUnknown)


def test_credit_granted_once_is_allocated_like_a_payment() -> None:
    grant = GrantCredit(
        customer_id=ACME, amount=cny("80.00"), on=MARCH_10, reason="complaint", reference="service-desk:7"
    )
    granted = CreditGranted(
        customer_id=ACME, amount=cny("80.00"), on=MARCH_10, reason="complaint", reference="service-desk:7"
    )
    given(PAYMENT).when(grant).then(granted)
    given(PAYMENT, granted).when(grant).then()
    given(PAYMENT, granted).when(allocate(share(FIRST, "80.00"))).then(allocated(FIRST, "80.00"))
