"""Messages that could not be taken in: seen, tried again, or given up, by an admin."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

import msgspec
from fastapi import APIRouter, Path, Query

from keqing_shared.domain import NotFound, value
from keqing_shared.domain.shape import shape
from keqing_shared.domain.worded import Words
from keqing_shared.http.access import allow
from keqing_shared.http.ask import Ask
from keqing_shared.http.paging import Page, Paging

if TYPE_CHECKING:
    from keqing_shared.messaging import Parked

router = APIRouter(prefix="/parked", tags=["operation"])

_SOURCE = shape(r"^[a-z]{1,30}(-[a-z]{1,30})?$", Words("the name of a service, as in service-desk"))
Source = Annotated[str, Path(pattern=_SOURCE, description="the context that told it")]
Customer = Annotated[
    UUID | None, Query(description="whose messages; left out: those that belong to no customer")
]


class NobodyListens(NotFound):
    """This context takes in nothing from there"""


@value
class ParkedRow:
    """A message, and why it could not be taken in; ``error`` null: it waits behind one that could not."""

    source: str
    position: int
    name: str
    customer_id: UUID | None
    error: str | None
    attempts: int
    parked_at: datetime
    message: dict[str, Any]
    """The CloudEvent as it came."""


@value
class ReplayResult:
    """How many took effect, how many are left, and why the first of those failed again."""

    taken: int
    left: int
    error: str | None


@value
class DropResult:
    """How many were given up."""

    dropped: int


@router.get("", dependencies=[allow("admin")])
async def parked(
    ask: Ask, paging: Paging, source: Annotated[str | None, Query(pattern=_SOURCE)] = None
) -> Page[ParkedRow]:
    """In the order of their source and its log."""
    if ask.service.parked is None:
        return paging.page([], key=lambda _: ())
    after = paging.after(str, int)
    found = await ask.service.parked.list(limit=paging.fetch, after=after, source=source)
    return paging.page([_row(it) for it in found], key=lambda row: (row.source, row.position))


@router.post("/{source}/replay", dependencies=[allow("admin")])
async def replay(ask: Ask, source: Source, customer_id: Customer = None) -> ReplayResult:
    """Lets the customer's parked messages take effect in their order, up to the first that fails again."""
    done = await _parked(ask).replay(source, customer_id)
    return ReplayResult(taken=done.taken, left=done.left, error=done.error)


@router.delete("/{source}", dependencies=[allow("admin")])
async def drop(
    ask: Ask,
    source: Source,
    customer_id: Customer = None,
    position: Annotated[
        int | None, Query(ge=1, le=2**63 - 1, description="only this one of the source's log")
    ] = None,
) -> DropResult:
    """Gives up one message, or all of the customer's from there."""
    return DropResult(dropped=await _parked(ask).drop(source, customer_id, position))


def _parked(ask: Ask) -> "Parked":
    if ask.service.parked is None:
        raise NobodyListens
    return ask.service.parked


def _row(it: Any) -> ParkedRow:
    return ParkedRow(
        source=it.source,
        position=it.position,
        name=it.name,
        customer_id=it.customer_id,
        error=it.error,
        attempts=it.attempts,
        parked_at=it.parked_at,
        message=msgspec.json.decode(it.message),
    )
