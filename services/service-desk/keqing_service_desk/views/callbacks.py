"""Callbacks: which are planned, due, missed; who is to be called next."""

from collections.abc import Collection
from dataclasses import replace
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from keqing_service_desk.callback import (
    CallbackDone,
    CallbackDue,
    CallbackMissed,
    CallbackOutcome,
    CallbackPlanned,
)
from keqing_service_desk.policy import CallbackKind
from keqing_shared.directory import CUSTOMERS_NAME
from keqing_shared.domain import Recorded, value
from keqing_shared.views import Index, Rows, Table, View


class CallbackStatus(StrEnum):
    PLANNED = "planned"
    DUE = "due"
    MISSED = "missed"
    DONE = "done"


@value
class CallbackRow:
    callback_id: UUID
    customer_id: UUID
    opportunity_id: UUID
    kind: CallbackKind
    won_on: date
    due_on: date
    status: CallbackStatus
    outcome: CallbackOutcome | None = None
    done_at: datetime | None = None
    done_by: str | None = None


@value
class CallbackItem(CallbackRow):
    customer: str | None
    """Its name; None of an individual."""


CALLBACKS = Table(
    "callbacks",
    CallbackRow,
    key=("callback_id",),
    indexes=(
        ("due_on", "callback_id"),
        ("customer_id", "due_on"),
        Index(("due_on",), where="status IN ('planned', 'due')"),
    ),
)


class Callbacks(View):
    name = "callbacks"
    version = 1
    tables = (CALLBACKS,)

    def project(self, it: Recorded[Any], rows: Rows) -> None:
        match it.fact:
            case CallbackPlanned() as fact:
                rows.put(
                    CALLBACKS,
                    CallbackRow(
                        callback_id=it.originator_id,
                        customer_id=fact.customer_id,
                        opportunity_id=fact.opportunity_id,
                        kind=fact.kind,
                        won_on=fact.won_on,
                        due_on=fact.due_on,
                        status=CallbackStatus.PLANNED,
                    ),
                )
            case CallbackDue():
                _change(it, rows, status=CallbackStatus.DUE)
            case CallbackMissed():
                _change(it, rows, status=CallbackStatus.MISSED)
            case CallbackDone(outcome=outcome, at=at, by=by):
                _change(it, rows, status=CallbackStatus.DONE, outcome=outcome, done_at=at, done_by=by)


def _change(it: Recorded[Any], rows: Rows, **changes: Any) -> None:
    row = rows.get(CALLBACKS, it.originator_id)
    if row is not None:
        rows.put(CALLBACKS, replace(row, **changes))


async def callbacks(
    db: Any,
    *,
    customer_id: UUID | None,
    statuses: Collection[CallbackStatus],
    due_by: date | None,
    owners: frozenset[str] | None,
    after: tuple[Any, ...] | None,
    limit: int,
) -> list[CallbackItem]:
    """In the order they are due; of customers of these owners (None: all); no status: any."""
    due_on, callback_id = after or (None, None)
    records = await db.fetch(
        f"SELECT {CALLBACKS.columns}, {CUSTOMERS_NAME.format(of='c')} FROM callbacks c"
        " WHERE ($1::uuid IS NULL OR customer_id = $1)"
        " AND (cardinality($2::text[]) = 0 OR status = ANY($2)) AND ($3::date IS NULL OR due_on <= $3)"
        " AND ($4::text[] IS NULL OR c.customer_id IN (SELECT d.customer_id FROM directory_customers d"
        " WHERE d.owner = ANY($4)))"
        " AND ($5::date IS NULL OR (due_on, callback_id) > ($5, $6))"
        " ORDER BY due_on, callback_id LIMIT $7",
        customer_id,
        list(statuses),
        due_by,
        None if owners is None else list(owners),
        due_on,
        callback_id,
        limit,
    )
    return CALLBACKS.items(CallbackItem, records)


async def to_check(db: Any, today: date, grace_days: int) -> list[UUID]:
    """Callbacks that have become due, or missed, without a fact saying so."""
    records = await db.fetch(
        "SELECT callback_id FROM callbacks WHERE (status = 'planned' AND due_on <= $1)"
        " OR (status = 'due' AND due_on < $1 - $2::int) ORDER BY due_on, callback_id LIMIT 1000",
        today,
        grace_days,
    )
    return [record["callback_id"] for record in records]
