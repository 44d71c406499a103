"""Care requested, approved or rejected, done or cancelled: one stream per customer.

Every bound on care, per person as per customer, is decided in this one stream: two requests at once meet
in it, and the second is decided upon what the first has left.
"""

from dataclasses import replace
from typing import Any, get_args
from uuid import UUID, uuid5

import msgspec

from keqing_pipeline.care import refusals as no
from keqing_pipeline.care.commands import (
    ApproveCare,
    CancelCare,
    CareCommand,
    FinishCare,
    RejectCare,
    SubmitCare,
)
from keqing_pipeline.care.facts import (
    CareApproved,
    CareCancelled,
    CareDone,
    CareFact,
    CareFollowed,
    CareRejected,
    CareRequested,
)
from keqing_pipeline.care.guards import check_bounds, check_wish, says_top_executive
from keqing_pipeline.care.values import CareRequest, CareStatus
from keqing_pipeline.customer.commands import FollowCustomer
from keqing_pipeline.policy import PipelinePolicy
from keqing_shared.domain import Aggregate, MergedAway

_FILES = UUID("0f4f3d67-5f0c-5a51-9f0b-7c1c2d7b9e55")


def care_of(customer_id: UUID) -> UUID:
    """The id of the stream of all care for the customer's people."""
    return uuid5(_FILES, str(customer_id))


class Care(msgspec.Struct, frozen=True, kw_only=True):
    customer_id: UUID
    """The file at which it was asked for."""
    requests: tuple[CareRequest, ...] = ()
    followed: UUID | None = None

    @property
    def whose(self) -> UUID:
        """With whose care it counts: its file is part of that one now."""
        return self.followed or self.customer_id

    def request(self, request_id: UUID) -> CareRequest:
        """Raises CareUnknown."""
        for request in self.requests:
            if request.request_id == request_id:
                return request
        raise no.CareUnknown


def decide(command: CareCommand, care: Care | None, policy: PipelinePolicy) -> list[CareFact]:
    if isinstance(command, SubmitCare):
        return _requested(command, care, policy)
    if isinstance(command, FollowCustomer):
        if care is None or command.customer_id == care.whose:
            return []
        return [CareFollowed(customer_id=command.customer_id, previous=care.whose)]
    if care is None:
        raise no.CareUnknown
    request = care.request(command.request_id)
    match command:
        case ApproveCare(by=by, surroundings=surroundings, today=today):
            _check_decidable(request, command)
            others = [other for other in care.requests if other.request_id != request.request_id]
            check_bounds(request, others, surroundings, today, policy.care)
            return [
                CareApproved(request_id=request.request_id, requested_by=request.requested_by, approved_by=by)
            ]
        case RejectCare(by=by, reason=reason):
            _check_decidable(request, command)
            return [
                CareRejected(
                    request_id=request.request_id,
                    requested_by=request.requested_by,
                    rejected_by=by,
                    reason=reason,
                )
            ]
        case FinishCare():
            return [_done(command, request)]
        case CancelCare(by=by, reason=reason, leads=leads):
            if request.status not in (CareStatus.SUBMITTED, CareStatus.APPROVED):
                raise no.CareOver("it is {standing}: ask for another", standing=request.status)
            if by != request.requested_by and not leads:
                raise no.NotYourRequest("ask {requester}", requester=request.requested_by)
            return [CareCancelled(request_id=request.request_id, reason=reason, cancelled_by=by)]


