"""Who may be the same customer: a few keys of each, found among many in no time."""

from collections.abc import Iterable, Mapping
from typing import Any, TypeVar
from uuid import UUID

import msgspec

from keqing_pipeline.customer.facts import CustomerAmended, CustomerRegistered
from keqing_pipeline.customer.likeness import Marks, keys_kept, keys_sought, likeness
from keqing_pipeline.customer.sameness import Candidate, together
from keqing_pipeline.policy import DuplicatePolicy
from keqing_shared.domain import ERASED, Personal, Recorded, value
from keqing_shared.views import Rows, Table, View

R = TypeVar("R")

AT_ONCE = 1_000
"""Customers looked for in one query."""
MOST_COMPARED = 200
"""Customers kept under one key that are compared with whoever seeks it."""
MOST_KEYS = 48
"""Of one customer: a long name has some twenty, and there are ten phones at the most."""


@value
class LikenessRow:
    customer_id: UUID
    place: int
    """Among the customer's keys, from 0; of no meaning."""
    key: Personal[str]


# A row for each key, joined one by one: a list of a thousand keys held against each row reads all of them.
LIKENESS = Table("likeness", LikenessRow, key=("customer_id", "place"), indexes=(("key",),))


class Likenesses(View):
    name = "likeness"
    version = 4
    tables = (LIKENESS,)

    def touches(self, it: Recorded[Any]) -> Iterable[tuple[Any, ...]]:
        return ()

    def erased(self, table: Table[R], row: R) -> None:
        """Of whom nothing is kept, nothing is like."""

    def project(self, it: Recorded[Any], rows: Rows) -> None:
        fact, customer_id = it.fact, it.originator_id
        match fact:
            case CustomerRegistered() | CustomerAmended():
                name = fact.name or fact.person_name
                marks = Marks(name=None if name == ERASED else name, phones=fact.details.phones)
                keys = [*keys_kept(marks)][:MOST_KEYS]
            case _:
                return
        for place, key in enumerate(keys):
            rows.put(LIKENESS, LikenessRow(customer_id=customer_id, place=place, key=key))
        if not isinstance(fact, CustomerRegistered):
            for place in range(len(keys), MOST_KEYS):
                rows.drop(LIKENESS, customer_id, place)


# By index, also in a session that made its plan while there were hardly any. All keys at once take half as
# long as each by itself, unless one that very many have would hide what others are kept under.
LOOKALIKES = """
CREATE OR REPLACE FUNCTION lookalikes(sought text, most int)
    RETURNS TABLE (customer_id uuid, keys text[], name text, phones text)
    LANGUAGE plpgsql STABLE
    SET enable_seqscan = off SET enable_bitmapscan = off SET enable_hashjoin = off SET enable_mergejoin = off
    AS $$
DECLARE
    all_sought text[] := string_to_array(sought, E'\\n');
    found uuid[];
    under text[];
BEGIN
    SELECT array_agg(l.customer_id), array_agg(l.key) INTO found, under
      FROM (SELECT l.customer_id, l.key FROM likeness l WHERE l.key = ANY (all_sought) LIMIT 50 * most) l;
    IF cardinality(found) = 50 * most THEN
        SELECT array_agg(l.customer_id), array_agg(s.key) INTO found, under
          FROM unnest(all_sought) AS s(key)
         CROSS JOIN LATERAL (SELECT l.customer_id FROM likeness l WHERE l.key = s.key LIMIT most) l;
    END IF;
    RETURN QUERY
    SELECT c.customer_id, f.keys, c.name, c.phones::text
      FROM (SELECT f.customer_id, array_agg(f.key) AS keys
              FROM unnest(found, under) AS f(customer_id, key) GROUP BY f.customer_id) f
      JOIN customer c USING (customer_id);
END
$$;
"""


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
    keys = {number: keys_sought(marks, policy, score) for number, marks in sought.items()}
    records = await db.fetch(
        "SELECT customer_id, keys, name, phones FROM lookalikes($1, $2)",
        "\n".join(set().union(*keys.values())),  # in no key, and an array costs four times as much
        MOST_COMPARED,
    )
    if not records:
        return {}
    wanting: dict[str, list[int]] = {}
    for number, own in keys.items():
        for key in own:
            wanting.setdefault(key, []).append(number)
    compared: dict[int, list[Candidate]] = {}
    for record in records:
        other = Marks(name=record["name"], phones=msgspec.json.decode(record["phones"], type=tuple[str, ...]))
        for number in {number for key in record["keys"] for number in wanting[key]}:
            found = likeness(sought[number], other, policy)
            if found is not None and found.score >= score:
                candidate = Candidate(id=record["customer_id"], score=found.score, matched=found.matched)
                compared.setdefault(number, []).append(candidate)
    return {number: together(*candidates) for number, candidates in compared.items()}
