"""The user behind a request."""

from dataclasses import dataclass
from typing import Any, Literal

from keqing_shared.http.headers import sent
from keqing_shared.http.problem import NotStarted

Role = Literal[
    "rep", "sales_manager", "agent", "supervisor", "collector", "credit_controller", "auditor", "admin"
]

_KEPT = "keqing.user"


@dataclass(frozen=True)
class User:
    """Who asks, in which roles, and until when the token says so (seconds since 1970)."""

    login: str
    roles: frozenset[str]
    until: float = float("inf")


async def user_of(request: Any) -> User:
    """The user whose bearer token came with the request. Raises Unauthenticated, NotStarted."""
    scope = request.scope
    user: User | None = scope.get(_KEPT)
    if user is None:
        tokens = getattr(scope["app"].state, "tokens", None)
        if tokens is None:
            raise NotStarted
        user = scope[_KEPT] = await tokens.user(sent(scope).get("authorization"))
    return user
