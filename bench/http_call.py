"""Log one call over HTTP, 16 clients, one worker: against an empty endpoint and the library's own stack.

Ours does more than its rivals: it verifies the caller's token, checks whose customer it is and applies
the business's rules; the library's endpoint has no authorisation and no rules.
"""

import json
import os
from contextlib import ExitStack
from datetime import UTC, datetime
from typing import Any

import httpx

from bench.ground import Ground
from bench.measure import Contestant, Row, load, paired, served
from keqing_shared.http.signing import issue_token
from keqing_shared.settings import Settings

CLIENTS = 16
MANAGER, REP = "zhao.min", "li.wei"


def measure(ground: Ground) -> list[Row]:
    """The first row of the budgets, twice: against each rival."""
    home, seconds = ground.home, ground.seconds
    library_settings = {**os.environ, **ground.library("bench_library", connections=CLIENTS)}
    ours_settings = ground.ours(ground.database("bench_keqing"), roles="http")
    with ExitStack() as stack:
        empty = stack.enter_context(served("bench.rivals.empty:app", os.environ, home / "empty.log"))
        library = stack.enter_context(
            served("bench.rivals.library:app", library_settings, home / "library.log")
        )
        ours = stack.enter_context(served("keqing_pipeline.app:app", ours_settings, home / "ours.log"))
        nothing = [request(f"/opportunities/{n:032x}/calls") for n in range(CLIENTS)]
        theirs = [request(f"/opportunities/{id}/calls") for id in _opened(library)]
        own = prepared(ours, ground.settings)
        contestants = [
            Contestant("an empty FastAPI endpoint", lambda: _rate(empty, nothing, seconds)),
            Contestant("the library's Application, locking mode", lambda: _rate(library, theirs, seconds)),
            Contestant("Keqing", lambda: _rate(ours, own, seconds)),
        ]
        paired(contestants, ground.rounds, ground.told)
    nobody, rival, we = contestants
    what = f"log one call over HTTP, {CLIENTS} clients"
    return [
        Row.against(rival, what, we, 4.0),
        Row.against(nobody, what, we, 0.5),
    ]


def _rate(port: int, requests: list[str], seconds: float) -> float:
    return float(load(port, requests, seconds)["done"] / seconds)


def _call() -> dict[str, Any]:
    return {
        "at": datetime.now(UTC).isoformat(),
        "minutes": 12,
        "outcome": "interactive",
        "signals": ["asks_basics", "asks_results"],
        "note": "Wants to know what it does for a workshop of forty people, and who else has it.",
        "next_step": "send the comparison sheet",
    }


def request(path: str, token: str = "none", members: dict[str, Any] | None = None) -> str:
    """A raw request; unless told otherwise its body is a call."""
    body = json.dumps(members or _call())
    return (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {token}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body.encode())}\r\n\r\n{body}"
    )


def _opened(port: int) -> list[str]:
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False) as client:
        return [client.post("/opportunities").json()["id"] for _ in range(CLIENTS)]


def prepared(port: int, settings: Settings) -> list[str]:
    """A manager, a rep, a customer and an opportunity for each client; the requests that log a call there."""
    token = issue_token(settings, REP, ["rep"])
    with httpx.Client(base_url=f"http://127.0.0.1:{port}/pipeline", trust_env=False, timeout=30) as client:

        def post(path: str, body: dict[str, Any], by: str) -> str:
            answer = client.post(path, json=body, headers={"Authorization": f"Bearer {by}"})
            if answer.status_code != httpx.codes.CREATED:
                raise RuntimeError(f"{path}: {answer.status_code} {answer.text}")
            return str(answer.json()["id"])

        admin = issue_token(settings, "admin", ["admin"])
        post(
            "/users",
            {"login": REP, "name": "李伟", "roles": ["rep"], "team": "north", "language": "zh"},
            admin,
        )
        requests = []
        for number in range(CLIENTS):
            name = f"Benchmark {number} Ltd"
            customer = post(
                "/customers", {"kind": "enterprise", "name": name, "source": "internet", "owner": REP}, token
            )
            opportunity = post("/opportunities", {"customer_id": customer, "title": "A deal"}, token)
            requests.append(request(f"/pipeline/opportunities/{opportunity}/calls", token))
        return requests
