"""Names as they are compared: without width, case, script, punctuation and legal form; and as they sound."""

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from operator import add

from pypinyin import lazy_pinyin
from pypinyin.constants import PHRASES_DICT
from pypinyin.contrib.tone_convert import to_normal

from keqing_pipeline.characters import simplified
from keqing_shared.domain import ERASED

_CHINESE_FORMS = (
    "股份有限公司",
    "有限责任公司",
    "有限公司",
    "集团公司",
    "总公司",
    "公司",
    "集团",
    "特殊普通合伙",
    "合伙企业",
    "有限合伙",
    "普通合伙",
    "个人独资企业",
    "个体工商户",
    "经营部",
)
_OF_A_GROUP = re.compile(r"\(\s*集团\s*\)")
"""In the midst of a name: 临江(集团)纺织有限公司."""
_LATIN_FORMS = re.compile(
    r"(?:\b(?:incorporated|inc|corporation|corp|company|co|limited|ltd|ltda|private|pvt|pty|pte|sdn|bhd"
    r"|llc|llp|lp|plc|gmbh|ag|kg|kgaa|se|sa|sas|sarl|srl|spa|bv|nv|ab|aps|oy|oyj|kk)\b\s*)+$"
)
_INITIALS = re.compile(r"(?<=\b[^\W\d_])\.(?=[^\W\d_]\b)")
"""The dots between initials: S.A. is SA, and J.P. Morgan is JP Morgan."""
_PHRASE_LENGTHS = (4, 3, 2)
_BEGINNINGS = frozenset(phrase[:2] for phrase in PHRASES_DICT)
"""What a phrase begins with: where none does, none is looked for."""
_DESIGNATORS = re.compile(r"\d+|[一二三四五六七八九十百甲乙丙丁]|(?<![a-z])[a-z](?![a-z])")
_PUNCTUATION = re.compile(r"[\W_]+")


def folded(name: str) -> str:
    """One width, one case and one script."""
    # Folding the case may undo what the normal form had joined.
    return simplified(unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold()))


def words_of(name: str) -> list[str]:
    """Its words without the legal form of other languages; Chinese is one word."""
    bare = _INITIALS.sub("", _OF_A_GROUP.sub("", folded(name)))
    words = _PUNCTUATION.sub(" ", bare).strip()
    return (_LATIN_FORMS.sub("", words) or words).split()


def normalised_name(name: str) -> str:
    """The name without width, case, script, spaces, punctuation and legal form: 远山 for 遠山（有限公司）.

    A group (集团) is compared as the firm that it is named after. A name that is nothing but a legal form
    keeps it, and one that was erased stays as it reads.
    """
    return joined(words_of(name), name)


def joined(words: Sequence[str], name: str) -> str:
    """The same of a name whose words are known."""
    if name == ERASED:
        return name
    bare = "".join(words)
    while bare.endswith(_CHINESE_FORMS):
        form = next((form for form in _CHINESE_FORMS if bare.endswith(form) and bare != form), None)
        if form is None:
            break
        bare = bare.removesuffix(form)
    return bare or folded(name).strip()


def sound_of(normalised: str) -> str:
    """Its pinyin without tones; what is not Chinese stays: yuanshankeji for 远山科技 and for 元山科技.

    A character is read as the longest phrase has it: 长 is chang in 长江. The library's own way of cutting
    a text into phrases takes longer than importing a row may.
    """
    if normalised.isascii():
        return normalised
    if _BEGINNINGS.isdisjoint(map(add, normalised, normalised[1:])):
        return "".join(map(_sound, normalised))
    sounds: list[str] = []
    while (place := len(sounds)) < len(normalised):
        phrase = normalised[place]
        if normalised[place : place + 2] in _BEGINNINGS:
            phrases = (normalised[place : place + length] for length in _PHRASE_LENGTHS)
            phrase = next((one for one in phrases if one in PHRASES_DICT), phrase)
        sounds += _sounds(phrase)
    return "".join(sounds)


@lru_cache(maxsize=65_536)
def _sound(character: str) -> str:
    return _sounds(character)[0]


@lru_cache(maxsize=65_536)
def _sounds(phrase: str) -> tuple[str, ...]:
    """Of each of its characters."""
    if phrase in PHRASES_DICT:
        return tuple(to_normal(readings[0]) for readings in PHRASES_DICT[phrase])
    return (lazy_pinyin(phrase)[0],)


def designators(name: str) -> list[str]:
    """What tells the branches of a chain apart: its numbers, and letters that stand alone."""
    return _DESIGNATORS.findall(" ".join(words_of(name)))
