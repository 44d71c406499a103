"""The rules of an invoice: which facts follow from a command, or why it is refused."""

from datetime import date, timedelta

from keqing_collections.business_date import not_before, not_in_future
from keqing_collections.invoice.commands import (
    CancelInvoice,
    DisputeInvoice,
    InvoiceCommand,
    IssueCreditNote,
    IssueInvoice,
    NoteOverdue,
    ResolveDispute,
    TakeAllocation,
    WithdrawAllocations,
    WriteOffInvoice,
)
from keqing_collections.invoice.facts import (
    AllocationReceived,
    AllocationWithdrawn,
    CreditNoteIssued,
    DisputeResolved,
    InvoiceCancelled,
    InvoiceDisputed,
    InvoiceFact,
    InvoiceReopened,
    InvoiceSettled,
    InvoiceWrittenOff,
    PaymentOverdue,
)
from keqing_collections.invoice.guards import check_counts_from, check_open, check_positive, check_reasoned
from keqing_collections.invoice.issue import issued
from keqing_collections.invoice.rules import (
    AllocationExceedsOpen,
    AlreadyDisputed,
    CreditExceedsOpen,
    CreditNeedsController,
    HasAllocations,
    InvoiceAlreadyIssued,
    InvoiceUnknown,
    NotDisputed,
    NothingToCredit,
    OtherCustomer,
)
from keqing_collections.invoice.state import Invoice, after
from keqing_collections.policy import CollectionsPolicy
from keqing_shared.domain import Money, Words


def decide(
    command: InvoiceCommand, invoice: Invoice | None, policy: CollectionsPolicy | None = None
) -> list[InvoiceFact]:
    policy = policy or CollectionsPolicy()
    if isinstance(command, IssueInvoice):
        if invoice is not None:
            raise InvoiceAlreadyIssued("invoice {number} has been issued", number=invoice.number)
        return issued(command, policy)
    if invoice is None:
        raise InvoiceUnknown
    match command:
        case TakeAllocation():
            return _take(command, invoice)
        case WithdrawAllocations():
            return _withdraw(command, invoice)
        case IssueCreditNote():
            return _credit(command, invoice)
        case DisputeInvoice():
            return _dispute(command, invoice)
        case ResolveDispute():
            return _resolve(command, invoice)
        case WriteOffInvoice(on=on, today=today, reason=reason):
            _closing(on, today, reason, invoice)
            return [InvoiceWrittenOff(amount=invoice.open, on=on, reason=reason)]
        case CancelInvoice(on=on, today=today, reason=reason):
            if invoice.allocations:
                raise HasAllocations(
                    "reverse the payments first, or issue a credit note",
                    payments=sorted({str(a.payment_id) for a in invoice.allocations}),
                )
            _closing(on, today, reason, invoice)
            return [InvoiceCancelled(amount=invoice.open, on=on, reason=reason)]
        case NoteOverdue():
            return _overdue(command, invoice, policy)


def _take(command: TakeAllocation, invoice: Invoice) -> list[InvoiceFact]:
    check_positive(command.amount)
    if command.customer_id != invoice.customer_id:
        raise OtherCustomer(
            "invoice {number} belongs to another customer than the payment",
            field="invoice_id",
            number=invoice.number,
        )
    if command.amount > invoice.open:
        raise AllocationExceedsOpen(
            "{open} is open on {number}, {amount} was to be allocated",
            field="amount",
            number=invoice.number,
            open=str(invoice.open.amount),
            amount=command.amount.amount,
        )
    check_counts_from(invoice, command.on)
    taken: InvoiceFact = AllocationReceived(
        payment_id=command.payment_id, amount=command.amount, on=command.on
    )
    return _settling(invoice, [taken])


def _withdraw(command: WithdrawAllocations, invoice: Invoice) -> list[InvoiceFact]:
    # Never before the share counted, so that no day shows more open than was invoiced.
    facts: list[InvoiceFact] = [
        AllocationWithdrawn(
            payment_id=share.payment_id,
            amount=share.amount,
            on=max(command.on, share.on),
            reason=command.reason,
        )
        for share in invoice.paid_by(command.payment_id)
    ]
    again = after(invoice, facts)
    if again is not None and again.open and not invoice.open:
        facts.append(InvoiceReopened(on=again.last_raised_on, open=again.open))
    return facts


