"""Whose rows somebody may import: an admin everybody's, a manager the team's."""

from keqing_pipeline.ownership import check_may_own
from keqing_shared.domain import NotAllowed, RuleBroken
from keqing_shared.http import Asking


class OwnerBeyondTeam(NotAllowed):
    """A manager imports for the own team only."""


class Importer:
    """Remembers what it has found out about owners; one for each request."""

    def __init__(self, ask: Asking, visible: frozenset[str] | None) -> None:
        self._ask = ask
        self._visible = visible
        self._verdicts: dict[str, RuleBroken | None] = {}

    @classmethod
    async def of(cls, ask: Asking) -> "Importer":
        return cls(ask, await ask.visible_owners())

    def sees(self, owner: str) -> bool:
        return self._visible is None or owner in self._visible

    async def check_owner(self, owner: str) -> None:
        """Raises OwnerBeyondTeam, OwnerUnknown."""
        if owner not in self._verdicts:
            try:
                if not self.sees(owner):
                    raise OwnerBeyondTeam(f"{owner} is not in it", field="owner")
                await check_may_own(self._ask, owner)
                self._verdicts[owner] = None
            except RuleBroken as broken:
                self._verdicts[owner] = broken
        verdict = self._verdicts[owner]
        if verdict is not None:
            raise verdict
