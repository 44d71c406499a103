"""Who pursues a customer: somebody by their list, or nobody while it lies in the open pool."""

from datetime import date, timedelta
from enum import StrEnum
from typing import get_args
from uuid import NAMESPACE_URL, UUID, uuid5

from msgspec import Struct
from msgspec.structs import replace

from keqing_pipeline.policy import PipelinePolicy
from keqing_pipeline.tracking import refusals as no
from keqing_pipeline.tracking.pursuit_commands import (
    ClaimFromPool,
    EndTracking,
    JoinOpportunity,
    PartOpportunity,
    PassOn,
    PursuitCommand,
    RemoveToPool,
    SuggestRemoval,
    TrackCustomer,
)
from keqing_pipeline.tracking.pursuit_facts import (
    ClaimedFromPool,
    CustomerTracked,
    OpportunityJoined,
    OpportunityParted,
    PursuitFact,
    RemovalSuggested,
    RemovedToPool,
    TakenOutOfPool,
    TrackingEnded,
    TrackingPassedOn,
)
from keqing_pipeline.tracking.removal import Effort, RemovalReason, RemovalSigns, suggested_by
from keqing_shared.domain import Aggregate


class Standing(StrEnum):
    TRACKED = "tracked"
    POOLED = "pooled"
    NEITHER = "neither"


class Pursuit(Struct, frozen=True, kw_only=True):
    customer_id: UUID
    standing: Standing
    owner: str
    """Who tracks it; in the pool, who keeps it."""
    opportunities: tuple[UUID, ...] = ()
    suggested: tuple[RemovalReason, ...] = ()
    """Since it was put on this list."""
    given_up_by: str | None = None
    given_up_on: date | None = None


def pursuit_id(customer_id: UUID) -> UUID:
    return uuid5(NAMESPACE_URL, f"keqing:pursuit:{customer_id}")


def claimable_on(given_up_on: date, given_up_by: str, by: str, manages: bool, policy: PipelinePolicy) -> date:
    """From which day on this person may claim it."""
    rules = policy.open_pool
    cool = given_up_on + timedelta(days=0 if manages else rules.cooling_days)
    if by != given_up_by:
        return cool
    return max(cool, given_up_on + timedelta(days=rules.previous_owner_waits_days))


def decide(command: PursuitCommand, pursuit: Pursuit | None, policy: PipelinePolicy) -> list[PursuitFact]:
    match command:
        case TrackCustomer():
            return _tracked(command, pursuit, policy)
        case ClaimFromPool():
            return [_claimed(command, pursuit, policy)]
        case RemoveToPool():
            return [_removed(command, pursuit, policy)]
    if pursuit is None:
        return []
    match command, pursuit.standing:
        case JoinOpportunity(opportunity_id=id), Standing.TRACKED if id not in pursuit.opportunities:
            return [OpportunityJoined(opportunity_id=id)]
        case PartOpportunity(opportunity_id=id), _ if id in pursuit.opportunities:
            return [OpportunityParted(opportunity_id=id)]
        case PassOn(owner=owner, at=at), Standing.TRACKED if owner != pursuit.owner:
            return [TrackingPassedOn(owner=owner, previous=pursuit.owner, on=policy.day_of(at))]
        case PassOn(owner=owner, at=at), Standing.POOLED if owner != pursuit.owner:
            return [TakenOutOfPool(owner=owner, on=policy.day_of(at))]
        case EndTracking(at=at), Standing.TRACKED | Standing.POOLED:
            return [TrackingEnded(owner=pursuit.owner, on=policy.day_of(at))]
        case SuggestRemoval(effort=effort), Standing.TRACKED:
            return [
                RemovalSuggested(owner=pursuit.owner, reason=reason, contacts=effort.contacts)
                for reason in suggested_by(effort, policy.removal_signs)
                if reason not in pursuit.suggested
            ]
    return []


def _tracked(command: TrackCustomer, pursuit: Pursuit | None, policy: PipelinePolicy) -> list[PursuitFact]:
    if pursuit is not None and pursuit.standing is Standing.POOLED:
        raise no.InOpenPool("claim it from the open pool")
    if pursuit is not None and pursuit.standing is Standing.TRACKED:
        if pursuit.owner == command.owner:
            return []
        raise no.TrackedAlready("{owner} tracks it; have the customer handed over", owner=pursuit.owner)
    return [
        CustomerTracked(
            customer_id=command.customer_id,
            owner=command.owner,
            on=policy.day_of(command.at),
            opportunities=command.opportunities,
        )
    ]


