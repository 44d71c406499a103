"""Import opportunities, customers and contacts through the same rules as every other command: over HTTP as
JSON lines, a thousand a request, two requests under way with each replica; all rows are new. The budget is
held by two replicas, as one would run them on two cores; what one of them does is told beside it.

There are customers already, and the views know them: each new customer, with the name of a Chinese firm, an
owner and a phone, is held against them and against the earlier rows of its request. Opportunities come with
amount and history, contacts with roles, a birthday and who covers them; both name one of those customers.

The views follow in a process of their own, as replicas with other roles do, and that is not in the figures;
how fast they are in one and the same process, until they show what was imported, is told as well.
"""

import itertools
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from http import HTTPStatus
from http.client import HTTPConnection
from time import perf_counter
from typing import Any

import msgspec

from bench import company
from bench.ground import Ground
from bench.measure import Contestant, Row, paired, served
from keqing_shared.http.signing import issue_token

ROWS = 1_000
UNDER_WAY = 2
"""With each replica."""
REPLICAS = 2
CUSTOMERS = 20_000
"""That are there already."""
OWNERS = 100
BUDGET = 10_000
"""Rows a second."""
MOST_REFUSED = 0.001
"""Of the customers: of so many names a few sound the same."""

Entry = dict[str, Any]


class Made(msgspec.Struct):
    """Of an import's report all that is looked at: who sends is not what is measured."""

    created: int


_made = msgspec.json.Decoder(Made).decode


def measure(ground: Ground) -> list[Row]:
    """Without a bound where there is one replica only, or one process does both."""
    requests = max(REPLICAS * UNDER_WAY, round(ground.seconds * BUDGET / ROWS / 2))
    with ExitStack() as stack:
        several = stack.enter_context(_importing(ground, "import_several", "http", REPLICAS))
        alone = stack.enter_context(_importing(ground, "import_alone", "http"))
        together = stack.enter_context(_importing(ground, "import_together", "http,views"))
        rows: list[tuple[str, Contestant, float | None]] = []
        for kind in ENTRIES:
            for what, importing, shown, bound in (
                (f"import {kind} through the rules, {REPLICAS} replicas", several, False, 1.0),
                (f"import {kind} through the rules, one replica", alone, False, None),
                (f"import {kind}, until the views of the same process show them", together, True, None),
            ):
                rows.append((what, Contestant(what, _rate(importing, kind, requests, shown=shown)), bound))
        paired([contestant for _, contestant, _ in rows], ground.rounds, ground.told)
    return [Row.budgeted(what, contestant, BUDGET, bound) for what, contestant, bound in rows]


def _rate(importing: "Importing", kind: str, requests: int, *, shown: bool) -> Callable[[], float]:
    return lambda: importing.rate(kind, requests, shown=shown)


class Importing:
    """The replicas of one pipeline and whoever imports into it."""

    def __init__(self, *replicas: "Replica") -> None:
        self._replicas = replicas
        self._numbers = itertools.count(CUSTOMERS)

    def begin(self) -> None:
        """Who the owners are, and who is there already: once the views know them."""
        [replica] = self._replicas
        replica.sent("users", iter([_lines([_rep(number) for number in range(OWNERS)])]))
        there = [_customer(number) for number in range(CUSTOMERS)]
        parts = (_lines(there[start : start + ROWS]) for start in range(0, CUSTOMERS, ROWS))
        replica.wait(replica.sent("customers", parts))

    def rate(self, kind: str, requests: int, *, shown: bool) -> float:
        """Rows a second; ``shown``: until the views have them."""
        entry = ENTRIES[kind]
        bodies = [_lines([entry(next(self._numbers)) for _ in range(ROWS)]) for _ in range(requests)]
        left = iter(bodies)
        senders = [replica for replica in self._replicas for _ in range(UNDER_WAY)]
        with ThreadPoolExecutor(len(senders)) as pool:
            begin = perf_counter()
            position = max(pool.map(lambda replica: replica.sent(kind, left), senders))
            if shown:
                self._replicas[0].wait(position)
            return requests * ROWS / (perf_counter() - begin)


