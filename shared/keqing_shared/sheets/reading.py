"""Rows out of CSV and XLSX files: each a document such as JSON would have, by the columns' names."""

import csv
import io
import math
import re
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from types import NoneType, UnionType
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints
from uuid import UUID

import msgspec
from python_calamine import CalamineError, CalamineWorkbook

from keqing_shared.domain import ExternalReference, InvalidInput, Money, ValueRefused
from keqing_shared.sheets.cells import rearmed
from keqing_shared.sheets.members import Members
from keqing_shared.sheets.writing import CSV_TYPE, XLSX_TYPE

TYPES = (CSV_TYPE, XLSX_TYPE)
MOST_UNPACKED = 512 * 1_048_576
"""Bytes that a workbook may have unpacked."""

Record = tuple[int, Sequence[str]]
"""A row's number in the file, the head being 1, and its cells."""
Documents = Iterator[tuple[int, "dict[str, Any] | RowUnreadable"]]

CHARSETS = {"utf-8": "utf-8-sig", "gb18030": "gb18030", "gbk": "gb18030", "gb2312": "gb18030"}
"""How each that a sender of CSV may state is decoded."""

_WHOLE = re.compile(r"[+-]?\d{1,18}", re.ASCII)
_NUMBER = re.compile(r"[+-]?(\d{1,18}(\.\d{0,20})?|\.\d{1,20})(e[+-]?\d{1,3})?", re.ASCII | re.IGNORECASE)
_PARTS = re.compile(r"\s*[;；\n]\s*")
_TRUE, _FALSE = frozenset({"true", "yes", "1", "是"}), frozenset({"false", "no", "0", "否"})


class SheetUnreadable(InvalidInput):
    """The file does not read as what it is said to be"""


class ColumnUnknown(InvalidInput):
    """There is no such column"""


class ColumnTwice(InvalidInput):
    """A column stands there once"""


class RowUnreadable(Exception):
    """What does not fit the columns, and what could be read."""

    def __init__(self, errors: Sequence[tuple[str, ValueRefused]], document: dict[str, Any]) -> None:
        """``errors``: by column, or ``row``."""
        self.errors = errors
        self.document = document


class SheetReader:
    """Reads the rows of one ``@value`` class; empty cells are left out."""

    def __init__(self, row: type[Any]) -> None:
        self._columns = dict(_columns(row, ()))
        self.names = list(self._columns)

    def documents(self, media_type: str, body: bytes, charset: str | None = None) -> Documents:
        """With their numbers. Blocking. Raises SheetUnreadable, ColumnUnknown, ColumnTwice."""
        return self.sheet(media_type, body, charset)[1]

    def sheet(self, media_type: str, body: bytes, charset: str | None = None) -> tuple[Members, Documents]:
        """What it has columns for, and the rows with their numbers; ``charset``: of CHARSETS, as stated.
        Blocking. Raises SheetUnreadable, ColumnUnknown, ColumnTwice."""
        records = _csv(body, charset) if media_type == CSV_TYPE else _xlsx(body)
        _, head = next(records, (1, ()))
        names = [name.strip() for name in head]
        unknown = [name for name in names if name and name not in self._columns]
        if unknown:
            raise ColumnUnknown(
                "leave out {unknown}; there are: {columns}", unknown=unknown, columns=self.names
            )
        twice = sorted({name for name in names if name and names.count(name) > 1})
        if twice:
            raise ColumnTwice("name {twice} once", twice=twice)
        given: Members = {}
        for name in filter(None, names):
            _put(given, self._columns[name][0], None)
        return given, self._rows(names, records)

    def _rows(self, names: Sequence[str], records: Iterable[Record]) -> Documents:
        for line, cells in records:
            document: dict[str, Any] = {}
            errors: list[tuple[str, ValueRefused]] = []
            for at, cell in enumerate(cells, 1):
                text = cell.strip()
                if not text:
                    continue
                if at > len(names):
                    errors.append(
                        ("row", ValueRefused("more cells than columns: is a comma without quotes?"))
                    )
                    break
                if not names[at - 1]:
                    errors.append(("row", ValueRefused("cell {at} is below no name of a column", at=at)))
                    continue
                path, read = self._columns[names[at - 1]]
                try:
                    _put(document, path, read(rearmed(text)))
                except ValueRefused as why:
                    errors.append((names[at - 1], why))
            if errors:
                yield line, RowUnreadable(errors, document)
            elif document:
                yield line, document


def _put(document: dict[str, Any], path: tuple[str, ...], value: Any) -> None:
    *outer, last = path
    for name in outer:
        document = document.setdefault(name, {})
        if not isinstance(document, dict):
            return  # the whole stands in a column of its own
    document[last] = value


