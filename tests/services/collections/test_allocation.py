"""A payment meets the invoices it pays: both sides move together, or neither."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from keqing_collections.allocation import Wish
from keqing_collections.invoice import INVOICE, Invoice
from keqing_collections.invoice.commands import IssueInvoice
from keqing_collections.invoice.rules import AllocationExceedsOpen, InvoiceUnknown, OtherCustomer
from keqing_collections.payment import (
    PAYMENT,
    AllocationExceedsPayment,
    CurrencyOfPayment,
    Payment,
    PaymentIsReversed,
    PaymentUnknown,
    ReceivePayment,
)
from keqing_collections.routes.allocating import allocate, receive, reverse
from keqing_shared.domain import Money
from keqing_shared.testing import given

ACME = UUID(int=1)
RIVAL = UUID(int=2)
JANUARY, FEBRUARY, MARCH = UUID(int=21), UUID(int=22), UUID(int=23)
PAID, PAID_AGAIN = UUID(int=11), UUID(int=12)
TODAY = date(2026, 4, 20)


def money(amount: str, currency: str = "CNY") -> Money:
    return Money(amount=Decimal(amount), currency=currency)


class Books:
    """The ledger with the words of these tests."""

    def __init__(self, ledger: Any) -> None:
        self.ledger = ledger

    def invoice(
        self, id: UUID, month: int, amount: str, customer: UUID = ACME, currency: str = "CNY"
    ) -> None:
        async def work(unit: Any) -> None:
            command = IssueInvoice(
                customer_id=customer,
                number=f"INV-{month}",
                amount=money(amount, currency),
                issued_on=date(2026, month, 1),
                today=TODAY,
            )
            await unit.execute(INVOICE, id, command)

        self.ledger.transact(work)

    def receive(
        self,
        amount: str,
        wishes: Sequence[Wish] | None = None,
        candidates: Sequence[UUID] = (MARCH, JANUARY, FEBRUARY),
        on: date = TODAY,
        id: UUID = PAID,
        currency: str = "CNY",
    ) -> None:
        payment = ReceivePayment(
            customer_id=ACME, amount=money(amount, currency), received_on=on, today=TODAY
        )
        self.ledger.transact(lambda unit: receive(unit, id, payment, wishes, candidates))

    def allocate(
        self, wishes: Sequence[Wish] | None = None, candidates: Sequence[UUID] = (), on: date = TODAY
    ) -> None:
        self.ledger.transact(lambda unit: allocate(unit, PAID, wishes, candidates, on, TODAY))

    def reverse(self, on: date = TODAY, id: UUID = PAID) -> None:
        self.ledger.transact(lambda unit: reverse(unit, id, on, TODAY, "bounced"))

    def open(self, *ids: UUID) -> list[str]:
        states = [given(INVOICE, *self.ledger.facts[id]) for id in ids]
        return [str(_state(INVOICE, state.history).open.amount) for state in states]

    @property
    def unallocated(self) -> str:
        payment: Payment = _state(PAYMENT, self.ledger.facts[PAID])
        return str(payment.unallocated.amount)


def _state(aggregate: Any, facts: Sequence[Any]) -> Any:
    state: Invoice | Payment | None = None
    for fact in facts:
        state = aggregate.evolve(state, fact)
    return state


@pytest.fixture
def books(ledger: Any) -> Books:
    books = Books(ledger)
    books.invoice(JANUARY, 1, "100.00")
    books.invoice(FEBRUARY, 2, "200.00")
    books.invoice(MARCH, 3, "300.00")
    return books


def wish(id: UUID, amount: str) -> Wish:
    return Wish(invoice_id=id, amount=money(amount))


def test_a_payment_goes_to_the_oldest_due_first(books: Books) -> None:
    books.receive("250.00", candidates=(JANUARY, FEBRUARY, MARCH))
    assert books.open(JANUARY, FEBRUARY, MARCH) == ["0.00", "50.00", "300.00"]
    assert books.unallocated == "0.00"


def test_what_no_invoice_can_take_stays_unallocated(books: Books) -> None:
    books.receive("700.00")
    assert books.open(JANUARY, FEBRUARY, MARCH) == ["0.00", "0.00", "0.00"]
    assert books.unallocated == "100.00"


def test_explicit_allocations_are_followed(books: Books) -> None:
    books.receive("250.00", [wish(MARCH, "150.00"), wish(JANUARY, "40.00")])
    assert books.open(JANUARY, FEBRUARY, MARCH) == ["60.00", "200.00", "150.00"]
    assert books.unallocated == "60.00"


def test_no_wishes_keep_the_payment_whole(books: Books) -> None:
    books.receive("250.00", [])
    assert books.unallocated == "250.00"


def test_a_refused_share_leaves_both_sides_untouched(books: Books) -> None:
    with pytest.raises(AllocationExceedsOpen):
        books.receive("450.00", [wish(MARCH, "300.00"), wish(JANUARY, "100.01")])
    assert books.open(JANUARY, MARCH) == ["100.00", "300.00"]
    assert books.ledger.facts[PAID] == []


def test_shares_beyond_the_payment_are_refused(books: Books) -> None:
    with pytest.raises(AllocationExceedsPayment):
        books.receive("250.00", [wish(MARCH, "150.00"), wish(JANUARY, "100.01")])


def test_the_same_invoice_twice_is_held_to_what_is_open(books: Books) -> None:
    with pytest.raises(AllocationExceedsOpen):
        books.receive("250.00", [wish(JANUARY, "60.00"), wish(JANUARY, "60.00")])


def test_an_invoice_of_another_customer_is_refused(books: Books) -> None:
    books.invoice(UUID(int=29), 3, "10.00", customer=RIVAL)
    with pytest.raises(OtherCustomer):
        books.receive("10.00", [wish(UUID(int=29), "10.00")])


def test_an_unknown_invoice_is_refused(books: Books) -> None:
    with pytest.raises(InvoiceUnknown):
        books.receive("10.00", [wish(UUID(int=30), "10.00")])


def test_another_currency_is_refused_when_named_and_passed_over_when_not(books: Books) -> None:
    with pytest.raises(CurrencyOfPayment):
        books.receive("10.00", [wish(JANUARY, "10.00")], currency="USD")
    books.receive("10.00", currency="USD")
    assert books.unallocated == "10.00"
    assert books.open(JANUARY) == ["100.00"]


def test_a_rest_is_allocated_later(books: Books) -> None:
    books.receive("250.00", [])
    books.allocate([wish(JANUARY, "100.00")])
    books.allocate(candidates=(FEBRUARY, MARCH))
    assert books.open(JANUARY, FEBRUARY, MARCH) == ["0.00", "50.00", "300.00"]
    assert books.unallocated == "0.00"


def test_an_unknown_payment_is_not_allocated(books: Books) -> None:
    with pytest.raises(PaymentUnknown):
        books.allocate([wish(JANUARY, "100.00")])


def test_a_reversal_reopens_every_invoice_it_paid(books: Books) -> None:
    books.receive("250.00", candidates=(JANUARY, FEBRUARY, MARCH))
    books.reverse()
    assert books.open(JANUARY, FEBRUARY, MARCH) == ["100.00", "200.00", "300.00"]
    assert books.unallocated == "0"
    with pytest.raises(PaymentIsReversed):
        books.allocate([wish(JANUARY, "1.00")])
    with pytest.raises(PaymentIsReversed):
        books.reverse()


def test_a_payment_made_before_the_reopening_counts_from_the_reopening(books: Books) -> None:
    books.receive("100.00", [wish(JANUARY, "100.00")], on=date(2026, 2, 1))
    books.reverse(on=date(2026, 3, 1))
    books.receive("100.00", [wish(JANUARY, "100.00")], on=date(2026, 2, 15), id=PAID_AGAIN)
    january: Invoice = _state(INVOICE, books.ledger.facts[JANUARY])
    assert [share.on for share in january.allocations] == [date(2026, 3, 1)]
    assert january.settled_on == date(2026, 3, 1)


def test_a_payment_received_before_the_issue_counts_from_the_issue(books: Books) -> None:
    books.receive("300.00", [wish(MARCH, "300.00")], on=date(2026, 1, 15))
    march: Invoice = _state(INVOICE, books.ledger.facts[MARCH])
    assert march.settled_on == date(2026, 3, 1)
