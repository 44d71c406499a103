"""Notify, wired together."""

from keqing_notify.clockwork import DUTIES
from keqing_notify.delivery import DELIVERY
from keqing_notify.early import EARLY_SCHEMA
from keqing_notify.notification import NOTIFICATION
from keqing_notify.policy import POLICY
from keqing_notify.published import publish
from keqing_notify.reactions import reactions
from keqing_notify.routes import deliveries, inbox, rules, stream, webhooks
from keqing_notify.secret import SECRETS_SCHEMA
from keqing_notify.sender import send_due_deliveries
from keqing_notify.views.deliveries import Deliveries
from keqing_notify.views.inbox import Inbox
from keqing_notify.views.webhooks import Webhooks
from keqing_notify.webhook import WEBHOOK
from keqing_shared.context import Context
from keqing_shared.http import create_app

CONTEXT = Context(
    name="notify",
    title="Keqing notify: who is told what",
    package="keqing_notify",
    aggregates=(NOTIFICATION, WEBHOOK, DELIVERY),
    routers=(inbox.router, stream.router, webhooks.router, deliveries.router, rules.router),
    views=(Inbox(), Webhooks(), Deliveries()),
    publish=publish,
    reactions=reactions,
    clockwork=DUTIES,
    alongside={"webhooks": send_due_deliveries},
    policy=POLICY,
    tables=(SECRETS_SCHEMA, EARLY_SCHEMA),
)

app = create_app(CONTEXT)
