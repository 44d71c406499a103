"""A company with very many customers: people, customers, contacts and deals as rows of files, each known from
its number alone, so that a question can name what it will find."""

import json
import random
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

REPS, TEAMS = 1_000, 50
FORMS = ("有限公司", "股份有限公司", "集团", "厂")
CITIES = "北上广深杭苏宁锡常甬温嘉湖绍台金衢丽舟泉厦福莆漳龙岩晋江"
TRADES = "纺织印染机械电子化工食品家具建材五金塑料包装物流服装鞋业玩具灯具汽配仪表医药农牧"
SOURCES = ("internet", "trade_show", "telephone", "referral_chain", "walk_in", "direct_mail", "advertising")
ROLES = ("decider", "influencer", "user", "gatekeeper", "payer")
PURSUED_EVERY, LOST_EVERY, KNOWN_EVERY = 10, 20, 5
"""Customers with an open opportunity, with a lost one, with a contact."""
STRANGERS_EVERY = 50
"""Open opportunities whose owner is a colleague of the customer's."""


def people() -> Iterator[dict[str, Any]]:
    yield {"login": "auditor", "name": "审计", "roles": ["auditor"]}
    yield {"login": "director", "name": "总监", "roles": ["sales_manager"]}
    for number in range(TEAMS):
        yield {"login": f"manager.{number}", "name": f"经理{number}", "roles": ["sales_manager"],
               "team": f"team {number}", "manager": "director"}  # fmt: skip
    for number in range(REPS):
        yield {"login": f"rep.{number}", "name": f"销售{number}", "roles": ["rep"],
               "team": f"team {number % TEAMS}", "manager": f"manager.{number % TEAMS}"}  # fmt: skip


def owner(customer: int) -> str:
    """Whose it is: every rep has some of each kind."""
    return f"rep.{customer // 7 % REPS}"


def colleague(customer: int) -> str:
    """Of the same team."""
    return f"rep.{(customer // 7 + TEAMS) % REPS}"


def name(number: int) -> str:
    """Unlike any other, as names of companies are: no two have the same word."""
    dice = random.Random(number)
    word = "".join(chr(0x4E00 + part) for part in divmod(number * 7919 % 15_000_000, 4_000))
    return f"{dice.choice(CITIES)}{word}{dice.choice(TRADES)}{dice.choice(TRADES)}{dice.choice(FORMS)}"


def customers(count: int) -> Iterator[dict[str, Any]]:
    for number in range(count):
        basics = {"founded_on": str(date(1980, 1, 1) + timedelta(number % 15_000))} if number % 3 == 0 else {}
        yield {
            "external": [{"system": "crm", "id": str(number)}],
            "kind": "enterprise",
            "name": name(number),
            "owner": owner(number),
            "source": SOURCES[number % len(SOURCES)],
            "importance": ("ordinary", "ordinary", "major", "key")[number % 4],
            "phones": [f"139{number:08d}"],
            "location": {"latitude": 28 + number % 400 / 100, "longitude": 118 + number % 300 / 100},
            "enterprise": {"basics": basics},
            "distinct_because": "benchmark",
        }


def contacts(count: int) -> Iterator[dict[str, Any]]:
    """Of each customer that is known: a decider, at every second one known to two of us."""
    for number in range(0, count, KNOWN_EVERY):
        by = [owner(number)] if number % (2 * KNOWN_EVERY) else [owner(number), colleague(number)]
        yield {
            "external": {"system": "crm", "id": f"k{number}"},
            "customer": {"system": "crm", "id": str(number)},
            "name": f"王{chr(0x4E00 + number % 4_000)}",
            "roles": ["decider", ROLES[number // KNOWN_EVERY % len(ROLES)]][: 1 + (number % 25 != 0)],
            "birthday": {"month": number % 12 + 1, "day": number % 28 + 1},
            "covered_by": by,
        }


def deals(count: int, today: date) -> Iterator[dict[str, Any]]:
    """Open ones that are due, lost ones, and what was bought in two years: by each some seventh customer
    one to three times."""

    def deal(mark: str, customer: int, **more: Any) -> dict[str, Any]:
        return {
            "external": {"system": "crm", "id": f"{mark}{customer}"},
            "customer": {"system": "crm", "id": str(customer)},
            "title": "年度采购",
            "owner": owner(customer),
            "engaged_on": str(today - timedelta(730 + customer % 100)),
            **more,
        }

    for customer in range(0, count, PURSUED_EVERY):
        number = customer // PURSUED_EVERY
        amount = {"amount": f"{1000 + number % 9000}.00", "currency": "CNY" if number % 10 else "USD"}
        yield deal(
            "o", customer, amount=amount, stage=str(number % 5),
            owner=(owner if number % STRANGERS_EVERY else colleague)(customer),
            expected_close_on=str(today + timedelta(number % 180)),
            next_on=str(today - timedelta(number % 40)),
        )  # fmt: skip
    for customer in range(0, count, LOST_EVERY):
        closed = str(today - timedelta(customer % 600))
        yield deal("l", customer, outcome="lost", closed_on=closed, reason="price")
    for customer in buyers(count):
        for time in range(1 + customer % 3):
            value = {"amount": f"{500 + customer % 20_000}.00", "currency": "CNY"}
            closed = str(today - timedelta((customer + time * 97) % 700))
            yield deal(f"w{time}:", customer, outcome="won", closed_on=closed, close_value=value)


def buyers(count: int) -> Iterator[int]:
    return (customer for customer in range(count) if customer % 15 in (0, 7))


def lines(rows: Iterator[dict[str, Any]], most: int) -> Iterator[tuple[int, bytes]]:
    """So many at once as JSON lines, and how many they are."""
    while part := [json.dumps(row, ensure_ascii=False) for _, row in zip(range(most), rows, strict=False)]:
        yield len(part), "\n".join(part).encode()
