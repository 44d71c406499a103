"""Rows written as a file are read as the rows they were, whatever stands in them."""

import asyncio
from collections.abc import AsyncIterator
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any, ClassVar
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import Field, TypeAdapter, ValidationError

from keqing_shared.domain import Day, ExternalReference, Line, Money, Note, value
from keqing_shared.http.export import Export
from keqing_shared.imports import RowFile, Rows
from keqing_shared.sheets import Columns
from keqing_shared.sheets.members import members_of, upon
from keqing_shared.sheets.writing import CSV_TYPE, JSON_LINES_TYPE, XLSX_TYPE


class Level(StrEnum):
    HIGH = "high"
    LOW = "0"


@value
class Place:
    latitude: Annotated[float, Field(ge=-90, le=90)]
    longitude: Annotated[float, Field(ge=-180, le=180)]


@value
class Basics:
    address: Line | None = None
    assets: Money | None = None
    staff: int | None = None


@value
class Row:
    COLUMNS_FIRST: ClassVar = ("external",)

    title: Line
    external: tuple[ExternalReference, ...]
    note: Note | None = None
    place: Place | None = None
    basics: Basics = Basics()
    products: tuple[Line, ...] = ()
    levels: tuple[Level, ...] = ()
    since: Day | None = None
    open: bool = True
    customer: UUID | ExternalReference | None = None


FILE = RowFile(Row)
EXPORT = Export(Row, "rows")
ALPHABET = "aZ0 \t\n\r'\"=+-@,;；[]{}\\:_x000D&<客情\xa0\u3000\ufeff\ufffe\U0001f600"


def readable(text: str) -> str | None:
    """As it is once it has come in; None when it may not come in."""
    try:
        return str(TypeAdapter(Held).validate_python({"it": text}).it)
    except ValidationError:
        return None


@value
class Held:
    it: Note


def texts(note: bool = False) -> st.SearchStrategy[str]:
    alphabet = ALPHABET if note else ALPHABET.replace("\t", "").replace("\n", "").replace("\r", "")
    anything = st.text(st.sampled_from(alphabet) | st.characters(min_codepoint=32, exclude_categories=["C"]))
    anything |= st.sampled_from(
        ["_x000D_", "'=1", "''", "[1]", "001", "1e5", "2026-03-02", "TRUE", "a\u200bb"]
    )
    return anything.map(lambda text: readable(text)).filter(bool)  # type: ignore[return-value,arg-type]


LINES = texts()
REFERENCES = st.builds(ExternalReference, system=st.sampled_from(["crm", "a.b-c"]), id=LINES)
MONEY = st.builds(
    Money,
    amount=st.decimals(
        allow_nan=False, allow_infinity=False, places=2, min_value=-(10**16) + 1, max_value=10**16 - 1
    ),
)
ROWS = st.builds(
    Row,
    title=LINES,
    external=st.lists(REFERENCES, min_size=1, max_size=3).map(tuple),
    note=st.none() | texts(note=True),
    place=st.none() | st.builds(Place, latitude=st.floats(-90, 90), longitude=st.floats(-180, 180)),
    basics=st.builds(
        Basics,
        address=st.none() | LINES,
        assets=st.none() | MONEY,
        staff=st.none() | st.integers(-(10**17), 10**17),
    ),
    products=st.lists(LINES, max_size=3).map(tuple),
    levels=st.lists(st.sampled_from(Level), max_size=2).map(tuple),
    since=st.none() | st.dates(date(1900, 1, 1), date(2199, 12, 31)),
    open=st.booleans(),
    customer=st.none() | st.uuids() | REFERENCES,
)


def written(media_type: str, rows: list[Row]) -> bytes:
    async def taken() -> bytes:
        answer = EXPORT.answer_rows(media_type, rows, ZoneInfo("Asia/Shanghai"), "2026-03-02", {})
        chunks: AsyncIterator[Any] = answer.body_iterator  # type: ignore[assignment]
        return b"".join([chunk async for chunk in chunks])

    return asyncio.run(taken())


def read(media_type: str, body: bytes) -> Rows[Row]:
    rows = FILE.rows(media_type, body)
    assert rows.bad == []
    return rows


@pytest.mark.parametrize("media_type", [CSV_TYPE, XLSX_TYPE, JSON_LINES_TYPE])
def test_what_is_written_is_read_as_it_was(media_type: str) -> None:
    @given(st.lists(ROWS, min_size=1, max_size=3))
    def come_back(rows: list[Row]) -> None:
        assert list(read(media_type, written(media_type, rows)).good.values()) == rows

    come_back()


def test_the_columns_that_a_row_is_known_by_come_first() -> None:
    assert Columns(Row).names[:3] == ["external", "title", "note"]


def test_references_and_lists_stand_between_semicolons_as_long_as_that_can_be_read() -> None:
    row = Row(
        title="t",
        external=(ExternalReference(system="crm", id="1"), ExternalReference(system="erp", id="2")),
        products=("甲", "乙；丙"),
    )
    _, line = written(CSV_TYPE, [row]).decode("utf-8-sig").splitlines()
    assert line.startswith("crm:1; erp:2,t,")
    assert '"[""甲"",""乙；丙""]"' in line


FULL = Row(
    title="临江纺织",
    external=(ExternalReference(system="crm", id="1"),),
    note="老客户",
    place=Place(latitude=30.25, longitude=120.5),
    basics=Basics(address="临江路一号", assets=Money(amount=Decimal(5), currency="USD"), staff=30),
)


@pytest.mark.parametrize(
    ("media_type", "body", "expected"),
    [
        (CSV_TYPE, "external,title\ncrm:1,临江印染\n", {"title": "临江印染"}),
        (CSV_TYPE, "external,title,note\ncrm:1,临江纺织,\n", {"note": None}),
        (
            CSV_TYPE,
            "external,title,basics.address\ncrm:1,临江纺织,\n",
            {"basics": Basics(assets=FULL.basics.assets, staff=30)},
        ),
        (
            CSV_TYPE,
            "external,title,basics.assets.amount\ncrm:1,临江纺织,7\n",
            {
                "basics": Basics(
                    address="临江路一号", assets=Money(amount=Decimal(7), currency="USD"), staff=30
                )
            },
        ),
        (CSV_TYPE, "external,title,place.latitude,place.longitude\ncrm:1,临江纺织,,\n", {"place": None}),
        (
            JSON_LINES_TYPE,
            '{"title":"临江纺织","external":[{"system":"crm","id":"1"}],"note":null}',
            {"note": None},
        ),
    ],
)
def test_a_file_changes_what_it_has_columns_for_and_leaves_the_rest(
    media_type: str, body: str, expected: dict[str, Any]
) -> None:
    rows = read(media_type, body.encode())
    [(line, row)] = rows.good.items()
    became = upon(FULL, row, rows.given(line))
    assert {name: getattr(became, name) for name in expected} == expected
    for name in {"title", "note", "place", "basics"} - expected.keys():
        assert getattr(became, name) == getattr(FULL, name)


def test_a_group_of_which_every_cell_is_empty_is_there_and_empty() -> None:
    @value
    class Grouped:
        basics: Basics | None = None

    given = members_of({"basics": {"address": None, "staff": None}})
    assert upon(Grouped(basics=Basics(staff=3)), Grouped(), given) == Grouped(basics=Basics())
    assert upon(Grouped(), Grouped(), given) == Grouped()
