"""Whose rows somebody may import: an admin everybody's, a manager the team's."""

from collections.abc import Iterable

from keqing_pipeline.directory import PipelineDirectory
from keqing_pipeline.ownership import check_may_be_owner
from keqing_shared.domain import NotAllowed, RuleBroken
from keqing_shared.http import Doing


class OwnerBeyondTeam(NotAllowed):
    """A manager imports for the own team only."""


class Importer:
    """What one request's importer may do for which owners; found out once, before any row."""

    def __init__(self, visible: frozenset[str] | None) -> None:
        self._visible = visible
        self._refusals: dict[tuple[str, bool], RuleBroken] = {}

    @classmethod
    async def of(cls, do: Doing, owners: Iterable[str]) -> "Importer":
        importer = cls(await do.visible_owners())
        logins = dict.fromkeys(owners)
        persons = await PipelineDirectory(do.service).persons(logins)
        for owner in logins:
            for over in (False, True):
                try:
                    if not importer.sees(owner):
                        raise OwnerBeyondTeam("{owner} is not in it", field="owner", owner=owner)
                    check_may_be_owner(owner, persons.get(owner), leavers=over)
                except RuleBroken as broken:
                    importer._refusals[owner, over] = broken
        return importer

    def sees(self, owner: str | None) -> bool:
        return self._visible is None or owner in self._visible

    def check(self, owner: str, *, over: bool = False) -> None:
        """Raises OwnerBeyondTeam, OwnerUnknown. What is ``over`` may have an owner who has left."""
        broken = self._refusals.get((owner, over))
        if broken is not None:
            raise broken
