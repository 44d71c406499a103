"""Cells say what they mean, or are refused by name."""

from decimal import Decimal

import pytest

from keqing_local.importing.cells import amount, one_of, us_day, usd, yes_or_no
from keqing_local.importing.csv_file import Record
from keqing_local.importing.person import login_of
from keqing_local.importing.row import CellWrong


def cell(text: str) -> Record:
    return Record(7, {"x": text})


def test_american_days_name_the_month_first() -> None:
    assert us_day(cell("3/1/2017"), "x") == "2017-03-01"
    assert us_day(cell("12/31/2013"), "x") == "2013-12-31"
    assert us_day(cell("02/29/2012"), "x") == "2012-02-29"
    assert us_day(cell(""), "x") is None


@pytest.mark.parametrize(
    "text", ["13/1/2017", "2/29/2013", "2017-03-01", "3/1/17", "٣/1/2017", "0/1/2017", "soon"]
)
def test_other_days_are_refused(text: str) -> None:
    with pytest.raises(CellWrong, match="no day of the form M/D/YYYY") as wrong:
        us_day(cell(text), "x")
    assert wrong.value.column == "x"


def test_amounts_have_two_decimals_at_the_most() -> None:
    assert amount(cell("1054"), "x") == Decimal(1054)
    assert amount(cell("-55.94"), "x") == Decimal("-55.94")
    assert amount(cell(""), "x") is None
    assert usd(Decimal(1054)) == {"amount": "1054.00", "currency": "USD"}


@pytest.mark.parametrize("text", ["1,054", "1.005", "NaN", "Infinity", "1e5", "$5", "1" * 17])
def test_other_amounts_are_refused(text: str) -> None:
    with pytest.raises(CellWrong, match="is no amount"):
        amount(cell(text), "x")


def test_yes_no_and_nothing() -> None:
    assert [yes_or_no(cell(text), "x") for text in ("Yes", "NO", "")] == [True, False, None]
    with pytest.raises(CellWrong, match="'Maybe' is none of: Yes, No"):
        yes_or_no(cell("Maybe"), "x")


def test_a_word_means_what_the_table_says() -> None:
    assert one_of(cell("postal MAIL"), "x", {"Web": "web", "Postal mail": "post"}) == "post"


@pytest.mark.parametrize(
    ("name", "login"),
    [
        ("Darcel Schlecht", "darcel.schlecht"),
        ("Mei-Mei Johns", "mei-mei.johns"),
        ("  José  O'Neill ", "jose.o.neill"),
        ("-x-", "x"),
        ("a" * 80, "a" * 64),
    ],
)
def test_a_name_becomes_a_login(name: str, login: str) -> None:
    assert login_of(name, "x") == login


def test_a_name_of_which_nothing_can_stay_is_refused() -> None:
    with pytest.raises(CellWrong, match="no login can be made"):
        login_of("李伟", "x")
