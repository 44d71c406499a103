"""Whose rows somebody may import: an admin everybody's, a manager those of the people they lead."""

from collections.abc import Iterable

from keqing_pipeline.directory import PipelineDirectory
from keqing_pipeline.ownership import ColleagueUnknown, check_led, check_may_be_owner
from keqing_shared.domain import RuleBroken
from keqing_shared.http import Doing


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
                    check_may_be_owner(owner, persons.get(owner), leavers=over)
                except RuleBroken as broken:
                    importer._refusals[owner, over] = broken
        return importer

    def sees(self, owner: str | None) -> bool:
        return self._visible is None or owner in self._visible

    def check(self, owner: str, *, over: bool = False) -> None:
        """Raises OwnerUnknown, OwnerBeyondTeam. What is ``over`` may have an owner who has left."""
        broken = self._refusals.get((owner, over))
        if broken is not None:
            raise broken
        check_led(owner, self._visible)

    def check_in_sales(self, login: str) -> None:
        """Who is to cover a contact, of whatever team. Raises ColleagueUnknown."""
        if (login, False) in self._refusals:
            raise ColleagueUnknown("{login} is none", field="covered_by", login=login)
