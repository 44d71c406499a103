"""Words for people, in both languages."""

from typing import Annotated

from pydantic import Field

from keqing_shared.domain import value
from keqing_shared.domain.shape import shape
from keqing_shared.domain.worded import Words

Wording = Annotated[
    str, Field(min_length=1, max_length=400, pattern=shape(r"\S", Words("a text that says something")))
]


@value
class Text:
    zh: Wording
    en: Wording
