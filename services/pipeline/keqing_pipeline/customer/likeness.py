"""How alike two customers are: in what, and by how many of a hundred points.

Nobody compares a customer with a million others. Each is kept under a few keys, and whoever may be alike
seeks one of them: the same sound, the same words in another order, a phone, or a name that one slip of the
pen away is the same (one has all the letters of the other but one, or both are left with the same letters
when the right one is taken out of each). Nothing is sought that could not score as much as is asked for.
"""

from collections.abc import Callable
from enum import StrEnum
from typing import Any, Generic, TypeVar

from rapidfuzz import fuzz
from rapidfuzz.distance import OSA

from keqing_pipeline.customer.name import designators, joined, sound_of, words_of
from keqing_pipeline.policy import DuplicatePolicy
from keqing_shared.domain import value

T = TypeVar("T")

INITIALS = 3
"""Letters of a Latin word of which each counts: CNG and CIG are two firms."""
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


class _once(Generic[T]):  # noqa: N801
    """A property worked out when it is first asked for; as functools has it, without the lock that costs a
    microsecond each."""

    def __init__(self, work: Callable[[Any], T]) -> None:
        self._work = work

    def __get__(self, marks: Any, kind: type[Any] | None = None) -> T:
        made = self._work(marks)
        marks.__dict__[self._work.__name__] = made
        return made


@value
class Marks:
    """What a customer is compared by; what is made of its name is made once."""

    name: str | None = None
    """None: the name is not looked at."""
    phones: tuple[str, ...] = ()
    """E.164."""

    @_once
    def words(self) -> tuple[str, ...]:
        """In the order of the alphabet."""
        return tuple(sorted(self._words))

    @_once
    def bare(self) -> str:
        """The normalised name."""
        return joined(self._words, self.name or "")

    @_once
    def sound(self) -> str:
        return sound_of(self.bare)

    @_once
    def _words(self) -> list[str]:
        return words_of(self.name or "")

    @_once
    def without_one(self) -> list[str]:
        """The normalised name without each of its letters in turn, unless it is too short or too long."""
        bare = self.bare
        if not SHORTEST <= len(bare) <= LONGEST + 1:
            return []
        return [bare[:place] + bare[place + 1 :] for place in range(len(bare))]

    @_once
    def sought(self) -> frozenset[str]:
        """Under these keys is kept whoever may be alike, where a wrong Chinese character is no slip."""
        # A letter too many or too few, in the other name or in this one.
        keys = [*self.phones, *_whole(self), f"-{self.bare}", *[f"~{rest}" for rest in self.without_one]]
        # A wrong letter; and two that changed places, when one is missing on each side.
        letters = zip(self.bare, self.without_one, strict=False)
        return frozenset([*keys, *[f"-{rest}" for letter, rest in letters if letter.isascii()]])

    @_once
    def sought_widely(self) -> frozenset[str]:
        """The same where it is one."""
        return self.sought.union(f"-{rest}" for rest in self.without_one)


def keys_kept(marks: Marks) -> set[str]:
    """What a customer is found by."""
    if marks.name is None:
        return {*marks.phones}
    return {*marks.phones, *_whole(marks), f"~{marks.bare}", *[f"-{rest}" for rest in marks.without_one]}


def keys_sought(marks: Marks, policy: DuplicatePolicy, score: int) -> frozenset[str]:
    """Of the keys that others are kept under those of whoever may be alike by at least this score."""
    if marks.name is None:
        return frozenset(marks.phones)
    return marks.sought_widely if policy.other_character_scores >= score else marks.sought


def _whole(marks: Marks) -> list[str]:
    keys = [f"={marks.sound}"]
    if len(marks.words) > 1:
        keys.append(f"&{' '.join(marks.words)}")
    if len(marks.bare) > LONGEST:
        keys += (f"^{marks.bare[:_END]}", f"${marks.bare[-_END:]}")
    return keys


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
    elif _a_slip_apart(one.bare, other.bare) and _same_branch(one, other) and not _other_initials(one, other):
        points[Alike.NEAR_NAME] = _of_slip(one.bare, other.bare, policy)
    return points


def _same_branch(one: Marks, other: Marks) -> bool:
    return designators(one.name or "") == designators(other.name or "")


def _other_initials(one: Marks, other: Marks) -> bool:
    """Whether all that tells them apart is one short word."""
    apart = set(one.words) ^ set(other.words)
    return bool(apart) and all(word.isascii() and len(word) <= INITIALS for word in apart)


def _a_slip_apart(one: str, other: str) -> bool:
    return max(len(one), len(other)) >= SHORTEST and OSA.distance(one, other, score_cutoff=1) == 1


def _of_slip(one: str, other: str, policy: DuplicatePolicy) -> float:
    """A letter too many, a wrong one, or two that changed places. A wrong Chinese character is hardly a
    slip, if it does not sound the same: 泰润 and 泰盛 are two firms."""
    wrong = {letter for pair in zip(one, other, strict=False) if len({*pair}) > 1 for letter in pair}
    if len(one) == len(other) and not all(letter.isascii() for letter in wrong):
        return policy.other_character_scores
    return fuzz.ratio(one, other)