class Replica:
    """One of them over HTTP, by the plainest client there is: it works on the machine that is measured."""

    def __init__(self, port: int, token: str) -> None:
        self._port = port
        self._headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/x-ndjson"}

    def sent(self, kind: str, left: Iterator[bytes]) -> int:
        """One request after the other while there are some; the log's position afterwards."""
        with closing(self._connected()) as connection:
            return max((self._sent(connection, kind, body) for body in left), default=0)

    def wait(self, position: int) -> None:
        """Until the views have come so far."""
        after = {**self._headers, "Keqing-After": f"pipeline:{position}"}
        with closing(self._connected()) as connection:
            status = 0
            while status != HTTPStatus.OK:  # it waits by itself, two seconds at the most
                connection.request("GET", "/pipeline/customers?limit=1", headers=after)
                answer = connection.getresponse()
                answer.read()
                status = answer.status

    def _connected(self) -> HTTPConnection:
        return HTTPConnection("127.0.0.1", self._port, timeout=60)

    def _sent(self, connection: HTTPConnection, kind: str, body: bytes) -> int:
        connection.request("POST", f"/pipeline/imports/{kind}", body, self._headers)
        answer = connection.getresponse()
        said = answer.read()
        refused = MOST_REFUSED if kind == "customers" else 0
        if answer.status != HTTPStatus.OK or _made(said).created < (1 - refused) * body.count(b"\n"):
            raise RuntimeError(f"{kind}: {answer.status} {said[:1000]!r}")
        return int(answer.headers["Keqing-Position"].partition(":")[2])


@contextmanager
def _importing(ground: Ground, name: str, roles: str, replicas: int = 1) -> Iterator[Importing]:
    """With these roles, once another with the views has shown who is there already."""
    database = ground.database(name)
    with _serving(ground, database, f"{name}_begun", "http,views") as replica:
        Importing(replica).begin()
    with ExitStack() as stack:
        names = [f"{name}_{number}" for number in range(replicas)]
        yield Importing(*[stack.enter_context(_serving(ground, database, one, roles)) for one in names])


@contextmanager
def _serving(ground: Ground, database: str, name: str, roles: str) -> Iterator[Replica]:
    environment = ground.ours(database, roles=roles)
    with served("keqing_pipeline.app:app", environment, ground.home / f"{name}.log") as port:
        yield Replica(port, issue_token(ground.settings, "admin", ["admin"]))


def _lines(rows: list[Entry]) -> bytes:
    return msgspec.json.Encoder().encode_lines(rows)


def _rep(number: int) -> Entry:
    return {
        "login": f"rep.{number}",
        "name": f"销售{number}",
        "roles": ["rep"],
        "team": f"team {number % 10}",
    }


def _customer(number: int) -> Entry:
    return {
        "external": [{"system": "bench", "id": f"C{number}"}],
        "kind": "enterprise",
        "name": company.name(number),
        "source": "internet",
        "owner": f"rep.{number % OWNERS}",
        "phones": [f"139{number:08d}"],
    }


def _contact(number: int) -> Entry:
    return {
        "external": {"system": "bench", "id": f"K{number}"},
        "customer": {"system": "bench", "id": f"C{number % CUSTOMERS}"},
        "name": f"王{chr(0x4E00 + number % 4_000)}",
        "roles": ["decider"],
        "birthday": {"month": number % 12 + 1, "day": number % 28 + 1},
        "covered_by": [f"rep.{number % OWNERS}"],
    }


def _opportunity(number: int) -> Entry:
    return {
        "external": {"system": "bench", "id": f"O{number}"},
        "title": "Yearly supplies",
        "owner": f"rep.{number % OWNERS}",
        "customer": {"system": "bench", "id": f"C{number % CUSTOMERS}"},
        "amount": {"amount": "1200.00", "currency": "CNY"},
        "interests": ["GTX Pro"],
        "engaged_on": "2026-01-05",
        "outcome": "won",
        "closed_on": "2026-02-16",
        "close_value": {"amount": "1150.00", "currency": "CNY"},
    }


ENTRIES: dict[str, Callable[[int], Entry]] = {
    "opportunities": _opportunity,
    "customers": _customer,
    "contacts": _contact,
}
