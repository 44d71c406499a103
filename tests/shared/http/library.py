"""A small context to serve: a library that lends books to customers."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from fastapi import APIRouter, Query

from keqing_shared.clockwork import Duty
from keqing_shared.context import Context
from keqing_shared.directory import CustomerEntry, Person
from keqing_shared.domain import Code, Count, Day, Line, Note, Recorded, value
from keqing_shared.http import Ask, Do, Page, Paging, Receipt, allow
from keqing_shared.log import Claim
from keqing_shared.messaging import Event, Published, Reactions, Within
from keqing_shared.service import Service
from keqing_shared.views import RowKey, Rows, Table, View
from tests.shared.http.loan import (
    LOAN,
    BookLent,
    BookReturned,
    LendBook,
    LoanFellDue,
    LoanRenewed,
    NoteDue,
    NotOnLoan,
    RenewLoan,
    ReturnBook,
)


@value
class LoanRow:
    """A book that is out."""

    loan_id: UUID
    customer_id: UUID
    owner: str
    title: str
    due_on: date
    version: int


LOANS = Table("loans", LoanRow, key=("loan_id",), indexes=(("due_on", "loan_id"),))


class Loans(View):
    name = "loans"
    version = 1
    tables = (LOANS,)

    def touches(self, it: Recorded[Any]) -> Iterable[RowKey]:
        if isinstance(it.fact, LoanRenewed | LoanFellDue):
            yield LOANS, it.originator_id

    def project(self, it: Recorded[Any], rows: Rows) -> None:
        match it.fact:
            case BookLent() as lent:
                rows.put(
                    LOANS,
                    LoanRow(
                        loan_id=it.originator_id,
                        customer_id=lent.customer_id,
                        owner=lent.owner,
                        title=lent.title,
                        due_on=lent.due_on,
                        version=it.originator_version,
                    ),
                )
            case LoanRenewed(due_on=due_on) if row := rows.get(LOANS, it.originator_id):
                rows.put(LOANS, replace(row, due_on=due_on, version=it.originator_version))
            case BookReturned():
                rows.drop(LOANS, it.originator_id)


@value
class NewLoan:
    """What is lent to whom."""

    customer_id: UUID
    copy: Code
    title: Annotated[Line, "what is on the cover"]
    remark: Note | None = None
    pages: Count = 0


@value
class Renewal:
    """From when."""

    on: Day


router = APIRouter(tags=["loans"])
STAFF = ("rep", "sales_manager", "agent")


@router.post("/loans", status_code=201, dependencies=[allow("rep", "agent")])
async def lend(body: NewLoan, do: Do) -> Receipt:
    """Lends a copy; a copy is out once at a time."""
    await do.see_customer(body.customer_id)
    command = LendBook(
        customer_id=body.customer_id,
        owner=do.user.login,
        copy=body.copy,
        title=body.title,
        on=do.today,
        remark=body.remark,
    )
    return await do(LOAN, do.new_id(), command, claims=[Claim("copy", body.copy)])


@router.post("/loans/{loan_id}/renewals", status_code=201, dependencies=[allow(*STAFF)])
async def renew(loan_id: UUID, body: Renewal, do: Do) -> Receipt:
    """Extends the loan."""
    return await do(LOAN, loan_id, RenewLoan(on=body.on))


@router.post("/loans/{loan_id}/return", dependencies=[allow(*STAFF)])
async def bring_back(loan_id: UUID, do: Do) -> Receipt:
    """The copy is back, and may be lent again."""

    async def work(unit: Any) -> None:
        loan = (await unit.load(LOAN, loan_id)).state
        await unit.execute(
            LOAN, loan_id, ReturnBook(on=do.today), releases=[Claim("copy", loan.copy)] if loan else ()
        )

    return await do.transact(work)


@router.get("/loans", dependencies=[allow(*STAFF, "auditor")])
async def loans(ask: Ask, paging: Paging, due_before: Annotated[Day | None, Query()] = None) -> Page[LoanRow]:
    """Who has what, soonest due first."""
    owners = await ask.visible_owners()
    rows = await ask.db.fetch(
        "SELECT * FROM loans WHERE ($1::text[] IS NULL OR owner = ANY($1))"
        " AND ($2::date IS NULL OR due_on < $2)"
        " AND ($3::date IS NULL OR (due_on, loan_id) > ($3, $4)) ORDER BY due_on, loan_id LIMIT $5",
        None if owners is None else list(owners),
        due_before,
        *(paging.after(date, UUID) or (None, None)),
        paging.fetch,
    )
    return paging.page(LOANS.rows(rows), key=lambda row: (row.due_on, row.loan_id))


@router.get("/loans/{loan_id}", dependencies=[allow(*STAFF)])
async def loan(loan_id: UUID, ask: Ask) -> LoanRow:
    """One loan, from the view."""
    rows = LOANS.rows(await ask.db.fetch("SELECT * FROM loans WHERE loan_id = $1", loan_id))
    if not rows:
        raise NotOnLoan
    await ask.see_owner(rows[0].owner)
    ask.etag(rows[0].version)
    found: LoanRow = rows[0]
    return found


@router.get("/broken", include_in_schema=False, dependencies=[allow("admin")])
async def broken(ask: Ask) -> None:
    """Fails in a way nobody foresaw."""
    raise LookupError(f"the secret of {ask.user.login}")


@router.get("/numbers/{number}", include_in_schema=False, dependencies=[allow("admin")])
async def number(number: int, ask: Ask) -> int:
    """An integer that nobody bounded."""
    found: int = await ask.db.fetchval("SELECT $1::bigint", number)
    return found


async def note_due(service: Service, now: datetime) -> int:
    today = service.calendar.date_of(now)
    rows = await service.pool.fetch("SELECT loan_id FROM loans WHERE due_on < $1", today)
    made = 0
    for row in rows:
        receipt = await service.execute(LOAN, row["loan_id"], NoteDue(on=today), who="clockwork")
        made += len(receipt.facts)
    return made


def publish(it: Recorded[Any]) -> Published | None:
    match it.fact:
        case BookLent(due_on=due_on):
            return Published(name="BookLent", data={"loan_id": it.originator_id, "due_on": due_on})
    return None


class Lost(msgspec.Struct):
    loan_id: UUID


reactions = Reactions()


@reactions.on("archive", "BookLost", Lost)
async def book_lost(event: Event[Lost], within: Within) -> None:
    await within.execute(LOAN, event.data.loan_id, ReturnBook(on=event.time.date()))


ACME = UUID("00000000-0000-4000-8000-00000000000a")
BOLT = UUID("00000000-0000-4000-8000-00000000000b")
NOBODY = UUID("00000000-0000-4000-8000-0000000000ff")


def member(login: str, team: str | None, manager: str | None) -> Person:
    return Person(login=login, name=login, roles=(), team=team, manager=manager, language="zh", active=True)


MEMBERS = (
    member("li.wei", "east", "chen.jie"),
    member("wang.fang", "west", "zhao.lei"),
    member("chen.jie", "east", None),
)
OWNERS = {ACME: "li.wei", BOLT: "wang.fang"}


class CardIndex:
    """Who is who, by heart."""

    async def customer(self, customer_id: UUID) -> CustomerEntry | None:
        owner = OWNERS.get(customer_id)
        if owner is None:
            return None
        return CustomerEntry(
            customer_id=customer_id, kind="enterprise", name="Acme", owner=owner, importance=None
        )

    async def person(self, login: str) -> Person | None:
        return next((person for person in MEMBERS if person.login == login), None)

    async def people(self, role: str | None = None) -> list[Person]:
        return [person for person in MEMBERS if role is None or role in person.roles]


LIBRARY = Context(
    name="library",
    aggregates=[LOAN],
    views=[Loans()],
    publish=publish,
    reactions=reactions,
    clockwork=[Duty("due", 3600, note_due)],
    routers=[router],
    directory=lambda _: CardIndex(),
)
