"""Files that are part of another of the same customer: what is told of a part holds of the whole.

A row stays with the file of which it was said, whose key seals what is personal in it; who it belongs to
now is looked up by whoever asks.
"""

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from keqing_pipeline.customer.facts import CustomerMerged, MergeUndone
from keqing_shared.domain import Recorded, value
from keqing_shared.views import Rows, Table, View


@value
class Part:
    customer_id: UUID
    whole_id: UUID
    """The file it was merged into, which may be part of another."""


PARTS = Table("part", Part, key=("customer_id",), indexes=(("whole_id",),))


class Parts(View):
    name = "parts"
    version = 1
    tables = (PARTS,)

    def touches(self, it: Recorded[Any]) -> Iterable[tuple[Any, ...]]:
        return ()

    def project(self, it: Recorded[Any], rows: Rows) -> None:
        match it.fact:
            case CustomerMerged(into=into):
                rows.put(PARTS, Part(customer_id=it.originator_id, whole_id=into))
            case MergeUndone():
                rows.drop(PARTS, it.originator_id)


WHOLE = """
CREATE OR REPLACE FUNCTION whole_of(file uuid) RETURNS uuid LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE
AS $$
DECLARE
    larger uuid;
BEGIN
    LOOP
        SELECT whole_id INTO larger FROM part WHERE customer_id = file;
        EXIT WHEN larger IS NULL;
        file := larger;
    END LOOP;
    RETURN file;
END
$$;
"""
"""The file that stands for the customer, however often merged; itself for one that is part of none."""


def whose(of: str, member: str = "customer_id") -> tuple[str, str]:
    """What to join to a table called ``of``, and what says which whole its file belongs to: the function is
    called for the few files that are part of another."""
    part = f"{of}_{member}_part"
    join = f"LEFT JOIN part {part} ON {part}.customer_id = {of}.{member}"
    return join, f"coalesce(whole_of({part}.whole_id), {of}.{member})"


async def parts_of(db: Any, customers: Sequence[UUID]) -> dict[UUID, UUID]:
    """Each of these and every part of it, however often merged: the whole it belongs to."""
    records = await db.fetch(
        """
        WITH RECURSIVE parts (id, whole) AS (
            SELECT id, id FROM unnest($1::uuid[]) AS id
            UNION SELECT p.customer_id, parts.whole FROM part p JOIN parts ON p.whole_id = parts.id
        ) SELECT id, whole FROM parts
        """,
        customers,
    )
    return {record["id"]: record["whole"] for record in records}
