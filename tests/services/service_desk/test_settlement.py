"""Authority (授权): who may give how much alone, who must agree; and what was promised is given."""

from decimal import Decimal
from uuid import UUID

import pytest

from keqing_service_desk.complaint import COMPLAINT
from keqing_service_desk.complaint.commands import ApproveSettlement, DeclineSettlement, Settle
from keqing_service_desk.complaint.facts import (
    ComplaintSettled,
    SettlementApproved,
    SettlementAwaitsApproval,
    SolutionProposed,
)
from keqing_service_desk.complaint.rules import (
    AmountMissing,
    AmountNotAllowed,
    AmountNotPositive,
    BeyondAuthority,
    InvoiceMissing,
    InvoiceNotConcerned,
    OwnSettlement,
    SettlementNotAsAgreed,
    StepOutOfOrder,
)
from keqing_service_desk.complaint.values import Form, Level, Settlement
from keqing_shared.domain import Money
from keqing_shared.testing import Given, given

from .complaint_life import (
    ACCEPTED,
    ACKNOWLEDGED,
    ESTABLISHED,
    INVOICE,
    OPENED,
    POLICY,
    RESUMED,
    WAITING,
    after,
    complaint,
)


def money(amount: str, currency: str = "CNY") -> Money:
    return Money(amount=Decimal(amount), currency=currency)


def settle(
    form: Form,
    amount: Money | None = None,
    *,
    roles: tuple[str, ...] = ("agent",),
    invoice: UUID | None = None,
) -> Settle:
    settlement = Settlement(form=form, amount=amount, invoice_id=invoice)
    return Settle(settlement=settlement, at=after(50), by="zhao.min", roles=roles)


def awaits(amount: Money, needs: Level) -> SettlementAwaitsApproval:
    return SettlementAwaitsApproval(
        form=Form.REFUND,
        amount=amount,
        needs=needs,
        proposed_by="zhao.min",
        at=after(50),
        assigned_to="zhao.min",
    )


@pytest.mark.parametrize(
    ("roles", "amount", "needs"),
    [
        (("agent",), money("500.00"), None),
        (("agent",), money("500.01"), Level.SUPERVISOR),
        (("agent",), money("5000.00"), Level.SUPERVISOR),
        (("agent",), money("5000.01"), Level.MANAGER),
        (("supervisor",), money("5000.00"), None),
        (("supervisor",), money("5000.01"), Level.MANAGER),
        (("sales_manager",), money("999999.99"), None),
        (("agent", "supervisor"), money("3000.00"), None),
        (("agent",), money("1.00", "EUR"), Level.MANAGER),
        (("supervisor",), money("1.00", "EUR"), Level.MANAGER),
        (("sales_manager",), money("1.00", "EUR"), None),
        (("admin",), money("1.00"), Level.SUPERVISOR),
    ],
)
def test_beyond_ones_authority_a_settlement_awaits_approval(
    roles: tuple[str, ...], amount: Money, needs: Level | None
) -> None:
    tried = complaint(ACCEPTED).when(settle(Form.REFUND, amount, roles=roles))
    if needs is not None:
        tried.then(awaits(amount, needs))
    else:
        tried.then(
            ComplaintSettled(
                form=Form.REFUND, amount=amount, proposed_by="zhao.min", at=after(50), by="zhao.min"
            )
        )


def approve(by: str, *roles: str) -> ApproveSettlement:
    return ApproveSettlement(at=after(55), by=by, roles=roles)


def test_an_approved_settlement_is_given_as_it_was_proposed() -> None:
    complaint(ACCEPTED, awaits(money("800"), Level.SUPERVISOR)).when(approve("qian.li", "supervisor")).then(
        SettlementApproved(at=after(55), by="qian.li"),
        ComplaintSettled(
            form=Form.REFUND, amount=money("800"), proposed_by="zhao.min", at=after(55), by="qian.li"
        ),
    )


def test_nobody_approves_or_declines_what_they_proposed_themselves() -> None:
    waiting = complaint(ACCEPTED, awaits(money("800"), Level.SUPERVISOR))
    waiting.when(approve("zhao.min", "supervisor")).refused(OwnSettlement)
    waiting.when(
        DeclineSettlement(reason="No.", at=after(55), by="zhao.min", roles=("sales_manager",))
    ).refused(OwnSettlement)


