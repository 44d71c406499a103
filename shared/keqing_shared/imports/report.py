"""What became of each row."""

from collections.abc import Iterable, Iterator
from enum import StrEnum
from typing import Any, cast
from uuid import UUID

from pydantic import ValidationError

from keqing_shared.domain import InvalidInput, RuleBroken, ValueRefused, value
from keqing_shared.http import Doing
from keqing_shared.http.export import Export, table_wanted
from keqing_shared.http.headers import sent
from keqing_shared.http.problem import Contended, document_of, field_of, spoken_in, wrong
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
    """Of what the row made, amended, or found as it says."""
    external: str | None = None
    """What the row is known again by."""
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


class RowInvalid(InvalidInput):
    """The row does not read as it should"""

    @classmethod
    def of(cls, invalid: ValidationError) -> "RowInvalid":
        """Names each field that is wrong, never what was sent."""
        errors = invalid.errors(include_url=False, include_input=False, include_context=True)
        if errors[0]["type"] == "json_invalid":
            _, _, column = errors[0]["ctx"]["error"].rpartition(" ")  # ... at line 1 column 11
            broken = ValueRefused("the line is no JSON from column {column} on", column=int(column))
            return cls.of_sheet([("row", broken)])
        return cls(errors=[field_of({**error, "loc": ("row", *error["loc"])}) for error in errors])

    @classmethod
    def of_sheet(cls, errors: Iterable[tuple[str, ValueRefused]]) -> "RowInvalid":
        """By column."""
        return cls(
            errors=[
                {"in": "row", "field": field, "message": field_of(wrong(why, "row"))["message"]}
                for field, why in errors
            ]
        )


@value
class RefusedRow:
    """A row of the file of those that were refused; one for each field that is wrong."""

    line: int
    external: str | None
    type: str
    title: str
    detail: str | None
    field: str | None
    message: str | None


def report(do: Doing, rows: Iterable[RowResult], *, dry_run: bool) -> ImportReport:
    """The rows in the order of their lines, and how many of each; who wants a file by Accept gets those that
    were refused. The answer says up to where they are."""
    headers = {
        "Keqing-Position": f"{do.service.context.name}:{do.service.log.position}",
        **spoken_in(),
    }
    ordered = tuple(sorted(rows, key=lambda result: result.line))
    table = table_wanted(sent(do.request.scope).get("accept", ""))
    if table is not None:
        wrong = [row for result in ordered for row in _refusals(result)]
        zone = do.service.calendar.zone
        file = _REFUSED.answer_rows(table, wrong, zone, do.today.isoformat(), headers)
        return cast(ImportReport, file)  # the plan of a route hands a response on as it is
    do.response.headers.update(headers)
    counts = {str(status): sum(result.outcome is status for result in ordered) for status in RowStatus}
    return ImportReport(dry_run=dry_run, rows=ordered, **counts)


def _refusals(result: RowResult) -> Iterator[RefusedRow]:
    said = result.problem
    if said is None:
        return
    field = said.get("field")
    for error in said.get("errors") or [{"field": field, "message": None}]:
        yield RefusedRow(
            line=result.line,
            external=result.external,
            type=said["type"],
            title=said["title"],
            detail=said.get("detail"),
            field=error["field"],
            message=error["message"],
        )


_REFUSED = Export(RefusedRow, "refused")


def refused(line: int, why: Exception, external: str | None = None) -> RowResult:
    """Raises what is no refusal of this row but a failure of the system."""
    if isinstance(why, Conflict):
        why = Contended(why.template, **why.members)
    if not isinstance(why, RuleBroken):
        raise why
    return RowResult(line=line, outcome=RowStatus.REFUSED, external=external, problem=document_of(why))
