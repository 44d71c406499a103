"""Who may be the same customer: as the claims know for sure, and as names and phones are alike."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from keqing_pipeline.customer.likeness import Marks, likeness
from keqing_pipeline.customer.rules import CUSTOMER
from keqing_pipeline.customer.sameness import (
    EXTERNAL,
    NAME,
    PHONE,
    Candidate,
    Key,
    duplicate,
    holding,
    taken,
    together,
)
from keqing_pipeline.views.likeness import alike
from keqing_shared.directory import survivor
from keqing_shared.http import Asking


@dataclass(frozen=True)
class Resembling:
    others: tuple[UUID, ...]
    """Customers that it is another than, for a reason."""
    free: tuple[Key, ...]
    """Keys for it to claim; a file that is part of it holds on to its own."""


async def resembling(
    ask: Asking, name: str, keys: Sequence[Key], because: str | None, own: UUID | None = None
) -> Resembling:
    """Others that hold one of these keys or are nearly the same. Raises DuplicateCustomer unless there is
    a reason, ReferenceTaken whatever the reason.

    ``keys``: those that are new to the customer; its ``name`` is looked at when its key is among them.
    """
    held = {
        key: await _now(ask, holder) for key, holder in (await ask.service.log.claimed_many(keys)).items()
    }
    others = {key: holder for key, holder in held.items() if holder != own}
    holders = [holding(holder, [scope]) for (scope, _), holder in others.items()]
    references = [key for scope, key in others if scope == EXTERNAL]
    if references:
        raise taken(references, await as_seen(ask, holders))
    marks = Marks(
        name=name if any(scope == NAME for scope, _ in keys) else None,
        phones=tuple(key for scope, key in keys if scope == PHONE),
    )
    near = await near_to(ask, {0: marks}, score=ask.policy.duplicates.refused_from)
    found = together(*holders, *(one for one in near.get(0, ()) if one.id != own))
    if found and because is None:
        raise duplicate(await as_seen(ask, found))
    return Resembling(
        others=tuple(one.id for one in found),
        free=tuple(key for key in keys if key not in held or key in others),
    )


async def near_to(
    ask: Asking, sought: Mapping[int, Marks], *, score: int
) -> dict[int, tuple[Candidate, ...]]:
    """For each of those sought, who has at least this score, the most alike first."""
    policy, streams = ask.policy.duplicates, ask.service.streams
    found = await alike(ask.db, sought, policy, score=score)
    await streams.preload([(CUSTOMER, one.id) for candidates in found.values() for one in candidates])
    near: dict[int, tuple[Candidate, ...]] = {}
    for number, candidates in found.items():
        still = []
        for one in candidates:
            # The view may be behind: whoever has another name by now is let go.
            state = (await streams.current(CUSTOMER, one.id, fresh=False)).state
            alike_now = state and likeness(sought[number], state.marks, policy)
            if alike_now and alike_now.score >= score:
                id = await _now(ask, one.id)
                still.append(Candidate(id=id, score=alike_now.score, matched=alike_now.matched))
        near[number] = together(*still)
    return near


async def as_seen(ask: Asking, candidates: Iterable[Candidate]) -> tuple[Candidate, ...]:
    """The most alike first, named to whoever may see them; everybody learns whom to ask."""
    owners = await ask.visible_owners()
    seen = []
    for one in together(*candidates):
        entry = await ask.directory.customer(one.id)
        if entry is not None:
            shown = owners is None or entry.owner in owners
            seen.append(replace(one, name=entry.name if shown else None, owner=entry.owner))
    return tuple(seen)


async def _now(ask: Asking, customer_id: UUID) -> UUID:
    """The customer, or the one that it is part of by now."""
    entry = await survivor(ask.directory, customer_id)
    return customer_id if entry is None else entry.customer_id
