"""What one may want of an account. Each names the customer, because the first one opens the account."""

from datetime import date
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
from keqing_pipeline.customer.commands import FollowCustomer
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


class TakeClassOver(_OnAccount):
    """From a file that becomes part of this one, if it is the better one."""

    merged: UUID
    abc: AbcClass


class GiveClassBack(_OnAccount):
    """That file is one of its own again."""

    merged: UUID


class AppraiseAccount(_OnAccount):
    appraisal: Appraisal


class NameKeyAccount(_OnAccount):
    purchases: int
    """How often it has bought."""
    appraisal: Appraisal | None = None
    """Of a file that is part of it, for when it was not appraised itself."""


class EndKeyAccount(_OnAccount):
    reason: str | None = None
    because: KeyEnd = KeyEnd.BY_HAND


class TakeKeyAccountOver(_OnAccount):
    """From a file that becomes part of this one."""

    merged: UUID
    standing: KeyStanding


class RestoreKeyAccount(_OnAccount):
    """The file is one of its own again."""

    standing: KeyStanding


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
    AppraiseAccount
    | NameKeyAccount
    | EndKeyAccount
    | TakeKeyAccountOver
    | RestoreKeyAccount
    | AgreePlan
    | NoteReviewDue
    | ReviewAccount
)

ClassCommand = ClassAccount | TakeClassOver | GiveClassBack

OnAccount = Marking | KeyAccountCommand | ClassCommand | SetRelationshipLevel | WatchDefection

AccountCommand = OnAccount | FollowCustomer
