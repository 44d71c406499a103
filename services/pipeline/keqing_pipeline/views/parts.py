"""Files that are part of another of the same customer: what is told of a part holds of the whole."""

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
