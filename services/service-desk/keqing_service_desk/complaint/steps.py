"""The steps from acknowledgement to closing, each only when it is due."""

from typing import NoReturn

from keqing_service_desk.complaint.authority import needed
from keqing_service_desk.complaint.commands import (
    AcceptSolution,
    Acknowledge,
    ApproveSettlement,
    CloseComplaint,
    DeclineSettlement,
    EstablishFacts,
    FollowUpGoodwill,
    ProposeSolution,
    RejectSolution,
    Settle,
    StepCommand,
)
from keqing_service_desk.complaint.facts import (
    ComplaintAcknowledged,
    ComplaintClosed,
    ComplaintFact,
    ComplaintSettled,
    FactsEstablished,
    GoodwillFollowedUp,
    SettlementApproved,
    SettlementAwaitsApproval,
    SettlementDeclined,
    SolutionAccepted,
    SolutionProposed,
    SolutionRejected,
    WaitingForCustomer,
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
    StoryNotHeardOut,
)
from keqing_service_desk.complaint.state import Complaint
from keqing_service_desk.complaint.values import COSTS, Form, Settlement, Step
from keqing_service_desk.policy import ServiceDeskPolicy
from keqing_shared.domain import Money


def step(command: StepCommand, state: Complaint, policy: ServiceDeskPolicy) -> list[ComplaintFact]:
    match command:
        case Acknowledge(apology=apology, heard_out=heard_out, at=at, by=by):
            _in_order(Step.ACKNOWLEDGEMENT, state)
            if not heard_out:
                raise StoryNotHeardOut(field="heard_out")
            return [ComplaintAcknowledged(apology=apology, at=at, by=by, assigned_to=state.assigned_to)]
        case EstablishFacts():
            _in_order(Step.FACTS, state)
            return [
                FactsEstablished(
                    evidence=command.evidence,
                    cause=command.cause,
                    responsible_side=command.responsible_side,
                    responsible_unit=command.responsible_unit,
                    at=command.at,
                    by=command.by,
                    assigned_to=state.assigned_to,
                )
            ]
        case ProposeSolution(solution=solution, at=at, by=by):
            _in_order(Step.SOLUTION, state)
            _positive(solution.amount)
            if solution.form is Form.APOLOGY and solution.amount is not None:
                raise AmountNotAllowed(field="amount")
            return [
                SolutionProposed(
                    description=solution.description,
                    form=solution.form,
                    amount=solution.amount,
                    at=at,
                    by=by,
                    assigned_to=state.assigned_to,
                ),
                WaitingForCustomer(at=at, by=by),
            ]
        case AcceptSolution(comment=comment, at=at, by=by):
            _in_order(Step.ANSWER, state)
            return [SolutionAccepted(comment=comment, at=at, by=by, assigned_to=state.assigned_to)]
        case RejectSolution(reason=reason, at=at, by=by):
            _in_order(Step.ANSWER, state)
            return [SolutionRejected(reason=reason, at=at, by=by, assigned_to=state.assigned_to)]
        case Settle():
            _in_order(Step.SETTLEMENT, state)
            return [_settle(command, state, policy)]
        case ApproveSettlement(at=at, by=by, roles=roles):
            awaiting = _awaiting(state, by, roles, policy)
            return [
                SettlementApproved(at=at, by=by),
                ComplaintSettled(
                    form=awaiting.form,
                    amount=awaiting.amount,
                    invoice_id=awaiting.invoice_id,
                    note=awaiting.note,
                    proposed_by=awaiting.proposed_by,
                    at=at,
                    by=by,
                ),
            ]
        case DeclineSettlement(reason=reason, at=at, by=by, roles=roles):
            _awaiting(state, by, roles, policy)
            return [SettlementDeclined(reason=reason, at=at, by=by, assigned_to=state.assigned_to)]
        case FollowUpGoodwill(contact=contact, suggestion=suggestion, at=at, by=by):
            _in_order(Step.GOODWILL, state)
            return [GoodwillFollowedUp(contact=contact, suggestion=suggestion, at=at, by=by)]
        case CloseComplaint(satisfaction=satisfaction, comment=comment, at=at, by=by):
            _in_order(Step.CLOSING, state)
            return [ComplaintClosed(satisfaction=satisfaction, comment=comment, at=at, by=by)]


def _in_order(tried: Step, state: Complaint) -> None:
    if state.due is not tried:
        raise StepOutOfOrder(tried, state.due)


def _settle(
    command: Settle, state: Complaint, policy: ServiceDeskPolicy
) -> ComplaintSettled | SettlementAwaitsApproval:
    given = command.settlement
    _complete(given, state)
    _as_agreed(given, state)
    needs = needed(given.amount, command.roles, policy)
    if needs is not None:
        return SettlementAwaitsApproval(
            form=given.form,
            amount=given.amount,
            invoice_id=given.invoice_id,
            note=given.note,
            needs=needs,
            proposed_by=command.by,
            at=command.at,
            assigned_to=state.assigned_to,
        )
    return ComplaintSettled(
        form=given.form,
        amount=given.amount,
        invoice_id=given.invoice_id,
        note=given.note,
        proposed_by=command.by,
        at=command.at,
        by=command.by,
    )


def _complete(given: Settlement, state: Complaint) -> None:
    if given.form is Form.APOLOGY and given.amount is not None:
        raise AmountNotAllowed(field="amount")
    if given.form in COSTS and given.amount is None:
        raise AmountMissing("how much is the {form}?", field="amount", form=given.form)
    _positive(given.amount)
    if given.form is Form.CREDIT_NOTE and given.invoice_id is None:
        raise InvoiceMissing(field="invoice_id")
    if given.invoice_id is not None and state.invoices and given.invoice_id not in state.invoices:
        invoices = [str(invoice) for invoice in state.invoices]
        raise InvoiceNotConcerned("it concerns {invoices}", field="invoice_id", invoices=invoices)


def _positive(amount: Money | None) -> None:
    if amount is not None and amount.amount <= 0:
        raise AmountNotPositive("not {amount}", field="amount", amount=amount.amount)


def _as_agreed(given: Settlement, state: Complaint) -> None:
    """What the customer accepted in so many words is given in that form, and at least as much of it."""
    agreed = state.proposed[-1]
    form_differs = agreed.form is not None and agreed.form is not given.form
    if form_differs or (agreed.amount is not None and not _at_least(given.amount, agreed.amount)):
        raise SettlementNotAsAgreed(
            "give what was accepted; the customer would have to accept anything else first",
            form=agreed.form,
            amount=None if agreed.amount is None else str(agreed.amount.amount),
            currency=None if agreed.amount is None else agreed.amount.currency,
        )


def _at_least(given: Money | None, agreed: Money) -> bool:
    return given is not None and given.currency == agreed.currency and given >= agreed


def _awaiting(
    state: Complaint, by: str, roles: tuple[str, ...], policy: ServiceDeskPolicy
) -> SettlementAwaitsApproval:
    """The settlement that waits, if this person may approve or decline it."""
    if state.pending is None:
        _out_of_order(state)
    if state.pending.proposed_by == by:
        raise OwnSettlement
    needs = needed(state.pending.amount, roles, policy)
    if needs is not None:
        raise BeyondAuthority("it needs the {needs}", needs=needs)
    return state.pending


def _out_of_order(state: Complaint) -> NoReturn:
    raise StepOutOfOrder(Step.APPROVAL, state.due)
