"""How alike two customers are: in what, and by how many of a hundred points.

Nobody compares a customer with a million others. Each has a few keys, and whoever may be alike shares one:
the same name, the same sound, the same words in another order, a phone, or a name that one slip of the pen
away is the same (both are left with the same letters when the right one is taken out of each).
"""

from collections.abc import Iterator
from enum import StrEnum

from rapidfuzz import fuzz
from rapidfuzz.distance import OSA

from keqing_pipeline.customer.name import designators, normalised_name, sound_of, words_of
from keqing_pipeline.policy import DuplicatePolicy
from keqing_shared.domain import value

SHORTEST, LONGEST = 4, 16
"""Letters of a name of which each is left out in turn. Of shorter ones everything is one slip away, and a
longer one is known by its beginning or its end, one of which the slip leaves as it is."""
_END = 8
SAME = 100


class Alike(StrEnum):
    """In what two customers are alike, the surest first."""

    EXTERNAL = "external"
    PHONE = "phone"
    NAME = "name"
    PINYIN = "pinyin"
    NEAR_NAME = "near_name"


@value
class Likeness:
    score: int
    """1 to 100."""
    matched: tuple[Alike, ...]


@value
class Marks:
    """What a customer is compared by."""

    name: str | None = None
    """None: the name is not looked at."""
    phones: tuple[str, ...] = ()
    """E.164."""


def likeness_keys(marks: Marks) -> tuple[str, ...]:
    """What one shares one of with whoever may be alike, in no order."""
    return tuple({*marks.phones, *_of_name(marks.name)})


def _of_name(name: str | None) -> Iterator[str]:
    if name is None:
        return
    bare = normalised_name(name)
    yield f"={sound_of(bare)}"
    yield f"&{' '.join(sorted(words_of(name)))}"
    yield f"~{bare}"
    if SHORTEST <= len(bare) <= LONGEST + 1:
        yield from (f"~{bare[:place]}{bare[place + 1 :]}" for place in range(len(bare)))
    if len(bare) > LONGEST:
        yield f"^{bare[:_END]}"
        yield f"${bare[-_END:]}"


def likeness(one: Marks, other: Marks, policy: DuplicatePolicy) -> Likeness | None:
    """The same whichever way round; None when they have too little in common."""
    points: dict[Alike, float] = {}
    if set(one.phones) & set(other.phones):
        points[Alike.PHONE] = SAME
    if one.name is not None and other.name is not None:
        points |= _of_names(one.name, other.name, policy)
    if not points:
        return None
    return Likeness(score=round(max(points.values())), matched=tuple(sorted(points, key=list(Alike).index)))


def _of_names(one: str, other: str, policy: DuplicatePolicy) -> dict[Alike, float]:
    bare, others_bare = normalised_name(one), normalised_name(other)
    if bare == others_bare:
        return {Alike.NAME: SAME}
    points: dict[Alike, float] = {}
    if sound_of(bare) == sound_of(others_bare):
        points[Alike.PINYIN] = policy.pinyin_scores
    words = sorted(words_of(one))
    if words and words == sorted(words_of(other)):
        points[Alike.NEAR_NAME] = SAME - 1
    elif _a_slip_apart(bare, others_bare) and designators(one) == designators(other):
        points[Alike.NEAR_NAME] = _of_slip(bare, others_bare, policy)
    return points


def _a_slip_apart(one: str, other: str) -> bool:
    return max(len(one), len(other)) >= SHORTEST and OSA.distance(one, other, score_cutoff=1) == 1


def _of_slip(one: str, other: str, policy: DuplicatePolicy) -> float:
    """A letter too many, a wrong one, or two that changed places. A wrong Chinese character is hardly a
    slip, if it does not sound the same: 泰润 and 泰盛 are two firms."""
    wrong = {letter for pair in zip(one, other, strict=False) if len({*pair}) > 1 for letter in pair}
    if len(one) == len(other) and not all(letter.isascii() for letter in wrong):
        return policy.other_character_scores
    return fuzz.ratio(one, other)
