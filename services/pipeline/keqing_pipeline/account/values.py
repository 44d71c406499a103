"""What is said of an account."""

from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import Field

from keqing_pipeline.customer.man import Known
from keqing_shared.domain import Day, Line, Login, Note, Personal, value


class AbcClass(StrEnum):
    """By what was bought in the last twelve months: the vital few, the next, the rest."""

    A = "A"
    B = "B"
    C = "C"


class Sign(StrEnum):
    """What tells that a customer may leave."""

    PURCHASES_DOWN = "purchases_down"
    COMPLAINT = "complaint"
    PAYMENT_LATE = "payment_late"
    CONTACT_GAP = "contact_gap"
    DECIDER_LEFT = "decider_left"


class RelationshipLevel(StrEnum):
    AWARE = "aware"
    DEVELOPING = "developing"
    PRACTISING = "practising"
    OPTIMISING = "optimising"
    LEADING = "leading"
    SUMMIT = "summit"


class Standard(StrEnum):
    """What a key account may count on, each more than the one before."""

    ATTITUDE = "attitude"
    STANDARD_SERVICE = "standard_service"
    PERSONAL_SERVICE = "personal_service"
    FORETHOUGHT = "forethought"
    STRATEGIC_SUPPORT = "strategic_support"


class TenderOutcome(StrEnum):
    WON = "won"
    LOST = "lost"
    CALLED_OFF = "called_off"


@value
class Appraisal:
    """What only people can judge of a customer, and what the judgement rests on."""

    profitable: Known
    squeezing: Known
    """Whether it demands ever more."""
    evidence: Personal[Note]


@value
class Objective:
    what: Annotated[Line, Field(examples=["两条产线都用我们的设备"])]
    by: Day | None = None


@value
class Promise:
    """A standard, and what it means for this account."""

    standard: Standard
    what: Line


@value
class AccountPlan:
    objectives: Annotated[tuple[Objective, ...], Field(min_length=1, max_length=20)]
    team: Annotated[tuple[Login, ...], Field(min_length=1, max_length=20)]
    promises: Annotated[tuple[Promise, ...], Field(max_length=20)] = ()
    review_every_days: Annotated[int, Field(ge=1, le=366)] | None = None
    """Left out: as usual."""


class KeyEnd(StrEnum):
    """Why a customer is no key account any more."""

    BY_HAND = "by_hand"
    NOT_CLASS_A = "not_class_a"
    UNPROFITABLE = "unprofitable"
    SQUEEZING = "squeezing"
    MERGED = "merged"
    """Its file is part of another key account's; it rests until they are parted."""
    TAKEN_OVER = "taken_over"
    """Its file is part of another, which is the key account now."""
    PARTED = "parted"
    """What made it one was another file's, which is one of its own again."""


@value
class KeyStanding:
    """What there is to a key account."""

    since: Day
    plan: AccountPlan | None = None
    review_due_on: Day | None = None


@value
class LateMark:
    """An invoice whose payment was late; a reversal may make it so again."""

    invoice_id: UUID
    due_on: Day
    late: bool = True


@value
class ComplaintMark:
    """A complaint that the service desk told of."""

    complaint_id: UUID
    opened_on: Day
    open: bool = True
