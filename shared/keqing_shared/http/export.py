"""Lists as files: whoever asks for CSV, XLSX or JSON lines gets every row they may see, page after page of
the list."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import is_dataclass
from tempfile import TemporaryFile
from typing import Any, get_args, get_origin, get_type_hints
from zoneinfo import ZoneInfo

import msgspec
from fastapi.responses import StreamingResponse
from fastapi.routing import APIRoute

from keqing_shared.http.accept import JSON_TYPE, form_wanted
from keqing_shared.http.exports import Taking
from keqing_shared.http.paging import Page
from keqing_shared.sheets import Columns, CsvSheet, XlsxSheet
from keqing_shared.sheets.writing import CSV_TYPE, JSON_LINES_TYPE, XLSX_TYPE

ENDINGS = {CSV_TYPE: "csv", XLSX_TYPE: "xlsx", JSON_LINES_TYPE: "ndjson"}
FORMS = (JSON_TYPE, *ENDINGS)
"""Those that a list is to be had in."""
ROWS_A_PAGE = 1_000
CHUNK = 65_536

Rows = Sequence[Any]
NextPage = Callable[[str | None], Awaitable[Any]]
"""Asks the route again for what follows this cursor."""


class Export:
    """Of a route that answers a list. A row that holds lists of values itself has a method ``unrolled``: the
    lines that it has in a sheet, of a class that the annotation names."""

    def __init__(self, row: type[Any], name: str) -> None:
        self._unrolls = hasattr(row, "unrolled")
        self._columns = Columns(_line_of(row) if self._unrolls else row)
        self._name = name

    async def answer(
        self, media_type: str, ask: NextPage, after: str | None, zone: ZoneInfo, day: str, taking: Taking
    ) -> StreamingResponse:
        """The rows beyond ``after`` to the last. The first page is asked for before anything is answered, so
        that a refusal is an ordinary one; a failure later on cuts the connection."""
        first = await ask(after)
        await taking.begin()
        return self._file(media_type, taking.counted(_pages(first, ask)), zone, day, {"Vary": "Accept"})

    def answer_rows(
        self, media_type: str, rows: Rows, zone: ZoneInfo, day: str, headers: Mapping[str, str]
    ) -> StreamingResponse:
        """These rows."""
        return self._file(media_type, _only(rows), zone, day, headers)

    def _file(
        self,
        media_type: str,
        pages: AsyncIterator[Rows],
        zone: ZoneInfo,
        day: str,
        headers: Mapping[str, str],
    ) -> StreamingResponse:
        write = {CSV_TYPE: self._csv, XLSX_TYPE: self._xlsx, JSON_LINES_TYPE: _lines}[media_type]
        file = f"{self._name}-{day}.{ENDINGS[media_type]}"
        return StreamingResponse(
            write(pages, zone),
            media_type=media_type,
            headers={**headers, "Content-Disposition": f'attachment; filename="{file}"'},
        )

    async def _csv(self, pages: AsyncIterator[Rows], zone: ZoneInfo) -> AsyncIterator[bytes]:
        sheet = CsvSheet(self._columns, zone)
        async for rows in pages:
            yield sheet.written(self._unrolled(rows))

    async def _xlsx(self, pages: AsyncIterator[Rows], zone: ZoneInfo) -> AsyncIterator[bytes]:
        with TemporaryFile() as file:
            sheet = XlsxSheet(file, self._columns, zone)
            async for rows in pages:
                await asyncio.to_thread(sheet.write, self._unrolled(rows))
            await asyncio.to_thread(sheet.close)
            file.seek(0)
            while chunk := await asyncio.to_thread(file.read, CHUNK):
                yield chunk

    def _unrolled(self, rows: Rows) -> Rows:
        return [line for row in rows for line in row.unrolled()] if self._unrolls else rows


def export_of(route: APIRoute) -> Export | None:
    """None for a route that answers neither a list of values nor a value that is one when unrolled."""
    row = _row(route.response_model)
    if row is None or "GET" not in (route.methods or ()):
        return None
    last = route.path.rpartition("/")[2]
    return Export(row, route.name if not last or last.startswith("{") else last)


def table_wanted(accept: str) -> str | None:
    """CSV, XLSX or JSON lines, when an Accept header wants one of them most; None: JSON."""
    wanted = form_wanted(accept, FORMS)
    return wanted if wanted in ENDINGS else None


async def _lines(pages: AsyncIterator[Rows], zone: ZoneInfo) -> AsyncIterator[bytes]:
    encode = msgspec.json.Encoder(enc_hook=str).encode_lines
    async for rows in pages:
        yield encode(rows)


async def _only(rows: Rows) -> AsyncIterator[Rows]:
    yield rows


async def _pages(first: Any, ask: NextPage) -> AsyncIterator[Rows]:
    page = first
    while isinstance(page, Page):
        yield page.items
        if page.next is None:
            return
        page = await ask(page.next)
    while hasattr(page, "unrolled"):
        yield page.unrolled()
        if getattr(page, "next", None) is None:
            return
        page = await ask(page.next)
    yield page


def _line_of(kind: Any) -> type[Any]:
    """What it unrolls to."""
    line: type[Any] = get_args(get_type_hints(kind.unrolled)["return"])[0]
    return line


def _row(model: Any) -> type[Any] | None:
    if hasattr(model, "unrolled"):
        return _line_of(model)
    if isinstance(model, type) and issubclass(model, Page):
        model = model.model_fields["items"].annotation
    if get_origin(model) not in (list, tuple):
        return None
    row = get_args(model)[0]
    return row if isinstance(row, type) and is_dataclass(row) else None
