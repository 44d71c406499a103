"""The whole plan: who works there, and what everybody does around each customer in the year."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from keqing_local.demo.plan.bills import Account, bill_for
from keqing_local.demo.plan.callbacks import call_back, complain
from keqing_local.demo.plan.customers import Customer, customers
from keqing_local.demo.plan.days import Days
from keqing_local.demo.plan.deed import Deed, Diary
from keqing_local.demo.plan.life import Life
from keqing_local.demo.plan.people import EVERYBODY, Person
from keqing_local.demo.plan.pursuit import Pursuit
from keqing_local.demo.plan.rooms import care, meet

MOST_PURSUITS = 3
"""Opportunities of one customer."""


@dataclass(frozen=True)
class Settings:
    """What a company is made of; the same ones make the same company."""

    seed: int
    until: date
    """The present: its history ends the day before."""
    customers: int
    weeks: int
    time_zone: str = "Asia/Shanghai"


@dataclass(frozen=True)
class Plan:
    settings: Settings
    people: tuple[Person, ...]
    customers: tuple[Customer, ...]
    days: Days
    diaries: tuple[tuple[Deed, ...], ...]
    """Of each customer, in order; between two of them no order is needed."""

    @property
    def deeds(self) -> Iterator[Deed]:
        return (deed for diary in self.diaries for deed in diary)


def make_plan(settings: Settings) -> Plan:
    """Pure: depends on nothing but the settings."""
    days = Days(settings.until, settings.weeks, settings.time_zone)
    known = customers(settings.seed, settings.customers, days)
    return Plan(
        settings=settings,
        people=EVERYBODY,
        customers=tuple(known),
        days=days,
        diaries=tuple(tuple(_year_of(customer, days)) for customer in known),
    )


def _year_of(customer: Customer, days: Days) -> list[Deed]:
    life = Life(customer, days, Diary(customer.key, days.ends))
    _register(life)
    meet(life)
    _pursue(life)
    for deal in life.deals:
        bill_for(life, deal)
    for deal in life.deals:
        complain(life, deal, call_back(life, deal))
    care(life)
    Account(life).note()
    return life.diary.deeds()


def _register(life: Life) -> None:
    customer, days = life.customer, life.days
    life.diary.note(
        days.at(customer.since, 9, 10),
        customer.owner.login,
        "/pipeline/customers",
        customer.file,
        makes=customer.key,
    )
    if customer.handed_over:
        day, other = customer.handed_over
        life.diary.note(
            days.at(day, 17, 5),
            customer.team.manager.login,
            f"/pipeline/customers/{{{customer.key}}}/owner",
            {"owner": other.login, "reason": "客户区域调整，由同事接手"},
            why="区域调整",
        )


def _pursue(life: Life) -> None:
    dice, days, day = life.dice, life.days, life.customer.since
    for number in range(1, MOST_PURSUITS + 1):
        pursuit = Pursuit(life, number, day)
        deal = pursuit.tell()
        if deal:
            life.deals.append(deal)
        if pursuit.over_on is None or dice.random() > (0.45 if deal else 0.25):
            return
        day = days.after(pursuit.over_on, dice.randint(25, 110))
        if day > days.last:
            return