def _removed(command: RemoveToPool, pursuit: Pursuit | None, policy: PipelinePolicy) -> RemovedToPool:
    if pursuit is None or pursuit.standing is not Standing.TRACKED:
        raise no.NotTracked("only a tracked customer is given up to the open pool")
    if command.reason is RemovalReason.OTHER and not (command.note or "").strip():
        raise no.RemovalUnexplained("say in the note why it is given up", field="note")
    _check_shown(command.reason, command.effort, policy.removal_signs)
    return RemovedToPool(
        owner=pursuit.owner,
        reason=command.reason,
        on=policy.day_of(command.at),
        keeper=command.keeper,
        note=command.note,
    )


def _check_shown(reason: RemovalReason, effort: Effort, signs: RemovalSigns) -> None:
    """Two reasons are known from the effort itself."""
    if reason in suggested_by(effort, signs):
        return
    if reason is RemovalReason.STAGNANT:
        raise no.RemovalNotShown(
            "stagnant means {needed} contacts since the last rise (so far: {contacts}) and no objection heard"
            " in them; go on, or give another reason",
            field="reason",
            needed=signs.stagnant_after_contacts,
            contacts=effort.contacts_since_rise,
        )
    if reason is RemovalReason.UNREACHABLE:
        raise no.RemovalNotShown(
            "unreachable means {needed} contacts (so far: {contacts}) and none of them with who decides; go"
            " on, or give another reason",
            field="reason",
            needed=signs.unreachable_after_contacts,
            contacts=effort.contacts,
        )


def _claimed(command: ClaimFromPool, pursuit: Pursuit | None, policy: PipelinePolicy) -> ClaimedFromPool:
    if pursuit is None:
        raise no.PoolCardUnknown
    if pursuit.standing is not Standing.POOLED or pursuit.given_up_on is None or pursuit.given_up_by is None:
        raise no.ClaimedBySomebodyElse("look for another in the open pool")
    today, by = policy.day_of(command.at), command.by
    free_on = claimable_on(pursuit.given_up_on, pursuit.given_up_by, by, command.manages, policy)
    if today < free_on:
        if by == pursuit.given_up_by:
            raise no.PreviousOwnerWaits("you may take it back from {free_on} on", free_on=free_on.isoformat())
        raise no.CoolingOff(
            "it may be claimed from {free_on} on, by a manager at once", free_on=free_on.isoformat()
        )
    return ClaimedFromPool(owner=by, previous=pursuit.given_up_by, on=today)


def evolve(pursuit: Pursuit | None, fact: PursuitFact) -> Pursuit | None:
    if isinstance(fact, CustomerTracked):
        return Pursuit(
            customer_id=fact.customer_id,
            standing=Standing.TRACKED,
            owner=fact.owner,
            opportunities=fact.opportunities,
        )
    if pursuit is None:
        return None
    match fact:
        case OpportunityJoined(opportunity_id=id):
            return replace(pursuit, opportunities=(*pursuit.opportunities, id))
        case OpportunityParted(opportunity_id=id):
            return replace(pursuit, opportunities=tuple(one for one in pursuit.opportunities if one != id))
        case TrackingPassedOn(owner=owner):
            return replace(pursuit, owner=owner, suggested=())
        case TrackingEnded() | TakenOutOfPool():
            return replace(pursuit, owner=fact.owner, standing=Standing.NEITHER)
        case RemovalSuggested(reason=reason):
            return replace(pursuit, suggested=(*pursuit.suggested, reason))
        case RemovedToPool(owner=owner, keeper=keeper, on=on):
            return replace(pursuit, standing=Standing.POOLED, owner=keeper, given_up_by=owner, given_up_on=on)
        case ClaimedFromPool(owner=owner):
            return replace(pursuit, standing=Standing.TRACKED, owner=owner, suggested=())


def _of_the_customer(id: UUID, pursuit: Pursuit) -> UUID:
    return pursuit.customer_id


PURSUIT: Aggregate[Pursuit] = Aggregate(
    name="pursuit",
    facts=get_args(PursuitFact),
    decide=decide,
    evolve=evolve,
    customer_of=_of_the_customer,
    state=Pursuit,
)
