"""The open pool: customers that were given up, as cards without personal data."""

from datetime import date
from typing import Any
from uuid import UUID

from keqing_pipeline.customer.file import Importance, Kind
from keqing_pipeline.opportunity.stage import Stage
from keqing_pipeline.policy import PipelinePolicy
from keqing_pipeline.tracking.pursuit import claimable_on
from keqing_pipeline.tracking.removal import RemovalReason
from keqing_shared.domain import value


@value
class PoolCard:
    """Enough to decide whether to claim it."""

    customer_id: UUID
    kind: Kind
    name: str | None
    """An enterprise's; a person's is not shown before they are claimed."""
    importance: Importance
    industry: str | None
    region: str | None
    stage: Stage
    """As it was given up."""
    given_up_on: date
    reason: RemovalReason
    contacts: int
    """That its last owner made."""
    claimable_on: date
    """By you, from this day on."""


async def open_pool(
    db: Any,
    policy: PipelinePolicy,
    *,
    by: str,
    manages: bool,
    kind: Kind | None = None,
    stage: Stage | None = None,
    after: tuple[date, UUID] | None = None,
    limit: int = 50,
) -> list[PoolCard]:
    """The longest there first. ``by``: who asks."""
    records = await db.fetch(
        """
        SELECT t.customer_id, c.kind, CASE c.kind WHEN 'enterprise' THEN c.name END AS name, c.importance,
               c.details->>'industry' AS industry, c.details->'enterprise'->'traits'->>'region' AS region,
               t.stage, t.since, t.given_up_because, t.given_up_by, t.contacts
          FROM tracked t JOIN customer c USING (customer_id)
         WHERE t.standing = 'pooled'
           AND ($1::text IS NULL OR c.kind = $1)
           AND ($2::text IS NULL OR t.stage = $2)
           AND ($3::date IS NULL OR (t.since, t.customer_id) > ($3, $4))
         ORDER BY t.since, t.customer_id LIMIT $5
        """,
        kind,
        stage,
        *(after or (None, None)),
        limit,
    )
    return [
        PoolCard(
            customer_id=record["customer_id"],
            kind=Kind(record["kind"]),
            name=record["name"],
            importance=Importance(record["importance"]),
            industry=record["industry"],
            region=record["region"],
            stage=Stage(record["stage"]),
            given_up_on=record["since"],
            reason=RemovalReason(record["given_up_because"]),
            contacts=record["contacts"],
            claimable_on=claimable_on(record["since"], record["given_up_by"], by, manages, policy),
        )
        for record in records
    ]
