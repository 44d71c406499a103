"""What the company's people ask: each question as a rep, as a manager and as an auditor."""

import asyncio
import os
import random
import time
from base64 import b64encode
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import httpx

from bench import company
from bench.company_life import GIVEN_UP, TRACKED, customer_id
from keqing_pipeline.app import CONTEXT
from keqing_pipeline.clockwork import CLOCKWORK
from keqing_shared.service import Service
from keqing_shared.settings import Settings

DAILY, REPORT = 0.100, 1.000
"""Seconds: of what is asked all day, and of what adds up everybody's."""
ASKING = (
    ("a rep", "rep.7", "rep"),
    ("a manager", "manager.7", "sales_manager"),
    ("a director", "director", "sales_manager"),
    ("an auditor", "auditor", "auditor"),
)
"""The director sees everybody's as the whole team's."""
LISTS = (
    "/touches", "/customers", "/customers?importance=key", "/customers?source=walk_in",
    "/customers?loyalty=loyal", "/customers?value_class=growable", "/opportunities",
    "/opportunities?stage=4", "/opportunities?outcome=won", "/opportunities?outcome=lost", "/contacts",
    "/contacts?role=payer", "/contacts?name=王", "/contacts?left=true", "/contacts?covered_by=rep.7",
    "/coverage", "/coverage?flagged=true", "/coverage?flagged=false", "/first-impressions", "/accounts",
    "/accounts?abc=A", "/accounts?key=true", "/accounts?warned=true", "/accounts?warned=false",
    "/accounts?level=summit", "/referrals", "/care-requests", "/care-requests?status=submitted",
    "/care-requests?status=done", "/care-requests?kind=meal", "/care-requests?requested_by=rep.7",
    "/care-calendar", "/tracking-list", "/tracking-list?band=close", "/open-pool", "/open-pool?stage=4",
    "/users", "/filters",
)  # fmt: skip
REPORTS = (
    "/funnel", "/funnel?by=owner", "/funnel?by=manager", "/forecast", "/activity", "/sources",
    "/sources?since=2026-01-01", "/pareto", "/occupancy",
)  # fmt: skip
NOT_ALL = {"/users": "rep", "/duplicates": "auditor"}
"""By path, who may not ask."""
SHOWN = 50


@dataclass(frozen=True)
class Answered:
    question: str
    who: str
    seconds: Sequence[float]
    bound: float

    @property
    def p50(self) -> float:
        return sorted(self.seconds)[len(self.seconds) // 2]

    @property
    def p99(self) -> float:
        return sorted(self.seconds)[int(len(self.seconds) * 0.99)]

    @property
    def kept(self) -> bool:
        return self.p99 <= self.bound


def ask_all(
    client: Callable[[str, str], httpx.Client], count: int, asks: int, only: str = ""
) -> Iterator[Answered]:
    for question, bound, paths in _questions(count):
        if paths and only in question:
            for who, login, role in ASKING:
                if NOT_ALL.get(paths[0].partition("?")[0]) == role:
                    continue
                with client(login, role) as asking:
                    for path in paths[:5]:
                        _took(asking, path)
                    took = [_took(asking, paths[number % len(paths)]) for number in range(asks)]
                    yield Answered(question, who, took, bound)


def _questions(count: int) -> Iterator[tuple[str, float, list[str]]]:
    dice = random.Random(1)
    some = [dice.randrange(count) for _ in range(SHOWN)]
    yield "board", DAILY, ["/board"]
    yield "search by name", DAILY, [f"/customers?name={company.name(one)[:6]}" for one in some]
    yield "search by a part", DAILY, [f"/customers?name={company.name(one)[2:5]}" for one in some]
    common = ("有限", "纺", "集团", "股份有限公司")
    yield "search by what many have", DAILY, [f"/customers?name={part}" for part in common]
    yield "search by phone", DAILY, [f"/customers?phone=%2B86139{one:08d}" for one in some]
    yield "search by reference", DAILY, [f"/customers?external=crm:{one}" for one in some]
    yield "duplicates", DAILY, [f"/duplicates?name={company.name(one)[:-1]}" for one in some]
    yield "visit route", DAILY, ["/visit-route?owner=rep.7"]
    pursued = [one for one in range(0, count, company.PURSUED_EVERY) if company.owner(one) == "rep.7"]
    own = [one for number, one in enumerate(pursued) if number not in range(TRACKED - GIVEN_UP, TRACKED)]
    yield "customer card", DAILY, [f"/customers/{customer_id(one)}" for one in own[:SHOWN]]
    of_customers = [f"/opportunities?customer_id={customer_id(one)}" for one in own[:SHOWN]]
    yield "opportunities of one", DAILY, of_customers
    for path in LISTS:
        yield path[1:], DAILY, [path]
    for path in ("/touches", "/customers", "/opportunities", "/contacts", "/accounts", "/coverage"):
        yield f"{path[1:]}, deep inside", DAILY, [f"{path}#"]
    yield "pareto, deep inside", REPORT, ["/pareto#"]
    for path in REPORTS:
        yield path[1:], REPORT, [path]


def _took(client: httpx.Client, path: str) -> float:
    """Seconds; ``#``: a page some way into the list."""
    if path.endswith("#"):
        path = _deep(client, path[:-1])
    began = time.perf_counter()
    answer = client.get(path)
    took = time.perf_counter() - began
    if answer.status_code != 200:
        raise RuntimeError(f"{path}: {answer.status_code} {answer.text[:500]}")
    return took


_PAGES: dict[tuple[str, str], str] = {}


def _deep(client: httpx.Client, path: str) -> str:
    """The third page of the longest, or the last there is."""
    name = (client.headers["Authorization"], path)
    if name not in _PAGES:
        after = path
        for _ in range(2):
            following = client.get(after, params={"limit": 200} if after == path else None).json()["next"]
            if following is None:
                break
            after = f"{path}?limit=200&after={following}"
        _PAGES[name] = after.replace("limit=200&", "")
    return _PAGES[name]


def rounds(
    database_url: str, home: Path, master_key: bytes, only: str = ""
) -> Iterator[tuple[str, float, int]]:
    """Each duty of the clockwork once: its name, the seconds it took, how many facts it made."""
    if "clockwork".find(only) < 0:
        return
    settings = Settings(
        env="development", home=home, database_url=database_url, nats_url=None, roles=frozenset({"views"}),
        master_key=b64encode(master_key).decode(), log_level="warning",
    )  # fmt: skip

    async def all_of_them() -> list[tuple[str, float, int]]:
        done = []
        async with Service(CONTEXT, settings) as service:
            for duty in CLOCKWORK:
                await service.catch_up()
                began = time.perf_counter()
                facts = await duty.run(service, service.clock.now())
                done.append((duty.name, time.perf_counter() - began, facts))
            await service.catch_up()
        return done

    os.environ.setdefault("KEQING_ENV", "development")
    yield from asyncio.run(all_of_them())
