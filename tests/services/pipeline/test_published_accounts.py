"""What the others hear of accounts, care and referrals: no gift, no name, no word anybody said."""

from datetime import date
from decimal import Decimal
from uuid import UUID

import pytest

from keqing_pipeline.account.facts import (
    AccountAppraised,
    AccountClassed,
    AccountOpened,
    AccountReviewDue,
    AccountReviewed,
    ComplaintMarked,
    DefectionWarned,
    DefectionWarningWithdrawn,
    KeyAccountEnded,
    KeyAccountNamed,
    KeyAccountRestored,
    KeyAccountTakenOver,
    PaymentLate,
    RelationshipLevelSet,
    TenderOpened,
)
from keqing_pipeline.account.payment import PaymentCounted
from keqing_pipeline.account.values import (
    AbcClass,
    Appraisal,
    KeyEnd,
    KeyStanding,
    RelationshipLevel,
    Sign,
)
from keqing_pipeline.care.facts import CareApproved, CareCancelled, CareDone, CareRejected, CareRequested
from keqing_pipeline.care.reminder import CareDayAhead
from keqing_pipeline.care.values import CareKind, Occasion
from keqing_pipeline.customer.man import Known
from keqing_pipeline.referral.rules import CustomerReferred, ReferralAsked, ReferralGiven
from keqing_shared.domain import Fact, Money
from tests.services.pipeline.test_published import told

CUSTOMER, THING, DAY = UUID(int=1), UUID(int=2), date(2026, 3, 2)
YUAN = Money(amount=Decimal("300.50"))
TOLD_YUAN = {"amount": "300.50", "currency": "CNY"}
SECRET = "她喜欢龙井"


@pytest.mark.parametrize(
    ("fact", "data"),
    [
        (
            AccountClassed(abc=AbcClass.A, as_of=DAY, previous=AbcClass.B),
            {"abc": "A", "previous": "B", "as_of": "2026-03-02"},
        ),
        (KeyAccountNamed(purchases=3, on=DAY), {"on": "2026-03-02"}),
        (
            KeyAccountTakenOver(merged=CUSTOMER, standing=KeyStanding(since=DAY), on=DAY),
            {"on": "2026-03-02"},
        ),
        (KeyAccountRestored(standing=KeyStanding(since=DAY), on=DAY), {"on": "2026-03-02"}),
        (
            KeyAccountEnded(reason=SECRET, on=DAY, because=KeyEnd.BY_HAND),
            {"on": "2026-03-02", "because": "by_hand"},
        ),
        (AccountReviewDue(due_on=DAY), {"due_on": "2026-03-02"}),
        (
            RelationshipLevelSet(level=RelationshipLevel.SUMMIT, evidence=SECRET, on=DAY),
            {"level": "summit", "previous": None, "on": "2026-03-02"},
        ),
        (
            DefectionWarned(signs=(Sign.COMPLAINT, Sign.CONTACT_GAP), on=DAY),
            {"signs": ["complaint", "contact_gap"], "on": "2026-03-02"},
        ),
        (DefectionWarningWithdrawn(signs=(), on=DAY), {"signs": [], "on": "2026-03-02"}),
        (
            CareRequested(
                customer_id=CUSTOMER,
                request_id=THING,
                contact_id=THING,
                kind=CareKind.GIFT,
                occasion=Occasion.BIRTHDAY,
                on=DAY,
                what=SECRET,
                budget=YUAN,
                requested_by="li.wei",
                approver="zhou.hong",
                executive_reason=SECRET,
                notes=SECRET,
            ),
            {
                "request_id": str(THING),
                "kind": "gift",
                "occasion": "birthday",
                "on": "2026-03-02",
                "budget": TOLD_YUAN,
                "requested_by": "li.wei",
                "approver": "zhou.hong",
                "led": True,
            },
        ),
        (
            CareApproved(request_id=THING, requested_by="li.wei", approved_by="zhou.hong"),
            {"request_id": str(THING), "requested_by": "li.wei", "decided_by": "zhou.hong"},
        ),
        (
            CareRejected(request_id=THING, requested_by="li.wei", rejected_by="zhou.hong", reason=SECRET),
            {"request_id": str(THING), "requested_by": "li.wei", "decided_by": "zhou.hong"},
        ),
        (
            CareDone(request_id=THING, outcome=SECRET, cost=YUAN, done_by="li.wei"),
            {"request_id": str(THING), "cost": TOLD_YUAN},
        ),
        (
            CareCancelled(request_id=THING, reason=SECRET, cancelled_by="li.wei"),
            {"request_id": str(THING)},
        ),
        (
            CareDayAhead(owner="li.wei", on=DAY, birthdays=2, anniversaries=1, festivals=("qixi",)),
            {
                "owner": "li.wei",
                "on": "2026-03-02",
                "birthdays": 2,
                "anniversaries": 1,
                "festivals": ["qixi"],
            },
        ),
        (
            ReferralAsked(customer_id=CUSTOMER, on=DAY, by="li.wei", note=SECRET),
            {"on": "2026-03-02", "by": "li.wei"},
        ),
        (
            ReferralGiven(customer_id=CUSTOMER, referred_id=THING, on=DAY, by="li.wei", note=SECRET),
            {"referred_id": str(THING), "on": "2026-03-02", "by": "li.wei"},
        ),
    ],
    ids=lambda it: type(it).__name__ if isinstance(it, Fact) else "",
)
def test_what_is_told(fact: Fact, data: dict[str, object]) -> None:
    assert told(fact) == (type(fact).__name__, data)
    assert SECRET not in str(told(fact))


@pytest.mark.parametrize(
    "fact",
    [
        AccountOpened(customer_id=CUSTOMER),
        ComplaintMarked(complaint_id=THING, opened_on=DAY),
        PaymentLate(invoice_id=THING, due_on=DAY),
        PaymentCounted(customer_id=CUSTOMER, amount=YUAN, on=DAY),
        TenderOpened(tender_id=THING, title="泵站", on=DAY),
        AccountAppraised(
            appraisal=Appraisal(profitable=Known.YES, squeezing=Known.NO, evidence=SECRET), on=DAY
        ),
        AccountReviewed(findings=SECRET, on=DAY, next_due_on=DAY),
        CustomerReferred(customer_id=CUSTOMER, referrer_id=THING, on=DAY),
    ],
    ids=lambda it: type(it).__name__,
)
def test_what_others_told_or_nobody_needs_is_not_told(fact: Fact) -> None:
    assert told(fact) is None
