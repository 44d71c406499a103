"""One POST to somebody else's server: bounded in time, never into a private network, never redirected."""

import asyncio
import time
from collections.abc import Mapping
from types import TracebackType
from typing import NamedTuple, Self

import httpx

from keqing_notify.resolution import NameUnknown, addresses_of, leads_inside

_GONE = 410


class Answer(NamedTuple):
    """What came of an attempt; ``reason`` is None when the receiver took it."""

    status: int | None
    reason: str | None
    latency_ms: int

    @property
    def gone(self) -> bool:
        """The receiver wants nothing any more."""
        return self.status == _GONE


class _CannotSend(Exception):
    """Why, in a few words."""


class Outgoing:
    """``anywhere``: also to private addresses, as a developer's own machine needs it."""

    def __init__(self, *, anywhere: bool, timeout: float) -> None:
        self._anywhere = anywhere
        self._timeout = timeout
        # No kept connections: they are pooled by address, and a certificate was checked for one name only.
        self._client = httpx.AsyncClient(
            follow_redirects=False,
            trust_env=False,
            timeout=httpx.Timeout(timeout),
            limits=httpx.Limits(max_connections=None, max_keepalive_connections=0),
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._client.aclose()

    async def post(self, url: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """Success is any 2xx; the answer's body is not read."""
        started = time.monotonic()
        status: int | None = None
        reason: str | None = None
        try:
            async with asyncio.timeout(self._timeout):
                status = await self._post(httpx.URL(url), headers, body)
        except TimeoutError:
            reason = f"no answer within {self._timeout:g} s"
        except _CannotSend as problem:
            reason = str(problem)
        except httpx.TimeoutException:
            reason = f"no answer within {self._timeout:g} s"
        except (httpx.HTTPError, httpx.InvalidURL, OSError) as problem:
            reason = f"cannot send: {problem or type(problem).__name__}"[:200]
        else:
            reason = _refused(status)
        return Answer(status, reason, round((time.monotonic() - started) * 1000))

    async def _post(self, url: httpx.URL, headers: Mapping[str, str], body: bytes) -> int:
        address = await self._resolve(url)
        # Connects to the very address that was checked: a name that answers differently the second
        # time leads nowhere else. Host and the certificate's name stay those of the URL.
        async with self._client.stream(
            "POST",
            url.copy_with(host=address),
            headers={**headers, "host": url.netloc.decode("ascii")},
            content=body,
            extensions={"sni_hostname": url.raw_host.decode("ascii")},
        ) as response:
            return response.status_code

    async def _resolve(self, url: httpx.URL) -> str:
        host = url.raw_host.decode("ascii")
        port = url.port or (443 if url.scheme == "https" else 80)
        try:
            addresses = await addresses_of(host, port)
        except NameUnknown:
            raise _CannotSend("its name cannot be resolved") from None
        if not self._anywhere and leads_inside(addresses):
            raise _CannotSend("its name leads into a private network")
        return str(addresses[0])


def _refused(status: int) -> str | None:
    if 200 <= status < 300:
        return None
    if 300 <= status < 400:
        return f"status {status}: redirects are not followed"
    return f"status {status}"
