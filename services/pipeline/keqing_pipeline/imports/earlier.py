"""Rows of one file that are nearly the same customer: no view knows of the earlier one yet."""

from collections.abc import Iterator

from keqing_pipeline.customer.likeness import Marks, keys_kept, keys_sought, likeness
from keqing_pipeline.customer.sameness import Candidate
from keqing_pipeline.imports.customer_row import CustomerRow
from keqing_pipeline.imports.standing import Importer
from keqing_pipeline.policy import DuplicatePolicy

MOST_COMPARED = 200
"""Earlier rows under one key."""


class EarlierRows:
    """Those of a file so far, by the keys that they are found by."""

    def __init__(self, importer: Importer, policy: DuplicatePolicy) -> None:
        self._importer = importer
        self._policy = policy
        self._by_key: dict[str, tuple[CustomerRow, ...]] = {}

    def like(self, sought: Marks) -> Iterator[tuple[int, Candidate]]:
        """The lines of those that are alike enough to be refused, and whom each of them is about."""
        score = self._policy.refused_from
        by_key = self._by_key
        keys = keys_sought(sought, self._policy, score) & by_key.keys()
        rows = {row.line: row for key in keys for row in by_key[key]}
        for row in rows.values():
            alike = likeness(sought, row.marks, self._policy)
            if alike is not None and alike.score >= score:
                name = row.row.name if self._importer.sees(row.row.owner) else None
                yield (
                    row.line,
                    Candidate(
                        id=row.id, score=alike.score, matched=alike.matched, name=name, owner=row.row.owner
                    ),
                )

    def add(self, row: CustomerRow) -> None:
        alone, by_key = (row,), self._by_key
        for key in keys_kept(row.marks):
            others = by_key.setdefault(key, alone)
            if others is not alone and len(others) < MOST_COMPARED:
                by_key[key] = (*others, row)