def _requested(command: SubmitCare, care: Care | None, policy: PipelinePolicy) -> list[CareFact]:
    wish = command.wish
    top_executive = command.top_executive or says_top_executive(command.title, policy.care)
    check_wish(wish, top_executive, policy.care)
    request = CareRequest(
        request_id=command.request_id,
        contact_id=wish.contact_id,
        kind=wish.kind,
        on=wish.on,
        spent=wish.budget,
        requested_by=command.by,
    )
    if care is not None and care.whose != command.customer_id:
        raise MergedAway("it is part of {survivor} now", survivor=str(care.whose))
    others = care.requests if care else ()
    if any(other.request_id == request.request_id for other in others):
        return []
    check_bounds(request, others, command.surroundings, command.today, policy.care)
    return [
        CareRequested(
            customer_id=command.customer_id,
            request_id=command.request_id,
            contact_id=wish.contact_id,
            kind=wish.kind,
            occasion=wish.occasion,
            on=wish.on,
            what=wish.what,
            budget=wish.budget,
            requested_by=command.by,
            approver=command.approver,
            festival=wish.festival,
            top_executive=top_executive,
            executive_reason=wish.executive_reason,
            notes=wish.notes,
        )
    ]


def _check_decidable(request: CareRequest, command: ApproveCare | RejectCare) -> None:
    if request.status is not CareStatus.SUBMITTED:
        raise no.AlreadyDecidedUpon("it is {standing}", standing=request.status)
    if command.by == request.requested_by:
        if command.leader is None:
            raise no.OwnRequest("nobody leads you: ask an admin")
        raise no.OwnRequest("ask {leader}", leader=command.leader)
    if command.admin and command.leader is not None:
        raise no.DecidedByLeader("ask {leader}", leader=command.leader)


def _done(command: FinishCare, request: CareRequest) -> CareDone:
    if request.status is not CareStatus.APPROVED:
        raise _not_approved(request)
    if command.today < request.on:
        raise no.NotYetDue("its day is {day}", day=request.on.isoformat())
    if command.cost.amount < 0:
        raise no.BudgetNegative(field="cost")
    if command.cost.currency != request.spent.currency:
        raise no.CurrencyOfCaps("say it in {currency}", field="cost", currency=request.spent.currency)
    if command.cost > request.spent:
        raise no.CostBeyondBudget(
            "{approved} {currency} was approved",
            field="cost",
            approved=str(request.spent.amount),
            currency=request.spent.currency,
        )
    return CareDone(
        request_id=request.request_id, outcome=command.outcome, cost=command.cost, done_by=command.by
    )


def _not_approved(request: CareRequest) -> no.NotApproved:
    standing, approver = request.status, request.approver
    if standing is not CareStatus.SUBMITTED:
        return no.NotApproved("it is {standing}: ask for another", standing=standing)
    if approver is None:
        return no.NotApproved("it is {standing}: an admin approves it first", standing=standing)
    return no.NotApproved(
        "it is {standing}: {approver} approves it first", standing=standing, approver=approver
    )


def evolve(care: Care | None, fact: CareFact) -> Care | None:
    match fact:
        case CareRequested(customer_id=customer_id):
            request = CareRequest(
                request_id=fact.request_id,
                contact_id=fact.contact_id,
                kind=fact.kind,
                on=fact.on,
                spent=fact.budget,
                requested_by=fact.requested_by,
                approver=fact.approver,
            )
            known = care or Care(customer_id=customer_id)
            return msgspec.structs.replace(known, requests=(*known.requests, request))
        case CareApproved(request_id=id):
            return _with(care, id, status=CareStatus.APPROVED)
        case CareRejected(request_id=id):
            return _with(care, id, status=CareStatus.REJECTED)
        case CareDone(request_id=id, cost=cost):
            return _with(care, id, status=CareStatus.DONE, spent=cost)
        case CareCancelled(request_id=id):
            return _with(care, id, status=CareStatus.CANCELLED)
        case CareFollowed(customer_id=customer_id):
            return care and msgspec.structs.replace(care, followed=customer_id)


def _with(care: Care | None, request_id: UUID, **changes: Any) -> Care | None:
    if care is None:
        return None
    requests = tuple(
        replace(request, **changes) if request.request_id == request_id else request
        for request in care.requests
    )
    return msgspec.structs.replace(care, requests=requests)


def _customer(care_id: UUID, care: Care) -> UUID:
    return care.customer_id


CARE: Aggregate[Care] = Aggregate(
    name="care",
    facts=get_args(CareFact),
    decide=decide,
    evolve=evolve,
    customer_of=_customer,
    state=Care,
)
