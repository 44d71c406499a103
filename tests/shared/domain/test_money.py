"""Money as it comes in: exactly what was written, or a refusal."""

from decimal import Decimal

import pytest
from pydantic import TypeAdapter, ValidationError

from keqing_shared.domain import Money

MONEY = TypeAdapter(Money)


def read(amount: str, currency: str = "CNY") -> Money:
    return MONEY.validate_json(f'{{"amount": {amount}, "currency": "{currency}"}}', strict=True)


@pytest.mark.parametrize(
    ("written", "amount"),
    [
        ('"1200.00"', "1200.00"),
        ('"-5.1"', "-5.1"),
        ('"007"', "7"),
        ("1200", "1200"),
        ("0.1", "0.1"),
        ("1e2", "100"),
        ("1234567890123.56", "1234567890123.56"),
        ('"1234567890123456.78"', "1234567890123456.78"),
        ("1234567890123", "1234567890123"),
    ],
)
def test_an_amount_is_kept_to_the_cent(written: str, amount: str) -> None:
    assert str(read(written).amount) == amount


@pytest.mark.parametrize("written", ['"-0"', "-0.0", "-0", '"-0.00"'])
def test_nothing_has_no_sign(written: str) -> None:
    assert str(read(written).amount) in ("0", "0.00")


@pytest.mark.parametrize(
    "written",
    ['"1E+3"', '"1e2"', '"１２"', '"1_000"', '"1,000"', '" 1"', '"+5"', '".5"', '"5."', '"0x10"', '""',
     '"NaN"', '"Infinity"', "NaN", "Infinity", "-Infinity", "1e400", "true", "null", "[]", "{}",
     "100.005", '"100.005"', "1e-7", "0.30000000000000004", '"12345678901234567"'],
)  # fmt: skip
def test_what_does_not_read_as_an_amount_is_refused(written: str) -> None:
    with pytest.raises(ValidationError):
        read(written)


@pytest.mark.parametrize(
    "written", ["1234567890123456.78", "10000000000000.01", "1e13", "1234567890123456", "-1e17"]
)
def test_a_number_that_has_lost_its_cents_on_the_way_is_refused(written: str) -> None:
    with pytest.raises(ValidationError, match="as text"):
        read(written)


@pytest.mark.parametrize("currency", ["XXX", "ZZZ", "cny", "CNYX", "CN", "", "ＣＮＹ", "RMB"])
def test_a_currency_that_does_not_exist_is_refused(currency: str) -> None:
    with pytest.raises(ValidationError, match="currency"):
        read('"1"', currency)


def test_a_currency_without_decimals_takes_none() -> None:
    assert read('"1200"', "JPY") == read('"1200.00"', "JPY") == Money(amount=Decimal(1200), currency="JPY")
    with pytest.raises(ValidationError, match="JPY has no decimals"):
        read('"1200.50"', "JPY")
    assert read('"1200.50"', "USD").currency == "USD"


def test_what_history_holds_goes_out_whatever_is_asked_of_newcomers() -> None:
    for kept in (
        Money(amount=Decimal("0.5"), currency="JPY"),
        Money(amount=Decimal(10) ** 20, currency="ZZZ"),
    ):
        assert MONEY.validate_python(kept) is kept
        assert MONEY.dump_python(kept)["currency"] == kept.currency
