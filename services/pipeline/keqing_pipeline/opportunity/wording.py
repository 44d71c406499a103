"""Words for people, in both languages."""

from typing import Annotated

from pydantic import Field

from keqing_shared.domain import value

Wording = Annotated[str, Field(min_length=1, max_length=400, pattern=r"\S")]


@value
class Text:
    zh: Wording
    en: Wording
