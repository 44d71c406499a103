"""What more than one command on an invoice is held against."""

from datetime import date

from keqing_collections.business_date import not_before
from keqing_collections.invoice.rules import AmountNotPositive, NothingOpen, ReasonMissing
from keqing_collections.invoice.state import IN_WORDS, Invoice
from keqing_shared.domain import Money, Words


def check_counts_from(invoice: Invoice, on: date) -> None:
    # Before the latest rise less was open: lowering it then could show a day with less than nothing.
    not_before("on", on, invoice.last_raised_on, Words("the invoice's issue or latest reopening"))


def check_positive(amount: Money) -> None:
    if amount.amount <= 0:
        raise AmountNotPositive("{amount} is not more than nothing", field="amount", amount=amount.amount)


def check_open(invoice: Invoice) -> None:
    if not invoice.open:
        standing = IN_WORDS[invoice.status]
        raise NothingOpen("invoice {number} is {standing}", number=invoice.number, standing=standing)


def check_reasoned(reason: str, field: str = "reason") -> None:
    if not reason.strip():
        raise ReasonMissing("{field} must say why", field=field)
