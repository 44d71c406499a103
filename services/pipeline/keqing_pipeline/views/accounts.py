"""Accounts: class, relationship, what warns, and the plans of key accounts."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

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
from keqing_pipeline.account.payment import PaymentCounted, PaymentFact
from keqing_pipeline.account.values import (
    AbcClass,
    AccountPlan,
    Appraisal,
    ComplaintMark,
    RelationshipLevel,
    Sign,
)
from keqing_pipeline.customer.facts import CustomerMerged
from keqing_pipeline.views.parts import parts_of
from keqing_shared.domain import Money, Personal, Recorded, value
from keqing_shared.views import Index, Rows, Table, View


@value
class LatePayment:
    invoice_id: UUID
    due_on: date


@value
class Tender:
    tender_id: UUID
    title: str
    opened_on: date


@value
class AccountRow:
    """What there is to say of a customer as an account."""

    customer_id: UUID
    abc: AbcClass | None = None
    level: RelationshipLevel | None = None
    level_evidence: Personal[str | None] = None
    appraisal: Appraisal | None = None
    key_since: date | None = None
    plan: AccountPlan | None = None
    review_due_on: date | None = None
    reviewed_on: date | None = None
    review_findings: Personal[str | None] = None
    complaints: tuple[ComplaintMark, ...] = ()
    late_payments: tuple[LatePayment, ...] = ()
    credit_held: bool = False
    tenders: tuple[Tender, ...] = ()
    """Those that are open."""
    warned_on: date | None = None
    signs: tuple[Sign, ...] = ()
    """Those that the warning named."""
    paid: tuple[Money, ...] = ()
    """What collections has received, by currency, without what went back."""


ACCOUNTS = Table(
    "account",
    AccountRow,
    key=("customer_id",),
    indexes=(
        Index(("customer_id",), where="key_since IS NOT NULL"),
        Index(("customer_id",), where="warned_on IS NOT NULL"),
        Index(("abc", "customer_id"), where="abc IS NOT NULL"),
        Index(("level", "customer_id"), where="level IS NOT NULL"),
        Index(("review_due_on",), where="review_due_on IS NOT NULL"),
    ),
)


class Accounts(View):
    name = "accounts"
    version = 2
    tables = (ACCOUNTS,)

    def touches(self, it: Recorded[Any]) -> Iterable[tuple[Any, ...]]:
        if isinstance(it.fact, AccountFact | PaymentFact) and it.customer_id is not None:
            yield ACCOUNTS, it.customer_id
        elif isinstance(it.fact, CustomerMerged):
            yield ACCOUNTS, it.originator_id
            yield ACCOUNTS, it.fact.into

    def project(self, it: Recorded[Any], rows: Rows) -> None:
        if isinstance(it.fact, CustomerMerged):
            _merged(it.originator_id, it.fact.into, rows)
        if not isinstance(it.fact, AccountFact | PaymentFact) or it.customer_id is None:
            return
        row = rows.get(ACCOUNTS, it.customer_id) or AccountRow(customer_id=it.customer_id)
        if isinstance(it.fact, PaymentFact):
            rows.put(ACCOUNTS, replace(row, paid=_paid(row.paid, it.fact)))
        else:
            rows.put(ACCOUNTS, _changed(row, it.fact))


def _merged(customer_id: UUID, into: UUID, rows: Rows) -> None:
    """Whatever is told of the one holds of the other, which is in the list for it."""
    if rows.get(ACCOUNTS, customer_id) is not None and rows.get(ACCOUNTS, into) is None:
        rows.put(ACCOUNTS, AccountRow(customer_id=into))


def _changed(row: AccountRow, fact: AccountFact) -> AccountRow:
    match fact:
        case AccountOpened() | AccountFollowed():
            return row
        case ComplaintMarked(complaint_id=id, opened_on=on):
            others = tuple(mark for mark in row.complaints if mark.complaint_id != id)
            return replace(row, complaints=(*others, ComplaintMark(complaint_id=id, opened_on=on)))
        case ComplaintCleared(complaint_id=id):
            marks = (
                replace(mark, open=False) if mark.complaint_id == id else mark for mark in row.complaints
            )
            return replace(row, complaints=tuple(marks))
        case PaymentLate(invoice_id=id, due_on=due_on):
            return replace(row, late_payments=(*row.late_payments, LatePayment(invoice_id=id, due_on=due_on)))
        case LatenessEnded(invoice_id=id):
            left = tuple(late for late in row.late_payments if late.invoice_id != id)
            return replace(row, late_payments=left)
        case CreditHoldMarked() | CreditHoldCleared():
            return replace(row, credit_held=isinstance(fact, CreditHoldMarked))
        case TenderOpened(tender_id=id, title=title, on=on):
            return replace(row, tenders=(*row.tenders, Tender(tender_id=id, title=title, opened_on=on)))
        case TenderDecided(tender_id=id):
            return replace(row, tenders=tuple(tender for tender in row.tenders if tender.tender_id != id))
        case AccountClassed() | ClassTakenOver() | ClassGivenBack():
            return replace(row, abc=fact.abc)
        case AccountAppraised(appraisal=appraisal):
            return replace(row, appraisal=appraisal)
        case KeyAccountNamed(on=on):
            return replace(row, key_since=on)
        case KeyAccountEnded():
            return replace(row, key_since=None, plan=None, review_due_on=None)
        case KeyAccountTakenOver(standing=standing) | KeyAccountRestored(standing=standing):
            since, next_due_on = standing.since, standing.review_due_on
            return replace(row, key_since=since, plan=standing.plan, review_due_on=next_due_on)
        case PlanAgreed(plan=plan, review_due_on=due_on):
            return replace(row, plan=plan, review_due_on=due_on)
        case AccountReviewDue():
            return row
        case AccountReviewed(findings=findings, on=on, next_due_on=due_on):
            return replace(row, review_findings=findings, reviewed_on=on, review_due_on=due_on)
        case RelationshipLevelSet(level=level, evidence=evidence):
            return replace(row, level=level, level_evidence=evidence)
        case DefectionWarned(signs=signs, on=on):
            return replace(row, warned_on=on, signs=signs)
        case DefectionWarningWithdrawn():
            return replace(row, warned_on=None, signs=())


def _paid(paid: Sequence[Money], fact: PaymentFact) -> tuple[Money, ...]:
    """By currency, in the order of their codes."""
    sums = {money.currency: money.amount for money in paid}
    amount, currency = fact.amount.amount, fact.amount.currency
    sums[currency] = sums.get(currency, Decimal(0)) + (
        amount if isinstance(fact, PaymentCounted) else -amount
    )
    return tuple(Money(amount=sums[currency], currency=currency) for currency in sorted(sums))


async def accounts_of(db: Any, customers: Sequence[UUID]) -> dict[UUID, AccountRow]:
    """Of each, together with what was told of the files that are part of it."""
    wholes = await parts_of(db, customers)
    records = await db.fetch(
        f"SELECT {ACCOUNTS.columns} FROM account WHERE customer_id = ANY ($1)", list(wholes)
    )
    rows = {row.customer_id: row for row in ACCOUNTS.rows(records)}
    found = {id: rows.get(id) or AccountRow(customer_id=id) for id in customers}
    for part, whole in sorted(wholes.items()):
        if part != whole and part in rows:
            found[whole] = _with_part(found[whole], rows[part])
    return found


def _with_part(whole: AccountRow, part: AccountRow) -> AccountRow:
    """What people judged of the whole itself stands; what others tell of either is added up."""
    sums = {money.currency: money for money in whole.paid}
    for money in part.paid:
        sums[money.currency] = sums[money.currency] + money if money.currency in sums else money
    judged = replace(
        whole,
        level=whole.level or part.level,
        level_evidence=whole.level_evidence if whole.level else part.level_evidence,
        appraisal=whole.appraisal or part.appraisal,
        reviewed_on=whole.reviewed_on or part.reviewed_on,
        review_findings=whole.review_findings if whole.reviewed_on else part.review_findings,
    )
    return replace(
        judged,
        complaints=(*whole.complaints, *part.complaints),
        late_payments=(*whole.late_payments, *part.late_payments),
        credit_held=whole.credit_held or part.credit_held,
        tenders=(*whole.tenders, *part.tenders),
        paid=tuple(sums[currency] for currency in sorted(sums)),
    )


async def account(db: Any, customer_id: UUID) -> AccountRow:
    return (await accounts_of(db, [customer_id]))[customer_id]


async def classed(db: Any) -> dict[UUID, AbcClass]:
    """Every customer that has a class."""
    records = await db.fetch(
        """
        SELECT customer_id, abc FROM account
         WHERE abc IS NOT NULL AND NOT EXISTS (SELECT FROM part p WHERE p.customer_id = account.customer_id)
        """
    )
    return {record["customer_id"]: AbcClass(record["abc"]) for record in records}


async def reviews_due(db: Any, today: date, after: UUID | None, limit: int) -> list[UUID]:
    """Customers whose review is due, in the order of their ids."""
    records = await db.fetch(
        """
        SELECT customer_id FROM account
         WHERE review_due_on <= $1 AND ($2::uuid IS NULL OR customer_id > $2)
           AND NOT EXISTS (SELECT FROM part p WHERE p.customer_id = account.customer_id)
         ORDER BY customer_id LIMIT $3
        """,
        today,
        after,
        limit,
    )
    return [record["customer_id"] for record in records]
