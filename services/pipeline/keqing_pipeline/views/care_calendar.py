"""The care calendar: festivals, birthdays, and the days on which companies were founded."""

from calendar import isleap
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from datetime import date, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from keqing_pipeline.care.festival import Festival, lunar_days
from keqing_pipeline.contact.birthday import Birthday, CalendarKind, age_on, next_kept
from keqing_pipeline.contact.facts import (
    ContactAdded,
    ContactAmended,
    ContactFollowed,
    ContactLeft,
    ContactReturned,
)
from keqing_pipeline.customer.facts import CustomerAmended, CustomerRegistered
from keqing_shared.domain import Personal, Recorded, value
from keqing_shared.views import Narrowed, Rows, Table, View

_NOBODY = UUID(int=0)
FEW, SOME = 10, 100
DAYS_OF_SOME = 7
"""Of few owners all days are read at once; of some, these many; of more, one or two days fill a page."""


class DayKind(StrEnum):
    BIRTHDAY = "birthday"
    COMPANY_ANNIVERSARY = "company_anniversary"
    FESTIVAL = "festival"


@value
class Founding:
    customer_id: UUID
    founded_on: date
    month_day: int
    """1008 for 8 October."""


@value
class BirthdayEntry:
    contact_id: UUID
    customer_id: UUID
    there: bool
    """Whether the person is still at the customer."""
    birthday: Personal[Birthday | None]
    month_day: Personal[int | None]
    """1008 for the 8th of the 10th month; -1008 when both are lunar."""


FOUNDINGS = Table("founding", Founding, key=("customer_id",), indexes=(("month_day", "customer_id"),))
BIRTHDAYS = Table("birthday", BirthdayEntry, key=("contact_id",), indexes=(("month_day", "contact_id"),))


class CareCalendar(View):
    name = "care_calendar"
    version = 2
    tables = (FOUNDINGS, BIRTHDAYS)

    def touches(self, it: Recorded[Any]) -> Iterable[tuple[Any, ...]]:
        if isinstance(it.fact, ContactAmended | ContactFollowed | ContactLeft | ContactReturned):
            yield BIRTHDAYS, it.originator_id

    def project(self, it: Recorded[Any], rows: Rows) -> None:
        match it.fact:
            case CustomerRegistered(details=details) | CustomerAmended(details=details):
                enterprise = details.enterprise
                _found(it.originator_id, enterprise.basics.founded_on if enterprise else None, rows)
            case ContactAdded(customer_id=customer_id, profile=profile):
                entry = BirthdayEntry(
                    contact_id=it.originator_id,
                    customer_id=customer_id,
                    there=True,
                    birthday=None,
                    month_day=None,
                )
                rows.put(BIRTHDAYS, _born(entry, profile.birthday))
            case ContactAmended() | ContactFollowed() | ContactLeft() | ContactReturned() as fact:
                known = rows.get(BIRTHDAYS, it.originator_id)
                if known is not None:
                    rows.put(BIRTHDAYS, _changed(known, fact))


def _found(customer_id: UUID, on: date | None, rows: Rows) -> None:
    if on is None:
        rows.drop(FOUNDINGS, customer_id)
    else:
        month_day = on.month * 100 + on.day
        rows.put(FOUNDINGS, Founding(customer_id=customer_id, founded_on=on, month_day=month_day))


def _changed(
    entry: BirthdayEntry, fact: ContactAmended | ContactFollowed | ContactLeft | ContactReturned
) -> BirthdayEntry:
    match fact:
        case ContactAmended(profile=profile):
            return _born(entry, profile.birthday)
        case ContactFollowed(customer_id=customer_id):
            return replace(entry, customer_id=customer_id)
        case ContactLeft() | ContactReturned():
            return replace(entry, there=isinstance(fact, ContactReturned))


def _born(entry: BirthdayEntry, birthday: Birthday | None) -> BirthdayEntry:
    month_day = birthday.month * 100 + birthday.day if birthday else None
    if birthday and month_day and birthday.calendar is CalendarKind.LUNAR:
        month_day = -month_day
    return replace(entry, birthday=birthday, month_day=month_day)


@value
class CareDay:
    """Something to remember on a day: a festival for everybody, or one customer's own."""

    on: date
    kind: DayKind
    festival: str | None = None
    zh: str | None = None
    en: str | None = None
    customer_id: UUID | None = None
    customer: Personal[str | None] = None
    """Its name."""
    owner: str | None = None
    contact_id: UUID | None = None
    contact: Personal[str | None] = None
    years: Personal[int | None] = None
    """Since the founding or the birth; None when its year is not known."""

    def key(self) -> tuple[date, str, str, UUID, UUID]:
        """Its place in the order."""
        return (
            self.on,
            self.kind,
            self.festival or "",
            self.customer_id or _NOBODY,
            self.contact_id or _NOBODY,
        )


