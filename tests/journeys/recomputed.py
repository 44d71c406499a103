"""What must come out of the public data sets, worked out from the files alone and nothing of the product."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

from tests.data_sets import us_day


def login(name: str) -> str:
    return name.lower().replace(" ", ".")


DAYS = [
    *(date(year, month, 1) for year in (2012, 2013) for month in range(1, 13)),
    date(2012, 2, 29),
    date(2012, 7, 15),
    date(2013, 6, 30),
    date(2013, 12, 31),
]


def expected_ageing(
    rows: list[dict[str, str]], day: date, basis: str, ends: list[int]
) -> dict[str, dict[str, Any]]:
    """By customer: what was issued by the day and not settled by its end."""
    labels = ["current"]
    first = 1
    for end in ends:
        labels.append(f"{first}-{end}")
        first = end + 1
    labels.append(f">{ends[-1]}")
    found: dict[str, dict[str, Any]] = {}
    for row in rows:
        if not us_day(row["InvoiceDate"]) <= day < us_day(row["SettledDate"]):
            continue
        line = found.setdefault(
            row["customerID"], {"disputed": Decimal(0), "invoices": 0, **dict.fromkeys(labels, Decimal(0))}
        )
        line["invoices"] += 1
        age = (day - us_day(row["DueDate" if basis == "due" else "InvoiceDate"])).days
        if row["Disputed"] == "Yes":
            column = "disputed"
        else:
            column = labels[0 if age <= 0 else 1 + sum(age > end for end in ends)]
        line[column] += Decimal(row["InvoiceAmount"])
    return found


def simplified(aged: dict[str, Any]) -> dict[str, Any]:
    return {
        "disputed": Decimal(aged["disputed"]),
        "invoices": aged["invoices"],
        **{bucket["label"]: Decimal(bucket["amount"]) for bucket in aged["buckets"]},
    }


TIMELY = {"Yes": "true", "No": "false"}
CHANNELS = {"Web": "web", "Referral": "referral", "Phone": "phone", "Postal mail": "post", "Fax": "fax"}
COUNTED: dict[str, Callable[[dict[str, str]], str | None]] = {
    "product": lambda row: row["Product"],
    "issue": lambda row: row["Issue"],
    "region": lambda row: row["State"] or None,
    "response": lambda row: row["Company response to consumer"],
    "timely": lambda row: TIMELY[row["Timely response?"]],
    "channel": lambda row: CHANNELS[row["Submitted via"]],
}