def _credit(command: IssueCreditNote, invoice: Invoice) -> list[InvoiceFact]:
    if command.reference is not None and any(c.reference == command.reference for c in invoice.credits):
        return []
    check_reasoned(command.reason)
    not_in_future("on", command.on, command.today)
    return _settling(
        invoice, [_credit_note(invoice, command.amount, command.on, command.reason, command.reference)]
    )


def _credit_note(
    invoice: Invoice, amount: Money, on: date, reason: str, reference: str | None = None
) -> InvoiceFact:
    check_positive(amount)
    if amount > invoice.open:
        raise CreditExceedsOpen(
            "{open} is open on {number}, {amount} was to be credited",
            field="amount",
            open=str(invoice.open.amount),
            number=invoice.number,
            amount=amount.amount,
        )
    check_counts_from(invoice, on)
    number = f"{invoice.number}-C{len(invoice.credits) + 1}"
    return CreditNoteIssued(number=number, amount=amount, on=on, reason=reason, reference=reference)


def _dispute(command: DisputeInvoice, invoice: Invoice) -> list[InvoiceFact]:
    check_reasoned(command.reason)
    if invoice.disputed:
        raise AlreadyDisputed("in dispute since {disputed_on}", disputed_on=invoice.disputed_on)
    check_open(invoice)
    not_in_future("on", command.on, command.today)
    not_before("on", command.on, invoice.issued_on, Words("the invoice's issue"))
    if invoice.dispute_resolved_on is not None:
        not_before("on", command.on, invoice.dispute_resolved_on, Words("the end of the last dispute"))
    return [InvoiceDisputed(on=command.on, reason=command.reason, historical=command.historical)]


def _resolve(command: ResolveDispute, invoice: Invoice) -> list[InvoiceFact]:
    check_reasoned(command.note, field="note")
    if invoice.disputed_on is None:
        raise NotDisputed("invoice {number} is not in dispute", number=invoice.number)
    if command.upheld and "credit_controller" not in command.by_roles:
        raise CreditNeedsController
    if command.credit is not None and not command.upheld:
        raise NothingToCredit("leave the credit out, or uphold the dispute", field="credit")
    not_in_future("on", command.on, command.today)
    not_before("on", command.on, invoice.disputed_on, Words("the dispute"))
    resolved: InvoiceFact = DisputeResolved(on=command.on, upheld=command.upheld, note=command.note)
    credit = command.credit or invoice.open
    if not command.upheld or not credit:
        # Paid in full meanwhile and no credit asked for: nothing is left to credit here.
        return [resolved]
    return _settling(invoice, [resolved, _credit_note(invoice, credit, command.on, command.note)])


def _closing(on: date, today: date, reason: str, invoice: Invoice) -> None:
    check_reasoned(reason)
    check_open(invoice)
    not_in_future("on", on, today)
    check_counts_from(invoice, on)


def _overdue(command: NoteOverdue, invoice: Invoice, policy: CollectionsPolicy) -> list[InvoiceFact]:
    if not invoice.open:
        return []
    reopened_on = invoice.reopened_on or date.min
    facts: list[InvoiceFact] = []
    for threshold in sorted(set(policy.overdue_thresholds) - invoice.thresholds):
        on = max(invoice.due_on + timedelta(days=policy.grace_days + threshold), reopened_on)
        if on > command.today:
            break
        facts.append(
            PaymentOverdue(
                number=invoice.number,
                threshold=threshold,
                days_overdue=(on - invoice.due_on).days,
                on=on,
                due_on=invoice.due_on,
                open=invoice.open,
                disputed=invoice.disputed,
                historical=command.historical,
            )
        )
    return facts


def _settling(invoice: Invoice, facts: list[InvoiceFact]) -> list[InvoiceFact]:
    """With ``InvoiceSettled`` where nothing stays open, on the day the last part was covered."""
    then = after(invoice, facts)
    if then is not None and not then.open:
        facts.append(InvoiceSettled(settled_on=then.last_lowered_on))
    return facts
