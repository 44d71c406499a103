"""Rows out of sheets, as people and programs save them."""

import io
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from keqing_shared.domain import Day, ExternalReference, Money, value
from keqing_shared.sheets import disarmed
from keqing_shared.sheets.reading import (
    ColumnTwice,
    ColumnUnknown,
    RowUnreadable,
    SheetReader,
    SheetUnreadable,
)
from keqing_shared.sheets.writing import CSV_TYPE, XLSX_TYPE


@value
class Place:
    city: str | None = None


@value
class Deal:
    external: ExternalReference
    title: str
    amount: Money | None = None
    count: int = 0
    open: bool = True
    since: Day | None = None
    products: tuple[str, ...] = ()
    also: tuple[ExternalReference, ...] = ()
    customer: UUID | ExternalReference | None = None
    place: Place = Place()


READER = SheetReader(Deal)
ID = "0d9c7a52-6f0e-4c0c-9f0b-2f6f1b1f7a11"


def from_csv(text: str | bytes) -> list[tuple[int, Any]]:
    return list(READER.documents(CSV_TYPE, text.encode() if isinstance(text, str) else text))


def workbook(*rows: list[Any]) -> bytes:
    file = io.BytesIO()
    with xlsxwriter.Workbook(file) as book:
        sheet = book.add_worksheet()
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        for at, cells in enumerate(rows):
            for column, cell in enumerate(cells):
                if hasattr(cell, "year"):
                    sheet.write_datetime(at, column, cell, day)
                else:
                    sheet.write(at, column, cell)
    return file.getvalue()


def test_each_column_is_read_as_its_member_and_empty_cells_are_left_out() -> None:
    text = (
        "external,title,amount,count,open,since,products,also,customer,place.city\n"
        f"crm:7,二期,1200.50 USD,12,否,2026-03-02,甲；乙; 丙,crm:8; erp:9,{ID},杭州\n"
        "crm:8,三期,860000,,,,,,crm:1,\n"
    )
    assert from_csv(text) == [
        (
            2,
            {
                "external": {"system": "crm", "id": "7"},
                "title": "二期",
                "amount": {"amount": "1200.50", "currency": "USD"},
                "count": 12,
                "open": False,
                "since": "2026-03-02",
                "products": ["甲", "乙", "丙"],
                "also": [{"system": "crm", "id": "8"}, {"system": "erp", "id": "9"}],
                "customer": ID,
                "place": {"city": "杭州"},
            },
        ),
        (
            3,
            {
                "external": {"system": "crm", "id": "8"},
                "title": "三期",
                "amount": {"amount": "860000"},
                "customer": {"system": "crm", "id": "1"},
            },
        ),
    ]


def test_members_of_a_value_may_stand_in_columns_of_their_own() -> None:
    [(_, document)] = from_csv("external.system,external.id,title,amount.amount\ncrm,7,x,5\n")
    assert document == {"external": {"system": "crm", "id": "7"}, "title": "x", "amount": {"amount": "5"}}


def test_what_cannot_be_read_is_left_to_the_rules_of_the_field() -> None:
    [(_, document)] = from_csv("external,title,count,open\ncrm:7,x,many,perhaps\n")
    assert (document["count"], document["open"]) == ("many", "perhaps")


@pytest.mark.parametrize(
    ("head", "row", "field", "message"),
    [
        ("external,title", "li.wei,x", "external", "a reference is system:id, such as crm:A-77"),
        ("external,also", "crm:1,crm:2; 7", "also", "a reference is system:id, such as crm:A-77"),
        ("external,title", "crm:1,纺织,印染", "row", "more cells than columns: is a comma without quotes?"),
        ("external,,title", "crm:1,印染,x", "row", "cell 2 is below no name of a column"),
    ],
)
def test_a_row_that_does_not_fit_its_columns_is_told_from_the_others(
    head: str, row: str, field: str, message: str
) -> None:
    wrong, right = from_csv(f"{head}\n{row}\ncrm:9\n")
    assert (wrong[0], right) == (2, (3, {"external": {"system": "crm", "id": "9"}}))
    assert isinstance(wrong[1], RowUnreadable)
    assert [(path, str(why)) for path, why in wrong[1].errors] == [(field, message)]


def test_empty_cells_beyond_the_columns_do_no_harm() -> None:
    assert from_csv("external,title,,\ncrm:7,x, ,,,\n") == [
        (2, {"external": {"system": "crm", "id": "7"}, "title": "x"})
    ]


