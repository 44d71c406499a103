"""What the people of the company do, each as themselves: calls, lists, care, referrals."""

import asyncio
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

import httpx

from bench.company import PURSUED_EVERY, REPS, name, owner
from keqing_pipeline.imports.contacts import contact_id
from keqing_pipeline.opportunity.imported import opportunity_id
from keqing_shared.domain import ExternalReference

AT_ONCE = 16
TRACKED, CALLED, CARED_FOR, GIVEN_UP = 8, 5, 3, 2
"""Of each rep's customers."""
SHOWN = {"0": "answers_questions", "1": "asks_basics", "2": "asks_price", "3": "agrees_but_away"}
"""A signal of the stage above."""

Post = tuple[str, str, Any]
"""Who, where to, what."""


def customer_id(number: int) -> UUID:
    """As the import makes it."""
    return uuid5(NAMESPACE_URL, f"keqing:customer:crm:{number}")


async def live(
    client: httpx.AsyncClient, bearer: Callable[[str], dict[str, str]], count: int, today: date
) -> int:
    """How many things were done. Raises RuntimeError when one was refused."""
    pursued: dict[str, list[int]] = {f"rep.{number}": [] for number in range(REPS)}
    for number in range(0, count, PURSUED_EVERY):
        pursued[owner(number)].append(number)
    work = iter([(rep, numbers) for rep, numbers in pursued.items() if numbers])

    async def some() -> int:
        done = 0
        for rep, numbers in work:
            for who, path, body in _days(rep, numbers, today):
                answer = await client.post(path, json=body, headers=bearer(who))
                if not answer.is_success:
                    raise RuntimeError(f"{path} {body}: {answer.status_code} {answer.text[:500]}")
                done += 1
        return done

    return sum(await asyncio.gather(*(some() for _ in range(AT_ONCE))))


def _days(rep: str, customers: list[int], today: date) -> Iterator[Post]:
    for number in customers[:CALLED]:
        stage = str(number // PURSUED_EVERY % 5)
        deal = opportunity_id(ExternalReference(system="crm", id=f"o{number}"))
        if _is_own(number):
            signals = [SHOWN[stage]] if stage in SHOWN else []
            call = {"outcome": "interactive", "minutes": 5, "signals": signals, "next_step": "报价"}
            yield rep, f"/opportunities/{deal}/calls", call
            if signals and number % 3 == 0:
                yield rep, f"/opportunities/{deal}/stage", {"to": str(int(stage) + 1)}
    for number in customers[:TRACKED]:
        yield rep, "/tracking-list", {"customer_id": str(customer_id(number))}
    for number in customers[:CARED_FOR]:
        wish = {
            "contact_id": str(contact_id(ExternalReference(system="crm", id=f"k{number}"))),
            "kind": "gift",
            "occasion": "other",
            "on": str(today + timedelta(1 + number % 30)),
            "what": "茶叶一盒",
            "budget": {"amount": "200.00", "currency": "CNY"},
        }
        yield rep, f"/customers/{customer_id(number)}/care-requests", wish
    for number in [one for one in customers if one % 30 == 0][:2]:
        yield rep, f"/customers/{customer_id(number)}/referral-requests", {}
        file = {"kind": "enterprise", "name": f"{name(number)}之友{number}", "distinct_because": "benchmark"}
        yield rep, f"/customers/{customer_id(number)}/referrals", file
    for number in customers[TRACKED - GIVEN_UP : TRACKED]:
        yield rep, f"/tracking-list/{customer_id(number)}/removal", {"reason": "blunder"}


def _is_own(number: int) -> bool:
    return number // PURSUED_EVERY % 50 != 0
