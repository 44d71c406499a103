"""How alike two customers are: in what, and by how many of a hundred points.

Nobody compares a customer with a million others. Each is kept under a few keys, and whoever may be alike
seeks one of them: the same sound, the same words in another order, a phone, or a name that one slip of the
pen away is the same (one has all the letters of the other but one, or both are left with the same letters
when the right one is taken out of each). Nothing is sought that could not score as much as is asked for.
"""

from collections.abc import Iterator
from enum import StrEnum
from functools import cached_property

from rapidfuzz import fuzz
from rapidfuzz.distance import OSA

from keqing_pipeline.customer.name import designators, joined, sound_of, words_of
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
    """What a customer is compared by; what is made of its name is made once."""

    name: str | None = None
    """None: the name is not looked at."""
    phones: tuple[str, ...] = ()
    """E.164."""

    @cached_property
    def words(self) -> tuple[str, ...]:
        """In the order of the alphabet."""
        return tuple(sorted(self._words))

    @cached_property
    def bare(self) -> str:
        """The normalised name."""
        return joined(self._words, self.name or "")

    @cached_property
    def sound(self) -> str:
        return sound_of(self.bare)

    @cached_property
    def _words(self) -> list[str]:
        return words_of(self.name or "")

    @cached_property
    def without_one(self) -> list[str]:
        """The normalised name without each of its letters in turn, unless it is too short or too long."""
        bare = self.bare
        if not SHORTEST <= len(bare) <= LONGEST + 1:
            return []
        return [bare[:place] + bare[place + 1 :] for place in range(len(bare))]


def keys_kept(marks: Marks) -> tuple[str, ...]:
    """What a customer is found by, in no order."""
    return tuple({*marks.phones, *(_kept(marks) if marks.name is not None else ())})


def keys_sought(marks: Marks, policy: DuplicatePolicy, score: int) -> tuple[str, ...]:
    """Of the keys that others are kept under those of whoever may be alike by at least this score."""
    return tuple({*marks.phones, *(_sought(marks, policy, score) if marks.name is not None else ())})


def _kept(marks: Marks) -> Iterator[str]:
    yield from _whole(marks)
    yield f"~{marks.bare}"
    yield from (f"-{rest}" for rest in marks.without_one)


def _sought(marks: Marks, policy: DuplicatePolicy, score: int) -> Iterator[str]:
    yield from _whole(marks)
    # A letter too many or too few, in the other name or in this one.
    yield f"-{marks.bare}"
    yield from (f"~{rest}" for rest in marks.without_one)
    # A wrong letter; and two that changed places, when one is missing on each side.
    any_letter = round(policy.other_character_scores) >= score
    for letter, rest in zip(marks.bare, marks.without_one, strict=False):
        if any_letter or letter.isascii():
            yield f"-{rest}"


def _whole(marks: Marks) -> Iterator[str]:
    yield f"={marks.sound}"
    if len(marks.words) > 1:
        yield f"&{' '.join(marks.words)}"
    if len(marks.bare) > LONGEST:
        yield f"^{marks.bare[:_END]}"
        yield f"${marks.bare[-_END:]}"


def likeness(one: Marks, other: Marks, policy: DuplicatePolicy) -> Likeness | None:
    """The same whichever way round; None when they have too little in common."""
    points: dict[Alike, float] = {}
    if set(one.phones) & set(other.phones):
        points[Alike.PHONE] = SAME
    if one.name is not None and other.name is not None:
        points |= _of_names(one, other, policy)
    if not points:
        return None
    return Likeness(score=round(max(points.values())), matched=tuple(sorted(points, key=list(Alike).index)))


def _of_names(one: Marks, other: Marks, policy: DuplicatePolicy) -> dict[Alike, float]:
    if one.bare == other.bare:
        return {Alike.NAME: SAME}
    points: dict[Alike, float] = {}
    if one.sound == other.sound:
        points[Alike.PINYIN] = policy.pinyin_scores
    if one.words and one.words == other.words:
        points[Alike.NEAR_NAME] = SAME - 1
    elif _a_slip_apart(one.bare, other.bare) and _same_branch(one, other):
        points[Alike.NEAR_NAME] = _of_slip(one.bare, other.bare, policy)
    return points


def _same_branch(one: Marks, other: Marks) -> bool:
    return designators(one.name or "") == designators(other.name or "")


def _a_slip_apart(one: str, other: str) -> bool:
    return max(len(one), len(other)) >= SHORTEST and OSA.distance(one, other, score_cutoff=1) == 1


def _of_slip(one: str, other: str, policy: DuplicatePolicy) -> float:
    """A letter too many, a wrong one, or two that changed places. A wrong Chinese character is hardly a
    slip, if it does not sound the same: 泰润 and 泰盛 are two firms."""
    wrong = {letter for pair in zip(one, other, strict=False) if len({*pair}) > 1 for letter in pair}
    if len(one) == len(other) and not all(letter.isascii() for letter in wrong):
        return policy.other_character_scores
    return fuzz.ratio(one, other)
