"""Lists in pages: by the key of the last row seen, never by counting rows."""

import base64
import binascii
from collections.abc import Callable, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, Generic, TypeVar
from uuid import UUID

import msgspec
from fastapi import Depends, Query
from pydantic import BaseModel

from keqing_shared.domain import InvalidInput
from keqing_shared.domain.shape import shape
from keqing_shared.domain.worded import Words

T = TypeVar("T")

MOST = 200
USUAL = 50
_BIGINT = range(-(2**63), 2**63)


class CursorInvalid(InvalidInput):
    """``after`` is not a cursor of this list"""


class Page(BaseModel, Generic[T]):
    """A part of a list; ``next`` goes into ``after`` to get the following part; null: this is the last."""

    items: list[T]
    next: str | None


class PageWanted:
    """How many rows beyond which one."""

    def __init__(self, limit: int, cursor: str | None) -> None:
        self.limit = limit
        self._cursor = cursor

    @property
    def fetch(self) -> int:
        """Rows to fetch: one more than shown tells whether there is a next page."""
        return self.limit + 1

    def after(self, *types: Any) -> tuple[Any, ...] | None:
        """The key of the last row of the page before, as these types; None for the first page.

        Types: UUID, str, int, bool, Decimal, date, datetime, each also ``| None``. Raises CursorInvalid.
        """
        if self._cursor is None:
            return None
        try:
            kept = base64.b64decode(
                self._cursor + "=" * (-len(self._cursor) % 4), altchars=b"-_", validate=True
            )
            key: tuple[Any, ...] = msgspec.json.decode(kept, type=tuple.__class_getitem__(types))
        except (binascii.Error, ValueError) as error:
            raise CursorInvalid("start again without after", field="after") from error
        if not all(_storable(part) for part in key):
            raise CursorInvalid("start again without after", field="after")
        return tuple(key)

    def page(self, rows: Sequence[T], key: Callable[[T], tuple[Any, ...]]) -> Page[T]:
        """The page made of up to ``fetch`` rows in the order of ``key``."""
        shown = list(rows[: self.limit])
        return Page(items=shown, next=cursor_of(key(shown[-1])) if len(rows) > self.limit else None)


def cursor_of(key: tuple[Any, ...]) -> str:
    """The opaque form of a row's key."""
    return base64.urlsafe_b64encode(msgspec.json.encode(key)).decode().rstrip("=")


def _storable(part: Any) -> bool:
    match part:
        case bool() | None | UUID() | date() | datetime():
            return True
        case int():
            return part in _BIGINT
        case Decimal():
            return part.is_finite() and abs(part.adjusted()) < 100
        case str():
            return "\x00" not in part
        case _:
            return False


async def paged(
    limit: Annotated[int, Query(ge=1, le=MOST, description="rows per page")] = USUAL,
    after: Annotated[
        str | None,
        Query(
            pattern=shape(r"^[A-Za-z0-9_-]+$", Words("the next of the page before, as it was given")),
            max_length=1000,
            description="`next` of the page before; anything else is refused",
        ),
    ] = None,
) -> PageWanted:
    """The dependency behind ``Paging``."""
    return PageWanted(limit, after)


Paging = Annotated[PageWanted, Depends(paged)]
