"""Many independent pieces of work, done for good or only tried."""

from collections.abc import Awaitable, Callable, Collection, Hashable, Mapping, Sequence
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


def rehearsal(do: Doing, *, dry_run: bool) -> Unit | None:
    """For a dry run: a unit that is never appended, in which a later row sees the earlier ones."""
    return Unit(do.service.streams, None, fresh=False) if dry_run else None


def waves(names: Mapping[int, Collection[Hashable]]) -> list[list[int]]:
    """The lines in groups to be carried out one after the other: lines that have a name in common
    keep their order, the others go together."""
    groups: list[list[int]] = []
    wave_after: dict[Hashable, int] = {}
    for line, own in names.items():
        wave = max((wave_after.get(name, 0) for name in own), default=0)
        wave_after.update(dict.fromkeys(own, wave + 1))
        if wave == len(groups):
            groups.append([])
        groups[wave].append(line)
    return groups


async def carry_out(
    do: Doing,
    works: Sequence[Work],
    streams: Sequence[tuple[Aggregate[Any], UUID]],
    rehearsed_on: Unit | None,
) -> list[Outcome]:
    """Each succeeds or is refused alone. ``streams``: what the works will load."""
    service = do.service
    if rehearsed_on is not None:
        await service.streams.preload(streams)
        return [await _tried(work, rehearsed_on) for work in works]
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
