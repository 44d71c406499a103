"""``python -m bench.many_customers``: so many customers imported over HTTP, then what people ask all day.

750,000 by default, each tenth with an open opportunity that is due; a rep's, a team's and everybody's board,
touches and searches are to answer within 100 ms (p99). Exits with 1 when one does not.
"""

import random
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Annotated

import httpx
import typer
from rich.console import Console
from rich.table import Table

from bench.ground import Ground
from bench.measure import served
from keqing_shared.http.signing import issue_token
from keqing_shared.imports.rows import MOST_ROWS
from keqing_shared.sheets.writing import CSV_TYPE

BOUND = 0.100
"""Seconds."""
REPS, TEAMS = 1_000, 50
FORMS = ("有限公司", "股份有限公司", "集团", "厂")
CITIES = "北上广深杭苏宁锡常甬温嘉湖绍台金衢丽舟泉厦福莆漳龙岩晋江"
TRADES = "纺织印染机械电子化工食品家具建材五金塑料包装物流服装鞋业玩具灯具汽配仪表医药农牧"


def main(
    customers: Annotated[int, typer.Option(min=1_000)] = 750_000,
    asks: Annotated[int, typer.Option(min=10, help="Of each question")] = 200,
) -> None:
    console = Console(width=120)
    home = Path(tempfile.mkdtemp(prefix="kq-many-"))
    try:
        with Ground(home, 1, 1.0, console.print) as ground:
            kept = _run(ground, customers, asks, console)
    finally:
        shutil.rmtree(home, ignore_errors=True)
    sys.exit(0 if kept else 1)


def _run(ground: Ground, customers: int, asks: int, console: Console) -> bool:
    environment = ground.ours(ground.database("many"), roles="http,views")
    with served("keqing_pipeline.app:app", environment, ground.home / "many.log") as port:

        def client(login: str, role: str) -> httpx.Client:
            bearer = {"Authorization": f"Bearer {issue_token(ground.settings, login, [role])}"}
            base = f"http://127.0.0.1:{port}/pipeline"
            return httpx.Client(base_url=base, trust_env=False, timeout=600, headers=bearer)

        with client("admin", "admin") as admin:
            _send(admin, "users", "login,name,roles,team,manager", _people())
            rate = _send(
                admin,
                "customers",
                "external,kind,name,owner,source,phones,distinct_because",
                _customers(customers),
                console,
            )
            deals = customers // 10
            deal_rate = _send(
                admin, "opportunities", "external,customer,title,owner,stage,amount,next_on", _deals(deals)
            )
            began = time.perf_counter()
            _caught_up(admin)
            console.print(
                f"{customers:,} customers at {rate:,.0f}/s, {deals:,} opportunities at {deal_rate:,.0f}/s,"
                f" views {time.perf_counter() - began:.1f} s behind"
            )
        return _asked(client, asks, customers, console)


def _asked(client: Callable[[str, str], httpx.Client], asks: int, customers: int, console: Console) -> bool:
    table = Table(title=f"{customers:,} customers; milliseconds")
    for column in ("question", "asked by", "p50", "p99", "≤ 100"):
        table.add_column(column)
    kept = True
    dice = random.Random(1)
    for who, login, role in (
        ("a rep", "rep.7", "rep"),
        ("a manager", "manager.3", "sales_manager"),
        ("an auditor", "auditor", "auditor"),
    ):
        with client(login, role) as asking:
            for question, paths in (
                ("board", ["/board"]),
                ("touches", ["/touches"]),
                ("list", ["/customers", "/opportunities"]),
                (
                    "search by name",
                    [f"/customers?name={_name(dice.randrange(customers))[:6]}" for _ in range(50)],
                ),
                (
                    "search by a part",
                    [f"/customers?name={_name(dice.randrange(customers))[2:5]}" for _ in range(50)],
                ),
                (
                    "search by reference",
                    [f"/customers?external=crm:{dice.randrange(customers)}" for _ in range(50)],
                ),
            ):
                took = sorted(_took(asking, paths[number % len(paths)]) for number in range(asks))
                p50, p99 = took[len(took) // 2], took[int(len(took) * 0.99)]
                good = p99 <= BOUND
                kept = kept and good
                table.add_row(
                    question, who, f"{p50 * 1000:.1f}", f"{p99 * 1000:.1f}", "kept" if good else "NOT KEPT"
                )
    console.print(table)
    return kept


def _took(client: httpx.Client, path: str) -> float:
    began = time.perf_counter()
    answer = client.get(path)
    took = time.perf_counter() - began
    if answer.status_code != 200:
        raise RuntimeError(f"{path}: {answer.status_code} {answer.text[:500]}")
    return took


def _send(
    client: httpx.Client, what: str, head: str, rows: Iterator[str], console: Console | None = None
) -> float:
    """All the rows as CSV, so many a request; how many went in a second."""
    sent, seconds = 0, 0.0
    while part := [row for _, row in zip(range(MOST_ROWS), rows, strict=False)]:
        body = "\n".join((head, *part)).encode()
        began = time.perf_counter()
        answer = client.post(f"/imports/{what}", content=body, headers={"Content-Type": CSV_TYPE})
        seconds += time.perf_counter() - began
        sent += len(part)
        if not answer.is_success or answer.json()["created"] != len(part):
            refused = [row for row in answer.json().get("rows", []) if row["problem"]][:3]
            raise RuntimeError(f"{what}: {answer.status_code} {refused or answer.text[:1000]}")
        if console is not None and sent % (MOST_ROWS * 5) == 0:
            console.print(f"{what}: {sent:,}, {sent / seconds:,.0f}/s")
    return sent / seconds


def _people() -> Iterator[str]:
    yield "auditor,审计,auditor,,"
    for number in range(TEAMS):
        yield f"manager.{number},经理{number},sales_manager,team {number},"
    for number in range(REPS):
        team = number % TEAMS
        yield f"rep.{number},销售{number},rep,team {team},manager.{team}"


def _name(number: int) -> str:
    """Unlike any other, as names of companies are: no two have the same word."""
    dice = random.Random(number)
    word = "".join(chr(0x4E00 + part) for part in divmod(number * 7919 % 15_000_000, 4_000))
    return f"{dice.choice(CITIES)}{word}{dice.choice(TRADES)}{dice.choice(TRADES)}{dice.choice(FORMS)}"


def _customers(number: int) -> Iterator[str]:
    for one in range(number):
        yield f"crm:{one},enterprise,{_name(one)},rep.{one % REPS},internet,139{one:08d},benchmark"


def _deals(number: int) -> Iterator[str]:
    for one in range(number):
        customer = one * 10
        yield f"crm:o{one},crm:{customer},年度采购,rep.{customer % REPS},{one % 5},1200.00 CNY,2026-03-02"


def _caught_up(client: httpx.Client) -> None:
    while True:
        ready = client.get("/health/ready").json()
        views = ready.get("views", [])
        if all(view.get("behind", 0) == 0 for view in views):
            return
        time.sleep(0.2)


if __name__ == "__main__":
    typer.run(main)
