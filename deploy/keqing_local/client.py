"""How the commands speak to a running Keqing: over its public HTTP API, with a bearer token."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Annotated, Any

import httpx
import typer

from keqing_local.failure import CannotRun
from keqing_shared.http.signing import issue_token
from keqing_shared.settings import Settings

TIMEOUT_SECONDS = 60.0

Url = Annotated[
    str,
    typer.Option(envvar="KEQING_URL", help="Where Keqing answers; by default this machine, at KEQING_PORT"),
]
Token = Annotated[
    str,
    typer.Option(envvar="KEQING_TOKEN", help="A bearer token; in development one is made when none is given"),
]


@asynccontextmanager
async def connected(
    url: str, token: str, *, login: str, roles: Sequence[str]
) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the API. Without a token: one of the development issuer, for ``login`` with ``roles``.

    Raises CannotRun when nobody answers.
    """
    settings = Settings.from_env()
    base = (url or f"http://127.0.0.1:{settings.port}").rstrip("/")
    if not base.startswith(("http://", "https://")):
        raise CannotRun(f"{base!r} is no address: it begins with http:// or https://")
    bearer = token or issue_token(settings, login, roles)
    # A proxy of the environment is not asked for one's own machine.
    local = httpx.URL(base).host in ("127.0.0.1", "localhost", "::1")
    async with httpx.AsyncClient(
        base_url=base,
        headers={"Authorization": f"Bearer {bearer}"},
        timeout=TIMEOUT_SECONDS,
        trust_env=not local,
    ) as client:
        try:
            yield client
        except httpx.TransportError as error:
            said = str(error) or type(error).__name__
            raise CannotRun(f"{base} does not answer ({said}): is it running? (make run)") from None


def answered(response: httpx.Response) -> Any:
    """The answer's JSON. Raises CannotRun with the problem that came instead."""
    if response.is_success:
        return response.json()
    raise CannotRun(f"{response.request.method} {response.request.url.path}: {problem_of(response)}")


def problem_of(response: httpx.Response) -> str:
    """What a refusal says, in one line."""
    try:
        problem = response.json()
        said = [str(problem.get(member)) for member in ("title", "detail") if problem.get(member)]
        said += [f"{error['field']}: {error['message']}" for error in problem.get("errors", ())]
        return f"{response.status_code} {'; '.join(said)}"
    except (ValueError, AttributeError, TypeError, KeyError):
        return f"{response.status_code} {response.reason_phrase}"
