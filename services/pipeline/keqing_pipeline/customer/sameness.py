"""When two files are the same customer: the exact keys that at most one file holds, and the refusals."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from keqing_pipeline.customer.file import CustomerFile
from keqing_pipeline.customer.likeness import SAME, Alike, Likeness, Marks
from keqing_shared.domain import Personal, RuleBroken, Words, value

NAME, PHONE, EXTERNAL = "customer-name", "customer-phone", "external"
"""Scopes of the claims."""

Key = tuple[str, str]

MOST_SHOWN = 10
"""Candidates in an answer, the most alike first."""

_BY_SCOPE = {NAME: Alike.NAME, PHONE: Alike.PHONE, EXTERNAL: Alike.EXTERNAL}
_WORDS = {
    Alike.EXTERNAL: Words("external reference"),
    Alike.PHONE: Words("phone"),
    Alike.NAME: Words("name"),
    Alike.PINYIN: Words("pinyin"),
    Alike.NEAR_NAME: Words("nearly the same name"),
}


class DuplicateCustomer(RuleBroken):
    """There is such a customer already."""


class ReferenceTaken(RuleBroken):
    """Another customer holds this external reference."""


@value
class Candidate(Likeness):
    """A customer that may be the same one; whom to ask stands there also for one that you may not see."""

    id: UUID
    name: Personal[str | None] = None
    """None for one that you may not see."""
    owner: str | None = None


def name_and_phone_keys(file: CustomerFile) -> tuple[Key, ...]:
    """Keys that a reason may override: chains share a name, colleagues a phone."""
    return keys_of(Marks(name=file.name, phones=file.phones))


def keys_of(marks: Marks) -> tuple[Key, ...]:
    """The same of what the customer is compared by."""
    return ((NAME, marks.bare), *((PHONE, phone) for phone in dict.fromkeys(marks.phones)))


def reference_keys(file: CustomerFile) -> tuple[Key, ...]:
    """Keys that nothing overrides."""
    return tuple((EXTERNAL, str(reference)) for reference in dict.fromkeys(file.external))


def holding(holder: UUID, scopes: Iterable[str]) -> Candidate:
    """Who holds keys of these scopes is as alike as can be."""
    matched = {_BY_SCOPE[scope] for scope in scopes}
    return Candidate(id=holder, score=SAME, matched=tuple(alike for alike in Alike if alike in matched))


def together(*candidates: Candidate) -> tuple[Candidate, ...]:
    """Each customer once, with all that it is alike in, the most alike first."""
    merged: dict[UUID, Candidate] = {}
    for one in candidates:
        known = merged.get(one.id, one)
        merged[one.id] = Candidate(
            id=one.id,
            name=known.name or one.name,
            owner=known.owner or one.owner,
            score=max(known.score, one.score),
            matched=tuple(alike for alike in Alike if alike in (*known.matched, *one.matched)),
        )
    return tuple(sorted(merged.values(), key=lambda one: (-one.score, one.id)))


def duplicate(candidates: Sequence[Candidate]) -> DuplicateCustomer:
    """The refusal, naming who is alike and in what."""
    alike = {alike for one in candidates for alike in one.matched}
    return DuplicateCustomer(
        "same {alike} as another customer; register with 'distinct_because' when it is not the same one",
        candidates=_shown(candidates),
        alike=[_WORDS[one] for one in Alike if one in alike],
    )


def taken(references: list[str], candidates: Sequence[Candidate]) -> ReferenceTaken:
    """The refusal, naming what is taken and by whom."""
    return ReferenceTaken(
        "{taken} is taken: amend the customer that holds it, or leave it out",
        taken=references,
        candidates=_shown(candidates),
    )


def _shown(candidates: Sequence[Candidate]) -> list[dict[str, object]]:
    return [
        {
            "id": str(one.id),
            "name": one.name,
            "owner": one.owner,
            "score": one.score,
            "matched": list(one.matched),
        }
        for one in candidates[:MOST_SHOWN]
    ]
