"""A body of rows: what is taken, and what is refused as a whole."""

import json
from collections.abc import AsyncIterator
from typing import Annotated, Any
from uuid import UUID

import pytest
from pydantic import Field
from starlette.requests import Request

from keqing_shared.domain import ExternalReference, Line, RuleBroken, value
from keqing_shared.http.problem import BodyTooLarge, MediaTypeUnsupported
from keqing_shared.imports import RowFile
from keqing_shared.imports.rows import MEDIA_TYPE, MOST_BYTES, MOST_ROWS, NoRows, TooManyRows
from keqing_shared.sheets.writing import CSV_TYPE, XLSX_TYPE


@value
class Book:
    """A row of an older library."""

    external: ExternalReference
    title: Annotated[Line, Field(max_length=10)]
    pages: int = 0
    copies: tuple[UUID, ...] = ()


BOOKS = RowFile(Book)
GOOD = b'{"external": {"system": "old", "id": "7"}, "title": "Emma"}'


def request(*chunks: bytes, media_type: str = MEDIA_TYPE, length: int | None = None) -> Request:
    headers = [(b"content-type", media_type.encode())]
    if length is not None:
        headers.append((b"content-length", str(length).encode()))
    coming = iter([*({"type": "http.request", "body": it, "more_body": True} for it in chunks)])

    async def receive() -> Any:
        return next(coming, {"type": "http.request", "body": b"", "more_body": False})

    return Request({"type": "http", "method": "POST", "headers": headers}, receive)


async def read(*chunks: bytes, **given: Any) -> Any:
    return await BOOKS.read(request(*chunks, **given))


async def test_lines_are_numbered_from_one_and_empty_ones_count() -> None:
    rows = await read(b"\n", GOOD + b"\r\n \n", GOOD)
    assert list(rows.good) == [2, 4]
    assert rows.good[2] == Book(external=ExternalReference(system="old", id="7"), title="Emma")
    assert rows.bad == []


@pytest.mark.parametrize(
    ("line", "field"),
    [
        (b"Emma, 7", "row"),
        (b"[]", "row"),
        (b"\xff", "row"),
        (b"{}", "external"),
        (GOOD.replace(b'"old"', b'"Old System"'), "external.system"),
        (GOOD.replace(b"Emma", b"Sense and Sensibility"), "title"),
        (GOOD.replace(b"Emma", b"Em\\u0000a"), "title"),
        (GOOD[:-1] + b', "pages": "12"}', "pages"),
        (GOOD[:-1] + b', "copies": ["x"]}', "copies.0"),
        (GOOD[:-1] + b', "colour": "red"}', "colour"),
    ],
)
async def test_a_row_that_does_not_read_well_is_refused_alone_naming_the_field(
    line: bytes, field: str
) -> None:
    rows = await read(GOOD + b"\n" + line + b"\n" + GOOD)
    assert list(rows.good) == [1, 3]
    [refused] = rows.bad
    assert (refused.line, refused.outcome) == (2, "refused")
    assert refused.problem is not None
    assert (refused.problem["type"], refused.problem["status"]) == ("/problems/row-invalid", 422)
    assert field in {error["field"] for error in refused.problem["errors"]}
    assert {error["in"] for error in refused.problem["errors"]} == {"row"}
    assert "Sensibility" not in json.dumps(refused.problem), "what was sent is not said again"


@pytest.mark.parametrize(
    ("line", "known_as"),
    [
        (GOOD.replace(b"Emma", b""), "old:7"),
        (b'{"external": [{"system": "old", "id": "8"}, {"system": "old", "id": "9"}]}', "old:8"),
        (b'{"external": "old:7"}', None),
        (b'{"external": {"system": "old", "id": 7}}', None),
        (b"[]", None),
        (b"Emma", None),
    ],
)
async def test_a_refused_row_is_named_by_its_reference_where_it_has_one(
    line: bytes, known_as: str | None
) -> None:
    [refused] = (await read(line)).bad
    assert refused.external == known_as


async def test_in_a_sheet_too_a_refused_row_is_named_by_its_reference() -> None:
    body = b"external,title,pages\nold:7,Sense and Sensibility,\nold:8,Emma,12,1815\n"
    rows = await read(body, media_type=CSV_TYPE)
    surplus, long = rows.bad
    assert [(it.line, it.external) for it in (long, surplus)] == [(2, "old:7"), (3, "old:8")]
    [error] = surplus.problem["errors"]
    assert (error["in"], error["field"]) == ("row", "row")


