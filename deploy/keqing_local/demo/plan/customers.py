"""The customers: invented enterprises of the teams' regions, and individuals, with Chinese names."""

from dataclasses import dataclass, field
from datetime import date
from random import Random
from typing import Any, Literal

from pypinyin import lazy_pinyin

from keqing_local.demo.plan.days import Days
from keqing_local.demo.plan.deed import money
from keqing_local.demo.plan.naming import CITIES, INDUSTRIES, Names
from keqing_local.demo.plan.people import TEAMS, Person, Team

ENTERPRISES = 0.65
"""Share of all customers."""
EARLY = 0.3
"""Share that is registered within the first eighth of the time; the others come evenly."""
IN_DOLLARS = 0.03
"""Share of the enterprises that is invoiced in US dollars."""
HANDED_OVER = 0.04
"""Share that somebody else takes over."""
SYSTEM = "demo"
"""Whose external references the customers bear."""

_SOURCES = {
    "internet": 22,
    "telephone": 18,
    "trade_show": 16,
    "referral_chain": 14,
    "partner": 8,
    "advertising": 7,
    "personal_network": 6,
    "door_to_door": 5,
    "won_from_competitor": 4,
}
_TITLES = ("采购部经理", "设备部主管", "总经理助理", "行政部经理", "工程部经理", "厂长", "财务经理")


@dataclass
class Customer:
    """One customer, and what the plan needs to know of it throughout."""

    number: int
    kind: Literal["enterprise", "individual"]
    name: str
    team: Team
    owner: Person
    """The first one."""
    since: date
    currency: str
    contacts: tuple[str, ...]
    """Whom one talks to, with their titles."""
    file: dict[str, Any]
    """As registered."""
    handed_over: tuple[date, Person] | None = None
    dice: Random = field(default_factory=Random)

    @property
    def key(self) -> str:
        return f"C{self.number:04d}"

    def owner_on(self, day: date) -> Person:
        """Who looks after it; on the day of a handover still the previous one."""
        if self.handed_over and day > self.handed_over[0]:
            return self.handed_over[1]
        return self.owner


def customers(seed: int, count: int, days: Days) -> list[Customer]:
    """In the order of their registration. Every rep gets one before chance decides."""
    names = Names(seed)
    dice = names.dice
    working = list(days.all())
    early = working[: max(1, len(working) // 8)]
    # Dice of their own: how many days are worked differs from year to year, who the customers are must not.
    arrivals = Random(f"{seed}/arrivals")  # noqa: S311
    since = sorted(arrivals.choice(early if arrivals.random() < EARLY else working) for _ in range(count))
    reps = [(team, rep) for team in TEAMS for rep in team.reps]
    made: list[Customer] = []
    for number, day in enumerate(since, 1):
        team, rep = reps[number - 1] if number <= len(reps) else dice.choice(reps)
        draw = _enterprise if dice.random() < ENTERPRISES else _individual
        customer = draw(number, names, team, rep, day)
        customer.dice = Random(f"{seed}/{customer.key}")  # noqa: S311
        customer.handed_over = _handover(customer, days)
        made.append(customer)
    return made


def _enterprise(number: int, names: Names, team: Team, rep: Person, day: date) -> Customer:
    dice = names.dice
    city, area = dice.choice(CITIES[team.name])
    industry, words = dice.choice(INDUSTRIES)
    word = dice.choice(words)
    name, brand = names.firm(city, word)
    employees = dice.choice((35, 60, 90, 140, 260, 480, 900, 2200))
    file = {
        "kind": "enterprise",
        "name": name,
        **_common(number, dice),
        "phones": [names.landline(area), names.mobile()],
        "importance": dice.choices(("key", "major", "ordinary"), (8, 27, 65))[0],
        "industry": industry,
        "enterprise": {
            "basics": {
                "address": names.address(city),
                "site": f"https://{''.join(lazy_pinyin(brand))}{number}.example.com",
                "legal_representative": names.person(),
                "founded_on": f"{dice.randrange(1994, 2022)}-{dice.randrange(1, 13):02d}-01",
                "form": "有限责任公司",
                "business": word,
            },
            "traits": {
                "region": team.name,
                "employees": employees,
                "potential": dice.choice(("high", "medium", "low")),
                "yearly_revenue": money(employees * 420_000),
            },
            "dealings": {"terms_days": dice.choice((30, 30, 45, 60))},
        },
    }
    contacts = tuple(f"{title} {names.person()}" for title in dice.sample(_TITLES, dice.randrange(2, 4)))
    currency = "USD" if dice.random() < IN_DOLLARS else "CNY"
    return Customer(number, "enterprise", name, team, rep, day, currency, contacts, file)


def _individual(number: int, names: Names, team: Team, rep: Person, day: date) -> Customer:
    dice = names.dice
    city, _ = dice.choice(CITIES[team.name])
    name = names.unique_person()
    homes = ("三口之家，孩子上小学", "四口之家，与父母同住", "新婚，刚买房", "两口人，孩子在外地")
    habits = ("先看口碑再看价格", "喜欢到店体验", "比价很细", "信熟人推荐", "重视售后")
    file = {
        "kind": "individual",
        "name": name,
        **_common(number, dice),
        "phones": [names.mobile()],
        "individual": {
            "family": dice.choice(homes),
            "education": dice.choice(("大专", "本科", "硕士")),
            "special_interests": dice.choice(("养生", "跑步", "钓鱼", "摄影", "烘焙", "茶")),
            "buying_habits": dice.choice(habits),
        },
        "note": f"住{names.address(city)}",
    }
    return Customer(number, "individual", name, team, rep, day, "CNY", (name,), file)


def _common(number: int, dice: Random) -> dict[str, Any]:
    file: dict[str, Any] = {
        "external": [{"system": SYSTEM, "id": f"C{number:04d}"}],
        "source": dice.choices(list(_SOURCES), list(_SOURCES.values()))[0],
        "loyalty": dice.choices(("none", "switcher", "loyal"), (70, 20, 10))[0],
        "man": {"money": "unknown", "authority": "unknown", "need": dice.choice(("yes", "unknown"))},
    }
    if dice.random() < 0.05:
        file["assessment"] = {"can_meet_need": "yes", "returns_enough": "no"}
    return file


def _handover(customer: Customer, days: Days) -> tuple[date, Person] | None:
    dice = customer.dice
    day = days.after(customer.since, dice.randrange(40, 160))
    other = dice.choice([rep for rep in customer.team.reps if rep is not customer.owner])
    return (day, other) if dice.random() < HANDED_OVER and day <= days.last else None