def _columns(row: type[Any], above: tuple[str, ...]) -> Iterator[tuple[str, Any]]:
    hints = get_type_hints(row, include_extras=False)
    for one in fields(row):
        path = (*above, one.name)
        kinds = _kinds(hints[one.name])
        inner = kinds[0] if len(kinds) == 1 and is_dataclass(kinds[0]) else None
        if inner is None or inner in (ExternalReference, Money):
            yield ".".join(path), (path, _reader(kinds))
        if inner is not None:
            yield from _columns(inner, path)  # type: ignore[arg-type]


def _kinds(hint: Any) -> list[Any]:
    if get_origin(hint) is Annotated:
        return _kinds(get_args(hint)[0])
    if get_origin(hint) in (Union, UnionType):
        return [kind for part in get_args(hint) if part is not NoneType for kind in _kinds(part)]
    return [hint]


def _reader(kinds: list[Any]) -> Callable[[str], Any]:
    if ExternalReference in kinds:
        return _uuid_or_reference if UUID in kinds else _reference
    kind = kinds[0]
    if kind is Money:
        return _money
    if kind is bool:
        return _bool
    if kind is int:
        return _int
    if kind is float:
        return _float
    if get_origin(kind) in (tuple, list):
        return _list_of(_reader(_kinds(get_args(kind)[0])))
    if is_dataclass(kind) or get_origin(kind) is dict:
        return _json
    return str


def _bool(text: str) -> Any:
    folded = text.casefold()
    return True if folded in _TRUE else False if folded in _FALSE else text


def _int(text: str) -> Any:
    return int(text) if _WHOLE.fullmatch(text) else text


def _float(text: str) -> Any:
    number = float(text) if _NUMBER.fullmatch(text) else math.inf
    return number if math.isfinite(number) else text


def _reference(text: str) -> Any:
    system, found, id = text.partition(":")
    if not found:
        raise ValueRefused("a reference is system:id, such as crm:A-77")
    return {"system": system, "id": id}


def _uuid_or_reference(text: str) -> Any:
    return _reference(text) if ":" in text else text


def _money(text: str) -> Any:
    amount, _, currency = text.partition(" ")
    return {"amount": amount, "currency": currency} if currency else {"amount": amount}


def _json(text: str) -> Any:
    try:
        return msgspec.json.decode(text)
    except msgspec.DecodeError:
        return text


def _list_of(read: Callable[[str], Any]) -> Callable[[str], Any]:
    def parts(text: str) -> Any:
        if text.startswith("["):
            return _json(text)
        return [read(part) for part in _PARTS.split(text) if part]

    return parts


def _csv(body: bytes, charset: str | None) -> Iterator[Record]:
    text = _decoded(body, charset)
    head = text.partition("\n")[0]
    separator = max(",;\t", key=head.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    try:
        yield from enumerate(reader, 1)
    except csv.Error as error:
        raise SheetUnreadable(
            "line {line}: quotes are not in pairs, or a cell is too long", line=reader.line_num
        ) from error


def _decoded(body: bytes, charset: str | None) -> str:
    """As stated; else UTF-8, or GB 18030, which spreadsheet programs in China save."""
    for encoding in ("utf-8-sig", "gb18030") if charset is None else (CHARSETS[charset],):
        try:
            return body.decode(encoding)
        except UnicodeDecodeError:
            continue
    if charset is None:
        raise SheetUnreadable("send CSV in UTF-8 or GB 18030")
    raise SheetUnreadable("it is not in {charset}", charset=charset)


def _xlsx(body: bytes) -> Iterator[Record]:
    try:
        with zipfile.ZipFile(io.BytesIO(body)) as packed:
            unpacked = sum(part.file_size for part in packed.infolist())
        if unpacked > MOST_UNPACKED:
            raise SheetUnreadable("unpacked it is larger than {most} bytes", most=MOST_UNPACKED)
        sheet = CalamineWorkbook.from_filelike(io.BytesIO(body)).get_sheet_by_index(0)
        rows = sheet.to_python(skip_empty_area=False)
    except (zipfile.BadZipFile, CalamineError, OSError, ValueError) as error:
        raise SheetUnreadable("send a workbook of XLSX") from error
    for number, cells in enumerate(rows, 1):
        yield number, [_text(cell) for cell in cells]


def _text(cell: Any) -> str:
    match cell:
        case bool():
            return "true" if cell else "false"
        case float() if cell.is_integer():
            return str(int(cell))
        case datetime() if cell.hour == cell.minute == cell.second == 0:
            return cell.date().isoformat()
        case datetime() | date():
            return cell.isoformat()
        case _:
            return str(cell)
