"""Import opportunities through the same rules as every other command: over HTTP, a thousand a request,
all of them new, each with its customer, amount and history. One client, one worker."""

import itertools
import json
import time

import httpx

from bench.ground import Ground
from bench.measure import Contestant, Row, paired, served
from keqing_shared.http.signing import issue_token

ROWS = 1_000
CUSTOMERS = 100
BUDGET = 10_000
"""Rows a second."""


def measure(ground: Ground) -> list[Row]:
    """There is no rival: the budget is a number."""
    url = ground.database("import_keqing")
    admin = issue_token(ground.settings, "admin", ["admin"])
    environment = ground.ours(url, roles="http,views")
    numbers = itertools.count()
    requests = max(1, round(ground.seconds))
    with (
        served("keqing_pipeline.app:app", environment, ground.home / "import.log") as port,
        httpx.Client(
            base_url=f"http://127.0.0.1:{port}/pipeline/imports",
            trust_env=False,
            timeout=60,
            headers={"Authorization": f"Bearer {admin}", "Content-Type": "application/x-ndjson"},
        ) as client,
    ):
        _sent(client, "users", [{"login": "li.wei", "name": "李伟", "roles": ["rep"], "team": "north"}])
        _sent(client, "customers", [_customer(number) for number in range(CUSTOMERS)])

        def run() -> float:
            bodies = [[_opportunity(next(numbers)) for _ in range(ROWS)] for _ in range(requests)]
            begin = time.perf_counter()
            for rows in bodies:
                _sent(client, "opportunities", rows)
            return requests * ROWS / (time.perf_counter() - begin)

        contestant = Contestant("Keqing", run)
        paired([contestant], ground.rounds, ground.told)
    return [Row("import opportunities through the rules", contestant.median, "the budget", BUDGET, 1.0)]


def _sent(client: httpx.Client, what: str, rows: list[dict[str, object]]) -> None:
    answer = client.post(f"/{what}", content="\n".join(json.dumps(row) for row in rows))
    if not answer.is_success or answer.json()["created"] != len(rows):
        raise RuntimeError(f"{what}: {answer.status_code} {answer.text[:1000]}")


def _customer(number: int) -> dict[str, object]:
    return {
        "external": [{"system": "bench", "id": f"C{number}"}],
        "kind": "enterprise",
        "name": f"Benchmark {number} Ltd",
        "source": "internet",
        "owner": "li.wei",
    }


def _opportunity(number: int) -> dict[str, object]:
    return {
        "external": {"system": "bench", "id": f"O{number}"},
        "title": "Yearly supplies",
        "owner": "li.wei",
        "customer": {"system": "bench", "id": f"C{number % CUSTOMERS}"},
        "amount": {"amount": "1200.00", "currency": "CNY"},
        "interests": ["GTX Pro"],
        "engaged_on": "2026-01-05",
        "outcome": "won",
        "closed_on": "2026-02-16",
        "close_value": {"amount": "1150.00", "currency": "CNY"},
    }
