"""An invoice is disputed, and what comes of it."""

from datetime import date

from keqing_collections.business_date import DateTooEarly
from keqing_collections.invoice import INVOICE, CreditNoteIssued, DisputeResolved, InvoiceSettled
from keqing_collections.invoice.commands import DisputeInvoice, ResolveDispute
from keqing_collections.invoice.rules import (
    AlreadyDisputed,
    CreditExceedsOpen,
    CreditNeedsController,
    NotDisputed,
    NothingOpen,
    NothingToCredit,
    ReasonMissing,
)
from keqing_shared.domain import Money
from keqing_shared.testing import given
from tests.services.collections.invoice_life import DISPUTED, ISSUED, TODAY, cny, paid

CONTROLLER = frozenset({"credit_controller"})


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
