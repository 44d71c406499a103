"""An invoice is overdue: from which day on, and told how often."""

from datetime import date

from keqing_collections.invoice import INVOICE, InvoiceFact, InvoiceReopened, InvoiceSettled, PaymentOverdue
from keqing_collections.invoice.commands import NoteOverdue
from keqing_collections.policy import CollectionsPolicy
from keqing_shared.testing import given
from tests.services.collections.invoice_life import DISPUTED, DUE, ISSUED, MARCH_2, cny, paid, withdrawn


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
