"""The rows of invoices that may be imported, one JSON object a line."""

from typing import Self

from pydantic import model_validator

from keqing_collections.importing import ImportedInvoice, payment_of
from keqing_collections.invoice.number import invoice_of
from keqing_shared.domain import Code, Currency, Day, Money, value
from keqing_shared.domain.money import Amount, check_decimals
from keqing_shared.imports import CustomersNamed, OfCustomer


@value
class InvoiceRow(OfCustomer):
    """One invoice of the older system; one JSON object on one line."""

    number: Code
    """What makes the import repeatable."""
    issued_on: Day
    due_on: Day
    amount: Amount
    currency: Currency = "CNY"
    disputed: bool = False
    settled_on: Day | None = None
    """The day it was paid in full: that payment is recorded with it."""

    @model_validator(mode="after")
    def _payable(self) -> Self:
        check_decimals(self.amount, self.currency)
        return self


def with_customer(row: InvoiceRow, known: CustomersNamed) -> ImportedInvoice:
    """Raises CustomerUnnamed, CustomerUnknown."""
    return ImportedInvoice(
        invoice_id=invoice_of(row.number),
        payment_id=payment_of(row.number),
        customer_id=known.of(row),
        number=row.number,
        amount=Money(amount=row.amount, currency=row.currency),
        issued_on=row.issued_on,
        due_on=row.due_on,
        disputed=row.disputed,
        settled_on=row.settled_on,
    )
