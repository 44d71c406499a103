"""The user behind a request."""

from dataclasses import dataclass
from typing import Any, Literal

Role = Literal[
    "rep", "sales_manager", "agent", "supervisor", "collector", "credit_controller", "auditor", "admin"
]

_KEPT = "keqing.user"


@dataclass(frozen=True)
class User:
    """Who asks, and in which roles."""

    login: str
    roles: frozenset[str]


async def user_of(request: Any) -> User:
    """The user whose bearer token came with the request. Raises Unauthenticated."""
    scope = request.scope
    user: User | None = scope.get(_KEPT)
    if user is None:
        user = scope[_KEPT] = await scope["app"].state.tokens.user(request.headers.get("authorization"))
    return user
