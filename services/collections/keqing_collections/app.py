"""Collections, wired together."""

from keqing_collections.clockwork import clockwork
from keqing_collections.credit_file import CREDIT_FILE
from keqing_collections.invoice import INVOICE
from keqing_collections.payment import PAYMENT
from keqing_collections.policy import CollectionsPolicy
from keqing_collections.published import publish
from keqing_collections.reactions import reactions
from keqing_collections.routes import accounts, ageing, imports, invoice_steps, invoices, payments
from keqing_collections.views.ageing import Ageing
from keqing_collections.views.invoices import Invoices
from keqing_collections.views.payments import Payments
from keqing_shared.context import Context
from keqing_shared.http import create_app

CONTEXT = Context(
    name="collections",
    title="Keqing collections",
    package="keqing_collections",
    aggregates=(INVOICE, PAYMENT, CREDIT_FILE),
    views=(Invoices(), Payments(), Ageing()),
    publish=publish,
    reactions=reactions,
    clockwork=clockwork,
    routers=(
        invoices.router,
        invoice_steps.router,
        payments.router,
        accounts.router,
        ageing.router,
        imports.router,
    ),
    policy=CollectionsPolicy(),
)

app = create_app(CONTEXT)
