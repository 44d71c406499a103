"""The rules of an account: what is remembered of elsewhere, its class, its relationship, its warning."""

from typing import get_args
from uuid import UUID

from keqing_pipeline.account import refusals as no
from keqing_pipeline.account.commands import (
    AccountCommand,
    AgreePlan,
    AppraiseAccount,
    ClassAccount,
    ClassCommand,
    ClearComplaint,
    ClearCreditHold,
    DecideTender,
    EndLateness,
    GiveClassBack,
    MarkComplaint,
    MarkCreditHold,
    Marking,
    MarkPaymentLate,
    NameKeyAccount,
    OnAccount,
    OpenTender,
    ResumeLateness,
    ReviewAccount,
    SetRelationshipLevel,
    TakeClassOver,
    WatchDefection,
)
from keqing_pipeline.account.facts import (
    AccountClassed,
    AccountFact,
    AccountFollowed,
    AccountOpened,
    ClassGivenBack,
    ClassTakenOver,
    ComplaintCleared,
    ComplaintMarked,
    CreditHoldCleared,
    CreditHoldMarked,
    DefectionWarned,
    DefectionWarningWithdrawn,
    KeyAccountEnded,
    LatenessEnded,
    PaymentLate,
    RelationshipLevelSet,
    TenderDecided,
    TenderOpened,
)
from keqing_pipeline.account.key_account import decide_key_account
from keqing_pipeline.account.state import Account, evolve
from keqing_pipeline.account.values import AbcClass, KeyEnd
from keqing_pipeline.customer.commands import FollowCustomer
from keqing_pipeline.policy import PipelinePolicy
from keqing_shared.domain import Aggregate, MergedAway

JUDGING = (OpenTender, SetRelationshipLevel, AppraiseAccount, NameKeyAccount, AgreePlan, ReviewAccount)
"""What people say of a customer: of a file that is part of another it is said of that one."""


def decide(command: AccountCommand, account: Account | None, policy: PipelinePolicy) -> list[AccountFact]:
    """The first thing to say of a customer opens its account."""
    if isinstance(command, FollowCustomer):
        if account is None or command.customer_id == account.whose:
            return []
        return [AccountFollowed(customer_id=command.customer_id, previous=account.whose)]
    if account is not None:
        if isinstance(command, JUDGING) and account.whose != command.customer_id:
            raise MergedAway("it is part of {survivor} now", survivor=str(account.whose))
        return _decide(command, account, policy)
    facts = _decide(command, Account(customer_id=command.customer_id), policy)
    return [AccountOpened(customer_id=command.customer_id), *facts] if facts else []


def _decide(command: OnAccount, account: Account, policy: PipelinePolicy) -> list[AccountFact]:
    match command:
        case (
            MarkComplaint()
            | ClearComplaint()
            | MarkPaymentLate()
            | EndLateness()
            | ResumeLateness()
            | MarkCreditHold()
            | ClearCreditHold()
            | OpenTender()
            | DecideTender()
        ):
            return _marked(command, account)
        case ClassAccount() | TakeClassOver() | GiveClassBack():
            return _classed(command, account)
        case SetRelationshipLevel(level=level, evidence=evidence, on=on):
            if level is account.level:
                return []
            return [RelationshipLevelSet(level=level, evidence=evidence, on=on, previous=account.level)]
        case WatchDefection(signs=signs, on=on):
            warns = len(signs) >= policy.defection.signs_needed
            if warns == (account.warned_on is not None):
                return []
            if warns:
                return [DefectionWarned(signs=signs, on=on)]
            return [DefectionWarningWithdrawn(signs=signs, on=on)]
        case _:
            return decide_key_account(command, account, policy)


def _classed(command: ClassCommand, account: Account) -> list[AccountFact]:
    present = account.abc
    match command:
        case ClassAccount(abc=abc, on=as_of):
            if abc is present:
                return []
            classed = AccountClassed(abc=abc, as_of=as_of, previous=present)
            if account.key_since is None or abc is AbcClass.A:
                return [classed]
            return [classed, KeyAccountEnded(on=as_of, because=KeyEnd.NOT_CLASS_A)]
        case TakeClassOver(merged=merged, abc=abc, on=on):
            if present is not None and present <= abc:
                return []
            return [ClassTakenOver(merged=merged, abc=abc, on=on, previous=present)]
        case GiveClassBack(merged=merged, on=on):
            if present is None or account.class_came_with != merged:
                return []
            return [ClassGivenBack(previous=present, abc=account.class_before, on=on)]


def _marked(command: Marking, account: Account) -> list[AccountFact]:
    """What happened elsewhere is never refused, and said once however often it is heard."""
    match command:
        case MarkComplaint(complaint_id=id, on=on):
            known = any(mark.complaint_id == id and mark.open for mark in account.complaints)
            return [] if known else [ComplaintMarked(complaint_id=id, opened_on=on)]
        case ClearComplaint(complaint_id=id, on=on):
            known = any(mark.complaint_id == id and mark.open for mark in account.complaints)
            return [ComplaintCleared(complaint_id=id, on=on)] if known else []
        case MarkPaymentLate(invoice_id=id, due_on=due_on):
            late = account.late_mark(id)
            return [] if late and late.late else [PaymentLate(invoice_id=id, due_on=due_on)]
        case EndLateness(invoice_id=id):
            late = account.late_mark(id)
            return [LatenessEnded(invoice_id=id)] if late and late.late else []
        case ResumeLateness(invoice_id=id):
            late = account.late_mark(id)
            return [PaymentLate(invoice_id=id, due_on=late.due_on)] if late and not late.late else []
        case MarkCreditHold(on=on):
            return [] if account.credit_held else [CreditHoldMarked(on=on)]
        case ClearCreditHold(on=on):
            return [CreditHoldCleared(on=on)] if account.credit_held else []
        case OpenTender(tender_id=id, title=title, on=on):
            return [] if id in account.tenders else [TenderOpened(tender_id=id, title=title, on=on)]
        case DecideTender(tender_id=id, outcome=outcome, on=on):
            if id not in account.tenders:
                raise no.TenderUnknown
            return [TenderDecided(tender_id=id, outcome=outcome, on=on)]


def _customer(account_id: UUID, account: Account) -> UUID:
    return account.customer_id


ACCOUNT: Aggregate[Account] = Aggregate(
    name="account",
    facts=get_args(AccountFact),
    decide=decide,
    evolve=evolve,
    customer_of=_customer,
    state=Account,
)
