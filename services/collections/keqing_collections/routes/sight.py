"""Which invoices and payments somebody sees: those of the customers they see."""

from uuid import UUID

from keqing_collections.invoice import INVOICE, Invoice
from keqing_collections.invoice.rules import InvoiceUnknown
from keqing_collections.payment import PAYMENT, Payment, PaymentUnknown
from keqing_shared.http import Asking, CustomerUnknown, allow

MAY_READ = allow("collector", "credit_controller", "auditor", "rep", "sales_manager")
"""Reps see their own customers' accounts, sales managers the team's."""
MAY_WORK = allow("collector", "credit_controller")
MAY_CREDIT = allow("credit_controller")
"""Whatever gives money away: credit notes and write-offs."""


async def invoice_seen(ask: Asking, invoice_id: UUID) -> tuple[Invoice, int]:
    """The invoice and its version. Raises InvoiceUnknown, also for one that may not be seen."""
    loaded = await ask.service.streams.load(INVOICE, invoice_id)
    if loaded.state is None:
        raise InvoiceUnknown
    try:
        await ask.see_part(loaded.state.customer_id)
    except CustomerUnknown:
        raise InvoiceUnknown from None
    return loaded.state, loaded.version


async def payment_seen(ask: Asking, payment_id: UUID) -> tuple[Payment, int]:
    """The payment and its version. Raises PaymentUnknown, also for one that may not be seen."""
    loaded = await ask.service.streams.load(PAYMENT, payment_id)
    if loaded.state is None:
        raise PaymentUnknown
    try:
        await ask.see_part(loaded.state.customer_id)
    except CustomerUnknown:
        raise PaymentUnknown from None
    return loaded.state, loaded.version
