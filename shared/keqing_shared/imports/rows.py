"""Bodies of rows, as JSON lines, CSV or XLSX: bounded, each row read strictly and refused alone."""

import asyncio
import codecs
from collections.abc import Iterator
from email.message import Message
from typing import Annotated, Any, Generic, TypeVar

import msgspec
from fastapi import Query, Request
from pydantic import TypeAdapter, ValidationError

from keqing_shared.domain import InvalidInput
from keqing_shared.http import problem
from keqing_shared.http.body import bounded
from keqing_shared.http.openapi import KNOWN_AGAIN
from keqing_shared.imports.report import RowInvalid, RowResult, refused
from keqing_shared.sheets.members import Members, members_of
from keqing_shared.sheets.reading import CHARSETS, TYPES, RowUnreadable, SheetReader
from keqing_shared.sheets.writing import CSV_TYPE, JSON_LINES_TYPE, XLSX_TYPE

MEDIA_TYPE = JSON_LINES_TYPE
MOST_ROWS = 10_000
MOST_BYTES = 32 * 1_048_576

R = TypeVar("R")

DryRun = Annotated[bool, Query(description="say what would become of each row, and change nothing")]

_PROBLEM = {problem.MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
_REFUSED_ROWS = {"schema": {"type": "string", "description": "By Accept: a file of the refused rows"}}
REFUSALS: dict[int | str, dict[str, Any]] = {
    200: {"content": {CSV_TYPE: _REFUSED_ROWS, XLSX_TYPE: _REFUSED_ROWS}},
    413: {"description": f"More than {MOST_BYTES} bytes", "content": _PROBLEM},
    415: {"description": "The body is no JSON lines, CSV or XLSX", "content": _PROBLEM},
}
"""What the OpenAPI document says of what is refused: of rows, and of a body as a whole."""


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
        self.columns: Members | None = None
        """Those of a sheet."""
        self.lines: dict[int, bytes] = {}
        """JSON as it came."""

    def given(self, line: int) -> Members:
        """The members that the row gives: those with a column in a sheet, those that stand there in JSON."""
        return members_of(msgspec.json.decode(self.lines[line])) if self.columns is None else self.columns

    def parts(self, most: int) -> "Iterator[Rows[R]]":
        """The same, so many good rows at a time; the bad ones are in the first part."""
        lines = list(self.good)
        for start in range(0, max(1, len(lines)), most):
            part: Rows[R] = Rows()
            part.good = {line: self.good[line] for line in lines[start : start + most]}
            part.bad = self.bad if start == 0 else []
            part.columns, part.lines = self.columns, self.lines
            yield part


class RowFile(Generic[R]):
    """Files of rows of one kind: one JSON object a line, or a sheet with a column for each member."""

    def __init__(self, row: type[R]) -> None:
        self._adapter: TypeAdapter[R] = TypeAdapter(row)
        self._sheets = SheetReader(row)
        members = ", ".join(self._adapter.json_schema(mode="validation").get("properties", {}))
        sheet = {"schema": {"type": "string", "minLength": 1}}
        self.documented: dict[str, Any] = {
            KNOWN_AGAIN: True,
            "requestBody": {
                "required": True,
                "description": (
                    f"One {row.__name__} a line, up to {MOST_ROWS:,}: {members}. In a sheet these columns:"
                    f" {', '.join(self._sheets.names)}; parts of a list stand between semicolons."
                    " A file that was sent before does nothing again, so no Idempotency-Key is looked at"
                ),
                "content": {
                    MEDIA_TYPE: {
                        "schema": {"type": "string", "minLength": 1, "pattern": r"[^ \t\n\r\f\v]"},
                    },
                    CSV_TYPE: sheet,
                    XLSX_TYPE: sheet,
                },
            },
        }
        """For the OpenAPI document: the route's ``openapi_extra``."""

    async def read(self, request: Request) -> Rows[R]:
        """Raises MediaTypeUnsupported, BodyTooLarge, TooManyRows, NoRows, SheetUnreadable, ColumnUnknown,
        ColumnTwice."""
        said = Message()
        said["content-type"] = request.headers.get("content-type", "")
        media_type, charset = said.get_content_type(), said.get_content_charset()
        if media_type not in (MEDIA_TYPE, *TYPES):
            raise problem.MediaTypeUnsupported(
                "send {media_type}, one JSON object a line, or a sheet as {sheets}",
                media_type=MEDIA_TYPE,
                sheets=TYPES,
            )
        if media_type == CSV_TYPE and charset is not None and charset not in CHARSETS:
            raise problem.MediaTypeUnsupported("send CSV in {charsets}", charsets=list(CHARSETS))
        body = await bounded(request, MOST_BYTES)
        return await asyncio.to_thread(self.rows, media_type, body, charset)

    def rows(self, media_type: str, body: bytes, charset: str | None = None) -> Rows[R]:
        """Raises TooManyRows, NoRows, SheetUnreadable, ColumnUnknown, ColumnTwice."""
        rows: Rows[R] = Rows()
        if media_type == MEDIA_TYPE:
            lines = enumerate(body.removeprefix(codecs.BOM_UTF8).split(b"\n"), 1)
            given = rows.lines = {n: line for n, line in lines if line.strip()}
        else:
            rows.columns, documents = self._sheets.sheet(media_type, body, charset)
            encode = msgspec.json.Encoder().encode
            given = {}
            for number, document in documents:
                if isinstance(document, RowUnreadable):
                    why = RowInvalid.of_sheet(document.errors)
                    rows.bad.append(refused(number, why, known_as(document.document)))
                else:
                    given[number] = encode(document)
        count = len(given) + len(rows.bad)
        if count > MOST_ROWS:
            raise TooManyRows("up to {most}, not {given}", most=MOST_ROWS, given=count)
        if not count:
            raise NoRows
        for number, line in given.items():
            try:
                rows.good[number] = self._adapter.validate_json(line, strict=True)
            except ValidationError as invalid:
                rows.bad.append(refused(number, RowInvalid.of(invalid), _named(line)))
        return rows


def _named(line: bytes) -> str | None:
    try:
        return known_as(msgspec.json.decode(line))
    except msgspec.DecodeError:
        return None


def known_as(document: Any) -> str | None:
    """The row's reference, the first of several, if it reads as one."""
    match document:
        case {"external": {"system": str(system), "id": str(id)}}:
            return f"{system}:{id}"
        case {"external": [{"system": str(system), "id": str(id)}, *_]}:
            return f"{system}:{id}"
    return None
