"""The public data sets, read with nothing of the product; they lie beside the checkout, or are absent."""

import csv
from datetime import date, datetime
from pathlib import Path

import pytest

DATA = Path(__file__).resolve().parents[2] / "shared" / "data"

needs_data_sets = pytest.mark.skipif(not DATA.is_dir(), reason=f"the public data sets are not here: {DATA}")


def read_csv(path: str | Path) -> list[dict[str, str]]:
    """``path``: from the data sets' folder."""
    with (DATA / path).open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def us_day(text: str) -> date:
    """``10/20/2016`` is 2016-10-20."""
    return datetime.strptime(text, "%m/%d/%Y").date()  # noqa: DTZ007
