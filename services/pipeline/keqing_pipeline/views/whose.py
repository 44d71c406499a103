"""Whose many customers are, without reading their facts: as far as the view has followed the log."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import msgspec


class Whose(msgspec.Struct, frozen=True):
    """Who answers for a customer."""

    customer_id: UUID
    owner: str
    erased: bool


# By index, also in a session that made its plan while there were hardly any.
WHOSE = """
CREATE OR REPLACE FUNCTION whose(customers uuid[])
    RETURNS TABLE (customer_id uuid, owner text, erased boolean)
    LANGUAGE plpgsql STABLE SET enable_seqscan = off
    AS $$
BEGIN
    RETURN QUERY
    SELECT c.customer_id, c.owner, c.erased
      FROM versions_of(customers) v
     CROSS JOIN LATERAL (SELECT * FROM customer c WHERE c.customer_id = v.originator_id OFFSET 0) c
     WHERE c.version = v.version AND c.merged_into IS NULL;
END
$$;
"""


async def whose(db: Any, customer_ids: Sequence[UUID]) -> dict[UUID, Whose]:
    """Of those whose last fact the view has, and who are part of no other; the others are missing."""
    records = await db.fetch("SELECT customer_id, owner, erased FROM whose($1)", customer_ids)
    return {record[0]: Whose(*record) for record in records}
