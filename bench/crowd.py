"""``python -m bench.crowd``: two hundred people of mixed roles work at once, and nobody sees what is others'.

Starts pipeline on a database of its own (``--url`` names a running stack on this machine instead, in
development), enrols teams, lets everybody work for so many seconds, and prints how it went. What somebody
else owns is foreign; exits with 1 when an answer was an error, or a foreign row was seen.
"""

import asyncio
import random
import shutil
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any
from uuid import uuid4

import httpx
import typer
from rich.console import Console
from rich.table import Table

from bench.ground import Ground
from bench.measure import served
from keqing_shared.http.signing import issue_token
from keqing_shared.settings import Settings

TEAMS = 8
QUESTIONS = (
    *("/board", "/touches", "/customers", "/opportunities", "/funnel?by=owner", "/tracking-list"),
    *("/contacts", "/occupancy", "/care-requests"),
)
AUDITORS = 0.05
"""Of all people."""
THINKING = 1.0
"""Seconds between two requests of one person, on average."""


@dataclass
class Person:
    login: str
    role: str
    team: str | None
    sees: frozenset[str] | None = None
    """The owners whose things they may see; None: everybody's."""
    customers: list[str] = field(default_factory=list)
    opportunities: list[str] = field(default_factory=list)


@dataclass
class Figures:
    seconds: list[float] = field(default_factory=list)
    errors: int = 0
    foreign: int = 0
    said: str = ""
    """Of the first error."""


def main(
    users: Annotated[int, typer.Option(min=20)] = 200,
    seconds: Annotated[float, typer.Option(min=1, max=600)] = 30.0,
    url: Annotated[str | None, typer.Option(help="of a running stack: http://127.0.0.1:8000")] = None,
    home: Annotated[Path, typer.Option(envvar="KEQING_HOME", help="where that stack keeps its key")] = Path(
        ".keqing"
    ),
) -> None:
    console = Console(width=110)
    if url is not None:
        figures = asyncio.run(_work(url, Settings(env="development", home=home), users, seconds))
    else:
        own = Path(tempfile.mkdtemp(prefix="kq-crowd-"))
        try:
            with Ground(own, 1, seconds, console.print) as ground:
                environment = ground.ours(ground.database("crowd"), roles="http,views,clockwork")
                with served("keqing_pipeline.app:app", environment, own / "crowd.log") as port:
                    at = f"http://127.0.0.1:{port}"
                    figures = asyncio.run(_work(at, ground.settings, users, seconds))
        finally:
            shutil.rmtree(own, ignore_errors=True)
    sys.exit(0 if _told(figures, users, seconds, console) else 1)


async def _work(url: str, settings: Settings, users: int, seconds: float) -> dict[str, Figures]:
    limits = httpx.Limits(max_connections=users + 1, max_keepalive_connections=users + 1)
    figures: dict[str, Figures] = defaultdict(Figures)
    async with httpx.AsyncClient(
        base_url=f"{url}/pipeline", limits=limits, timeout=60, trust_env=False
    ) as client:

        def bearer(login: str, role: str) -> dict[str, str]:
            return {"Authorization": f"Bearer {issue_token(settings, login, [role])}"}

        people = list(_people(users, uuid4().hex[:6]))
        admin = bearer("admin", "admin")
        for person in people:
            body = {"login": person.login, "name": person.login, "roles": [person.role], "team": person.team}
            answer = await client.post("/users", json=body, headers=admin)
            if answer.status_code != 201:
                raise RuntimeError(f"{answer.status_code} {answer.text[:500]}")
        until = time.monotonic() + seconds
        await asyncio.gather(
            *(_day(client, person, bearer(person.login, person.role), until, figures) for person in people)
        )
    return figures


def _people(users: int, run: str) -> Iterator[Person]:
    auditors = max(1, round(users * AUDITORS))
    for number in range(auditors):
        yield Person(f"crowd.{run}.auditor.{number}", "auditor", None)
    for number in range(users - auditors):
        team = number % TEAMS
        login = f"crowd.{run}.{number}"
        if number < TEAMS:
            of_team = range(team, users - auditors, TEAMS)
            sees = frozenset(f"crowd.{run}.{member}" for member in of_team)
            yield Person(login, "sales_manager", f"crowd {run} {team}", sees)
        else:
            yield Person(login, "rep", f"crowd {run} {team}", frozenset({login}))


async def _day(
    client: httpx.AsyncClient,
    person: Person,
    bearer: dict[str, str],
    until: float,
    figures: dict[str, Figures],
) -> None:
    dice = random.Random(person.login)
    await asyncio.sleep(dice.random() * THINKING)
    while time.monotonic() < until:
        what, method, path, body = _next(person, dice)
        began = time.perf_counter()
        answer = await client.request(method, path, json=body, headers=bearer)
        kept = figures[what]
        kept.seconds.append(time.perf_counter() - began)
        if not answer.is_success:
            kept.errors += 1
            kept.said = kept.said or f"{answer.status_code} {answer.text[:200]}"
        elif method == "GET":
            kept.foreign += _foreign(answer.json(), person)
        elif what == "register a customer":
            person.customers.append(answer.json()["id"])
        elif what == "open an opportunity":
            person.opportunities.append(answer.json()["id"])
        await asyncio.sleep(dice.expovariate(1 / THINKING))


def _next(person: Person, dice: random.Random) -> tuple[str, str, str, Any]:
    """What the person does next."""
    if person.role != "rep" or dice.random() > 0.4:
        path = dice.choice(QUESTIONS)
        return path.partition("?")[0], "GET", path, None
    if person.opportunities and dice.random() < 0.7:
        call = {"outcome": "interactive", "minutes": 5, "signals": ["converses"]}
        return "log a call", "POST", f"/opportunities/{dice.choice(person.opportunities)}/calls", call
    if person.customers and dice.random() < 0.6:
        wish = {"customer_id": dice.choice(person.customers), "title": person.login}
        return "open an opportunity", "POST", "/opportunities", wish
    file = {"kind": "enterprise", "name": f"{uuid4().hex} of {person.login}", "source": "internet"}
    return "register a customer", "POST", "/customers", file


def _foreign(document: Any, person: Person) -> int:
    """How many rows in it are of owners that the person may not see."""
    if person.sees is None:
        return 0
    if isinstance(document, list):
        return sum(_foreign(part, person) for part in document)
    if not isinstance(document, dict):
        return 0
    owner = document.get("owner") or document.get("of")
    own = isinstance(owner, str) and owner not in person.sees
    return own + sum(_foreign(part, person) for part in document.values())


def _told(figures: dict[str, Figures], users: int, seconds: float, console: Console) -> bool:
    table = Table(title=f"{users} people for {seconds:.0f} s; milliseconds")
    for column in ("what", "requests", "errors", "foreign rows", "p50", "p99"):
        table.add_column(column, justify="left" if column == "what" else "right")
    for what, kept in sorted(figures.items()):
        took = sorted(kept.seconds)
        p50, p99 = took[len(took) // 2], took[min(len(took) - 1, int(len(took) * 0.99))]
        row = (what, len(took), kept.errors, kept.foreign, f"{p50 * 1000:.0f}", f"{p99 * 1000:.0f}")
        table.add_row(*map(str, row))
    console.print(table)
    for what, kept in figures.items():
        if kept.errors:
            console.print(f"{what}: {kept.said}")
    done = sum(len(kept.seconds) for kept in figures.values())
    console.print(f"{done:,} requests, {done / seconds:,.0f}/s")
    return not any(kept.errors or kept.foreign for kept in figures.values())


if __name__ == "__main__":
    typer.run(main)
