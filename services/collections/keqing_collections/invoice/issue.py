"""An invoice's issue: its lines must add up, and it is due on a day that follows from its terms."""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

from keqing_collections.business_date import not_in_future
from keqing_collections.invoice.commands import IssueInvoice
from keqing_collections.invoice.facts import InvoiceFact, InvoiceIssued, InvoiceLine
from keqing_collections.invoice.guards import check_positive
from keqing_collections.invoice.rules import DueDateInvalid, LinesDoNotAddUp
from keqing_collections.policy import CollectionsPolicy
from keqing_shared.domain import Money

CENT = Decimal("0.01")


def issued(command: IssueInvoice, policy: CollectionsPolicy) -> list[InvoiceFact]:
    check_positive(command.amount)
    _add_up(command.lines, command.tax, command.amount)
    not_in_future("issued_on", command.issued_on, command.today)
    return [
        InvoiceIssued(
            customer_id=command.customer_id,
            number=command.number,
            amount=command.amount,
            tax=command.tax,
            issued_on=command.issued_on,
            due_on=_due_on(command, policy),
            lines=command.lines,
            imported=command.imported,
        )
    ]


def _due_on(command: IssueInvoice, policy: CollectionsPolicy) -> date:
    terms = command.terms_days
    if command.due_on is None:
        return command.issued_on + timedelta(days=policy.terms_days if terms is None else terms)
    if command.due_on < command.issued_on:
        raise DueDateInvalid(
            "due on {due_on}, before the issue on {issued_on}",
            field="due_on",
            due_on=command.due_on,
            issued_on=command.issued_on,
        )
    if terms is not None and command.due_on != command.issued_on + timedelta(days=terms):
        raise DueDateInvalid(
            "{terms} days from {issued_on} is not {due_on}",
            field="due_on",
            terms=terms,
            issued_on=command.issued_on,
            due_on=command.due_on,
        )
    return command.due_on


def _add_up(lines: Sequence[InvoiceLine], tax: Decimal, amount: Money) -> None:
    if tax < 0 or tax > amount.amount:
        raise LinesDoNotAddUp(
            "tax {tax} does not lie between 0 and {amount}", field="tax", tax=tax, amount=amount.amount
        )
    for index, line in enumerate(lines):
        worth = (line.quantity * line.unit_price).quantize(CENT, ROUND_HALF_UP)
        if worth != line.amount:
            raise LinesDoNotAddUp(
                "{quantity} at {unit_price} is {worth}, not {amount}",
                field=f"lines.{index}.amount",
                quantity=line.quantity,
                unit_price=line.unit_price,
                worth=worth,
                amount=line.amount,
            )
    total = sum((line.amount for line in lines), tax)
    if lines and total != amount.amount:
        raise LinesDoNotAddUp(
            "lines and tax add up to {total}, not {amount}", field="amount", total=total, amount=amount.amount
        )
