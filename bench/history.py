"""Opportunities and their calls, written straight to a log of ours: a past to read and to rebuild from."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID, uuid4

import asyncpg

from bench.ground import MASTER_KEY
from keqing_pipeline.app import CONTEXT
from keqing_pipeline.opportunity.contact import Call, ContactOutcome
from keqing_pipeline.opportunity.facts import CallLogged, OpportunityOpened
from keqing_pipeline.opportunity.stage import Signal, Stage
from keqing_shared.domain import Fact
from keqing_shared.log import LOG_SCHEMA, Codec, Log, Meta, NewFact, Request
from keqing_shared.privacy import KEYS_SCHEMA, Keys, MasterKeys

A_CALL = CallLogged(
    call=Call(
        outcome=ContactOutcome.INTERACTIVE,
        minutes=12,
        signals=(Signal.ASKS_BASICS, Signal.ASKS_RESULTS),
        note="Wants to know what it does for a workshop of forty people, and who else has it.",
        next_step="send the comparison sheet",
    ),
    at=datetime(2026, 3, 2, 1, 30, tzinfo=UTC),
    on=date(2026, 3, 2),
    by="li.wei",
    next_touch_on=date(2026, 3, 17),
)
AT_ONCE = 500
"""Facts of one stream in one request."""


@asynccontextmanager
async def opened_log(database_url: str) -> AsyncIterator[tuple[Any, Log]]:
    """The pipeline's log in this database, with its pool and its sealed facts as a service has them."""
    settings = {"timezone": "UTC", "jit": "off", "application_name": "keqing bench"}
    async with asyncpg.create_pool(
        database_url, min_size=2, max_size=12, statement_cache_size=512, server_settings=settings
    ) as pool:
        await pool.execute(LOG_SCHEMA + KEYS_SCHEMA)
        async with Log(pool, Codec(CONTEXT.facts, Keys(pool, MasterKeys([MASTER_KEY]))), "bench") as log:
            yield pool, log


async def grow(log: Log, facts: int) -> UUID:
    """An opportunity of so many facts."""
    id = uuid4()
    for start in range(0, facts, AT_ONCE):
        stop = min(start + AT_ONCE, facts)
        news = tuple(NewFact(id, number + 1, _fact(id, number), id) for number in range(start, stop))
        await log.append(Request(news, Meta(who="bench"), datetime.now(UTC), id, stop))
    return id


def _fact(id: UUID, number: int) -> Fact:
    return A_CALL if number else opened(id)


def opened(id: UUID) -> OpportunityOpened:
    """An opportunity's first fact; its customer goes by the same id."""
    return OpportunityOpened(
        owner="li.wei", title="A deal", stage=Stage.UNAWARE, customer_id=id, opened_on=date(2026, 3, 2)
    )
