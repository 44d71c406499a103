"""Everything that people are told can be told them in Chinese."""

from keqing_local.services import SERVICES, context
from keqing_local.words import collect, gaps
from keqing_local.words.collecting import SHARED
from keqing_local.words.command import HOW
from keqing_shared.language import CHINESE


def test_every_refusal_has_its_words_in_chinese() -> None:
    lacking = gaps(collect((SHARED, *(context(name).package for name in SERVICES))), [CHINESE])
    assert not lacking, "\n".join((*lacking, HOW))
