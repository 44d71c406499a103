"""``python -m bench.many_customers``: so many customers imported over HTTP, then what people ask all day.

750,000 by default, each tenth with an open opportunity that is due, with buyers, contacts, care, lists and
referrals (``bench.company``). What people ask all day is to be answered within 100 ms, and what adds up
everybody's within a second (p99), be it of a rep, of a team or of all; a round of the clockwork that finds
nothing new is to be done within half a minute. Exits with 1 when something is not.

``--home DIR`` keeps the filled database there, and finds it there again: filling takes longer than asking.
"""

import asyncio
import json
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import httpx
import typer
from rich.console import Console
from rich.table import Table

from bench import company
from bench.company_life import live
from bench.company_questions import Answered, ask_all, rounds
from bench.ground import MASTER_KEY, Ground
from bench.measure import served
from keqing_shared.http.signing import issue_token
from keqing_shared.imports.rows import MEDIA_TYPE, MOST_ROWS

FILLED = "filled.json"
"""In the home: how many customers, and how fast they came."""


def main(
    customers: Annotated[int, typer.Option(min=1_000)] = 750_000,
    asks: Annotated[int, typer.Option(min=10, help="Of each question")] = 200,
    home: Annotated[Path | None, typer.Option(help="Kept, and used again when it is filled")] = None,
    only: Annotated[str, typer.Option(help="Questions whose name holds this")] = "",
    fill_only: Annotated[bool, typer.Option(help="Ask nothing")] = False,
) -> None:
    console = Console(width=120)
    with _housed(home) as own, Ground(own, 1, 1.0, console.print) as ground:
        filled = own / FILLED
        if filled.exists():
            customers = json.loads(filled.read_text())["customers"]
        else:
            filled.write_text(json.dumps(_fill(ground, customers, console)))
        kept = fill_only or _told(_answers(ground, customers, asks, only), customers, console)
    sys.exit(0 if kept else 1)


@contextmanager
def _housed(home: Path | None) -> Iterator[Path]:
    if home is not None:
        home.mkdir(parents=True, exist_ok=True)
        yield home.absolute()
        return
    own = Path(tempfile.mkdtemp(prefix="kq-many-"))
    try:
        yield own
    finally:
        shutil.rmtree(own, ignore_errors=True)


@contextmanager
def _serving(ground: Ground) -> Iterator[Callable[..., Any]]:
    """Makes clients of a pipeline over the ground's database: ``client(httpx.Client, login, role)``."""
    environment = ground.ours(ground.database("many"), roles="http,views")
    with served("keqing_pipeline.app:app", environment, ground.home / "many.log", within=3600) as port:

        def client(kind: Any, **given: Any) -> Any:
            base = f"http://127.0.0.1:{port}/pipeline"
            return kind(base_url=base, trust_env=False, timeout=3600, **given)

        yield client


def _bearer(ground: Ground, login: str, role: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {issue_token(ground.settings, login, [role])}"}


def _fill(ground: Ground, count: int, console: Console) -> dict[str, Any]:
    rates: dict[str, Any] = {"customers": count}
    today = datetime.now(ZoneInfo(ground.settings.time_zone)).date()
    with _serving(ground) as client:
        with client(httpx.Client, headers=_bearer(ground, "admin", "admin")) as admin:
            for what, rows in (
                ("users", company.people()),
                ("customers", company.customers(count)),
                ("contacts", company.contacts(count)),
                ("opportunities", company.deals(count, today)),
            ):
                rates[f"{what} a second"] = round(_send(admin, what, rows, console))
            _caught_up(admin, console)
            began = time.perf_counter()
            done = asyncio.run(_lived(ground, client, count, today))
            console.print(f"{done:,} things done in {time.perf_counter() - began:.0f} s")
            began = time.perf_counter()
            classed = admin.post("/abc").raise_for_status().json()
            console.print(f"{classed['changed']:,} classes in {time.perf_counter() - began:.0f} s")
            _caught_up(admin, console)
    for name, seconds, facts in rounds(ground.database("many"), ground.home, MASTER_KEY):
        console.print(f"clockwork, {name}: {facts:,} facts in {seconds:.1f} s")
    with _serving(ground) as client, client(httpx.Client, headers=_bearer(ground, "admin", "admin")) as admin:
        _caught_up(admin, console)
    asyncio.run(ground.analysed("many"))
    return rates


async def _lived(ground: Ground, client: Callable[..., Any], count: int, today: date) -> int:
    tokens: dict[str, dict[str, str]] = {}

    def bearer(login: str) -> dict[str, str]:
        return tokens.setdefault(login, _bearer(ground, login, "rep"))

    async with client(httpx.AsyncClient) as people:
        return await live(people, bearer, count, today)


def _send(client: httpx.Client, what: str, rows: Iterator[dict[str, Any]], console: Console) -> float:
    """All the rows as JSON lines; how many went in a second."""
    sent, seconds = 0, 0.0
    for count, body in company.lines(rows, MOST_ROWS):
        began = time.perf_counter()
        answer = client.post(f"/imports/{what}", content=body, headers={"Content-Type": MEDIA_TYPE})
        seconds += time.perf_counter() - began
        sent += count
        if not answer.is_success or answer.json()["created"] != count:
            refused = [row for row in answer.json().get("rows", []) if row["problem"]][:3]
            raise RuntimeError(f"{what}: {answer.status_code} {refused or answer.text[:1000]}")
        if sent % (MOST_ROWS * 10) == 0:
            console.print(f"{what}: {sent:,}, {sent / seconds:,.0f}/s")
    console.print(f"{what}: {sent:,}, {sent / seconds:,.0f}/s")
    return sent / seconds


def _caught_up(client: httpx.Client, console: Console) -> None:
    began = time.perf_counter()
    while any(view["lag"] for view in client.get("/health/ready").json()["views"]):
        time.sleep(0.2)
    console.print(f"views {time.perf_counter() - began:.1f} s behind")


def _answers(ground: Ground, count: int, asks: int, only: str) -> Iterator[Answered]:
    with _serving(ground) as client:

        def asking(login: str, role: str) -> httpx.Client:
            made: httpx.Client = client(httpx.Client, headers=_bearer(ground, login, role))
            return made

        yield from ask_all(asking, count, asks, only)
    for name, seconds, facts in rounds(ground.database("many"), ground.home, MASTER_KEY, only):
        yield Answered(f"clockwork: {name}, {facts} facts", "a round", [seconds], 30.0)


def _told(answers: Iterator[Answered], count: int, console: Console) -> bool:
    table = Table(title=f"{count:,} customers; milliseconds")
    for column in ("question", "asked by", "p50", "p99", "bound", ""):
        table.add_column(column, justify="right" if column in ("p50", "p99", "bound") else "left")
    kept = True
    for one in answers:
        kept = kept and one.kept
        table.add_row(
            one.question, one.who, f"{one.p50 * 1000:.1f}", f"{one.p99 * 1000:.1f}",
            f"{one.bound * 1000:,.0f}", "" if one.kept else "NOT KEPT",
        )  # fmt: skip
    console.print(table)
    return kept


if __name__ == "__main__":
    typer.run(main)
