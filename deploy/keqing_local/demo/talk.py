"""How the people of the demo company speak to Keqing: each with a token of their own, patiently."""

import sys
from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from typing import Any
from urllib.parse import quote

import httpx
from tenacity import AsyncRetrying, RetryCallState, retry_if_exception_type, stop_after_delay
from tenacity.wait import wait_exponential_jitter

from keqing_local.client import problem_of
from keqing_local.failure import CannotRun
from keqing_shared.http.signing import issue_token
from keqing_shared.settings import Settings

if find_spec("sniffio") is None:
    # httpcore imports it several times in each request. That it is not there is found out at once this
    # way, and not by searching every folder again, which takes a third of the client's time.
    sys.modules["sniffio"] = None  # type: ignore[assignment]

PATIENCE = 60.0
"""Seconds that one request is tried for, again and again."""
AGAIN = frozenset({429, 502, 503, 504})


class NotNow(Exception):
    """Busy, or not yet as far as the request needs it."""

    def __init__(self, response: httpx.Response) -> None:
        self.said = f"{response.request.url.path}: {problem_of(response)}"
        self.after = response.headers.get("Retry-After", "")


class Talk:
    """Requests in anybody's name. Asking twice does no harm: commands carry their idempotency key."""

    def __init__(
        self, client: httpx.AsyncClient, settings: Settings, roles: Mapping[str, Sequence[str]]
    ) -> None:
        """``roles``: of everybody who will speak, by login."""
        self._client = client
        self._bearers = {
            login: f"Bearer {issue_token(settings, login, granted)}" for login, granted in roles.items()
        }

    async def ask(
        self,
        login: str,
        method: str,
        path: str,
        body: Any = None,
        *,
        after: str | None = None,
        key: str | None = None,
        why: str | None = None,
    ) -> httpx.Response:
        """The answer, whatever it says, but for those that ask to come again. Raises CannotRun."""
        headers = {"Authorization": self._bearers[login]}
        if after:
            headers["Keqing-After"] = after
        if key:
            headers["Idempotency-Key"] = key
        if why:
            headers["Keqing-Reason"] = quote(why)
        request = self._client.build_request(method, path, json=body, headers=headers)
        try:
            return await self._send(request)
        except (NotNow, httpx.TransportError):
            return await self._again(request)

    async def _send(self, request: httpx.Request) -> httpx.Response:
        response = await self._client.send(request)
        if response.status_code in AGAIN:
            raise NotNow(response)
        return response

    async def _again(self, request: httpx.Request) -> httpx.Response:
        again = AsyncRetrying(
            retry=retry_if_exception_type((NotNow, httpx.TransportError)),
            wait=_wait,
            stop=stop_after_delay(PATIENCE),
            reraise=True,
        )
        try:
            return await again(self._send, request)
        except NotNow as last:
            raise CannotRun(f"given up after {PATIENCE:.0f} s: {last.said}") from None


_BACKOFF = wait_exponential_jitter(multiplier=0.05, max=2.0, jitter=0.05)


def _wait(state: RetryCallState) -> float:
    """Shorter than is asked for: who asks is the only one who is waited for."""
    problem = state.outcome.exception() if state.outcome else None
    asked = problem.after if isinstance(problem, NotNow) else ""
    pause: float = _BACKOFF(state)
    return min(float(asked), pause) if asked.isdigit() else pause
