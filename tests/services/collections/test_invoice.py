"""What is open on an invoice: paid, given back, credited, written off or cancelled."""

from datetime import date, timedelta
from decimal import Decimal

from keqing_collections.business_date import DateInFuture, DateTooEarly
from keqing_collections.invoice import (
    INVOICE,
    CreditNoteIssued,
    InvoiceCancelled,
    InvoiceReopened,
    InvoiceSettled,
    InvoiceWrittenOff,
)
from keqing_collections.invoice.commands import (
    CancelInvoice,
    IssueCreditNote,
    WithdrawAllocations,
    WriteOffInvoice,
)
from keqing_collections.invoice.rules import (
    AllocationExceedsOpen,
    AmountNotPositive,
    CreditExceedsOpen,
    HasAllocations,
    InvoiceUnknown,
    NothingOpen,
    OtherCustomer,
)
from keqing_shared.domain import Money
from keqing_shared.domain.money import CurrenciesDiffer
from keqing_shared.testing import given
from tests.services.collections.invoice_life import (
    ISSUED,
    MARCH_2,
    PAID,
    PAID_LATER,
    RIVAL,
    TODAY,
    cny,
    paid,
    take,
    withdrawn,
)


def credit(amount: str, on: date = TODAY, reference: str | None = None) -> IssueCreditNote:
    return IssueCreditNote(amount=cny(amount), on=on, today=TODAY, reason="scratched", reference=reference)


def test_nothing_can_be_done_with_an_invoice_that_does_not_exist() -> None:
    given(INVOICE).when(take(cny("1.00"))).refused(InvoiceUnknown)


# Paying


def test_a_partial_payment_leaves_the_rest_open() -> None:
    tried = given(INVOICE, ISSUED).when(take(cny("300.00")))
    tried.then(paid("300.00", TODAY))
    assert tried.state().open == cny("700.00")
    assert tried.state().status == "open"


def test_the_last_part_settles_the_invoice() -> None:
    given(INVOICE, ISSUED, paid("300.00", date(2026, 3, 10), PAID_LATER)).when(take(cny("700.00"))).then(
        paid("700.00", TODAY), InvoiceSettled(settled_on=TODAY)
    )


def test_an_invoice_is_settled_on_the_day_the_last_part_counts_not_the_last_recorded_one() -> None:
    earlier = date(2026, 3, 5)
    given(INVOICE, ISSUED, paid("300.00", date(2026, 3, 10), PAID_LATER)).when(
        take(cny("700.00"), on=earlier)
    ).then(paid("700.00", earlier), InvoiceSettled(settled_on=date(2026, 3, 10)))


def test_allocating_more_than_is_open_is_refused() -> None:
    given(INVOICE, ISSUED, paid("300.00", TODAY)).when(take(cny("700.01"))).refused(
        AllocationExceedsOpen, open="700.00", field="amount"
    )


def test_allocating_another_currency_is_refused() -> None:
    given(INVOICE, ISSUED).when(take(Money(amount=Decimal("1.00"), currency="USD"))).refused(CurrenciesDiffer)


def test_allocating_to_another_customers_invoice_is_refused() -> None:
    given(INVOICE, ISSUED).when(take(cny("1.00"), customer=RIVAL)).refused(OtherCustomer)


def test_allocating_nothing_is_refused() -> None:
    given(INVOICE, ISSUED).when(take(cny("0"))).refused(AmountNotPositive)


def test_an_allocation_does_not_count_from_before_the_issue() -> None:
    given(INVOICE, ISSUED).when(take(cny("1.00"), on=date(2026, 3, 1))).refused(
        DateTooEarly, earliest=MARCH_2
    )


# Reversals


def test_a_reversed_payment_reopens_the_invoice() -> None:
    settled = InvoiceSettled(settled_on=date(2026, 3, 10))
    tried = given(INVOICE, ISSUED, paid("1000.00", date(2026, 3, 10)), settled).when(
        WithdrawAllocations(payment_id=PAID, on=TODAY, reason="bounced")
    )
    tried.then(withdrawn("1000.00", TODAY), InvoiceReopened(on=TODAY, open=cny("1000.00")))
    assert tried.state().status == "open"
    assert tried.state().settled_on is None


def test_only_the_reversed_payments_shares_are_given_back() -> None:
    tried = given(
        INVOICE,
        ISSUED,
        paid("100.00", date(2026, 3, 5)),
        paid("200.00", date(2026, 3, 6), PAID_LATER),
        paid("100.00", date(2026, 3, 9)),
    ).when(WithdrawAllocations(payment_id=PAID, on=date(2026, 3, 7), reason="bounced"))
    # The second share counted from the 9th only, so it cannot go back before.
    tried.then(withdrawn("100.00", date(2026, 3, 7)), withdrawn("100.00", date(2026, 3, 9)))
    assert tried.state().open == cny("800.00")


