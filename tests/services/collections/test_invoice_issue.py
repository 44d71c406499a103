"""An invoice is issued: its amount, its lines, and the day it is due."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from keqing_collections.business_date import DateInFuture
from keqing_collections.invoice import INVOICE, InvoiceLine
from keqing_collections.invoice.commands import IssueInvoice
from keqing_collections.invoice.rules import (
    AmountNotPositive,
    DueDateInvalid,
    InvoiceAlreadyIssued,
    LinesDoNotAddUp,
)
from keqing_collections.policy import CollectionsPolicy
from keqing_shared.domain import Money
from keqing_shared.testing import given
from tests.services.collections.invoice_life import ACME, ISSUED, MARCH_2, TODAY, cny


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
