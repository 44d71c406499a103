"""What stands in a cell: days as Americans write them, amounts, yes and no."""

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import TypeVar

from keqing_local.importing.csv_file import Record
from keqing_local.importing.row import CellWrong

_US_DAY = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})", re.ASCII)
_AMOUNT = re.compile(r"-?\d{1,16}(\.\d{1,2})?", re.ASCII)
_T = TypeVar("_T")


def us_day(record: Record, column: str) -> str | None:
    """M/D/YYYY as YYYY-MM-DD; None for a blank. Raises CellWrong."""
    text = record[column]
    if not text:
        return None
    read = _US_DAY.fullmatch(text)
    try:
        if read is None:
            raise ValueError
        return date(int(read[3]), int(read[1]), int(read[2])).isoformat()
    except ValueError:
        raise CellWrong(column, f"{text!r} is no day of the form M/D/YYYY") from None


def amount(record: Record, column: str) -> Decimal | None:
    """A decimal number with at most two decimals; None for a blank. Raises CellWrong."""
    text = record[column]
    if not text:
        return None
    if not _AMOUNT.fullmatch(text):
        raise CellWrong(column, f"{text!r} is no amount such as 1054 or 55.94")
    return Decimal(text)


def usd(number: Decimal) -> dict[str, str]:
    """Money, as the API takes it."""
    return {"amount": f"{number:.2f}", "currency": "USD"}


def yes_or_no(record: Record, column: str) -> bool | None:
    """None for a blank. Raises CellWrong."""
    return one_of(record, column, {"Yes": True, "No": False, "": None})


def one_of(record: Record, column: str, meanings: Mapping[str, _T]) -> _T:
    """What the cell's word means, however its letters are cased. Raises CellWrong."""
    text = record[column].casefold()
    for word, meaning in meanings.items():
        if text == word.casefold():
            return meaning
    known = ", ".join(word for word in meanings if word)
    raise CellWrong(column, f"{record[column]!r} is none of: {known}")
