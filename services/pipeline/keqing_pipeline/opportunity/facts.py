"""What happens to an opportunity. Reasons are in somebody's own words, and so personal."""

from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

from keqing_pipeline.opportunity.contact import Call, Message, Visit
from keqing_pipeline.opportunity.grade import Grade
from keqing_pipeline.opportunity.need import Answered
from keqing_pipeline.opportunity.purchase import PurchaseProject
from keqing_pipeline.opportunity.stage import Outcome, Signal, Stage
from keqing_shared.domain import ExternalReference, Fact, Money, Personal


class OpportunityOpened(Fact, topic="pipeline.opportunity-opened.v1"):
    owner: str
    title: str
    stage: Stage
    customer_id: UUID | None = None
    """None: imported from a list that did not say whose it is."""
    amount: Money | None = None
    expected_close_on: date | None = None
    interests: tuple[str, ...] = ()
    opened_on: date | None = None
    """Business date; None when a list did not say."""
    next_touch_on: date | None = None
    external: ExternalReference | None = None
    source_stage: str | None = None
    """The stage's name where it was imported from."""
    import_digest: str | None = None
    """SHA-256 of the imported row, to know it again."""


class OpportunityAmended(Fact, topic="pipeline.opportunity-amended.v1"):
    title: str
    amount: Money | None = None
    expected_close_on: date | None = None
    interests: tuple[str, ...] = ()


class OpportunityHandedOver(Fact, topic="pipeline.opportunity-handed-over.v1"):
    owner: str
    previous: str
    reason: Personal[str]


class OpportunityLetGo(Fact, topic="pipeline.opportunity-let-go.v1"):
    """Its customer went to the open pool: nobody owes it a touch."""

    owner: str
    """Who keeps it there."""
    previous: str
    on: date


class TouchesEnded(Fact, topic="pipeline.touches-ended.v1"):
    """The person whom it was about is forgotten: there is nobody to contact any more."""

    owner: str
    on: date


class OpportunityTakenUp(Fact, topic="pipeline.opportunity-taken-up.v1"):
    """Its customer has come out of the open pool."""

    owner: str
    previous: str
    on: date
    next_touch_on: date | None = None


class CustomerNamed(Fact, topic="pipeline.customer-named.v1"):
    """Whose an imported opportunity is, or any once its customer's file was merged or parted."""

    customer_id: UUID


class ImportRepeated(Fact, topic="pipeline.import-repeated.v1"):
    """Its row came again, changed; what changed are the facts before this one."""

    import_digest: str
    source_stage: str | None = None
    opened_on: date | None = None
    next_touch_on: date | None = None


class CallLogged(Fact, topic="pipeline.call-logged.v2"):
    call: Call
    at: datetime
    on: date
    """Business date of the call."""
    by: str
    next_touch_on: date | None = None

    @staticmethod
    def upcast_v1_v2(state: dict[str, Any]) -> None:
        """Nobody was asked whether a decider took part."""
        state["call"]["with_decider"] = None


class VisitLogged(Fact, topic="pipeline.visit-logged.v2"):
    visit: Visit
    at: datetime
    on: date
    by: str
    next_touch_on: date | None = None

    @staticmethod
    def upcast_v1_v2(state: dict[str, Any]) -> None:
        state["visit"]["with_decider"] = None


class MessageLogged(Fact, topic="pipeline.message-logged.v1"):
    message: Message
    at: datetime
    on: date
    by: str
    next_touch_on: date | None = None


class GradeChanged(Fact, topic="pipeline.grade-changed.v1"):
    """Another grade than was last said, for time has passed or because a close is expected otherwise."""

    owner: str
    before: Grade
    after: Grade
    on: date


class StageAdvanced(Fact, topic="pipeline.stage-advanced.v1"):
    before: Stage
    after: Stage
    on: date
    owner: str
    evidence: tuple[Signal, ...] = ()
    next_touch_on: date | None = None
    assessment_overridden: bool = False
    reason: Personal[str | None] = None


class StageReceded(Fact, topic="pipeline.stage-receded.v1"):
    before: Stage
    after: Stage
    on: date
    owner: str
    reason: Personal[str]
    next_touch_on: date | None = None


class PurchaseProjectDescribed(Fact, topic="pipeline.purchase-project-described.v1"):
    """The whole project as it is known now."""

    project: PurchaseProject


class NeedDiagnosed(Fact, topic="pipeline.need-diagnosed.v1"):
    answers: tuple[Answered, ...]
    need: str
    awareness: str
    on: date
    by: str


class NeedConfirmed(Fact, topic="pipeline.need-confirmed.v1"):
    """By the customer, who may have corrected what was diagnosed."""

    need: str
    diagnosed: str
    on: date
    by: str


class RecommendationMade(Fact, topic="pipeline.recommendation-made.v1"):
    product: str
    need: str
    awareness: str
    on: date
    by: str


class RecommendationAccepted(Fact, topic="pipeline.recommendation-accepted.v1"):
    product: str
    on: date
    by: str


class RecommendationRejected(Fact, topic="pipeline.recommendation-rejected.v1"):
    product: str
    reason: Personal[str]
    on: date
    by: str


class DealWon(Fact, topic="pipeline.deal-won.v1"):
    owner: str
    amount: Money
    won_on: date
    products: tuple[str, ...] = ()
    next_touch_on: date | None = None
    imported: bool = False


class DealLost(Fact, topic="pipeline.deal-lost.v1"):
    owner: str
    reason: Personal[str]
    lost_on: date
    rival: str | None = None
    imported: bool = False


class OpportunityReopened(Fact, topic="pipeline.opportunity-reopened.v1"):
    was: Outcome
    stage: Stage
    on: date
    reason: Personal[str]
    next_touch_on: date | None = None


class FollowUpMissed(Fact, topic="pipeline.follow-up-missed.v2"):
    owner: str
    due_on: date
    in_a_row: int
    level: Literal["owner", "manager"]
    """Who is to know: the owner, after so many in a row the manager as well."""
    watch_on: date | None = None
    """The next due date should nobody touch the customer until then either."""

    @staticmethod
    def upcast_v1_v2(state: dict[str, Any]) -> None:
        """The third one was the manager's, whatever the policy said."""
        state["level"] = "manager" if state["in_a_row"] >= 3 else "owner"


NeedFact = (
    NeedDiagnosed | NeedConfirmed | RecommendationMade | RecommendationAccepted | RecommendationRejected
)

LaterFact = (
    OpportunityAmended
    | OpportunityHandedOver
    | OpportunityLetGo
    | TouchesEnded
    | OpportunityTakenUp
    | CustomerNamed
    | ImportRepeated
    | CallLogged
    | VisitLogged
    | MessageLogged
    | StageAdvanced
    | StageReceded
    | PurchaseProjectDescribed
    | NeedDiagnosed
    | NeedConfirmed
    | RecommendationMade
    | RecommendationAccepted
    | RecommendationRejected
    | DealWon
    | DealLost
    | OpportunityReopened
    | FollowUpMissed
    | GradeChanged
)
"""All but the one that an opportunity begins with."""

OpportunityFact = OpportunityOpened | LaterFact
