"""What is asked and said of the care for a customer's people, in the words of its tests."""

from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from keqing_pipeline.care.commands import ApproveCare, CareCommand, RejectCare, SubmitCare, Surroundings
from keqing_pipeline.care.facts import CareApproved, CareFact, CareRejected, CareRequested
from keqing_pipeline.care.rules import CARE
from keqing_pipeline.care.values import CareKind, CareWish, Occasion
from keqing_pipeline.policy import PipelinePolicy
from keqing_shared.domain import Money, RuleBroken
from keqing_shared.testing import Given, given

CUSTOMER, WANG, ZHOU = UUID(int=1), UUID(int=11), UUID(int=12)
TODAY = date(2026, 3, 2)
"""A Monday."""
CALM = Surroundings(complaint_open=False, tender_open=False)


def yuan(amount: str | int) -> Money:
    return Money(amount=Decimal(amount))


def wish(kind: CareKind = CareKind.GIFT, **members: Any) -> CareWish:
    given_members: dict[str, Any] = {
        "contact_id": WANG,
        "kind": kind,
        "occasion": Occasion.BIRTHDAY,
        "on": date(2026, 3, 10),
        "what": "一盒茶叶",
        "budget": yuan(300),
        **members,
    }
    return CareWish(**given_members)


def submitting(
    wanted: CareWish, number: int = 99, surroundings: Surroundings = CALM, **members: Any
) -> SubmitCare:
    return SubmitCare(
        customer_id=CUSTOMER,
        request_id=UUID(int=number),
        wish=wanted,
        surroundings=surroundings,
        today=TODAY,
        by="li.wei",
        **members,
    )


def requested(number: int, kind: CareKind = CareKind.GIFT, **members: Any) -> CareRequested:
    given_members: dict[str, Any] = {
        "customer_id": CUSTOMER,
        "request_id": UUID(int=number),
        "contact_id": WANG,
        "kind": kind,
        "occasion": Occasion.BIRTHDAY,
        "on": date(2026, 3, 10),
        "what": "一盒茶叶",
        "budget": yuan(300),
        "requested_by": "li.wei",
        **members,
    }
    return CareRequested(**given_members)


def approved(number: int) -> CareApproved:
    return CareApproved(request_id=UUID(int=number), requested_by="li.wei", approved_by="zhou.hong")


def rejected(number: int) -> CareRejected:
    return CareRejected(
        request_id=UUID(int=number), requested_by="li.wei", rejected_by="zhou.hong", reason="太早"
    )


def approving(number: int, by: str = "zhou.hong", surroundings: Surroundings = CALM) -> ApproveCare:
    return ApproveCare(request_id=UUID(int=number), surroundings=surroundings, today=TODAY, by=by)


def care(*facts: CareFact, policy: PipelinePolicy | None = None) -> Given:
    return given(CARE, *facts, policy=policy or PipelinePolicy())


def rejecting(number: int, by: str) -> RejectCare:
    return RejectCare(request_id=UUID(int=number), reason="x", by=by)


def decided(history: list[CareFact], command: CareCommand, policy: PipelinePolicy) -> list[CareFact]:
    """What follows; nothing when a rule refuses."""
    try:
        return given(CARE, *history, policy=policy).when(command).outcome()
    except RuleBroken:
        return []
