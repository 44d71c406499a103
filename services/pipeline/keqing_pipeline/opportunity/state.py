"""An opportunity as its facts have left it."""

import dataclasses
from datetime import date
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from keqing_pipeline.opportunity.contact import Contact
from keqing_pipeline.opportunity.facts import (
    CallLogged,
    CustomerNamed,
    DealLost,
    DealWon,
    FollowUpMissed,
    GradeChanged,
    ImportRepeated,
    MessageLogged,
    NeedConfirmed,
    NeedDiagnosed,
    NeedFact,
    OpportunityAmended,
    OpportunityFact,
    OpportunityHandedOver,
    OpportunityLetGo,
    OpportunityOpened,
    OpportunityReopened,
    OpportunityTakenUp,
    PurchaseProjectDescribed,
    RecommendationAccepted,
    RecommendationMade,
    RecommendationRejected,
    StageAdvanced,
    StageReceded,
    TouchesEnded,
    VisitLogged,
)
from keqing_pipeline.opportunity.grade import Grade
from keqing_pipeline.opportunity.need import Diagnosis, Reply
from keqing_pipeline.opportunity.stage import Outcome, Signal, Stage
from keqing_pipeline.opportunity.touch import promise_after
from keqing_shared.domain import ExternalReference, Money


class Opportunity(Struct, frozen=True, kw_only=True):
    customer_id: UUID | None
    owner: str
    title: str
    amount: Money | None
    expected_close_on: date | None
    interests: tuple[str, ...]
    opened_on: date | None
    stage: Stage
    external: ExternalReference | None
    import_digest: str | None
    source_stage: str | None = None
    """What the list that it was imported from calls its stage, until it moves here."""
    worked_on: bool = False
    """Whether people have moved it on since its row was last imported."""
    stage_since: date | None
    evidence_from: date | None = None
    """The day of the last change of stage; calls and visits of earlier days show nothing for the next."""
    signals: tuple[Signal, ...] = ()
    """Seen in calls and visits since the last change of stage: the evidence for the next."""
    outcome: Outcome = Outcome.OPEN
    won: Money | None = None
    rival: str | None = None
    closed_on: date | None = None
    last_contact_on: date | None = None
    promised_on: date | None = None
    next_touch_on: date | None = None
    watch_on: date | None = None
    """The due date that the clockwork watches: the next touch, or a later one after a miss."""
    missed_in_a_row: int = 0
    first_expected_on: date | None = None
    """When it was expected to close as it was opened."""
    in_pool: bool = False
    forgotten: bool = False
    """The person whom it is about: nobody is touched any more."""
    diagnosis: Diagnosis | None = None
    graded: Grade | None = None
    """As last said; None: as it was opened."""

    @property
    def whose(self) -> UUID | None:
        """The customer's whom it follows; None: nobody's yet."""
        return self.customer_id


