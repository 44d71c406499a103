"""What one may want of an opportunity."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field

from keqing_pipeline.customer.commands import FollowCustomer
from keqing_pipeline.customer.file import Assessment
from keqing_pipeline.opportunity.contact import Call, Message, Visit
from keqing_pipeline.opportunity.need import Answered
from keqing_pipeline.opportunity.purchase import PurchaseProject
from keqing_pipeline.opportunity.stage import Outcome, Stage
from keqing_shared.domain import Command, Day, ExternalReference, Line, Money, Note, value

Products = Annotated[tuple[Line, ...], Field(max_length=50)]


@value
class Prospect:
    """What one hopes to sell."""

    title: Line
    amount: Money | None = None
    expected_close_on: Day | None = None
    interests: Products = ()


@value
class ImportedOpportunity:
    """A row of another system: what it says of an opportunity, with its business dates."""

    external: ExternalReference
    prospect: Prospect
    customer_id: UUID | None = None
    owner: str
    stage: Stage = Stage.UNAWARE
    source_stage: Line | None = None
    engaged_on: Day | None = None
    outcome: Outcome = Outcome.OPEN
    closed_on: Day | None = None
    close_value: Money | None = None
    reason: Note | None = None
    rival: Line | None = None
    next_on: Day | None = None


class OpenOpportunity(Command):
    customer_id: UUID
    owner: str
    prospect: Prospect
    at: datetime


class AmendOpportunity(Command):
    prospect: Prospect


class HandOver(Command):
    owner: str
    reason: str


class LetGo(Command):
    """Its customer goes to the open pool."""

    keeper: str
    at: datetime


class EndTouches(Command):
    """The person whom it is about is forgotten."""

    at: datetime


class TakeUp(Command):
    """Its customer has come out of the open pool."""

    owner: str
    at: datetime


class NameCustomer(Command):
    customer_id: UUID


class LogCall(Command):
    call: Call
    at: datetime
    by: str


class LogVisit(Command):
    visit: Visit
    at: datetime
    by: str


class LogMessage(Command):
    message: Message
    at: datetime
    by: str


class ChangeStage(Command):
    """Advance with evidence or recede with a reason."""

    to: Stage
    at: datetime
    reason: str | None = None
    assessment: Assessment = Assessment()
    """The customer's, as it stands."""
    override_assessment: bool = False
    may_override: bool = False
    """Whether whoever asks has the authority of a manager."""


class DescribePurchase(Command):
    project: PurchaseProject


class DiagnoseNeed(Command):
    answers: tuple[Answered, ...]
    at: datetime
    by: str


class ConfirmNeed(Command):
    """The customer's own view of the need: the diagnosed one, or another."""

    need: str
    at: datetime
    by: str


class Recommend(Command):
    at: datetime
    by: str
    product: str | None = None
    """None: what the catalogue advises."""


class AnswerRecommendation(Command):
    accepted: bool
    at: datetime
    by: str
    reason: str | None = None
    """Needed when it is rejected."""


NeedCommand = DiagnoseNeed | ConfirmNeed | Recommend | AnswerRecommendation


class WinOpportunity(Command):
    amount: Money
    at: datetime
    won_on: date | None = None
    products: tuple[str, ...] = ()


class LoseOpportunity(Command):
    reason: str
    at: datetime
    lost_on: date | None = None
    rival: str | None = None


class ReopenOpportunity(Command):
    reason: str
    at: datetime


class ImportOpportunity(Command):
    row: ImportedOpportunity
    """As it came, what it says nothing of included."""
    at: datetime
    wanted: ImportedOpportunity | None = None
    """Of one that is here: with what the row says nothing of as it is; None: all as the row says."""
    lost_because: str | None = None
    """The reason of its loss as it stands, which is personal and in no state."""


class CorrectOpportunity(Command):
    """A row that names it by its own id, and so says how it shall be."""

    row: ImportedOpportunity
    at: datetime
    lost_because: str | None = None
    """The reason of its loss as it stands, which is personal and in no state."""


class NoteMissedTouch(Command):
    """The clockwork's: a due date may have passed."""

    today: date


class NoteGrade(Command):
    """The clockwork's: its grade may be another by now."""

    today: date


OpportunityCommand = (
    OpenOpportunity
    | AmendOpportunity
    | HandOver
    | LetGo
    | EndTouches
    | TakeUp
    | NameCustomer
    | FollowCustomer
    | LogCall
    | LogVisit
    | LogMessage
    | ChangeStage
    | DescribePurchase
    | NeedCommand
    | WinOpportunity
    | LoseOpportunity
    | ReopenOpportunity
    | ImportOpportunity
    | CorrectOpportunity
    | NoteMissedTouch
    | NoteGrade
)
