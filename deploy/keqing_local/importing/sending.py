"""Rows on their way over HTTP: in chunks, again when the answer was lost or it was too early."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import httpx
from tenacity import AsyncRetrying, RetryCallState, retry_if_exception_type, stop_after_delay
from tenacity.wait import wait_exponential, wait_random

from keqing_local.client import answered, problem_of
from keqing_local.failure import CannotRun
from keqing_local.importing.row import Refusal, Row
from keqing_shared.imports.rows import MEDIA_TYPE

MOST_BYTES = 1_000_000
"""In one request: less than is taken, so that a few under way at once are no burden."""
PATIENCE = 120.0
"""Seconds that one request is tried for, again and again."""

_AGAIN = frozenset({429, 502, 503, 504})


class NotNow(Exception):
    """Busy, starting, or not yet as far as the rows need it."""

    def __init__(self, response: httpx.Response) -> None:
        self.said = f"{response.request.url.path}: {problem_of(response)}"
        self.after = response.headers.get("Retry-After", "")


@dataclass(frozen=True)
class Chunk:
    """Rows that go in one request, and the refusals read among them."""

    rows: tuple[Row, ...] = ()
    refusals: tuple[Refusal, ...] = ()

    @property
    def read(self) -> int:
        return len(self.rows) + len(self.refusals)

    def body(self) -> bytes:
        return b"\n".join(row.sent for row in self.rows)


@dataclass(frozen=True)
class Answer:
    """What became of a chunk's rows, in their order."""

    results: tuple[tuple[Row, str, dict[str, Any]], ...]
    """Row, outcome, and the problem of a refused one."""
    position: str | None
    """Up to where its rows are; None when nothing was sent."""


class Sender:
    """Sends chunks in one run's name; every row is known again there, so sending twice does no harm."""

    def __init__(
        self, client: httpx.AsyncClient, *, why: str, dry_run: bool, patience: float = PATIENCE
    ) -> None:
        self._client = client
        self._patience = patience
        self._params = {"dry_run": "true"} if dry_run else {}
        self._headers = {
            "Content-Type": MEDIA_TYPE,
            "X-Correlation-Id": f"import-{uuid4()}",
            "Keqing-Reason": quote(why),
        }

    async def send(self, address: str, chunk: Chunk, after: str | None = None) -> Answer:
        """``after``: a position that must be known there first. Raises CannotRun."""
        headers = self._headers | ({"Keqing-After": after} if after else {})
        response = await self._again_and_again(
            self._client.build_request(
                "POST", address, params=self._params, headers=headers, content=chunk.body()
            )
        )
        report = answered(response)
        results: list[tuple[Row, str, dict[str, Any]]] = []
        for said in report["rows"]:
            row = chunk.rows[said["line"] - 1]
            results.append((row, said["outcome"], said["problem"] or {}))
        if len(results) != len(chunk.rows):
            raise CannotRun(f"{address} answered {len(results)} of {len(chunk.rows)} rows")
        return Answer(tuple(results), response.headers["Keqing-Position"])

    async def _again_and_again(self, request: httpx.Request) -> httpx.Response:
        try:
            async for attempt in AsyncRetrying(
                retry=retry_if_exception_type((NotNow, httpx.TransportError)),
                wait=_wait,
                stop=stop_after_delay(self._patience),
                reraise=True,
            ):
                with attempt:
                    response = await self._client.send(request)
                    if response.status_code in _AGAIN:
                        raise NotNow(response)
        except NotNow as last:
            raise CannotRun(f"given up after {self._patience:.0f} s: {last.said}") from None
        return response


_BACKOFF = wait_exponential(multiplier=0.2, max=5.0) + wait_random(0, 0.2)


def _wait(state: RetryCallState) -> float:
    """As long as the answer asked for, else longer each time."""
    problem = state.outcome.exception() if state.outcome else None
    asked = problem.after if isinstance(problem, NotNow) else ""
    if asked.isdigit():
        return min(float(asked), 30.0)
    return _BACKOFF(state)
