"""What the others hear of pipeline: codes, amounts and dates, and no word anybody said."""

from typing import Any

from keqing_pipeline.account.facts import (
    AccountClassed,
    AccountReviewDue,
    DefectionWarned,
    DefectionWarningWithdrawn,
    KeyAccountEnded,
    KeyAccountNamed,
    KeyAccountRestored,
    KeyAccountTakenOver,
    RelationshipLevelSet,
)
from keqing_pipeline.care.facts import (
    CareApproved,
    CareCancelled,
    CareDone,
    CareRejected,
    CareRequested,
)
from keqing_pipeline.care.reminder import CareDayAhead
from keqing_pipeline.contact.facts import (
    ContactAdded,
    ContactCovered,
    ContactLeft,
    ContactReturned,
    ContactUncovered,
)
from keqing_pipeline.contact.team import FirstImpressionsNoted, FirstImpressionsOverdue, TeamJoined
from keqing_pipeline.customer.erasure import CustomerErased
from keqing_pipeline.customer.facts import (
    CustomerAmended,
    CustomerMerged,
    CustomerRegistered,
    MergeUndone,
    OwnerChanged,
)
from keqing_pipeline.opportunity.facts import (
    CallLogged,
    CustomerNamed,
    DealLost,
    DealWon,
    FollowUpMissed,
    GradeChanged,
    MessageLogged,
    NeedDiagnosed,
    OpportunityHandedOver,
    OpportunityLetGo,
    OpportunityOpened,
    OpportunityReopened,
    OpportunityTakenUp,
    RecommendationAccepted,
    RecommendationMade,
    RecommendationRejected,
    StageAdvanced,
    StageReceded,
    VisitLogged,
)
from keqing_pipeline.referral.rules import ReferralAsked, ReferralGiven
from keqing_pipeline.tracking.pursuit_facts import (
    ClaimedFromPool,
    CustomerTracked,
    RemovalSuggested,
    RemovedToPool,
    TakenOutOfPool,
    TrackingEnded,
    TrackingPassedOn,
)
from keqing_pipeline.tracking.tracking_list import BandOverfilled
from keqing_pipeline.user import UserAmended, UserDeactivated, UserEnrolled
from keqing_shared.domain import Recorded
from keqing_shared.messaging import Published


def publish(it: Recorded[Any]) -> Published | None:
    """Customers and people always; imported opportunities and outcomes are history, not news."""
    of_customer = _of_directory(it) or _of_contact(it) or _of_account(it.fact) or _of_care(it.fact)
    data = of_customer or _of_opportunity(it) or _of_tracking(it)
    return None if data is None else Published(name=type(it.fact).__name__, data=data)


def _of_directory(it: Recorded[Any]) -> dict[str, Any] | None:
    match it.fact:
        case CustomerRegistered() | CustomerAmended() as fact:
            return {
                "kind": fact.kind,
                "name": fact.name,
                "owner": fact.owner,
                "importance": fact.details.importance,
                "external": [{"system": one.system, "id": one.id} for one in fact.details.external],
            }
        case OwnerChanged(owner=owner, previous=previous):
            return {"owner": owner, "previous": previous}
        case CustomerErased(at=at):
            return {"at": at}
        case CustomerMerged(into=survivor):
            return {"into": survivor}
        case MergeUndone(out_of=survivor):
            return {"out_of": survivor}
        case UserEnrolled() | UserAmended() | UserDeactivated() as fact:
            profile = fact.profile
            return {
                "login": fact.login,
                "name": profile.name,
                "roles": profile.roles,
                "team": profile.team,
                "manager": profile.manager,
                "language": profile.language,
                "active": not isinstance(fact, UserDeactivated),
            }
        case _:
            return None


def _of_contact(it: Recorded[Any]) -> dict[str, Any] | None:
    about = {"contact_id": it.originator_id}
    match it.fact:
        case ContactAdded(profile=profile, came_from=came_from):
            return about | {"roles": profile.roles, "came_from": came_from}
        case ContactCovered(login=login) | ContactUncovered(login=login):
            return about | {"login": login}
        case TeamJoined(login=login, impressions_due_on=due_on):
            return {"login": login, "impressions_due_on": due_on}
        case FirstImpressionsNoted(login=login):
            return {"login": login}
        case FirstImpressionsOverdue(login=login, due_on=due_on):
            return {"login": login, "due_on": due_on}
        case ContactLeft(roles=roles, on=on, moved_to=moved_to):
            return about | {"roles": roles, "on": on, "moved_to": moved_to}
        case ContactReturned(on=on):
            return about | {"on": on}
        case _:
            return None


