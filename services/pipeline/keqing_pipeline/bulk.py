"""Many things done in one go, each by the rules that it would meet alone.

A go takes so many of them and says after which one to go on. What is done already is found done: whatever
broke off is sent again.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field

from keqing_shared.domain import Aggregate, Fact, Note, RuleBroken, value
from keqing_shared.http import Doing
from keqing_shared.http.problem import Contended, document_of, spoken_in
from keqing_shared.log import Conflict, Meta
from keqing_shared.streams import Rehearsal, Unit

Work = Callable[[Unit], Awaitable[None]]
AT_ONCE = 200


@value
class Go:
    """One of the goes that a bulk action takes."""

    reason: Note
    most: Annotated[int, Field(ge=1, le=1_000)] = 500
    """How many are looked at in this go."""
    after: UUID | None = None
    """``next`` of the receipt before; left out: from the beginning."""


@value
class BulkRefusal:
    id: UUID
    problem: dict[str, Any]
    """Why, as an ordinary problem document."""


@value
class BulkReceipt:
    """What became of one go; all its facts carry the same correlation id."""

    dry_run: bool
    done: int
    unchanged: int
    """Somebody was faster, or it had been done before."""
    refused: tuple[BulkRefusal, ...]
    next: UUID | None
    """Goes into ``after``; null: that was all."""
    correlation_id: str


async def carry_out(
    do: Doing,
    go: Go,
    found: Sequence[UUID],
    work: Callable[[UUID], Work],
    streams: Callable[[UUID], Sequence[tuple[Aggregate[Any], UUID]]],
    *,
    dry_run: bool,
) -> BulkReceipt:
    """``found``: in order, one more than ``go.most`` when there are more. A dry run appends nothing."""
    ids = found[: go.most]
    outcomes: dict[UUID, Sequence[str] | RuleBroken] = {}
    rehearsal = Rehearsal(do.service.streams) if dry_run else None
    for start in range(0, len(ids), AT_ONCE):
        part = ids[start : start + AT_ONCE]
        named = [name for id in part for name in streams(id)]
        outcomes |= await (
            _carried(do, go, part, work, named)
            if rehearsal is None
            else _tried(do, rehearsal, part, work, named)
        )
    do.response.headers["Keqing-Position"] = f"{do.service.context.name}:{do.service.log.position}"
    do.response.headers.update(spoken_in())
    return _receipt(do, go, found, outcomes, dry_run=dry_run)


async def _carried(
    do: Doing,
    go: Go,
    ids: Sequence[UUID],
    work: Callable[[UUID], Work],
    named: Sequence[tuple[Aggregate[Any], UUID]],
) -> Mapping[UUID, Sequence[str] | RuleBroken]:
    def meta(_: int) -> Meta:
        return Meta(who=do.user.login, why=do.why or go.reason, correlation_id=do.correlation_id)

    receipts = await do.service.streams.transact_many([work(id) for id in ids], meta, named)
    return {
        id: _refusal(receipt) if isinstance(receipt, Exception) else receipt.facts
        for id, receipt in zip(ids, receipts, strict=True)
    }


async def _tried(
    do: Doing,
    rehearsal: Rehearsal,
    ids: Sequence[UUID],
    work: Callable[[UUID], Work],
    named: Sequence[tuple[Aggregate[Any], UUID]],
) -> Mapping[UUID, Sequence[str] | RuleBroken]:
    await rehearsal.read_ahead(named)

    def noting(one: Work) -> Callable[[Unit], Awaitable[list[Fact]]]:
        async def noted(unit: Unit) -> list[Fact]:
            await one(unit)
            return unit.facts

        return noted

    said = {id: await rehearsal.tried(noting(work(id))) for id in ids}
    return {
        id: _refusal(it) if isinstance(it, Exception) else [type(fact).__name__ for fact in it]
        for id, it in said.items()
    }


def _refusal(why: Exception) -> RuleBroken:
    """Raises what is no refusal but a failure of the system."""
    if isinstance(why, Conflict):
        return Contended(why.template, **why.members)
    if not isinstance(why, RuleBroken):
        raise why
    return why


def _receipt(
    do: Doing,
    go: Go,
    found: Sequence[UUID],
    outcomes: Mapping[UUID, Sequence[str] | RuleBroken],
    *,
    dry_run: bool,
) -> BulkReceipt:
    refused = [
        BulkRefusal(id=id, problem=document_of(outcome))
        for id, outcome in outcomes.items()
        if isinstance(outcome, RuleBroken)
    ]
    done = sum(1 for outcome in outcomes.values() if not isinstance(outcome, RuleBroken) and outcome)
    return BulkReceipt(
        dry_run=dry_run,
        done=done,
        unchanged=len(outcomes) - done - len(refused),
        refused=tuple(refused),
        next=found[go.most - 1] if len(found) > go.most else None,
        correlation_id=do.correlation_id,
    )
