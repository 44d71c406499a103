"""Many independent pieces of work, done for good or only tried."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any
from uuid import UUID

from keqing_shared.domain import Aggregate, Fact, RuleBroken
from keqing_shared.http import Doing
from keqing_shared.log import Conflict, Meta
from keqing_shared.streams import Unit

WHY = "import"

Work = Callable[[Any], Awaitable[list[Fact]]]
"""Executes on the unit it is given and says which facts were decided."""

Outcome = list[Fact] | Exception


async def carry_out(
    do: Doing, works: Sequence[Work], streams: Sequence[tuple[Aggregate[Any], UUID]], *, dry_run: bool
) -> list[Outcome]:
    """Each succeeds or is refused alone. ``streams``: what the works will load."""
    service = do.service
    if dry_run:
        await service.streams.preload(streams)
        unit = Unit(service.streams, None, fresh=False)  # one for all: a later row sees the earlier ones
        return [await _tried(work, unit) for work in works]
    decided: list[list[Fact]] = [[] for _ in works]

    async def doing(index: int, unit: Any) -> None:
        decided[index] = await works[index](unit)

    def bound(index: int) -> Callable[[Any], Awaitable[None]]:
        return lambda unit: doing(index, unit)

    def meta(index: int) -> Meta:
        return Meta(who=do.user.login, why=do.why or WHY, correlation_id=do.correlation_id)

    receipts = await service.streams.transact_many([bound(i) for i in range(len(works))], meta, streams)
    return [
        receipt if isinstance(receipt, Exception) else facts
        for receipt, facts in zip(receipts, decided, strict=True)
    ]


async def _tried(work: Work, unit: Unit) -> Outcome:
    try:
        return await work(unit)
    except (RuleBroken, Conflict) as refusal:
        return refusal
