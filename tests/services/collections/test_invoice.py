"""The rules of an invoice."""

from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

import pytest

from keqing_collections.business_date import DateInFuture, DateTooEarly
from keqing_collections.invoice import (
    INVOICE,
    AllocationReceived,
    AllocationWithdrawn,
    CreditNoteIssued,
    DisputeResolved,
    InvoiceCancelled,
    InvoiceDisputed,
    InvoiceFact,
    InvoiceIssued,
    InvoiceLine,
    InvoiceReopened,
    InvoiceSettled,
    InvoiceWrittenOff,
    PaymentOverdue,
)
from keqing_collections.invoice.commands import (
    CancelInvoice,
    DisputeInvoice,
    IssueCreditNote,
    IssueInvoice,
    NoteOverdue,
    ResolveDispute,
    TakeAllocation,
    WithdrawAllocations,
    WriteOffInvoice,
)
from keqing_collections.invoice.rules import (
    AllocationExceedsOpen,
    AlreadyDisputed,
    AmountNotPositive,
    CreditExceedsOpen,
    CreditNeedsController,
    DueDateInvalid,
    HasAllocations,
    InvoiceAlreadyIssued,
    InvoiceUnknown,
    LinesDoNotAddUp,
    NotDisputed,
    NothingOpen,
    NothingToCredit,
    OtherCustomer,
    ReasonMissing,
)
from keqing_collections.policy import CollectionsPolicy
from keqing_shared.domain import Money
from keqing_shared.domain.money import CurrenciesDiffer
from keqing_shared.testing import given

ACME = UUID(int=1)
RIVAL = UUID(int=2)
PAID = UUID(int=11)
PAID_LATER = UUID(int=12)
MARCH_2 = date(2026, 3, 2)
DUE = date(2026, 4, 1)
TODAY = date(2026, 3, 20)
CONTROLLER = frozenset({"credit_controller"})


def cny(amount: str) -> Money:
    return Money(amount=Decimal(amount), currency="CNY")


ISSUED = InvoiceIssued(
    customer_id=ACME, number="INV-1", amount=cny("1000.00"), tax=Decimal(0), issued_on=MARCH_2, due_on=DUE
)


def issue(
    amount: Money = cny("1000.00"),
    tax: str = "0",
    due_on: date | None = None,
    terms_days: int | None = None,
    lines: tuple[InvoiceLine, ...] = (),
    issued_on: date = MARCH_2,
) -> IssueInvoice:
    return IssueInvoice(
        customer_id=ACME,
        number="INV-1",
        amount=amount,
        tax=Decimal(tax),
        issued_on=issued_on,
        due_on=due_on,
        terms_days=terms_days,
        lines=lines,
        today=TODAY,
    )


def line(quantity: str, unit_price: str, amount: str) -> InvoiceLine:
    return InvoiceLine(
        description="Pump", quantity=Decimal(quantity), unit_price=Decimal(unit_price), amount=Decimal(amount)
    )


def paid(amount: str, on: date, payment: UUID = PAID) -> AllocationReceived:
    return AllocationReceived(payment_id=payment, amount=cny(amount), on=on)


def withdrawn(amount: str, on: date, payment: UUID = PAID) -> AllocationWithdrawn:
    return AllocationWithdrawn(payment_id=payment, amount=cny(amount), on=on, reason="bounced")


def take(amount: Money, on: date = TODAY, customer: UUID = ACME) -> TakeAllocation:
    return TakeAllocation(payment_id=PAID, customer_id=customer, amount=amount, on=on)


def credit(amount: str, on: date = TODAY, reference: str | None = None) -> IssueCreditNote:
    return IssueCreditNote(amount=cny(amount), on=on, today=TODAY, reason="scratched", reference=reference)


# Issuing


def test_an_invoice_is_due_after_the_terms_of_the_policy() -> None:
    given(INVOICE, policy=CollectionsPolicy(terms_days=30)).when(issue()).then(ISSUED)


def test_terms_of_its_own_count_from_the_issue() -> None:
    [issued] = given(INVOICE).when(issue(terms_days=10)).outcome()
    assert issued.due_on == date(2026, 3, 12)


def test_terms_of_no_days_are_due_at_once() -> None:
    [issued] = given(INVOICE).when(issue(terms_days=0)).outcome()
    assert issued.due_on == MARCH_2


def test_a_due_date_that_contradicts_the_terms_is_refused() -> None:
    given(INVOICE).when(issue(terms_days=30, due_on=date(2026, 4, 2))).refused(DueDateInvalid, field="due_on")


def test_an_invoice_due_before_its_issue_is_refused() -> None:
    given(INVOICE).when(issue(due_on=date(2026, 3, 1))).refused(DueDateInvalid, field="due_on")


