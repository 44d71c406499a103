"""People imported: one after the other, superiors before those under them."""

from collections.abc import Iterator, Mapping

from keqing_pipeline.imports.rows import UserImport
from keqing_pipeline.people import hierarchy, profile_in, superiors
from keqing_pipeline.user import USER, ImportUser, Profile, User, UserEnrolled, user_id
from keqing_shared.domain import Fact
from keqing_shared.http import Doing
from keqing_shared.imports import Carrying, Piece, RowResult, Rows, RowStatus
from keqing_shared.sheets.members import Members, upon
from keqing_shared.streams import Unit


async def import_users(do: Doing, rows: Rows[UserImport], *, dry_run: bool) -> list[RowResult]:
    results = list(rows.bad)
    planned: dict[str, str | None] = {}
    carrying = Carrying(do, UserEnrolled, dry_run=dry_run)
    async with hierarchy(do.db):
        for line, row in _superiors_first(rows.good):
            known = (await do.service.streams.load(USER, user_id(row.login))).state
            profile = _upon(known, row, rows.given(line))
            # In a dry run those of earlier rows are not enrolled yet.
            chain = await superiors(do.service.streams, profile.manager, planned if dry_run else {})
            if (
                not chain
                and known is not None
                and profile.manager
                and profile.manager == known.profile.manager
            ):
                chain = (profile.manager,)  # has left, and the row says nothing else
            command = ImportUser(login=row.login, profile=profile, superiors=chain)
            [result] = await carrying.carry({line: _piece(command)})
            if result.outcome is not RowStatus.REFUSED:
                planned[row.login] = profile.manager
            results.append(result)
    return results


def _upon(known: User | None, row: UserImport, given: Members) -> Profile:
    """As the row says; of somebody who is enrolled what it says nothing of stays."""
    if known is None:
        return profile_in(row)
    said = {name: inner for name, inner in given.items() if name != "login"}
    return upon(known.profile, profile_in(row), said)


def _piece(command: ImportUser) -> Piece:
    id = user_id(command.login)

    async def work(unit: Unit) -> list[Fact]:
        return await unit.execute(USER, id, command)

    return Piece(work, id, command.login, ((USER, id),))


def _superiors_first(rows: Mapping[int, UserImport]) -> Iterator[tuple[int, UserImport]]:
    """In the order of the lines, but nobody before a manager who comes further down."""
    waiting = dict(rows)
    while waiting:
        to_come = {row.login for row in waiting.values()}
        ready = {line: row for line, row in waiting.items() if row.manager not in to_come}
        for line, row in list((ready or waiting).items()):  # a circle is left to the rules
            yield line, row
            del waiting[line]
