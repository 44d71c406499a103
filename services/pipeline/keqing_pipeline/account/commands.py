"""What one may want of an account. Each names the customer, because the first one opens the account."""

from datetime import date
from uuid import UUID

from keqing_pipeline.account.values import (
    AbcClass,
    AccountPlan,
    Appraisal,
    RelationshipLevel,
    Sign,
    TenderOutcome,
)
from keqing_shared.domain import Command


class _OnAccount(Command):
    customer_id: UUID
    on: date
    """The business date of today, or of what was heard."""


class MarkComplaint(_OnAccount):
    complaint_id: UUID


class ClearComplaint(_OnAccount):
    complaint_id: UUID


class MarkPaymentLate(_OnAccount):
    invoice_id: UUID
    due_on: date


class EndLateness(_OnAccount):
    invoice_id: UUID


class ResumeLateness(_OnAccount):
    """Something is open again on the invoice."""

    invoice_id: UUID


class MarkCreditHold(_OnAccount):
    pass


class ClearCreditHold(_OnAccount):
    pass


class OpenTender(_OnAccount):
    tender_id: UUID
    title: str


class DecideTender(_OnAccount):
    tender_id: UUID
    outcome: TenderOutcome


class ClassAccount(_OnAccount):
    """``on``: the day as of which it was computed."""

    abc: AbcClass


class AppraiseAccount(_OnAccount):
    appraisal: Appraisal


class NameKeyAccount(_OnAccount):
    purchases: int
    """How often it has bought."""


class EndKeyAccount(_OnAccount):
    reason: str


class AgreePlan(_OnAccount):
    plan: AccountPlan


class NoteReviewDue(_OnAccount):
    pass


class ReviewAccount(_OnAccount):
    findings: str


class SetRelationshipLevel(_OnAccount):
    level: RelationshipLevel
    evidence: str


class WatchDefection(_OnAccount):
    """What tells today that the customer may leave."""

    signs: tuple[Sign, ...]


Marking = (
    MarkComplaint
    | ClearComplaint
    | MarkPaymentLate
    | EndLateness
    | ResumeLateness
    | MarkCreditHold
    | ClearCreditHold
    | OpenTender
    | DecideTender
)
"""What happened elsewhere and is remembered here."""

KeyAccountCommand = (
    AppraiseAccount | NameKeyAccount | EndKeyAccount | AgreePlan | NoteReviewDue | ReviewAccount
)

AccountCommand = Marking | KeyAccountCommand | ClassAccount | SetRelationshipLevel | WatchDefection
