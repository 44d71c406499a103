"""Who may be the same customer: as the claims know for sure, and as names and phones are alike."""

from collections.abc import Mapping, Sequence
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
from keqing_shared.http import Asking


async def resembling(
    ask: Asking, name: str, keys: Sequence[Key], because: str | None, own: UUID | None = None
) -> tuple[UUID, ...]:
    """Others that hold one of these keys or are nearly the same. Raises DuplicateCustomer unless there is
    a reason, ReferenceTaken whatever the reason.

    ``keys``: those that are new to the customer; its ``name`` is looked at when its key is among them.
    """
    held = {
        key: holder for key, holder in (await ask.service.log.claimed_many(keys)).items() if holder != own
    }
    references = [key for scope, key in held if scope == EXTERNAL]
    holders = [holding(holder, [scope]) for (scope, _), holder in held.items()]
    if references:
        raise taken(references, await as_seen(ask, together(*holders)))
    marks = Marks(
        name=name if any(scope == NAME for scope, _ in keys) else None,
        phones=tuple(key for scope, key in keys if scope == PHONE),
    )
    near = await near_to(ask, {0: marks}, score=ask.policy.duplicates.refused_from)
    found = together(*holders, *(one for one in near.get(0, ()) if one.id != own))
    if found and because is None:
        raise duplicate(await as_seen(ask, found))
    return tuple(one.id for one in found)


async def near_to(
    ask: Asking, sought: Mapping[int, Marks], *, score: int
) -> dict[int, tuple[Candidate, ...]]:
    """For each of those sought, who has at least this score, the most alike first."""
    policy, streams = ask.policy.duplicates, ask.service.streams
    found = await alike(ask.db, sought, policy, score=score)
    await streams.preload([(CUSTOMER, one.id) for candidates in found.values() for one in candidates])
    near = {}
    for number, candidates in found.items():
        # The view may be behind: whoever has another name by now is let go.
        now = {one.id: (await streams.current(CUSTOMER, one.id, fresh=False)).state for one in candidates}
        near[number] = together(
            *(
                Candidate(id=id, name=state.name, owner=state.owner, score=still.score, matched=still.matched)
                for id, state in now.items()
                if state is not None
                and (still := likeness(sought[number], state.marks, policy)) is not None
                and still.score >= score
            )
        )
    return near


async def as_seen(ask: Asking, candidates: Sequence[Candidate]) -> tuple[Candidate, ...]:
    """Named to whoever may see them; everybody learns whom to ask."""
    owners = await ask.visible_owners()
    seen = []
    for one in candidates:
        known = (await ask.service.streams.load(CUSTOMER, one.id)).state
        shown = known is not None and (owners is None or known.owner in owners)
        seen.append(
            Candidate(
                id=one.id,
                name=known.name if known and shown else None,
                owner=known.owner if known else None,
                score=one.score,
                matched=one.matched,
            )
        )
    return tuple(seen)
