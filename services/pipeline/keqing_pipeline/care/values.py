"""What is asked for when somebody at a customer is to be cared for."""

from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import Field

from keqing_shared.domain import Day, Line, Money, Note, Personal, Term, value
from keqing_shared.domain.shape import shape
from keqing_shared.domain.worded import Words


class CareKind(StrEnum):
    GIFT = "gift"
    MEAL = "meal"
    ACTIVITY = "activity"


class Occasion(StrEnum):
    FESTIVAL = "festival"
    COMPANY_ANNIVERSARY = "company_anniversary"
    BIRTHDAY = "birthday"
    WEDDING = "wedding"
    HOUSEWARMING = "housewarming"
    FIRST_VISIT = "first_visit"
    OTHER = "other"


class CareStatus(Term):
    SUBMITTED = "submitted"
    APPROVED = "approved"
    REJECTED = "rejected"
    DONE = "done"
    CANCELLED = "cancelled"

    @property
    def counts(self) -> bool:
        """Toward the caps: what may still be spent, and what was."""
        return self in (CareStatus.SUBMITTED, CareStatus.APPROVED, CareStatus.DONE)


FestivalCode = Annotated[
    str,
    Field(
        pattern=shape(r"^[a-z][a-z0-9_]{0,39}$", Words("small letters, digits and _ only, a letter first")),
        examples=["mid_autumn_festival"],
    ),
]


@value
class CareWish:
    """A gift, a meal or an activity for one person at a customer."""

    contact_id: UUID
    kind: CareKind
    occasion: Occasion
    on: Day
    what: Personal[Annotated[Line, Field(examples=["月饼一盒"])]]
    budget: Money
    festival: FestivalCode | None = None
    """Which one, when the occasion is a festival."""
    executive_reason: Personal[Note | None] = None
    """Why it goes to the top executive, if it does."""
    notes: Personal[Note | None] = None


@value
class CareRequest:
    """What the rules remember of a request: no word of it."""

    request_id: UUID
    contact_id: UUID
    kind: CareKind
    on: Day
    spent: Money
    """The budget until it is done, then what it cost."""
    requested_by: str
    status: CareStatus = CareStatus.SUBMITTED
    approver: str | None = None
    """Who led the requester when it was made."""
