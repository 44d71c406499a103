"""What becomes due: payments that are late."""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from keqing_collections.invoice import INVOICE
from keqing_collections.invoice.commands import NoteOverdue
from keqing_collections.views.invoices import overdue_beyond
from keqing_shared.clockwork import Duty
from keqing_shared.service import Service

BATCH = 200
"""Invoices looked at together."""
EVERY = 60.0
"""Seconds; the business date changes once a day, but invoices come with any due date."""


async def raise_overdue(service: Service, now: datetime) -> int:
    """Raises ``PaymentOverdue`` for every threshold passed by the business date of ``now``.

    An invoice that the view does not know yet is found the next time; one that was settled since,
    or found twice, decides that nothing is to be said.
    """
    today = service.calendar.date_of(now)
    made = 0
    for threshold in sorted(service.policy.overdue_thresholds):
        due_on = today - timedelta(days=service.policy.grace_days + threshold)
        after: UUID | None = None
        while found := await overdue_beyond(service.pool, due_on, threshold, after, BATCH):
            made += await _note(service, found, NoteOverdue(today=today))
            after = found[-1]
    return made


async def _note(service: Service, invoices: Sequence[UUID], command: NoteOverdue) -> int:
    receipts = await asyncio.gather(
        *(service.execute(INVOICE, invoice, command, who="clockwork") for invoice in invoices)
    )
    return sum(len(receipt.facts) for receipt in receipts)


clockwork = (Duty("overdue", EVERY, raise_overdue),)