async def care_days(
    db: Any,
    visible: Collection[str] | None,
    since: date,
    until: date,
    festivals: Collection[Festival],
    *,
    owner: str | None = None,
    after: tuple[date, str, str, UUID, UUID] | None = None,
    limit: int = 50,
) -> list[CareDay]:
    """Day by day, both ends included; of customers whose owner may be seen."""
    found: list[CareDay] = []
    seen = None if visible is None else list(visible)
    if owner is not None:
        seen = [owner] if seen is None or owner in seen else []
    first = max(since, after[0]) if after else since
    days = [first + timedelta(days=number) for number in range((until - first).days + 1)]
    owners = SOME + 1 if seen is None else len(seen)
    at_once = len(days) if owners <= FEW else DAYS_OF_SOME if owners <= SOME else 1
    while days and len(found) < limit:
        part, days = days[:at_once], days[at_once:]
        entries = [
            *_festivals(part, festivals),
            *await _anniversaries(db, seen, part),
            *await _birthdays(db, seen, part),
        ]
        found += sorted((one for one in entries if not after or one.key() > after), key=CareDay.key)
    return found[:limit]


def _festivals(days: Sequence[date], festivals: Collection[Festival]) -> list[CareDay]:
    return [
        CareDay(on=day, kind=DayKind.FESTIVAL, festival=one.code, zh=one.zh, en=one.en)
        for day in days
        for one in festivals
        if one.falls_on(day)
    ]


def _of(entries: str, owners: Sequence[str] | None) -> str:
    """A condition on whose they are. Of some owners, their customers are read from the index that has no more
    than that, before any is fetched for its name: OFFSET 0 keeps it so."""
    if owners is None or len(owners) > SOME:
        return "c.owner = ANY ({})"
    return f"""{entries}.customer_id IN (
        SELECT m.customer_id FROM customer m WHERE m.merged_into IS NULL AND m.owner = ANY ({{}}) OFFSET 0)"""


async def _anniversaries(db: Any, owners: Sequence[str] | None, days: Sequence[date]) -> list[CareDay]:
    kept = {month_day: day for day in days for month_day in _founded(day)}
    where = Narrowed("c.merged_into IS NULL")
    where.only("f.month_day = ANY ({})", list(kept))
    where.only(_of("f", owners), owners)
    records = await db.fetch(
        f"""
        SELECT f.customer_id, f.founded_on, f.month_day, c.name AS customer, c.owner
          FROM founding f JOIN customer c USING (customer_id) WHERE {where}
        """,
        *where.arguments,
    )
    return [
        CareDay(
            on=day,
            kind=DayKind.COMPANY_ANNIVERSARY,
            customer_id=record["customer_id"],
            customer=record["customer"],
            owner=record["owner"],
            years=day.year - record["founded_on"].year,
        )
        for record in records
        if record["founded_on"] < (day := kept[record["month_day"]])
    ]


def _founded(day: date) -> list[int]:
    """Those kept on this day: 29 February on the 28th of a common year."""
    own = day.month * 100 + day.day
    return [own, 229] if own == 228 and not isleap(day.year) else [own]


async def _birthdays(db: Any, owners: Sequence[str] | None, days: Sequence[date]) -> list[CareDay]:
    where = Narrowed("b.there")
    where.only("b.month_day = ANY ({})", sorted({about for day in days for about in _born_about(day)}))
    where.only(_of("b", owners), owners)
    records = await db.fetch(
        f"""
        SELECT {", ".join(f"b.{column.quoted}" for column in BIRTHDAYS.fields)},
               c.name AS customer, c.owner, k.name AS contact
          FROM birthday b JOIN customer c USING (customer_id) JOIN contact k USING (contact_id)
         WHERE {where}
        """,
        *where.arguments,
    )
    return [
        CareDay(
            on=day,
            kind=DayKind.BIRTHDAY,
            customer_id=entry.customer_id,
            customer=record["customer"],
            owner=record["owner"],
            contact_id=entry.contact_id,
            contact=record["contact"],
            years=age_on(entry.birthday, day),
        )
        for entry, record in zip(BIRTHDAYS.rows(records), records, strict=True)
        if entry.birthday is not None and (day := next_kept(entry.birthday, days[0])) <= days[-1]
    ]


def _born_about(day: date) -> list[int]:
    """Whose birthday may be kept on this day; ``next_kept`` knows for sure."""
    solar = {day.month * 100 + day.day, *_founded(day)}
    return sorted(solar | {-(abs(month) * 100 + number) for month, number in lunar_days(day)})


@value
class DayAhead:
    """What a day holds for one owner."""

    owner: str
    birthdays: int
    anniversaries: int


async def days_ahead(db: Any, day: date) -> list[DayAhead]:
    """For every owner of a customer."""
    owners = await db.fetch("SELECT DISTINCT owner FROM customers_counted ORDER BY owner")
    birthdays = Counter(one.owner for one in await _birthdays(db, None, [day]))
    anniversaries = Counter(one.owner for one in await _anniversaries(db, None, [day]))
    return [
        DayAhead(owner=owner, birthdays=birthdays[owner], anniversaries=anniversaries[owner])
        for owner in (record["owner"] for record in owners)
    ]
