"""Care requested, approved or rejected, done or cancelled: who may, and when."""

from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

import msgspec
import pytest

from keqing_pipeline.care import refusals as no
from keqing_pipeline.care.commands import CancelCare, FinishCare, RejectCare
from keqing_pipeline.care.facts import CareCancelled, CareDone, CareFact
from keqing_pipeline.care.policy import CarePolicy
from keqing_pipeline.policy import PipelinePolicy
from keqing_shared.domain import Money
from tests.services.pipeline.care_stream import (
    approved,
    approving,
    care,
    rejected,
    rejecting,
    requested,
    submitting,
    wish,
    yuan,
)


def test_a_gift_within_bounds_is_requested() -> None:
    care().when(submitting(wish(), 1, approver="zhou.hong")).then(requested(1, approver="zhou.hong"))


def test_a_manager_approves_what_the_guards_still_allow() -> None:
    care(requested(1)).when(approving(1)).then(approved(1))
    tight = PipelinePolicy(care=CarePolicy(gift_cap=yuan(299)))
    care(requested(1), policy=tight).when(approving(1)).refused(no.GiftOverCap, cap="299 CNY")
    tight = PipelinePolicy(care=CarePolicy(yearly_cap=yuan(599)))
    care(requested(1), requested(2), policy=tight).when(approving(1)).refused(no.YearlyCapReached)


def test_the_approver_is_never_the_requester() -> None:
    care(requested(1)).when(approving(1, by="li.wei")).refused(no.OwnRequest)
    care(requested(1)).when(RejectCare(request_id=UUID(int=1), reason="x", by="li.wei")).refused(
        no.OwnRequest
    )


@pytest.mark.parametrize("kind", [approving, rejecting])
def test_whoever_asks_is_told_whom_to_ask_to_decide(kind: Any) -> None:
    led = msgspec.structs.replace(kind(1, by="li.wei"), leader="zhou.hong")
    assert care(requested(1)).when(led).refused(no.OwnRequest, leader="zhou.hong").args == ("ask zhou.hong",)
    alone = care(requested(1)).when(kind(1, by="li.wei")).refused(no.OwnRequest)
    assert alone.args == ("nobody leads you: ask an admin",)


@pytest.mark.parametrize("kind", [approving, rejecting])
def test_an_admin_decides_only_for_whom_nobody_leads(kind: Any) -> None:
    admins = msgspec.structs.replace(kind(1, by="root"), admin=True)
    assert len(care(requested(1)).when(admins).outcome()) == 1
    led = msgspec.structs.replace(admins, leader="zhou.hong")
    care(requested(1)).when(led).refused(no.DecidedByLeader, leader="zhou.hong")


def test_a_request_is_rejected_with_a_reason() -> None:
    care(requested(1)).when(RejectCare(request_id=UUID(int=1), reason="太早", by="zhou.hong")).then(
        rejected(1)
    )


@pytest.mark.parametrize("decided", [approved(1), rejected(1)])
def test_a_request_is_decided_upon_once(decided: CareFact) -> None:
    care(requested(1), decided).when(approving(1)).refused(no.AlreadyDecidedUpon)


def finishing(cost: Money, today: date = date(2026, 3, 10)) -> FinishCare:
    return FinishCare(request_id=UUID(int=1), outcome="很高兴", cost=cost, today=today, by="li.wei")


def test_what_was_approved_is_done_with_its_outcome_and_cost() -> None:
    care(requested(1), approved(1)).when(finishing(yuan(280))).then(
        CareDone(request_id=UUID(int=1), outcome="很高兴", cost=yuan(280), done_by="li.wei")
    )


def test_no_more_is_spent_than_was_approved() -> None:
    facts = (requested(1), approved(1))
    care(*facts).when(finishing(yuan("300.01"))).refused(no.CostBeyondBudget)
    care(*facts).when(finishing(Money(amount=Decimal(1), currency="USD"))).refused(no.CurrencyOfCaps)
    care(*facts).when(finishing(yuan(-1))).refused(no.BudgetNegative)


def test_only_what_was_approved_is_carried_out_and_not_before_its_day() -> None:
    care(requested(1)).when(finishing(yuan(1))).refused(no.NotApproved, standing="submitted")
    waiting = requested(1, approver="zhou.hong")
    care(waiting).when(finishing(yuan(1))).refused(no.NotApproved, standing="submitted", approver="zhou.hong")
    care(waiting, rejected(1)).when(finishing(yuan(1))).refused(no.NotApproved, standing="rejected")
    care(requested(1), approved(1)).when(finishing(yuan(1), date(2026, 3, 9))).refused(
        no.NotYetDue, day="2026-03-10"
    )


def test_a_request_is_cancelled_by_whoever_made_it_or_a_manager() -> None:
    def cancelling(by: str, leads: bool = False) -> CancelCare:
        return CancelCare(request_id=UUID(int=1), reason="改期", by=by, leads=leads)

    care(requested(1)).when(cancelling("zhao.min")).refused(no.NotYourRequest)
    for facts in ((requested(1),), (requested(1), approved(1))):
        for by, leads in (("li.wei", False), ("zhou.hong", True)):
            care(*facts).when(cancelling(by, leads)).then(
                CareCancelled(request_id=UUID(int=1), reason="改期", cancelled_by=by)
            )
    care(requested(1), rejected(1)).when(cancelling("li.wei")).refused(no.CareOver, standing="rejected")


def test_a_request_that_was_never_made_is_unknown() -> None:
    care().when(approving(1)).refused(no.CareUnknown)
    care(requested(2)).when(approving(1)).refused(no.CareUnknown)
