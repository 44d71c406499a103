"""The ageing report."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query

from keqing_collections.routes.sight import MAY_READ
from keqing_collections.views.aged import AgeingReport, Basis, aged
from keqing_shared.domain import Day, InvalidInput
from keqing_shared.domain.shape import shape
from keqing_shared.domain.worded import Words
from keqing_shared.http import Ask, Paging, cursor_of

router = APIRouter(tags=["ageing"])


class AsOfInFuture(InvalidInput):
    """The ageing of a day to come is not known."""


class BucketsNotAscending(InvalidInput):
    """Buckets end on days that ascend."""


class GradesUnknown(InvalidInput):
    """Customers have no credit grades yet."""


@router.get("/ageing", dependencies=[MAY_READ])
async def ageing(
    ask: Ask,
    paging: Paging,
    as_of: Annotated[Day | None, Query(description="any day until today; today unless said")] = None,
    basis: Annotated[Basis, Query(description="age counts from the due or from the invoice date")] = "due",
    buckets: Annotated[
        str | None,
        Query(
            pattern=shape(
                r"^[1-9][0-9]{0,3}(,[1-9][0-9]{0,3}){0,19}$",
                Words("whole numbers of days with commas between them, as in 30,60,90"),
            ),
            description="last days of the buckets, ascending; those of the policy (30,60,90) unless said",
        ),
    ] = None,
    by: Annotated[
        Literal["customer", "owner", "currency", "grade"],
        Query(description="grade is refused until credit grades exist"),
    ] = "customer",
) -> AgeingReport:
    """What was open at the end of a business day, in buckets of age: `current` (not a day old, or not
    due), the given ones, and beyond the last.

    A day shows what counts by business dates: invoices issued by then, less what was allocated,
    credited, written off or cancelled by then, and open again from the day of a reversal; as all of
    that is known today. Amounts in dispute on that day and unallocated payments and credits stand
    apart. Currencies are never added. Owners are today's. Of the customers that the user sees.
    """
    if by == "grade":
        raise GradesUnknown("ask by customer, owner or currency", field="by")
    day = as_of or ask.today
    if day > ask.today:
        raise AsOfInFuture("{day} is after today, {latest}", field="as_of", latest=ask.today, day=day)
    ends = [int(end) for end in buckets.split(",")] if buckets else list(ask.policy.ageing_buckets)
    if ends != sorted(set(ends)):
        raise BucketsNotAscending("{buckets} does not ascend", field="buckets", buckets=buckets)
    key = paging.after(str, str)
    lines, totals = await aged(
        ask.db, day, basis, by, ends, await ask.visible_owners(), key and (key[0], key[1]), paging.fetch
    )
    shown = lines[: paging.limit]
    more = len(lines) > paging.limit
    return AgeingReport(
        as_of=day,
        basis=basis,
        by=by,
        lines=tuple(shown),
        next=cursor_of((shown[-1].key or "", shown[-1].aged.currency)) if more else None,
        totals=totals,
    )
