"""What an ageing list says of one customer, owner or other key."""

from typing import Any
from uuid import UUID


def line_of(report: dict[str, Any], key: UUID | str, currency: str = "CNY") -> dict[str, Any]:
    [line] = [
        it for it in report["lines"] if str(it["key"]) == str(key) and it["aged"]["currency"] == currency
    ]
    return line


def aged(report: dict[str, Any], key: UUID | str, currency: str = "CNY") -> dict[str, str]:
    """Bucket -> amount, leaving out those with nothing."""
    found = line_of(report, key, currency)["aged"]
    return {bucket["label"]: bucket["amount"] for bucket in found["buckets"] if bucket["amount"] != "0.00"}
