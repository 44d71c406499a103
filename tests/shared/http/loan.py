"""A small aggregate: a book lent to a customer, renewed and brought back."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import msgspec

from keqing_shared.domain import Aggregate, Command, Fact, InvalidInput, NotFound, Personal, RuleBroken

PERIOD = timedelta(days=28)
MOST_RENEWALS = 2


class BookLent(Fact, topic="library.book-lent.v1"):
    customer_id: UUID
    owner: str
    copy: str
    title: str
    due_on: date
    remark: Personal[str | None] = None


class LoanRenewed(Fact, topic="library.loan-renewed.v1"):
    due_on: date


class LoanFellDue(Fact, topic="library.loan-fell-due.v1"):
    due_on: date


class BookReturned(Fact, topic="library.book-returned.v1"):
    returned_on: date


class LendBook(Command):
    customer_id: UUID
    owner: str
    copy: str
    title: str
    on: date
    remark: str | None = None


class RenewLoan(Command):
    on: date


class NoteDue(Command):
    on: date


class ReturnBook(Command):
    on: date


class Loan(msgspec.Struct, frozen=True):
    customer_id: UUID
    owner: str
    copy: str
    due_on: date
    renewals: int = 0
    fell_due: bool = False
    returned: bool = False


class NotOnLoan(NotFound):
    """There is no such loan"""


class AlreadyLent(RuleBroken):
    """It is lent already"""


class AlreadyReturned(RuleBroken):
    """It was returned already"""


class RenewalLimitReached(RuleBroken):
    """A loan is renewed twice at the most"""


class TitleForbidden(InvalidInput):
    """That title is not lent"""


def decide(command: Command, loan: Loan | None, _policy: Any) -> list[Fact]:
    if isinstance(command, LendBook):
        if loan is not None:
            raise AlreadyLent
        if command.title == "Necronomicon":
            raise TitleForbidden("choose another", field="title")
        return [
            BookLent(
                customer_id=command.customer_id,
                owner=command.owner,
                copy=command.copy,
                title=command.title,
                due_on=command.on + PERIOD,
                remark=command.remark,
            )
        ]
    if loan is None:
        raise NotOnLoan
    match command:
        case NoteDue(on=on):
            silent = loan.fell_due or loan.returned or on <= loan.due_on
            return [] if silent else [LoanFellDue(due_on=loan.due_on)]
        case _ if loan.returned:
            raise AlreadyReturned
        case RenewLoan(on=on):
            if loan.renewals == MOST_RENEWALS:
                raise RenewalLimitReached("bring it back first", renewals=loan.renewals, most=MOST_RENEWALS)
            return [LoanRenewed(due_on=on + PERIOD)]
        case ReturnBook(on=on):
            return [BookReturned(returned_on=on)]
    raise TypeError(command)


def evolve(loan: Loan | None, fact: Fact) -> Loan | None:
    if isinstance(fact, BookLent):
        return Loan(fact.customer_id, fact.owner, fact.copy, fact.due_on)
    assert loan is not None
    match fact:
        case LoanRenewed(due_on=due_on):
            return msgspec.structs.replace(loan, due_on=due_on, renewals=loan.renewals + 1)
        case LoanFellDue():
            return msgspec.structs.replace(loan, fell_due=True)
        case BookReturned():
            return msgspec.structs.replace(loan, returned=True)
    return loan


LOAN: Aggregate[Loan] = Aggregate(
    name="loan",
    facts=(BookLent, LoanRenewed, LoanFellDue, BookReturned),
    decide=decide,
    evolve=evolve,
    customer_of=lambda _id, loan: loan.customer_id,
    state=Loan,
)
