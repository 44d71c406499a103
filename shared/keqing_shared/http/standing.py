"""Whether a colleague still works here: a token outlives its owner's last day, the door does not."""

import time
from typing import TYPE_CHECKING

from keqing_shared.http.problem import Unauthenticated

if TYPE_CHECKING:
    from keqing_shared.http.user import User
    from keqing_shared.service import Service

SECONDS = 5.0
"""How long an answer of the directory is believed."""
KNOWN = 10_000
"""Logins remembered at the most."""


class Standing:
    """Asks the directory about who comes in. Who is not enrolled stands by the token alone: the first
    admin must come in before anybody can be enrolled, and programs are not colleagues."""

    def __init__(self, service: "Service") -> None:
        self._service = service
        self._looked: dict[str, tuple[float, bool]] = {}

    async def check(self, user: "User") -> None:
        """Raises Unauthenticated for a user who was deactivated."""
        now = time.monotonic()
        looked, active = self._looked.get(user.login, (-SECONDS, True))
        if now - looked >= SECONDS:
            person = await self._service.directory.person(user.login)
            active = person is None or person.active
            if len(self._looked) >= KNOWN:
                self._looked.clear()
            self._looked[user.login] = (now, active)
        if not active:
            raise Unauthenticated("this user was deactivated")

    def forget(self, login: str) -> None:
        """Asks anew when this person comes next."""
        self._looked.pop(login, None)