def evolve(opportunity: Opportunity | None, fact: OpportunityFact) -> Opportunity | None:
    if isinstance(fact, OpportunityOpened):
        return Opportunity(
            customer_id=fact.customer_id,
            owner=fact.owner,
            title=fact.title,
            amount=fact.amount,
            expected_close_on=fact.expected_close_on,
            interests=fact.interests,
            opened_on=fact.opened_on,
            stage=fact.stage,
            external=fact.external,
            import_digest=fact.import_digest,
            source_stage=fact.source_stage,
            stage_since=fact.opened_on,
            next_touch_on=fact.next_touch_on,
            watch_on=fact.next_touch_on,
            first_expected_on=fact.expected_close_on,
        )
    if opportunity is None:
        return None
    match fact:
        case OpportunityAmended():
            return replace(
                opportunity,
                title=fact.title,
                amount=fact.amount,
                expected_close_on=fact.expected_close_on,
                interests=fact.interests,
                worked_on=True,
            )
        case OpportunityHandedOver(owner=owner):
            return replace(opportunity, owner=owner)
        case OpportunityLetGo(owner=owner):
            return replace(
                opportunity, owner=owner, in_pool=True, next_touch_on=None, watch_on=None, worked_on=True
            )
        case TouchesEnded():
            return replace(opportunity, forgotten=True, promised_on=None, next_touch_on=None, watch_on=None)
        case OpportunityTakenUp(owner=owner, next_touch_on=due):
            return replace(
                opportunity,
                owner=owner,
                in_pool=False,
                promised_on=None,
                next_touch_on=due,
                watch_on=due,
                missed_in_a_row=0,
            )
        case CustomerNamed(customer_id=customer_id):
            return replace(opportunity, customer_id=customer_id)
        case ImportRepeated():
            return replace(
                opportunity,
                import_digest=fact.import_digest,
                source_stage=fact.source_stage,
                opened_on=fact.opened_on,
                next_touch_on=fact.next_touch_on,
                watch_on=opportunity.watch_on  # missed already, perhaps
                if fact.next_touch_on == opportunity.next_touch_on
                else fact.next_touch_on,
                worked_on=False,
            )
        case CallLogged(call=contact) | VisitLogged(visit=contact) | MessageLogged(message=contact):
            latest = opportunity.last_contact_on is None or fact.on >= opportunity.last_contact_on
            on_time = opportunity.next_touch_on is None or fact.on <= opportunity.next_touch_on
            return replace(
                opportunity,
                signals=_evidence(opportunity, fact, contact),
                last_contact_on=fact.on if latest else opportunity.last_contact_on,
                promised_on=promise_after(opportunity.promised_on, fact.on, contact.next_on)
                if latest
                else opportunity.promised_on,
                next_touch_on=fact.next_touch_on,
                watch_on=fact.next_touch_on,
                missed_in_a_row=0 if on_time else opportunity.missed_in_a_row,
                worked_on=True,
            )
        case StageAdvanced(after=stage) | StageReceded(after=stage):
            return replace(
                opportunity,
                stage=stage,
                source_stage=None,
                stage_since=fact.on,
                evidence_from=fact.on,
                signals=(),
                next_touch_on=fact.next_touch_on,
                watch_on=fact.next_touch_on,
                worked_on=True,
            )
        case PurchaseProjectDescribed():
            return replace(opportunity, worked_on=True)
        case (
            NeedDiagnosed()
            | NeedConfirmed()
            | RecommendationMade()
            | RecommendationAccepted()
            | RecommendationRejected()
        ):
            diagnosis = diagnosed(opportunity.diagnosis, fact)
            return replace(opportunity, diagnosis=diagnosis, worked_on=True)
        case DealWon():
            return replace(
                opportunity,
                outcome=Outcome.WON,
                won=fact.amount,
                closed_on=fact.won_on,
                next_touch_on=fact.next_touch_on,
                watch_on=fact.next_touch_on,
                worked_on=opportunity.worked_on or not fact.imported,
            )
        case DealLost():
            return replace(
                opportunity,
                outcome=Outcome.LOST,
                rival=fact.rival,
                closed_on=fact.lost_on,
                promised_on=None,
                next_touch_on=None,
                watch_on=None,
                worked_on=opportunity.worked_on or not fact.imported,
            )
        case OpportunityReopened():
            return replace(
                opportunity,
                outcome=Outcome.OPEN,
                won=None,
                rival=None,
                closed_on=None,
                stage=fact.stage,
                stage_since=fact.on,
                evidence_from=fact.on,
                signals=(),
                next_touch_on=fact.next_touch_on,
                watch_on=fact.next_touch_on,
                missed_in_a_row=0,
                worked_on=True,
            )
        case FollowUpMissed():
            return replace(opportunity, watch_on=fact.watch_on, missed_in_a_row=fact.in_a_row)
        case GradeChanged(after=graded):
            return replace(opportunity, graded=graded)


def _evidence(
    opportunity: Opportunity, fact: CallLogged | VisitLogged | MessageLogged, contact: Contact
) -> tuple[Signal, ...]:
    """Signals seen face to face or heard since the last change; what was only written proves no stage."""
    since = opportunity.evidence_from
    if isinstance(fact, MessageLogged) or (since is not None and fact.on < since):
        return opportunity.signals
    return tuple(dict.fromkeys((*opportunity.signals, *contact.signals)))


def diagnosed(diagnosis: Diagnosis | None, fact: NeedFact) -> Diagnosis | None:
    """For whoever looks at it as well."""
    if isinstance(fact, NeedDiagnosed):
        return Diagnosis(diagnosed=fact.need, need=fact.need, awareness=fact.awareness)
    if diagnosis is None:
        return None
    match fact:
        case NeedConfirmed(need=need):
            return dataclasses.replace(diagnosis, need=need, confirmed=True)
        case RecommendationMade(product=product):
            return dataclasses.replace(diagnosis, recommended=product, reply=Reply.AWAITED)
        case RecommendationAccepted():
            return dataclasses.replace(diagnosis, reply=Reply.ACCEPTED)
        case RecommendationRejected(product=product):
            return dataclasses.replace(
                diagnosis, reply=Reply.REJECTED, rejected=(*diagnosis.rejected, product)
            )
