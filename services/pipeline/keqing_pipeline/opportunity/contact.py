"""Contacts with a customer: calls, visits and messages as they are logged."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from keqing_pipeline.opportunity.stage import Signal
from keqing_shared.domain import Day, Line, Moment, Note, Personal, Term, value

Minutes = Annotated[int, Field(ge=0, le=1440)]


class ContactOutcome(Term):
    NO_ANSWER = "no_answer"
    WRONG_PERSON = "wrong_person"
    REFUSED = "refused"
    BRIEF = "brief"
    INTERACTIVE = "interactive"
    APPOINTMENT = "appointment"

    @property
    def effective(self) -> bool:
        """Whether something came of it."""
        return self in (ContactOutcome.INTERACTIVE, ContactOutcome.APPOINTMENT)

    @property
    def reached(self) -> bool:
        """Whether the right person was there to show any signal."""
        return self not in (ContactOutcome.NO_ANSWER, ContactOutcome.WRONG_PERSON)


class OpeningKind(StrEnum):
    PRAISE = "praise"
    DIRECT = "direct"
    CURIOSITY = "curiosity"
    WARM = "warm"
    REQUEST = "request"


class CloseKind(StrEnum):
    INVITE = "invite"
    CHOICE = "choice"
    SECOND_LEVEL = "second_level"
    ASSUMED = "assumed"
    AUTHORISED = "authorised"
    URGENT = "urgent"


@value
class VisitSteps:
    """The eight steps of a visit, each done or not."""

    target: bool = False
    preparation: bool = False
    sales_preparation: bool = False
    opening: bool = False
    presentation: bool = False
    objections: bool = False
    close: bool = False
    follow_up: bool = False


class Channel(StrEnum):
    """How a message went."""

    WECHAT = "wechat"
    SMS = "sms"
    EMAIL = "email"
    LETTER = "letter"
    OTHER = "other"


@value
class Contact:
    """A contact as it went."""

    outcome: ContactOutcome
    at: Moment | None = None
    """When it began; left out: now."""
    minutes: Minutes | None = None
    with_whom: Personal[Annotated[tuple[Line, ...], Field(max_length=20)]] = ()
    signals: Annotated[tuple[Signal, ...], Field(max_length=19)] = ()
    note: Personal[Note | None] = None
    objections: Personal[Annotated[tuple[Line, ...], Field(max_length=20)]] = ()
    next_step: Personal[Line | None] = None
    next_on: Day | None = None
    """When the next touch was promised."""
    with_decider: bool | None = None
    """Whether somebody who decides took part; None: not said, so as the outcome has it."""

    @property
    def reached_decider(self) -> bool:
        return self.outcome.reached if self.with_decider is None else self.with_decider


@value
class Call(Contact):
    """A call as it went."""


@value
class Message(Contact):
    """A written message as it was sent, and what came back. It shows signals, but is no evidence."""

    channel: Channel = Channel.OTHER


@value
class Visit(Contact):
    """A visit as it went."""

    steps: VisitSteps = VisitSteps()
    opening: OpeningKind | None = None
    close: CloseKind | None = None
