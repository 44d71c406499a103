"""Which members a row gives: what a file has no column for stays as it is, an empty cell clears."""

from collections.abc import Mapping
from dataclasses import MISSING, fields, is_dataclass, replace
from typing import Any, TypeVar

from keqing_shared.domain import InvalidInput, Money, ValueRefused
from keqing_shared.domain.money import check_decimals


class AmountNotPayable(InvalidInput):
    """Nobody can pay such an amount in this currency."""


Members = dict[str, Any]
"""By name: the members that are given of the value there, or None, when it is given as a whole."""

V = TypeVar("V")


def members_of(document: Mapping[str, Any]) -> Members:
    """Those of a JSON object."""
    return {name: members_of(given) if isinstance(given, dict) else None for name, given in document.items()}


def upon(present: V, row: V, given: Members) -> V:
    """The present value, with what the row gives in the place of what was there."""
    changes = {
        name: getattr(row, name)
        if inner is None
        else _inside(getattr(present, name), getattr(row, name), inner)
        for name, inner in given.items()
    }
    return replace(present, **changes)  # type: ignore[type-var]


def _inside(present: Any, wanted: Any, given: Members) -> Any:
    if present is None or not is_dataclass(present):
        return wanted
    kind: type[Any] = type(present)
    if wanted is None and _may_be_empty(kind):
        wanted = kind()  # each of its cells is empty
    made = upon(present, wanted, given) if type(wanted) is kind else wanted
    if isinstance(made, Money) and made != wanted:
        _check_payable(made)
    return made


def _check_payable(money: Money) -> None:
    """Put together from what was here and what was given, it was not read as a whole."""
    try:
        check_decimals(money.amount, money.currency)
    except ValueRefused:
        raise AmountNotPayable(
            "{currency} has no decimals: say the currency with the amount", currency=money.currency
        ) from None


def _may_be_empty(kind: type[Any]) -> bool:
    return all(one.default is not MISSING or one.default_factory is not MISSING for one in fields(kind))
