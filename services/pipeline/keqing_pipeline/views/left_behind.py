"""What was added to a file at the moment in which it became part of another, and stayed behind."""

from typing import Any
from uuid import UUID

from keqing_pipeline.customer.facts import Follower


async def left_behind(db: Any, after: UUID | None, limit: int) -> list[Follower]:
    """In the order of their ids."""
    records = await db.fetch(
        """
        SELECT kind, id FROM (
            SELECT 'opportunity' AS kind, opportunity_id AS id FROM part JOIN opportunity USING (customer_id)
            UNION ALL
            SELECT 'contact', contact_id FROM part JOIN contact USING (customer_id)
        ) added WHERE $1::uuid IS NULL OR id > $1 ORDER BY id LIMIT $2
        """,
        after,
        limit,
    )
    return [Follower(kind=record["kind"], id=record["id"]) for record in records]
