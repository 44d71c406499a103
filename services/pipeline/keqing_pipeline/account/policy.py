"""The numbers of accounts."""

from typing import Annotated

from pydantic import Field

from keqing_shared.domain import ValueRefused, together, value

Days = Annotated[int, Field(ge=1, le=366)]
Percent = Annotated[int, Field(ge=1, le=100)]


@value
class AbcPolicy:
    """Classes by what was bought."""

    months: Annotated[int, Field(ge=1, le=60)] = 12
    a_percent: Percent = 80
    """A: while those who bought more bring less than this."""
    b_percent: Percent = 95

    @together
    def _ascending(self) -> None:
        if self.a_percent >= self.b_percent:
            raise ValueRefused("a_percent is less than b_percent")


@value
class KeyAccountPolicy:
    purchases: Annotated[int, Field(ge=1, le=1000)] = 3
    """Bought at least so often: repeated."""
    review_every_days: Days = 90


@value
class DefectionPolicy:
    """What counts as a sign that a customer may leave, and how many of them make a warning."""

    signs_needed: Annotated[int, Field(ge=1, le=5)] = 2
    purchases_down_percent: Percent = 30
    """Bought less by at least this in the quarter that ended last than in the one before."""
    repeated_complaints: Annotated[int, Field(ge=2, le=100)] = 2
    complaints_within_days: Days = 90
    contact_gap_intervals: Annotated[int, Field(ge=1, le=100)] = 2
    """Not contacted for so many times the interval of a customer who has bought."""
    decider_left_for_days: Days = 90
    """How long a decider's leaving is a sign."""