async def test_lines_may_begin_with_a_byte_order_mark() -> None:
    assert list((await read(b"\xef\xbb\xbf" + GOOD)).good) == [1]


async def test_a_line_that_is_no_json_is_refused_with_the_place_where_it_breaks() -> None:
    [refused] = (await read(b'{"title": Emma}')).bad
    assert refused.problem is not None
    assert refused.problem["errors"] == [
        {"in": "row", "field": "row", "message": "the line is no JSON from column 11 on"}
    ]


async def test_a_charset_that_nobody_reads_here_is_refused_with_those_that_are() -> None:
    body = "external,title\nold:7,Müller\n".encode("latin-1")
    with pytest.raises(MediaTypeUnsupported) as refusal:
        await read(body, media_type="text/csv; charset=iso-8859-1")
    assert refusal.value.members["charsets"] == ["utf-8", "gb18030", "gbk", "gb2312"]
    good = "external,title\nold:7,艾玛\n".encode("gbk")
    assert (await read(good, media_type='text/csv; charset="GBK"')).good[2].title == "艾玛"


@pytest.mark.parametrize("body", [b"", b"\n", b" \n\t\r\n\x0b\x0c"])
async def test_a_body_without_rows_is_refused(body: bytes) -> None:
    with pytest.raises(NoRows) as refusal:
        await read(body)
    assert refusal.value.status == 422


async def test_so_many_rows_are_taken_and_not_one_more() -> None:
    full = [GOOD + b"\n\n"] * MOST_ROWS
    assert len((await read(*full)).good) == MOST_ROWS == 10_000
    with pytest.raises(TooManyRows) as refusal:
        await read(*full, GOOD)
    assert (refusal.value.status, refusal.value.members) == (
        422,
        {"most": 10_000, "given": 10_001},
    )


async def test_so_many_bytes_are_taken_and_not_one_more() -> None:
    fill = b" " * (MOST_BYTES - len(GOOD))
    assert len((await read(fill, GOOD)).good) == 1
    with pytest.raises(BodyTooLarge):
        await read(fill, GOOD, b" ")


async def test_a_body_that_says_it_is_too_large_is_not_read() -> None:
    async def unread() -> AsyncIterator[bytes]:
        raise AssertionError("read")
        yield b""

    asked = request(length=MOST_BYTES + 1)
    asked.stream = unread  # type: ignore[method-assign]
    with pytest.raises(BodyTooLarge) as refusal:
        await BOOKS.read(asked)
    assert (refusal.value.status, refusal.value.members) == (413, {"most": MOST_BYTES})


@pytest.mark.parametrize("media_type", ["application/json", "", "text/plain; charset=utf-8"])
async def test_another_media_type_is_refused(media_type: str) -> None:
    with pytest.raises(MediaTypeUnsupported) as refusal:
        await read(GOOD, media_type=media_type)
    assert refusal.value.status == 415


async def test_the_media_type_is_known_however_it_is_written() -> None:
    assert (await read(GOOD, media_type="Application/X-NDJSON; charset=utf-8")).good


def test_the_document_names_the_members_the_columns_and_the_limits() -> None:
    body = BOOKS.documented["requestBody"]
    assert body["description"].startswith("One Book a line, up to 10,000: external, title, pages, copies.")
    assert "external, external.system, external.id, title, pages, copies" in body["description"]
    assert list(body["content"]) == [MEDIA_TYPE, "text/csv", XLSX_TYPE]


async def test_a_sheet_has_the_same_rows_by_their_numbers() -> None:
    sheet = "title,pages,external\nEmma,474,old:7\n,,\nPersuasion and more,x,old:8\n"
    rows = await read(sheet.encode(), media_type="text/csv")
    assert rows.good == {
        2: Book(external=ExternalReference(system="old", id="7"), title="Emma", pages=474),
    }
    [refused] = rows.bad
    assert refused.line == 4
    assert refused.problem is not None
    assert {error["field"] for error in refused.problem["errors"]} == {"title", "pages"}


def test_each_refusal_of_a_whole_body_has_its_own_name() -> None:
    refusals: list[type[RuleBroken]] = [NoRows, TooManyRows, BodyTooLarge, MediaTypeUnsupported]
    assert [it.slug() for it in refusals] == [
        "no-rows",
        "too-many-rows",
        "body-too-large",
        "media-type-unsupported",
    ]
