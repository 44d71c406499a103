"""Opportunities: where each stands, and how it came there."""

from collections.abc import Collection, Iterable
from dataclasses import replace
from typing import Any
from uuid import UUID

from keqing_pipeline.opportunity.facts import LaterFact, OpportunityOpened
from keqing_pipeline.opportunity.imported import opportunity_id
from keqing_pipeline.opportunity.stage import Outcome, Stage
from keqing_pipeline.views.held import seen
from keqing_pipeline.views.opportunity_row import OpportunityRow, changed, opened
from keqing_shared.domain import ExternalReference, Recorded
from keqing_shared.views import Narrowed, Rows, Table, View

OPPORTUNITIES = Table(
    "opportunity",
    OpportunityRow,
    key=("opportunity_id",),
    indexes=(
        ("owner", "opportunity_id", "outcome", "stage"),
        ("outcome", "stage", "opportunity_id"),
        ("customer_id", "opportunity_id"),
    ),
)


class Opportunities(View):
    name = "opportunities"
    version = 1
    tables = (OPPORTUNITIES,)

    def touches(self, it: Recorded[Any]) -> Iterable[tuple[Any, ...]]:
        if isinstance(it.fact, LaterFact):
            yield OPPORTUNITIES, it.originator_id

    def project(self, it: Recorded[Any], rows: Rows) -> None:
        fact = it.fact
        if isinstance(fact, OpportunityOpened):
            rows.put(OPPORTUNITIES, opened(it.originator_id, fact, it.originator_version))
        elif isinstance(fact, LaterFact):
            row = rows.get(OPPORTUNITIES, it.originator_id)
            if row is not None:
                rows.put(OPPORTUNITIES, replace(changed(row, fact), version=it.originator_version))


async def opportunity(db: Any, opportunity_id: UUID) -> OpportunityRow | None:
    records = await db.fetch(
        f"SELECT {OPPORTUNITIES.columns} FROM opportunity WHERE opportunity_id = $1", opportunity_id
    )
    return next(iter(OPPORTUNITIES.rows(records)), None)


async def opportunities(
    db: Any,
    visible: Collection[str] | None,
    *,
    customer_id: UUID | None = None,
    owner: str | None = None,
    stage: Stage | None = None,
    outcome: Outcome | None = None,
    external: ExternalReference | None = None,
    after: UUID | None = None,
    limit: int = 50,
) -> list[OpportunityRow]:
    """By id. ``stage``: only open ones."""
    where = Narrowed()
    where.only("o.customer_id = {}", customer_id)
    where.only("o.owner = {}", owner)
    where.only("o.outcome = 'open' AND o.stage = {}", stage)
    where.only("o.outcome = {}", outcome)
    where.only("o.opportunity_id = {}", None if external is None else opportunity_id(external))
    where.only("o.opportunity_id > {}", after)
    first = f"ORDER BY o.opportunity_id LIMIT {limit:d}"
    shown = f"SELECT opportunity_id FROM {seen('opportunity', visible, where, first)} o {first}"
    columns = ", ".join(f"o.{column.quoted}" for column in OPPORTUNITIES.fields)
    records = await db.fetch(
        f"SELECT {columns} FROM ({shown}) shown JOIN opportunity o USING (opportunity_id) {first}",
        *where.arguments,
    )
    return OPPORTUNITIES.rows(records)


async def open_of_owner(db: Any, customer_id: UUID, owner: str) -> list[UUID]:
    """A customer's open opportunities that this person owns."""
    records = await db.fetch(
        "SELECT opportunity_id FROM opportunity WHERE customer_id = $1 AND owner = $2 AND outcome = 'open'",
        customer_id,
        owner,
    )
    return [record["opportunity_id"] for record in records]


async def all_of(db: Any, customer_id: UUID) -> list[UUID]:
    """Every opportunity of a customer, open or not."""
    records = await db.fetch("SELECT opportunity_id FROM opportunity WHERE customer_id = $1", customer_id)
    return [record["opportunity_id"] for record in records]


async def open_of(db: Any, customer_id: UUID) -> list[UUID]:
    """A customer's open opportunities, whoever owns them."""
    records = await db.fetch(
        "SELECT opportunity_id FROM opportunity WHERE customer_id = $1 AND outcome = 'open'", customer_id
    )
    return [record["opportunity_id"] for record in records]


async def reasons_of_losses(db: Any, ids: Collection[UUID]) -> dict[UUID, str]:
    """Of those among them that are lost."""
    records = await db.fetch(
        "SELECT opportunity_id, lost_because FROM opportunity"
        " WHERE opportunity_id = ANY ($1) AND outcome = 'lost'",
        list(ids),
    )
    return {record["opportunity_id"]: record["lost_because"] for record in records}