def test_an_invoice_issued_tomorrow_is_refused() -> None:
    given(INVOICE).when(issue(issued_on=TODAY + timedelta(days=1))).refused(DateInFuture, field="issued_on")


@pytest.mark.parametrize("amount", ["0", "-1.00"])
def test_an_invoice_over_nothing_is_refused(amount: str) -> None:
    given(INVOICE).when(issue(amount=cny(amount))).refused(AmountNotPositive, field="amount")


def test_lines_and_tax_add_up_to_the_amount() -> None:
    lines = (line("2", "400", "800.00"), line("1.5", "56.6667", "85.00"))
    [issued] = given(INVOICE).when(issue(tax="115.00", lines=lines)).outcome()
    assert issued.lines == lines


def test_lines_that_do_not_add_up_are_refused() -> None:
    given(INVOICE).when(issue(tax="115.00", lines=(line("2", "400", "800.00"),))).refused(
        LinesDoNotAddUp, field="amount"
    )


def test_a_line_that_is_not_quantity_times_price_is_refused() -> None:
    lines = (line("2", "400", "800.00"), line("1", "90", "200.00"))
    given(INVOICE).when(issue(lines=lines)).refused(LinesDoNotAddUp, field="lines.1.amount")


@pytest.mark.parametrize("tax", ["-1", "1000.01"])
def test_a_tax_below_nothing_or_above_the_amount_is_refused(tax: str) -> None:
    given(INVOICE).when(issue(tax=tax)).refused(LinesDoNotAddUp, field="tax")


def test_the_same_number_is_issued_once() -> None:
    given(INVOICE, ISSUED).when(issue()).refused(InvoiceAlreadyIssued, number="INV-1")


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


# Disputes

DISPUTED = InvoiceDisputed(on=date(2026, 3, 10), reason="wrong goods")


def resolve(
    upheld: bool,
    credit: Money | None = None,
    roles: frozenset[str] = CONTROLLER,
    on: date = TODAY,
    note: str = "checked",
) -> ResolveDispute:
    return ResolveDispute(upheld=upheld, credit=credit, on=on, today=TODAY, note=note, by_roles=roles)


def test_an_open_invoice_may_be_disputed() -> None:
    given(INVOICE, ISSUED).when(DisputeInvoice(on=date(2026, 3, 10), today=TODAY, reason="wrong goods")).then(
        DISPUTED
    )


def test_a_disputed_invoice_is_not_disputed_again() -> None:
    given(INVOICE, ISSUED, DISPUTED).when(DisputeInvoice(on=TODAY, today=TODAY, reason="again")).refused(
        AlreadyDisputed
    )


def test_a_settled_invoice_is_not_disputed() -> None:
    given(INVOICE, ISSUED, paid("1000.00", TODAY), InvoiceSettled(settled_on=TODAY)).when(
        DisputeInvoice(on=TODAY, today=TODAY, reason="late")
    ).refused(NothingOpen)


def test_a_dispute_names_its_reason() -> None:
    given(INVOICE, ISSUED).when(DisputeInvoice(on=TODAY, today=TODAY, reason=" ")).refused(
        ReasonMissing, field="reason"
    )


def test_a_new_dispute_does_not_reach_into_the_last_one() -> None:
    resolved = DisputeResolved(on=date(2026, 3, 15), upheld=False, note="checked")
    given(INVOICE, ISSUED, DISPUTED, resolved).when(
        DisputeInvoice(on=date(2026, 3, 14), today=TODAY, reason="again")
    ).refused(DateTooEarly, earliest=date(2026, 3, 15))


def test_an_upheld_dispute_credits_what_was_agreed() -> None:
    given(INVOICE, ISSUED, DISPUTED).when(resolve(True, cny("400.00"))).then(
        DisputeResolved(on=TODAY, upheld=True, note="checked"),
        CreditNoteIssued(number="INV-1-C1", amount=cny("400.00"), on=TODAY, reason="checked"),
    )


def test_an_upheld_dispute_without_an_amount_credits_all_that_is_open() -> None:
    given(INVOICE, ISSUED, paid("600.00", date(2026, 3, 5)), DISPUTED).when(resolve(True)).then(
        DisputeResolved(on=TODAY, upheld=True, note="checked"),
        CreditNoteIssued(number="INV-1-C1", amount=cny("400.00"), on=TODAY, reason="checked"),
        InvoiceSettled(settled_on=TODAY),
    )


def test_a_dispute_upheld_after_payment_in_full_credits_nothing_here() -> None:
    given(
        INVOICE,
        ISSUED,
        DISPUTED,
        paid("1000.00", date(2026, 3, 12)),
        InvoiceSettled(settled_on=date(2026, 3, 12)),
    ).when(resolve(True)).then(DisputeResolved(on=TODAY, upheld=True, note="checked"))


