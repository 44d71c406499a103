"""Which members a row gives: what a file has no column for stays as it is, an empty cell clears."""

from collections.abc import Mapping
from dataclasses import MISSING, fields, is_dataclass, replace
from typing import Any, TypeVar

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
    kind: type[Any] = type(present)
    if not is_dataclass(kind) or not _may_be_empty(kind):
        return wanted  # 8.50 of what was 700 yen is no amount: what cannot be empty is given whole
    if wanted is None:
        wanted = kind()  # each of its cells is empty
    return upon(present, wanted, given) if type(wanted) is kind else wanted


def _may_be_empty(kind: type[Any]) -> bool:
    return all(one.default is not MISSING or one.default_factory is not MISSING for one in fields(kind))
