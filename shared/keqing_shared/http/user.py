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
    """The user whose bearer token came with the request, and who still works here.

    Raises Unauthenticated, NotStarted.
    """
    scope = request.scope
    user: User | None = scope.get(_KEPT)
    if user is None:
        state = scope["app"].state
        tokens = getattr(state, "tokens", None)
        if tokens is None:
            raise NotStarted
        user = await tokens.user(sent(scope).get("authorization"))
        await state.standing.check(user)
        scope[_KEPT] = user
    return user
