"""``keqing token``: a bearer token to try things with."""

from typing import Annotated, get_args

import typer

from keqing_local.failure import CannotRun
from keqing_shared.http.auth import LOGIN
from keqing_shared.http.signing import USUAL_TTL, issue_token
from keqing_shared.http.user import Role
from keqing_shared.settings import Settings


def token(
    user: Annotated[str, typer.Option(help="Login of the person who acts, such as li.wei")],
    role: Annotated[list[str], typer.Option(help=f"One of: {', '.join(get_args(Role))}; repeat for more")],
    hours: Annotated[float, typer.Option(min=0.01, max=8760, help="How long it is good")] = USUAL_TTL / 3600,
) -> None:
    """Print a token of the development issuer (only under KEQING_ENV=development)."""
    if unknown := sorted(set(role) - set(get_args(Role))):
        raise CannotRun(f"no such role: {', '.join(unknown)} (there are {', '.join(get_args(Role))})")
    if not LOGIN.fullmatch(user):
        raise CannotRun(f"{user!r} is no login: lower-case letters, digits, '.', '_', '@', '-', up to 64")
    settings = Settings.from_env()
    try:
        typer.echo(issue_token(settings, user, role, int(hours * 3600)))
    except OSError as problem:
        raise CannotRun(f"cannot write to {settings.home} (KEQING_HOME): {problem.strerror}") from None
