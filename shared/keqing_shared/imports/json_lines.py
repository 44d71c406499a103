"""Bodies of JSON lines: bounded, each line read strictly and refused alone."""

from typing import Annotated, Any, Generic, TypeVar

from fastapi import Query, Request
from pydantic import TypeAdapter, ValidationError

from keqing_shared.domain import InvalidInput
from keqing_shared.http import problem
from keqing_shared.http.body import bounded
from keqing_shared.imports.report import RowInvalid, RowResult, refused

MEDIA_TYPE = "application/x-ndjson"
MOST_ROWS = 1_000
MOST_BYTES = 8 * 1_048_576

R = TypeVar("R")

DryRun = Annotated[bool, Query(description="say what would become of each row, and change nothing")]

_PROBLEM = {problem.MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
REFUSALS: dict[int | str, dict[str, Any]] = {
    413: {"description": f"More than {MOST_BYTES} bytes", "content": _PROBLEM},
    415: {"description": f"The body is not {MEDIA_TYPE}", "content": _PROBLEM},
}
"""What the OpenAPI document says of a body that is refused as a whole."""


class TooManyRows(InvalidInput):
    """Send fewer rows at a time"""


class NoRows(InvalidInput):
    """Send at least one row"""


class Rows(Generic[R]):
    """By line, from 1; empty lines count."""

    def __init__(self) -> None:
        self.good: dict[int, R] = {}
        self.bad: list[RowResult] = []
        """Refusals of those that do not read well."""


class JsonLines(Generic[R]):
    """Rows of one kind, one JSON object a line."""

    def __init__(self, row: type[R]) -> None:
        self._adapter: TypeAdapter[R] = TypeAdapter(row)
        members = ", ".join(self._adapter.json_schema(mode="validation").get("properties", {}))
        self.documented: dict[str, Any] = {
            "requestBody": {
                "required": True,
                "description": f"One {row.__name__} a line, up to {MOST_ROWS:,}: {members}",
                "content": {
                    MEDIA_TYPE: {
                        "schema": {"type": "string", "minLength": 1, "pattern": r"[^ \t\n\r\f\v]"},
                    }
                },
            }
        }
        """For the OpenAPI document: the route's ``openapi_extra``."""

    async def read(self, request: Request) -> Rows[R]:
        """Raises MediaTypeUnsupported, BodyTooLarge, TooManyRows, NoRows."""
        media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if media_type != MEDIA_TYPE:
            raise problem.MediaTypeUnsupported(
                "send {media_type}, one JSON object a line", media_type=MEDIA_TYPE
            )
        return self.rows((await bounded(request, MOST_BYTES)).split(b"\n"))

    def rows(self, lines: list[bytes]) -> Rows[R]:
        """Raises TooManyRows, NoRows."""
        given = [(number, line) for number, line in enumerate(lines, 1) if line.strip()]
        if len(given) > MOST_ROWS:
            raise TooManyRows("up to {most}, not {given}", most=MOST_ROWS, given=len(given))
        if not given:
            raise NoRows
        rows: Rows[R] = Rows()
        for number, line in given:
            try:
                rows.good[number] = self._adapter.validate_json(line, strict=True)
            except ValidationError as invalid:
                rows.bad.append(refused(number, RowInvalid.of(invalid)))
        return rows
