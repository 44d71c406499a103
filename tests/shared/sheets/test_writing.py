"""Rows as CSV and XLSX: a column for each field, nothing that a spreadsheet would run."""

import csv
import io
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from keqing_shared.domain import Money, Personal, value
from keqing_shared.sheets import Columns, CsvSheet, XlsxSheet, disarmed, rearmed, writing

SHANGHAI = ZoneInfo("Asia/Shanghai")


class Stage(StrEnum):
    ASKING = "2"


@value
class Deal:
    id: UUID
    title: Personal[str]
    stage: Stage
    amount: Money | None = None
    products: tuple[str, ...] = ()
    due_on: date | None = None
    at: datetime | None = None
    open: bool = True
    count: int = 0
    more: dict[str, Any] | None = None


ID = UUID("0d9c7a52-6f0e-4c0c-9f0b-2f6f1b1f7a11")
FULL = Deal(
    id=ID,
    title="=1+1",
    stage=Stage.ASKING,
    amount=Money(amount=Decimal("-1200.50")),
    products=("甲", "乙"),
    due_on=date(2026, 3, 2),
    at=datetime(2026, 3, 1, 20, 30, tzinfo=UTC),
    open=False,
    count=7,
    more={"a": [1]},
)
EMPTY = Deal(id=ID, title="二期染整线", stage=Stage.ASKING)
HEAD = [
    *("id", "title", "stage", "amount.amount", "amount.currency", "products"),
    *("due_on", "at", "open", "count", "more"),
]


def read_csv(written: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(written.decode("utf-8-sig"))))


def read_xlsx(rows: list[Any], *, a_sheet: int = 100) -> list[list[list[Any]]]:
    file = io.BytesIO()
    sheet = XlsxSheet(file, Columns(Deal), SHANGHAI)
    sheet.write(rows)
    sheet.close()
    book = CalamineWorkbook.from_filelike(io.BytesIO(file.getvalue()))
    return [book.get_sheet_by_name(name).to_python() for name in book.sheet_names]


def test_csv_has_a_column_for_each_field_and_moments_by_the_clocks_of_the_business() -> None:
    sheet = CsvSheet(Columns(Deal), SHANGHAI)
    written = sheet.written([FULL]) + sheet.written([EMPTY])
    assert read_csv(written) == [
        HEAD,
        [
            *(str(ID), "'=1+1", "2", "-1200.50", "CNY", "甲; 乙"),
            *("2026-03-02", "2026-03-02T04:30:00+08:00", "false", "7", '{"a":[1]}'),
        ],
        [str(ID), "二期染整线", "2", "", "", "", "", "", "true", "0", ""],
    ]


def test_without_rows_there_is_still_a_head() -> None:
    assert read_csv(CsvSheet(Columns(Deal), SHANGHAI).written([])) == [HEAD]
    assert read_xlsx([]) == [[HEAD]]


def test_xlsx_has_numbers_days_and_texts_and_no_formula() -> None:
    ((head, row),) = read_xlsx([FULL])
    assert head == HEAD
    assert row == [
        *(str(ID), "=1+1", "2", -1200.5, "CNY", "甲; 乙"),
        *(date(2026, 3, 2), datetime(2026, 3, 2, 4, 30), False, 7.0, '{"a":[1]}'),
    ]


def test_what_a_sheet_cannot_hold_goes_on_another(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writing, "ROWS_A_SHEET", 3)
    first, second = read_xlsx([FULL, EMPTY, EMPTY])
    assert [len(first), len(second)] == [3, 2]
    assert first[0] == second[0] == HEAD


@pytest.mark.parametrize("text", ["=A1", "+86 138", "-1", "@SUM", "\tx", "\rx", "'=", "'"])
def test_a_text_that_a_spreadsheet_would_run_is_disarmed(text: str) -> None:
    assert disarmed(text) == "'" + text
    assert rearmed(disarmed(text)) == text


@pytest.mark.parametrize("text", ["", "Acme", "1-2", "O'Brien", " =x"])
def test_any_other_text_stays_as_it_is(text: str) -> None:
    assert disarmed(text) == text == rearmed(text)


@given(st.text(max_size=5))
def test_no_text_is_lost_on_the_way_out_and_in(text: str) -> None:
    assert rearmed(disarmed(text)) == text
    assert not disarmed(text).startswith(("=", "+", "-", "@", "\t", "\r"))
