"""Which facts are wanted, by name: each context knows its own, and refuses the names of others."""

from collections.abc import Sequence

import httpx

from keqing_local.client import problem_of
from keqing_local.failure import CannotRun


class Kinds:
    """Those that are wanted of each context."""

    def __init__(self, wanted: Sequence[str], contexts: Sequence[str]) -> None:
        self._of = {context: list(wanted) for context in contexts}
        self._wanted = wanted
        self._refusals: list[str] = []

    def of(self, context: str) -> list[str] | None:
        """Those that the context knows as far as is known; None: all facts are wanted."""
        return self._of[context] if self._wanted else None

    def refused(self, context: str, response: httpx.Response) -> bool:
        """Whether the context refused some; it is not asked for those again."""
        if response.status_code != httpx.codes.UNPROCESSABLE_ENTITY:
            return False
        problem = response.json()
        if problem["type"] != "/problems/kind-unknown":
            return False
        self._of[context] = [kind for kind in self._of[context] if kind not in problem["unknown"]]
        self._refusals.append(f"{context}: {problem_of(response)}")
        return True

    def check(self) -> None:
        """Raises CannotRun for a name that no context knows."""
        known = {kind for kinds in self._of.values() for kind in kinds}
        if set(self._wanted) - known:
            raise CannotRun("\n".join(self._refusals))
