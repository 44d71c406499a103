"""Grades as last said: which opportunities have come nearer with time alone."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

from keqing_pipeline.opportunity.facts import (
    DealLost,
    DealWon,
    GradeChanged,
    OpportunityAmended,
    OpportunityOpened,
    OpportunityReopened,
)
from keqing_pipeline.opportunity.grade import Grade
from keqing_pipeline.policy import GradeMonths
from keqing_shared.domain import Recorded, value
from keqing_shared.views import Rows, Table, View


@value
class GradedEntry:
    opportunity_id: UUID
    open: bool
    opened_on: date | None
    first_expected_on: date | None
    expected_close_on: date | None
    graded: Grade | None
    """As last said; None: as it was opened."""


GRADED = Table("graded", GradedEntry, key=("opportunity_id",))

_CHANGING = (OpportunityAmended, GradeChanged, DealWon, DealLost, OpportunityReopened)


class Grades(View):
    name = "grades"
    version = 1
    tables = (GRADED,)

    def touches(self, it: Recorded[Any]) -> Iterable[tuple[Any, ...]]:
        if isinstance(it.fact, _CHANGING):
            yield GRADED, it.originator_id

    def project(self, it: Recorded[Any], rows: Rows) -> None:
        fact = it.fact
        if isinstance(fact, OpportunityOpened):
            entry = GradedEntry(
                opportunity_id=it.originator_id,
                open=True,
                opened_on=fact.opened_on,
                first_expected_on=fact.expected_close_on,
                expected_close_on=fact.expected_close_on,
                graded=None,
            )
            rows.put(GRADED, entry)
        elif isinstance(fact, _CHANGING):
            known = rows.get(GRADED, it.originator_id)
            if known is not None:
                rows.put(GRADED, _changed(known, fact))


def _changed(entry: GradedEntry, fact: Any) -> GradedEntry:
    match fact:
        case OpportunityAmended(expected_close_on=expected):
            return replace(entry, expected_close_on=expected)
        case GradeChanged(after=graded):
            return replace(entry, graded=graded)
        case DealWon() | DealLost():
            return replace(entry, open=False)
        case OpportunityReopened():
            return replace(entry, open=True)
        case _:
            return entry


async def grades_crossed(
    db: Any, today: date, within: GradeMonths, after: UUID | None, limit: int
) -> list[UUID]:
    """Open opportunities whose grade is another than was last said, in the order of their ids."""

    def graded(expected: str, on: str) -> str:
        months = ((Grade.A, "$3"), (Grade.B, "$4"), (Grade.C, "$5"))
        cases = " ".join(
            f"WHEN {expected} <= {on} + make_interval(months => {count}) THEN '{name}'"
            for name, count in months
        )
        return f"CASE {cases} ELSE '{Grade.D}' END"

    records = await db.fetch(
        f"""
        SELECT opportunity_id FROM graded
         WHERE open AND ($2::uuid IS NULL OR opportunity_id > $2)
           AND {graded("expected_close_on", "$1::date")}
               <> coalesce(graded, {graded("first_expected_on", "opened_on")})
         ORDER BY opportunity_id LIMIT $6
        """,
        today,
        after,
        within.a,
        within.b,
        within.c,
        limit,
    )
    return [record["opportunity_id"] for record in records]