def _of_opportunity(it: Recorded[Any]) -> dict[str, Any] | None:
    about = {"opportunity_id": it.originator_id}
    match it.fact:
        case OpportunityOpened(import_digest=None) as fact:
            return about | {
                "owner": fact.owner,
                "amount": fact.amount,
                "expected_close_on": fact.expected_close_on,
            }
        case OpportunityHandedOver() | OpportunityLetGo() | OpportunityTakenUp() as fact:
            return about | {"owner": fact.owner, "previous": fact.previous}
        case CustomerNamed():
            return about
        case (CallLogged(call=contact) | VisitLogged(visit=contact) | MessageLogged(message=contact)) as fact:
            return about | {
                "outcome": contact.outcome,
                "effective": contact.outcome.effective,
                "signals": contact.signals,
                "at": fact.at,
                "by": fact.by,
                "next_on": contact.next_on,
            }
        case StageAdvanced(owner=owner) | StageReceded(owner=owner) as fact:
            return about | {"owner": owner, "before": fact.before, "after": fact.after}
        case NeedDiagnosed() | RecommendationMade() as fact:
            told = about | {"need": fact.need, "awareness": fact.awareness, "by": fact.by}
            return told if isinstance(fact, NeedDiagnosed) else told | {"product": fact.product}
        case RecommendationAccepted() | RecommendationRejected() as fact:
            return about | {"product": fact.product, "by": fact.by}
        case DealWon(imported=False) as fact:
            return about | {
                "owner": fact.owner,
                "amount": fact.amount,
                "products": fact.products,
                "won_on": fact.won_on,
            }
        case DealLost(imported=False) as fact:
            return about | {
                "owner": fact.owner,
                "rival": fact.rival,
                "lost_on": fact.lost_on,
            }
        case OpportunityReopened(was=was):
            return about | {"was": was}
        case GradeChanged() as fact:
            return about | {"owner": fact.owner, "before": fact.before, "after": fact.after, "on": fact.on}
        case FollowUpMissed() as fact:
            return about | {
                "owner": fact.owner,
                "due_on": fact.due_on,
                "in_a_row": fact.in_a_row,
                "level": fact.level,
            }
        case _:
            return None


def _of_tracking(it: Recorded[Any]) -> dict[str, Any] | None:
    match it.fact:
        case CustomerTracked() | TrackingEnded() | TakenOutOfPool() as fact:
            return {"owner": fact.owner, "on": fact.on}
        case TrackingPassedOn() | ClaimedFromPool() as fact:
            return {"owner": fact.owner, "previous": fact.previous, "on": fact.on}
        case RemovedToPool() as fact:
            return {"owner": fact.owner, "reason": fact.reason, "on": fact.on, "keeper": fact.keeper}
        case RemovalSuggested() as fact:
            return {"owner": fact.owner, "reason": fact.reason, "contacts": fact.contacts}
        case BandOverfilled() as fact:
            return {"owner": fact.owner, "band": fact.band, "count": fact.count, "capacity": fact.capacity}
        case _:
            return None


def _of_account(fact: Any) -> dict[str, Any] | None:
    match fact:
        case AccountClassed(abc=abc, previous=previous, as_of=as_of):
            return {"abc": abc, "previous": previous, "as_of": as_of}
        case KeyAccountNamed(on=on):
            return {"on": on}
        case KeyAccountEnded(on=on, because=because):
            return {"on": on, "because": because}
        case KeyAccountTakenOver(on=on) | KeyAccountRestored(on=on):
            return {"on": on}
        case AccountReviewDue(due_on=due_on):
            return {"due_on": due_on}
        case RelationshipLevelSet(level=level, previous=previous, on=on):
            return {"level": level, "previous": previous, "on": on}
        case DefectionWarned(signs=signs, on=on) | DefectionWarningWithdrawn(signs=signs, on=on):
            return {"signs": signs, "on": on}
        case ReferralAsked(on=on, by=by):
            return {"on": on, "by": by}
        case ReferralGiven(referred_id=referred_id, on=on, by=by):
            return {"referred_id": referred_id, "on": on, "by": by}
        case _:
            return None


def _of_care(fact: Any) -> dict[str, Any] | None:
    """What is given, and to whom, is nobody else's business."""
    match fact:
        case CareRequested():
            return {
                "request_id": fact.request_id,
                "kind": fact.kind,
                "occasion": fact.occasion,
                "on": fact.on,
                "budget": fact.budget,
                "requested_by": fact.requested_by,
                "approver": fact.approver,
                "led": fact.approver is not None,
            }
        case CareApproved(approved_by=by) | CareRejected(rejected_by=by):
            return {"request_id": fact.request_id, "requested_by": fact.requested_by, "decided_by": by}
        case CareDone(request_id=request_id, cost=cost):
            return {"request_id": request_id, "cost": cost}
        case CareCancelled(request_id=request_id):
            return {"request_id": request_id}
        case CareDayAhead():
            return {
                "owner": fact.owner,
                "on": fact.on,
                "birthdays": fact.birthdays,
                "anniversaries": fact.anniversaries,
                "festivals": fact.festivals,
            }
        case _:
            return None
