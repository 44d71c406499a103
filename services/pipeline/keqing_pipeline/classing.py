"""ABC carried out: the classes computed over all customers, and a fact for each that changed."""

import asyncio
from datetime import date, datetime
from typing import TYPE_CHECKING
from uuid import UUID

from keqing_pipeline.account.abc import classes
from keqing_pipeline.account.abc_month import ABC_MONTH, NoteAbcMonth, abc_month
from keqing_pipeline.account.commands import ClassAccount
from keqing_pipeline.account.rules import ACCOUNT
from keqing_pipeline.account.state import account_of
from keqing_pipeline.account.values import AbcClass
from keqing_pipeline.opportunity.grade import months_after
from keqing_pipeline.views.accounts import classed
from keqing_pipeline.views.purchases import bought_between
from keqing_shared.clockwork import Duty

if TYPE_CHECKING:
    from keqing_shared.service import Service

EVERY = 3600.0
"""Seconds; once a month there is something to do."""
PATIENCE = 10.0
"""Seconds that the clockwork waits for the views to know every purchase."""
AT_ONCE = 200


async def class_accounts(service: "Service", as_of: date, who: str, why: str | None = None) -> list[UUID]:
    """The customers whose class is another one now, by the purchases that the views show. Who had a class and
    buys nothing any more is C."""
    policy = service.policy.abc
    bought = await bought_between(service.pool, months_after(as_of, -policy.months), as_of)
    before = await classed(service.pool)
    now = dict.fromkeys(before, AbcClass.C) | classes(bought, policy)
    changed = sorted(customer_id for customer_id, abc in now.items() if before.get(customer_id) is not abc)
    for start in range(0, len(changed), AT_ONCE):
        await asyncio.gather(
            *(
                service.execute(
                    ACCOUNT,
                    account_of(customer_id),
                    ClassAccount(customer_id=customer_id, abc=now[customer_id], on=as_of),
                    who=who,
                    why=why,
                )
                for customer_id in changed[start : start + AT_ONCE]
            )
        )
    return changed


async def class_monthly(service: "Service", now: datetime) -> int:
    """Once in each month, as early as the clockwork runs."""
    today = service.calendar.date_of(now)
    month = abc_month(today)
    if (await service.streams.current(ABC_MONTH, month, fresh=False)).state is not None:
        return 0
    await service.views.wait_for(await service.log.head(), PATIENCE)
    changed = await class_accounts(service, today, who="clockwork")
    receipt = await service.execute(ABC_MONTH, month, NoteAbcMonth(on=today), who="clockwork")
    return len(changed) + len(receipt.facts)


MONTHLY_CLASSES = Duty("monthly classes", EVERY, class_monthly)
