"""An account as it stands, folded from its facts."""

from dataclasses import replace
from datetime import date
from uuid import UUID, uuid5

import msgspec

from keqing_pipeline.account.facts import (
    AccountAppraised,
    AccountClassed,
    AccountFact,
    AccountFollowed,
    AccountOpened,
    AccountReviewDue,
    AccountReviewed,
    ClassGivenBack,
    ClassTakenOver,
    ComplaintCleared,
    ComplaintMarked,
    CreditHoldCleared,
    CreditHoldMarked,
    DefectionWarned,
    DefectionWarningWithdrawn,
    KeyAccountEnded,
    KeyAccountNamed,
    KeyAccountRestored,
    KeyAccountTakenOver,
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
    KeyEnd,
    KeyStanding,
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
    class_came_with: UUID | None = None
    """The file whose class it is, until classes are computed again."""
    class_before: AbcClass | None = None
    appraisal: Appraisal | None = None
    key_since: date | None = None
    key_came_with: UUID | None = None
    """The file that was the key account before it became part of this one."""
    key_rests: KeyStanding | None = None
    """What it was as a key account, while its file is part of another one's."""
    plan: AccountPlan | None = None
    review_due_on: date | None = None
    review_noted_on: date | None = None
    """The due date that has been told."""
    level: RelationshipLevel | None = None
    warned_on: date | None = None
    followed: UUID | None = None

    @property
    def whose(self) -> UUID:
        """Of whom it holds: its file is part of that one now."""
        return self.followed or self.customer_id

    @property
    def key(self) -> KeyStanding | None:
        """None: it is no key account."""
        if self.key_since is None:
            return None
        return KeyStanding(since=self.key_since, plan=self.plan, review_due_on=self.review_due_on)

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
            return change(account, abc=abc, class_came_with=None, class_before=None)
        case ClassTakenOver(abc=abc, merged=merged, previous=before):
            return change(account, abc=abc, class_came_with=merged, class_before=before)
        case ClassGivenBack(abc=before):
            return change(account, abc=before, class_came_with=None, class_before=None)
        case AccountAppraised(appraisal=appraisal):
            return change(account, appraisal=appraisal)
        case KeyAccountNamed(on=on):
            return change(account, key_since=on, key_came_with=None)
        case KeyAccountEnded(because=because):
            return _ended(account, because)
        case KeyAccountTakenOver(merged=merged, standing=standing):
            return change(_as_key(account, standing), key_came_with=merged)
        case KeyAccountRestored(standing=standing):
            return change(_as_key(account, standing), key_rests=None)
        case AccountFollowed(customer_id=customer_id):
            return change(account, followed=customer_id)
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


def _as_key(account: Account, standing: KeyStanding) -> Account:
    return msgspec.structs.replace(
        account, key_since=standing.since, plan=standing.plan, review_due_on=standing.review_due_on
    )


def _ended(account: Account, because: KeyEnd) -> Account:
    merged = because in (KeyEnd.MERGED, KeyEnd.TAKEN_OVER)
    return msgspec.structs.replace(
        account,
        key_since=None,
        key_came_with=account.key_came_with if merged else None,
        key_rests=account.key if because is KeyEnd.MERGED else None,
        plan=None,
        review_due_on=None,
        review_noted_on=None,
    )


def _without(account: Account, complaint_id: UUID) -> tuple[ComplaintMark, ...]:
    return tuple(mark for mark in account.complaints if mark.complaint_id != complaint_id)