def test_the_approver_needs_the_authority_too() -> None:
    waiting = complaint(ACCEPTED, awaits(money("8000"), Level.MANAGER))
    waiting.when(approve("qian.li", "supervisor")).refused(BeyondAuthority, needs="manager")
    waiting.when(approve("wu.jun", "agent")).refused(BeyondAuthority, needs="manager")
    assert len(waiting.when(approve("gao.yan", "sales_manager")).outcome()) == 2


def test_there_is_nothing_to_approve_once_it_is_settled() -> None:
    waiting = awaits(money("800"), Level.SUPERVISOR)
    done = complaint(ACCEPTED, waiting).when(approve("qian.li", "supervisor")).outcome()
    complaint(ACCEPTED, waiting, *done).when(approve("qian.li", "supervisor")).refused(
        StepOutOfOrder, due="goodwill"
    )


@pytest.mark.parametrize("form", [Form.REFUND, Form.CREDIT_NOTE, Form.DISCOUNT, Form.GIFT])
def test_a_form_that_costs_names_its_amount(form: Form) -> None:
    complaint(ACCEPTED).when(settle(form, invoice=INVOICE)).refused(AmountMissing, field="amount")


@pytest.mark.parametrize("form", [Form.REPAIR, Form.REPLACE, Form.RETURN, Form.APOLOGY])
def test_repair_replacement_return_and_apology_need_no_amount(form: Form) -> None:
    complaint(ACCEPTED).when(settle(form)).then(
        ComplaintSettled(form=form, proposed_by="zhao.min", at=after(50), by="zhao.min")
    )


def test_an_amount_given_is_more_than_zero_and_never_goes_with_an_apology() -> None:
    complaint(ACCEPTED).when(settle(Form.REFUND, money("0"))).refused(AmountNotPositive)
    complaint(ACCEPTED).when(settle(Form.GIFT, money("-5"))).refused(AmountNotPositive)
    complaint(ACCEPTED).when(settle(Form.APOLOGY, money("5"))).refused(AmountNotAllowed)


def test_a_costly_repair_needs_authority_as_well() -> None:
    facts = complaint(ACCEPTED).when(settle(Form.REPAIR, money("501"))).outcome()
    assert [type(fact) for fact in facts] == [SettlementAwaitsApproval]


def test_a_credit_note_names_an_invoice_that_the_complaint_concerns() -> None:
    complaint(ACCEPTED).when(settle(Form.CREDIT_NOTE, money("100"))).refused(
        InvoiceMissing, field="invoice_id"
    )
    complaint(ACCEPTED).when(settle(Form.CREDIT_NOTE, money("100"), invoice=UUID(int=99))).refused(
        InvoiceNotConcerned, invoices=[str(INVOICE)]
    )
    facts = complaint(ACCEPTED).when(settle(Form.CREDIT_NOTE, money("100"), invoice=INVOICE)).outcome()
    assert [fact.invoice_id for fact in facts] == [INVOICE]


def agreed(form: Form | None, amount: Money | None) -> Given:
    proposed = SolutionProposed(
        description="Money back.",
        form=form,
        amount=amount,
        at=after(30),
        by="zhao.min",
        assigned_to="zhao.min",
    )
    return given(
        COMPLAINT, OPENED, ACKNOWLEDGED, ESTABLISHED, proposed, WAITING, RESUMED, ACCEPTED, policy=POLICY
    )


def test_what_the_customer_accepted_is_given_in_that_form_and_at_least_that_much() -> None:
    promised = agreed(Form.REFUND, money("300"))
    promised.when(settle(Form.GIFT, money("300"))).refused(
        SettlementNotAsAgreed, form="refund", amount="300", currency="CNY"
    )
    promised.when(settle(Form.REFUND, money("299.99"))).refused(SettlementNotAsAgreed)
    promised.when(settle(Form.REFUND, money("300", "EUR"))).refused(SettlementNotAsAgreed)
    assert len(promised.when(settle(Form.REFUND, money("300"))).outcome()) == 1
    assert len(promised.when(settle(Form.REFUND, money("350"))).outcome()) == 1
    agreed(Form.REPAIR, None).when(settle(Form.REPLACE)).refused(
        SettlementNotAsAgreed, form="repair", amount=None
    )
