"""What a customer needs, as it was diagnosed, confirmed and answered with a recommendation."""

from enum import StrEnum
from typing import Annotated

from msgspec import Struct
from pydantic import Field

from keqing_shared.domain import Code, value


@value
class Answered:
    question: Code
    answer: Code


Answers = Annotated[tuple[Answered, ...], Field(min_length=1, max_length=50)]


class Reply(StrEnum):
    """What the customer said to a recommendation."""

    AWAITED = "awaited"
    ACCEPTED = "accepted"
    REJECTED = "rejected"


class Diagnosis(Struct, frozen=True, kw_only=True):
    diagnosed: str
    need: str
    """The same, or as the customer corrected it."""
    awareness: str
    recommended: str | None = None
    """The product."""
    reply: Reply = Reply.AWAITED
    rejected: tuple[str, ...] = ()
    """Products that the customer will not have."""
