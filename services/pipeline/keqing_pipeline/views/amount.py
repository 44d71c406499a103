"""An amount in the columns of a view."""

from typing import Any

from keqing_shared.domain import Money


def amount_columns(amount: Money | None) -> dict[str, Any]:
    """What the row's ``amount`` and ``currency`` are."""
    if amount is None:
        return {"amount": None, "currency": None}
    return {"amount": amount.amount, "currency": amount.currency}