def test_an_upheld_dispute_credits_no_more_than_is_open() -> None:
    given(INVOICE, ISSUED, DISPUTED).when(resolve(True, cny("1000.01"))).refused(CreditExceedsOpen)


def test_a_dispute_not_upheld_leaves_the_amount_as_it_was() -> None:
    tried = given(INVOICE, ISSUED, DISPUTED).when(resolve(False, roles=frozenset({"collector"})))
    tried.then(DisputeResolved(on=TODAY, upheld=False, note="checked"))
    assert tried.state().open == cny("1000.00")
    assert not tried.state().disputed


def test_a_dispute_not_upheld_earns_no_credit() -> None:
    given(INVOICE, ISSUED, DISPUTED).when(resolve(False, cny("1.00"))).refused(NothingToCredit)


def test_a_collector_cannot_uphold_a_dispute() -> None:
    given(INVOICE, ISSUED, DISPUTED).when(resolve(True, roles=frozenset({"collector"}))).refused(
        CreditNeedsController
    )


def test_what_is_not_disputed_cannot_be_resolved() -> None:
    given(INVOICE, ISSUED).when(resolve(False)).refused(NotDisputed)


def test_a_dispute_is_not_resolved_before_it_began() -> None:
    given(INVOICE, ISSUED, DISPUTED).when(resolve(False, on=date(2026, 3, 9))).refused(DateTooEarly)


def test_a_resolution_says_what_was_found() -> None:
    given(INVOICE, ISSUED, DISPUTED).when(resolve(False, note="")).refused(ReasonMissing, field="note")


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


# Overdue


def overdue(
    threshold: int, on: date, days: int, open: str = "1000.00", disputed: bool = False
) -> PaymentOverdue:
    return PaymentOverdue(
        number="INV-1",
        threshold=threshold,
        days_overdue=days,
        on=on,
        due_on=DUE,
        open=cny(open),
        disputed=disputed,
    )


def test_on_the_due_day_nothing_is_overdue() -> None:
    given(INVOICE, ISSUED).when(NoteOverdue(today=DUE)).then()


def test_the_day_after_due_the_payment_is_overdue() -> None:
    given(INVOICE, ISSUED).when(NoteOverdue(today=date(2026, 4, 2))).then(overdue(1, date(2026, 4, 2), 1))


def test_a_threshold_is_raised_once() -> None:
    given(INVOICE, ISSUED, overdue(1, date(2026, 4, 2), 1)).when(NoteOverdue(today=date(2026, 4, 30))).then()


def test_thresholds_passed_unseen_are_raised_with_the_days_they_fell_on() -> None:
    # 1 April + 30 days is 1 May, + 60 is 31 May; 90 is 30 June.
    given(INVOICE, ISSUED, paid("400.00", DUE)).when(NoteOverdue(today=date(2026, 6, 29))).then(
        overdue(1, date(2026, 4, 2), 1, open="600.00"),
        overdue(30, date(2026, 5, 1), 30, open="600.00"),
        overdue(60, date(2026, 5, 31), 60, open="600.00"),
    )


def test_days_of_grace_put_off_every_threshold() -> None:
    policy = CollectionsPolicy(grace_days=3, overdue_thresholds=(1, 30))
    tried = given(INVOICE, ISSUED, policy=policy)
    tried.when(NoteOverdue(today=date(2026, 4, 4))).then()
    tried.when(NoteOverdue(today=date(2026, 4, 5))).then(overdue(1, date(2026, 4, 5), 4))


def test_a_settled_invoice_is_never_overdue() -> None:
    given(INVOICE, ISSUED, paid("1000.00", DUE), InvoiceSettled(settled_on=DUE)).when(
        NoteOverdue(today=date(2026, 12, 31))
    ).then()


def test_a_disputed_invoice_is_overdue_too_and_says_so() -> None:
    given(INVOICE, ISSUED, DISPUTED).when(NoteOverdue(today=date(2026, 4, 2))).then(
        overdue(1, date(2026, 4, 2), 1, disputed=True)
    )


def test_a_reopened_invoice_is_overdue_from_the_day_it_was_open_again() -> None:
    history: list[InvoiceFact] = [
        ISSUED,
        paid("1000.00", MARCH_2),
        InvoiceSettled(settled_on=MARCH_2),
        withdrawn("1000.00", date(2026, 5, 10)),
        InvoiceReopened(on=date(2026, 5, 10), open=cny("1000.00")),
    ]
    given(INVOICE, *history).when(NoteOverdue(today=date(2026, 5, 10))).then(
        overdue(1, date(2026, 5, 10), 39), overdue(30, date(2026, 5, 10), 39)
    )
