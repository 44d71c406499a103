"""What became of each row."""

from collections.abc import Iterable
from enum import StrEnum
from typing import Any
from uuid import UUID

from pydantic import ValidationError

from keqing_shared.domain import RuleBroken, value
from keqing_shared.log import Conflict


class RowStatus(StrEnum):
    CREATED = "created"
    AMENDED = "amended"
    UNCHANGED = "unchanged"
    REFUSED = "refused"


@value
class RowResult:
    line: int
    """From 1; empty lines count."""
    outcome: RowStatus
    id: UUID | None = None
    external: str | None = None
    problem: dict[str, Any] | None = None
    """Why it was refused, as an ordinary problem document."""


@value
class ImportReport:
    dry_run: bool
    created: int
    amended: int
    unchanged: int
    refused: int
    rows: tuple[RowResult, ...]


def report(rows: Iterable[RowResult], *, dry_run: bool) -> ImportReport:
    """The rows in the order of their lines, and how many of each."""
    ordered = tuple(sorted(rows, key=lambda result: result.line))
    counts = {status: sum(result.outcome is status for result in ordered) for status in RowStatus}
    return ImportReport(
        dry_run=dry_run,
        created=counts[RowStatus.CREATED],
        amended=counts[RowStatus.AMENDED],
        unchanged=counts[RowStatus.UNCHANGED],
        refused=counts[RowStatus.REFUSED],
        rows=ordered,
    )


def refused(line: int, why: Exception, external: str | None = None) -> RowResult:
    """Raises what is no refusal of this row but a failure of the system."""
    return RowResult(line=line, outcome=RowStatus.REFUSED, external=external, problem=_problem(why))


def _problem(why: Exception) -> dict[str, Any]:
    match why:
        case RuleBroken():
            document = {
                **why.members,
                "type": f"/problems/{why.slug()}",
                "title": why.title(),
                "status": why.status,
            }
            return document | ({"detail": why.detail} if why.detail else {})
        case ValidationError():
            errors = why.errors(include_url=False, include_input=False, include_context=False)
            return {
                "type": "/problems/request-invalid",
                "title": "The row does not read as it should",
                "status": 422,
                "errors": [
                    {
                        "in": "row",
                        "field": ".".join(str(part) for part in error["loc"]) or "row",
                        "message": error["msg"].removeprefix("Value error, "),
                    }
                    for error in errors
                ],
            }
        case Conflict():
            return {
                "type": "/problems/contended",
                "title": "Others were faster, again and again",
                "status": 409,
                "detail": str(why),
            }
        case _:
            raise why
