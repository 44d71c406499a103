"""What happens to an account. Findings, reasons and evidence are in somebody's own words, and so personal."""

from datetime import date
from typing import Any
from uuid import UUID

from keqing_pipeline.account.values import (
    AbcClass,
    AccountPlan,
    Appraisal,
    KeyEnd,
    KeyStanding,
    RelationshipLevel,
    Sign,
    TenderOutcome,
)
from keqing_shared.domain import Fact, Personal


class AccountOpened(Fact, topic="pipeline.account-opened.v1"):
    """There is something to say of the customer as an account for the first time."""

    customer_id: UUID


class ComplaintMarked(Fact, topic="pipeline.complaint-marked.v1"):
    """The service desk has a complaint of the customer's, newly or again."""

    complaint_id: UUID
    opened_on: date


class ComplaintCleared(Fact, topic="pipeline.complaint-cleared.v1"):
    complaint_id: UUID
    on: date


class PaymentLate(Fact, topic="pipeline.payment-late.v1"):
    """At the first threshold heard of; again when a payment was reversed."""

    invoice_id: UUID
    due_on: date


class LatenessEnded(Fact, topic="pipeline.lateness-ended.v1"):
    """Nobody waits for money on this invoice any more: settled, cancelled or written off."""

    invoice_id: UUID


class CreditHoldMarked(Fact, topic="pipeline.credit-hold-marked.v1"):
    on: date


class CreditHoldCleared(Fact, topic="pipeline.credit-hold-cleared.v1"):
    on: date


class TenderOpened(Fact, topic="pipeline.tender-opened.v1"):
    tender_id: UUID
    title: str
    on: date


class TenderDecided(Fact, topic="pipeline.tender-decided.v1"):
    tender_id: UUID
    outcome: TenderOutcome
    on: date


class AccountClassed(Fact, topic="pipeline.account-classed.v1"):
    """Its class is another one now."""

    abc: AbcClass
    as_of: date
    """Purchases of the twelve months up to this day counted."""
    previous: AbcClass | None = None


class ClassTakenOver(Fact, topic="pipeline.class-taken-over.v1"):
    """A file of a better class is part of this one now: what both bought is bought by one."""

    merged: UUID
    abc: AbcClass
    on: date
    previous: AbcClass | None = None


class ClassGivenBack(Fact, topic="pipeline.class-given-back.v1"):
    """That file is one of its own again, and no class was computed meanwhile: the one before stands again."""

    previous: AbcClass
    on: date
    abc: AbcClass | None = None


class AccountAppraised(Fact, topic="pipeline.account-appraised.v1"):
    appraisal: Appraisal
    on: date


class KeyAccountNamed(Fact, topic="pipeline.key-account-named.v1"):
    purchases: int
    on: date


class KeyAccountEnded(Fact, topic="pipeline.key-account-ended.v2"):
    """Since v2 not only by hand: a rule that it no longer keeps ends it, as does a merge."""

    on: date
    because: KeyEnd
    reason: Personal[str | None] = None
    """In the words of whoever ended it by hand."""

    @staticmethod
    def upcast_v1_v2(state: dict[str, Any]) -> None:
        state["because"] = KeyEnd.BY_HAND


class KeyAccountTakenOver(Fact, topic="pipeline.key-account-taken-over.v1"):
    """A file that was a key account is part of this one now, which goes on with its plan."""

    merged: UUID
    standing: KeyStanding
    on: date


class KeyAccountRestored(Fact, topic="pipeline.key-account-restored.v1"):
    """The file is one of its own again, and the key account that it was, with the plan as it is by now."""

    standing: KeyStanding
    on: date


class AccountFollowed(Fact, topic="pipeline.account-followed.v1"):
    """The customer's file was merged into another, or came out of it: of whom what is told here holds."""

    customer_id: UUID
    previous: UUID


class PlanAgreed(Fact, topic="pipeline.account-plan-agreed.v1"):
    plan: AccountPlan
    on: date
    review_due_on: date


class AccountReviewDue(Fact, topic="pipeline.account-review-due.v1"):
    """Once per due date, on that day."""

    due_on: date


class AccountReviewed(Fact, topic="pipeline.account-reviewed.v1"):
    findings: Personal[str]
    on: date
    next_due_on: date


class RelationshipLevelSet(Fact, topic="pipeline.relationship-level-set.v1"):
    level: RelationshipLevel
    evidence: Personal[str]
    on: date
    previous: RelationshipLevel | None = None


class DefectionWarned(Fact, topic="pipeline.defection-warned.v1"):
    """Enough signs came together; said once, until it is withdrawn."""

    signs: tuple[Sign, ...]
    on: date


class DefectionWarningWithdrawn(Fact, topic="pipeline.defection-warning-withdrawn.v1"):
    signs: tuple[Sign, ...]
    """What is left of them."""
    on: date


AccountFact = (
    AccountOpened
    | ComplaintMarked
    | ComplaintCleared
    | PaymentLate
    | LatenessEnded
    | CreditHoldMarked
    | CreditHoldCleared
    | TenderOpened
    | TenderDecided
    | AccountClassed
    | ClassTakenOver
    | ClassGivenBack
    | AccountAppraised
    | KeyAccountNamed
    | KeyAccountEnded
    | KeyAccountTakenOver
    | KeyAccountRestored
    | AccountFollowed
    | PlanAgreed
    | AccountReviewDue
    | AccountReviewed
    | RelationshipLevelSet
    | DefectionWarned
    | DefectionWarningWithdrawn
)
