"""Who may be the same customer: a few keys of each, found among many in no time."""

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

import msgspec

from keqing_pipeline.customer.erasure import CustomerErased
from keqing_pipeline.customer.facts import CustomerAmended, CustomerRegistered
from keqing_pipeline.customer.likeness import Marks, likeness, likeness_keys
from keqing_pipeline.customer.sameness import Candidate, together
from keqing_pipeline.policy import DuplicatePolicy
from keqing_shared.domain import ERASED, Personal, Recorded, value
from keqing_shared.views import Index, Rows, Table, View

AT_ONCE = 100
"""Customers looked for in one query; what a query costs grows with the square of its keys."""
MOST_COMPARED = 500
"""Customers compared with the ones looked for in one query."""


@value
class LikenessRow:
    customer_id: UUID
    keys: Personal[tuple[str, ...]]


LIKENESS = Table("likeness", LikenessRow, key=("customer_id",), indexes=(Index(("keys",), using="gin"),))


class Likenesses(View):
    name = "likeness"
    version = 1
    tables = (LIKENESS,)

    def touches(self, it: Recorded[Any]) -> Iterable[tuple[Any, ...]]:
        return ()

    def project(self, it: Recorded[Any], rows: Rows) -> None:
        fact = it.fact
        if isinstance(fact, CustomerRegistered | CustomerAmended):
            name = fact.name or fact.person_name
            marks = Marks(name=None if name == ERASED else name, phones=fact.details.phones)
            rows.put(LIKENESS, LikenessRow(customer_id=it.originator_id, keys=likeness_keys(marks)))
        elif isinstance(fact, CustomerErased):
            # Of whom nothing is kept, nothing is like.
            rows.put(LIKENESS, LikenessRow(customer_id=it.originator_id, keys=()))


async def alike(
    db: Any, sought: Mapping[int, Marks], policy: DuplicatePolicy, *, score: int
) -> dict[int, tuple[Candidate, ...]]:
    """For each of those sought, the customers with at least this score, the most alike first."""
    numbers = list(sought)
    found: dict[int, tuple[Candidate, ...]] = {}
    for start in range(0, len(numbers), AT_ONCE):
        some = {number: sought[number] for number in numbers[start : start + AT_ONCE]}
        found |= await _alike(db, some, policy, score)
    return found


async def _alike(
    db: Any, sought: Mapping[int, Marks], policy: DuplicatePolicy, score: int
) -> dict[int, tuple[Candidate, ...]]:
    wanting: dict[str, list[int]] = {}
    for number, marks in sought.items():
        for key in likeness_keys(marks):
            wanting.setdefault(key, []).append(number)
    records = await db.fetch(
        """
        SELECT l.customer_id, l.keys::text AS keys, c.name, c.phones::text AS phones
          FROM likeness l JOIN customer c USING (customer_id) WHERE l.keys ?| $1 LIMIT $2
        """,
        list(wanting),
        MOST_COMPARED,
    )
    compared: dict[int, list[Candidate]] = {}
    for record in records:
        other = Marks(name=record["name"], phones=msgspec.json.decode(record["phones"], type=tuple[str, ...]))
        shared = wanting.keys() & msgspec.json.decode(record["keys"], type=set[str])
        for number in {number for key in shared for number in wanting[key]}:
            found = likeness(sought[number], other, policy)
            if found is not None and found.score >= score:
                candidate = Candidate(id=record["customer_id"], score=found.score, matched=found.matched)
                compared.setdefault(number, []).append(candidate)
    return {number: together(*candidates) for number, candidates in compared.items()}
