"""What a customer needs, as it was diagnosed, confirmed and answered with a recommendation."""

from enum import StrEnum
from typing import Annotated

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


@value
class Diagnosis:
    """Codes of the catalogue."""

    diagnosed: str
    """The need that the answers told."""
    need: str
    """The same, or as the customer corrected it."""
    awareness: str
    confirmed: bool = False
    """Whether the customer has said so."""
    recommended: str | None = None
    """The product."""
    reply: Reply | None = None
    rejected: tuple[str, ...] = ()
    """Products that the customer will not have."""