def test_withdrawing_twice_says_nothing_new() -> None:
    given(INVOICE, ISSUED, paid("100.00", TODAY), withdrawn("100.00", TODAY)).when(
        WithdrawAllocations(payment_id=PAID, on=TODAY, reason="bounced")
    ).then()


def test_after_a_reopening_nothing_counts_from_before_it() -> None:
    history = [ISSUED, paid("1000.00", date(2026, 3, 5)), InvoiceSettled(settled_on=date(2026, 3, 5))]
    reopened = [
        withdrawn("1000.00", date(2026, 3, 12)),
        InvoiceReopened(on=date(2026, 3, 12), open=cny("1000.00")),
    ]
    given(INVOICE, *history, *reopened).when(take(cny("1000.00"), on=date(2026, 3, 11))).refused(
        DateTooEarly, earliest=date(2026, 3, 12)
    )


# Credit notes


def test_a_credit_note_lowers_what_is_open() -> None:
    tried = given(INVOICE, ISSUED).when(credit("250.00"))
    tried.then(CreditNoteIssued(number="INV-1-C1", amount=cny("250.00"), on=TODAY, reason="scratched"))
    assert tried.state().open == cny("750.00")


def test_a_credit_note_over_the_rest_settles_the_invoice() -> None:
    given(INVOICE, ISSUED, paid("900.00", TODAY)).when(credit("100.00")).then(
        CreditNoteIssued(number="INV-1-C1", amount=cny("100.00"), on=TODAY, reason="scratched"),
        InvoiceSettled(settled_on=TODAY),
    )


def test_crediting_more_than_is_open_is_refused() -> None:
    given(INVOICE, ISSUED, paid("900.00", TODAY)).when(credit("100.01")).refused(
        CreditExceedsOpen, open="100.00"
    )


def test_a_credit_note_asked_for_by_the_same_settlement_is_issued_once() -> None:
    note = CreditNoteIssued(
        number="INV-1-C1", amount=cny("5.00"), on=TODAY, reason="scratched", reference="service-desk:7"
    )
    given(INVOICE, ISSUED, note).when(credit("5.00", reference="service-desk:7")).then()


def test_a_credit_note_dated_before_the_issue_is_refused() -> None:
    given(INVOICE, ISSUED).when(credit("5.00", on=date(2026, 3, 1))).refused(DateTooEarly)


def test_a_credit_note_dated_tomorrow_is_refused() -> None:
    given(INVOICE, ISSUED).when(credit("5.00", on=TODAY + timedelta(days=1))).refused(DateInFuture)


# Writing off and cancelling


def test_writing_off_leaves_nothing_open() -> None:
    tried = given(INVOICE, ISSUED, paid("100.00", TODAY)).when(
        WriteOffInvoice(on=TODAY, today=TODAY, reason="bankrupt")
    )
    tried.then(InvoiceWrittenOff(amount=cny("900.00"), on=TODAY, reason="bankrupt"))
    assert tried.state().open == cny("0.00")
    assert tried.state().status == "written_off"


def test_a_settled_invoice_is_not_written_off() -> None:
    given(INVOICE, ISSUED, paid("1000.00", TODAY), InvoiceSettled(settled_on=TODAY)).when(
        WriteOffInvoice(on=TODAY, today=TODAY, reason="bankrupt")
    ).refused(NothingOpen)


def test_a_payment_reversed_after_the_write_off_is_open_again() -> None:
    written_off = InvoiceWrittenOff(amount=cny("900.00"), on=date(2026, 3, 15), reason="bankrupt")
    tried = given(INVOICE, ISSUED, paid("100.00", date(2026, 3, 10)), written_off).when(
        WithdrawAllocations(payment_id=PAID, on=date(2026, 3, 12), reason="bounced")
    )
    assert tried.state().open == cny("100.00")
    assert tried.state().status == "open"


def test_an_invoice_nothing_was_paid_on_can_be_cancelled() -> None:
    given(INVOICE, ISSUED).when(CancelInvoice(on=TODAY, today=TODAY, reason="typed wrong")).then(
        InvoiceCancelled(amount=cny("1000.00"), on=TODAY, reason="typed wrong")
    )


def test_an_invoice_with_an_allocation_cannot_be_cancelled() -> None:
    given(INVOICE, ISSUED, paid("1.00", TODAY)).when(
        CancelInvoice(on=TODAY, today=TODAY, reason="typed wrong")
    ).refused(HasAllocations, payments=[str(PAID)])


def test_a_cancelled_invoice_takes_no_payment() -> None:
    cancelled = InvoiceCancelled(amount=cny("1000.00"), on=TODAY, reason="typed wrong")
    given(INVOICE, ISSUED, cancelled).when(take(cny("1.00"))).refused(AllocationExceedsOpen)
    given(INVOICE, ISSUED, cancelled).when(CancelInvoice(on=TODAY, today=TODAY, reason="x")).refused(
        NothingOpen
    )
