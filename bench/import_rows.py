"""Import opportunities through the same rules as every other command: over HTTP, a thousand a request, two
requests under way, one worker; all rows are new, each with its customer, amount and history.

The views follow in a process of their own, as replicas with other roles do; how fast they are in the same
process, until they show what was imported, is told beside it.
"""

import itertools
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from time import perf_counter

import httpx

from bench.ground import Ground
from bench.measure import Contestant, Row, paired, served
from keqing_shared.http.signing import issue_token

ROWS = 1_000
UNDER_WAY = 2
CUSTOMERS = 100
BUDGET = 10_000
"""Rows a second."""


def measure(ground: Ground) -> list[Row]:
    """Without a bound where one process does both."""
    requests = UNDER_WAY * max(1, round(ground.seconds))
    with ExitStack() as stack:
        alone = stack.enter_context(_importing(ground, "import_alone", "http"))
        together = stack.enter_context(_importing(ground, "import_together", "http,views"))
        imported = Contestant("imported", lambda: alone.rate(requests, shown=False))
        seen = Contestant("imported and in the views", lambda: together.rate(requests, shown=True))
        paired([imported, seen], ground.rounds, ground.told)
    what = "import opportunities through the rules"
    return [
        Row.budgeted(what, imported, BUDGET),
        Row.budgeted(f"{what}, until the views of the same process show them", seen, BUDGET, None),
    ]


class Importing:
    """One pipeline and whoever imports into it."""

    def __init__(self, client: httpx.Client) -> None:
        self._client = client
        self._numbers = itertools.count()

    def begin(self) -> None:
        """Whose the opportunities will be."""
        self._sent("users", _lines([{"login": "li.wei", "name": "李伟", "roles": ["rep"], "team": "north"}]))
        self._sent("customers", _lines([_customer(number) for number in range(CUSTOMERS)]))

    def rate(self, requests: int, *, shown: bool) -> float:
        """Rows a second; ``shown``: until the views have them."""
        bodies = [_lines([_opportunity(next(self._numbers)) for _ in range(ROWS)]) for _ in range(requests)]
        with ThreadPoolExecutor(UNDER_WAY) as senders:
            begin = perf_counter()
            positions = list(senders.map(lambda body: self._sent("opportunities", body), bodies))
            if shown:
                self._wait(max(positions))
            return requests * ROWS / (perf_counter() - begin)

    def _sent(self, what: str, body: str) -> int:
        """The log's position afterwards."""
        answer = self._client.post(f"/imports/{what}", content=body)
        if not answer.is_success or answer.json()["created"] != body.count("\n"):
            raise RuntimeError(f"{what}: {answer.status_code} {answer.text[:1000]}")
        return int(answer.headers["Keqing-Position"].partition(":")[2])

    def _wait(self, position: int) -> None:
        after = {"Keqing-After": f"pipeline:{position}"}
        while self._client.get("/customers?limit=1", headers=after).status_code != httpx.codes.OK:
            pass  # it waits by itself, two seconds at the most


@contextmanager
def _importing(ground: Ground, name: str, roles: str) -> Iterator[Importing]:
    token = issue_token(ground.settings, "admin", ["admin"])
    environment = ground.ours(ground.database(name), roles=roles)
    with (
        served("keqing_pipeline.app:app", environment, ground.home / f"{name}.log") as port,
        httpx.Client(
            base_url=f"http://127.0.0.1:{port}/pipeline",
            trust_env=False,
            timeout=60,
            headers={"Authorization": f"Bearer {token}", "Content-Type": "application/x-ndjson"},
        ) as client,
    ):
        importing = Importing(client)
        importing.begin()
        yield importing


def _lines(rows: list[dict[str, object]]) -> str:
    return "".join(f"{json.dumps(row)}\n" for row in rows)


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
