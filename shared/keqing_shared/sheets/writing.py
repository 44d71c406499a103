"""Rows written as CSV or XLSX, some at a time, however many there are."""

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import IO, Any
from zoneinfo import ZoneInfo

import xlsxwriter

from keqing_shared.sheets.cells import disarmed, rearmed
from keqing_shared.sheets.columns import Cell, Columns

CSV_TYPE = "text/csv"
JSON_LINES_TYPE = "application/x-ndjson"
XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
ROWS_A_SHEET = 1_048_576
"""As many as a spreadsheet program shows, the head included; further rows go on another sheet."""
LONGEST_CELL = 32_767
MOST_EXACT = 10.0**15
"""Numbers beyond lose digits in a spreadsheet, so they are written as text."""

FIRST_DAY = date(1900, 3, 1)
"""A spreadsheet counts days before it wrongly, so they are written as text."""

_BOM = "\ufeff"
"""Without it spreadsheet programs in China take the file for GBK."""


class CsvSheet:
    """RFC 4180 in UTF-8; texts that a spreadsheet would take for formulas are disarmed."""

    def __init__(self, columns: Columns, zone: ZoneInfo) -> None:
        self._columns = columns
        self._zone = zone
        self._head: Sequence[str] | None = columns.names

    def written(self, rows: Iterable[Any]) -> bytes:
        """The rows, before the first ones the head."""
        text = io.StringIO()
        writer = csv.writer(text)
        if self._head is not None:
            text.write(_BOM)
            writer.writerow(self._head)
            self._head = None
        writer.writerows([_as_text(cell) for cell in self._columns.cells(row, self._zone)] for row in rows)
        return text.getvalue().encode()


class XlsxSheet:
    """A workbook in a file; memory does not grow with the rows. Blocking: call it in a thread."""

    def __init__(self, file: IO[bytes], columns: Columns, zone: ZoneInfo) -> None:
        self._columns = columns
        self._zone = zone
        self._book = xlsxwriter.Workbook(file, {"constant_memory": True, "strings_to_urls": False})
        self._day = self._book.add_format({"num_format": "yyyy-mm-dd"})
        self._moment = self._book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
        self._bold = self._book.add_format({"bold": True})
        self._sheet: Any = None
        self._next = ROWS_A_SHEET

    def write(self, rows: Iterable[Any]) -> None:
        for row in rows:
            if self._next >= ROWS_A_SHEET:
                self._begin()
            for at, cell in enumerate(self._columns.cells(row, self._zone)):
                self._put(at, cell)
            self._next += 1

    def close(self) -> None:
        """Only now is the file a workbook."""
        if self._sheet is None:
            self._begin()
        self._book.close()

    def _begin(self) -> None:
        self._sheet = self._book.add_worksheet()
        self._sheet.freeze_panes(1, 0)
        for at, name in enumerate(self._columns.names):
            self._sheet.write_string(0, at, name, self._bold)
        self._next = 1

    def _put(self, at: int, cell: Cell) -> None:
        sheet, row = self._sheet, self._next
        match cell:
            case None:
                return
            case bool():
                sheet.write_boolean(row, at, cell)
            case int() | float() | Decimal() if _exact(cell):
                sheet.write_number(row, at, float(cell))
            case datetime():
                sheet.write_datetime(row, at, cell.replace(tzinfo=None), self._moment)
            case date() if cell >= FIRST_DAY:
                sheet.write_datetime(row, at, cell, self._day)
            case float():
                sheet.write_string(row, at, repr(cell))
            case _:
                sheet.write_string(row, at, _guarded(str(cell))[:LONGEST_CELL])


def _exact(number: int | float | Decimal) -> bool:
    """Whether a spreadsheet, which keeps sixteen digits, keeps this number."""
    if not -MOST_EXACT < number < MOST_EXACT:
        return False
    kept = float(f"{float(number):.16G}")
    return kept == number if isinstance(number, float) else Decimal(repr(kept)) == number


def _guarded(text: str) -> str:
    """Text runs nowhere in a workbook; what reads as disarmed is marked, so that it is read as it was."""
    return text if rearmed(text) == text else disarmed(text)


def _as_text(cell: Cell) -> str:
    match cell:
        case None:
            return ""
        case bool():
            return "true" if cell else "false"
        case str():
            return disarmed(cell)
        case date():
            return cell.isoformat()
        case Decimal():
            return f"{cell:f}"
        case _:
            return str(cell)
