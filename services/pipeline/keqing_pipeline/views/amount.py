"""An amount in the columns of a view."""

from collections.abc import Mapping
from typing import Any

from keqing_shared.domain import Money


def amount_columns(amount: Money | None) -> dict[str, Any]:
    """What the row's ``amount`` and ``currency`` are."""
    if amount is None:
        return {"amount": None, "currency": None}
    return {"amount": amount.amount, "currency": amount.currency}


def counted(words: Mapping[str, int]) -> tuple[str, ...]:
    """How often there is each, as one reads it in a cell."""
    return tuple(f"{word}: {count}" for word, count in words.items())
