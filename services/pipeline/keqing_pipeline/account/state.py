"""An account as it stands, folded from its facts."""

from dataclasses import replace
from datetime import date
from uuid import UUID, uuid5

import msgspec

from keqing_pipeline.account.facts import (
    AccountAppraised,
    AccountClassed,
    AccountFact,
    AccountOpened,
    AccountReviewDue,
    AccountReviewed,
    ComplaintCleared,
    ComplaintMarked,
    CreditHoldCleared,
    CreditHoldMarked,
    DefectionWarned,
    DefectionWarningWithdrawn,
    KeyAccountEnded,
    KeyAccountNamed,
    LatenessEnded,
    PaymentLate,
    PlanAgreed,
    RelationshipLevelSet,
    TenderDecided,
    TenderOpened,
)
from keqing_pipeline.account.values import (
    AbcClass,
    AccountPlan,
    Appraisal,
    ComplaintMark,
    LateMark,
    RelationshipLevel,
)

_ACCOUNTS = UUID("b6a2f3f0-1d0c-5c54-8f0e-52f5a1a7f3c1")


def account_of(customer_id: UUID) -> UUID:
    """The id of the customer's one account."""
    return uuid5(_ACCOUNTS, str(customer_id))


class Account(msgspec.Struct, frozen=True, kw_only=True):
    customer_id: UUID
    complaints: tuple[ComplaintMark, ...] = ()
    late: tuple[LateMark, ...] = ()
    """Invoices whose payment is or was late."""
    credit_held: bool = False
    tenders: tuple[UUID, ...] = ()
    """Those that are open."""
    abc: AbcClass | None = None
    appraisal: Appraisal | None = None
    key_since: date | None = None
    plan: AccountPlan | None = None
    review_due_on: date | None = None
    review_noted_on: date | None = None
    """The due date that has been told."""
    level: RelationshipLevel | None = None
    warned_on: date | None = None

    def late_mark(self, invoice_id: UUID) -> LateMark | None:
        return next((mark for mark in self.late if mark.invoice_id == invoice_id), None)

    @property
    def complaint_open(self) -> bool:
        return any(mark.open for mark in self.complaints)


def evolve(account: Account | None, fact: AccountFact) -> Account | None:
    if isinstance(fact, AccountOpened):
        return Account(customer_id=fact.customer_id)
    if account is None:
        return None
    change = msgspec.structs.replace
    match fact:
        case ComplaintMarked(complaint_id=id, opened_on=on):
            mark = ComplaintMark(complaint_id=id, opened_on=on)
            return change(account, complaints=(*_without(account, id), mark))
        case ComplaintCleared(complaint_id=id):
            closed = tuple(
                replace(mark, open=False) if mark.complaint_id == id else mark for mark in account.complaints
            )
            return change(account, complaints=closed)
        case PaymentLate(invoice_id=id, due_on=due_on):
            others = tuple(mark for mark in account.late if mark.invoice_id != id)
            return change(account, late=(*others, LateMark(invoice_id=id, due_on=due_on)))
        case LatenessEnded(invoice_id=id):
            ended = tuple(
                replace(mark, late=False) if mark.invoice_id == id else mark for mark in account.late
            )
            return change(account, late=ended)
        case CreditHoldMarked() | CreditHoldCleared():
            return change(account, credit_held=isinstance(fact, CreditHoldMarked))
        case TenderOpened(tender_id=id):
            return change(account, tenders=(*account.tenders, id))
        case TenderDecided(tender_id=id):
            return change(account, tenders=tuple(tender for tender in account.tenders if tender != id))
        case AccountClassed(abc=abc):
            return change(account, abc=abc)
        case AccountAppraised(appraisal=appraisal):
            return change(account, appraisal=appraisal)
        case KeyAccountNamed(on=on):
            return change(account, key_since=on)
        case KeyAccountEnded():
            return change(account, key_since=None, plan=None, review_due_on=None, review_noted_on=None)
        case PlanAgreed(plan=plan, review_due_on=due_on):
            return change(account, plan=plan, review_due_on=due_on)
        case AccountReviewDue(due_on=due_on):
            return change(account, review_noted_on=due_on)
        case AccountReviewed(next_due_on=due_on):
            return change(account, review_due_on=due_on)
        case RelationshipLevelSet(level=level):
            return change(account, level=level)
        case DefectionWarned(on=on):
            return change(account, warned_on=on)
        case DefectionWarningWithdrawn():
            return change(account, warned_on=None)


def _without(account: Account, complaint_id: UUID) -> tuple[ComplaintMark, ...]:
    return tuple(mark for mark in account.complaints if mark.complaint_id != complaint_id)