def test_a_column_that_stands_there_twice_is_refused() -> None:
    with pytest.raises(ColumnTwice) as refusal:
        from_csv("external,title, title\ncrm:7,x,y\n")
    assert refusal.value.members["twice"] == ["title"]


@pytest.mark.parametrize(
    ("charset", "encoding"),
    [
        ("utf-8", "utf-8-sig"),
        ("utf-8", "utf-8"),
        ("gbk", "gbk"),
        ("gb2312", "gb2312"),
        ("gb18030", "gb18030"),
    ],
)
def test_a_file_is_read_in_the_charset_that_its_sender_states(charset: str, encoding: str) -> None:
    body = "external,title\ncrm:7,临江\n".encode(encoding)
    [(_, document)] = READER.documents(CSV_TYPE, body, charset)
    assert document["title"] == "临江"


def test_what_is_not_in_the_charset_that_is_stated_is_not_guessed_at() -> None:
    body = "external,title\ncrm:7,临江\n".encode("gbk")
    with pytest.raises(SheetUnreadable):
        list(READER.documents(CSV_TYPE, body, "utf-8"))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_files_of_spreadsheet_programs_are_read_as_they_save_them(encoding: str, separator: str) -> None:
    text = separator.join(("external", "title")) + "\r\n" + separator.join(("crm:7", "临江纺织")) + "\r\n"
    assert from_csv(text.encode(encoding)) == [
        (2, {"external": {"system": "crm", "id": "7"}, "title": "临江纺织"})
    ]


def test_a_workbook_gives_the_same_whatever_its_cells_are() -> None:
    body = workbook(
        ["external", "title", "count", "amount", "since", "open"],
        ["crm:7", "=临江", 12, 1200.5, date(2026, 3, 2), True],
        [],
        ["crm:8", 2026, "", 860000, "2026-03-03", "否"],
    )
    read = list(READER.documents(XLSX_TYPE, body))
    assert [line for line, _ in read] == [2, 4]
    assert read[1][1] == {
        "external": {"system": "crm", "id": "8"},
        "title": "2026",
        "amount": {"amount": "860000"},
        "since": "2026-03-03",
        "open": False,
    }
    assert read[0][1]["count"] == 12
    assert Decimal(read[0][1]["amount"]["amount"]) == Decimal("1200.5")
    assert (read[0][1]["since"], read[0][1]["open"]) == ("2026-03-02", True)


def test_an_unknown_column_is_named_with_those_there_are() -> None:
    with pytest.raises(ColumnUnknown) as refusal:
        from_csv("external,titel\ncrm:7,x\n")
    assert refusal.value.members["unknown"] == ["titel"]
    assert "place.city" in refusal.value.members["columns"]


@pytest.mark.parametrize(
    ("media_type", "body"),
    [
        (XLSX_TYPE, b"external,title\n"),
        (XLSX_TYPE, b"PK\x03\x04 not really"),
        (CSV_TYPE, b'external,title\ncrm:7,"open\n'),
        (CSV_TYPE, b"external,title\n\xff\xff\xff\n"),
    ],
)
def test_a_file_that_is_not_what_it_is_said_to_be_is_refused(media_type: str, body: bytes) -> None:
    with pytest.raises(SheetUnreadable):
        list(READER.documents(media_type, body))


def test_a_quote_that_is_not_closed_is_told_by_its_line() -> None:
    with pytest.raises(SheetUnreadable) as refusal:
        from_csv('external,title\ncrm:7,"open\n')
    assert str(refusal.value) == "line 2: quotes are not in pairs, or a cell is too long"


@settings(max_examples=50)
@given(st.text(alphabet=st.characters(exclude_categories=["Cs", "Cc"]), min_size=1).map(str.strip))
def test_a_text_that_was_exported_comes_back_as_it_was(text: str) -> None:
    if text:
        cell = disarmed(text).replace('"', '""')
        [(_, document)] = from_csv(f'external,title\ncrm:7,"{cell}"\n')
        assert document["title"] == text


def test_a_number_with_a_fraction_is_one_in_either_kind_of_sheet() -> None:
    @value
    class Spot:
        latitude: float

    spots = SheetReader(Spot)
    numbers = [("30.25", 30.25), ("-0.5", -0.5), ("7", 7.0), ("1e-05", 1e-05)]
    for cell, number in [*numbers, ("30,25", "30,25"), ("inf", "inf")]:
        body = f'latitude\n"{cell}"\n'.encode()
        assert list(spots.documents(CSV_TYPE, body)) == [(2, {"latitude": number})]
    assert list(spots.documents(XLSX_TYPE, workbook(["latitude"], [30.25]))) == [(2, {"latitude": 30.25})]
