"""People imported: one after the other, superiors before those under them."""

from collections.abc import Iterator, Mapping
from typing import Any

from keqing_pipeline.imports.report import RowResult, RowStatus, refused
from keqing_pipeline.imports.rows import Rows, UserImport
from keqing_pipeline.imports.trial import Work, carry_out, rehearsal
from keqing_pipeline.people import hierarchy, profile_in, superiors
from keqing_pipeline.user import USER, ImportUser, UserEnrolled, user_id
from keqing_shared.domain import Fact
from keqing_shared.http import Doing


async def import_users(do: Doing, rows: Rows[UserImport], *, dry_run: bool) -> list[RowResult]:
    results = list(rows.bad)
    planned: dict[str, str | None] = {}
    unit = rehearsal(do, dry_run=dry_run)
    async with hierarchy(do.db):
        for line, row in _superiors_first(rows.good):
            # In a dry run those of earlier rows are not enrolled yet.
            chain = await superiors(do.service.streams, row.manager, planned if dry_run else {})
            command = ImportUser(login=row.login, profile=profile_in(row), superiors=chain)

            [outcome] = await carry_out(do, [_work(command)], [(USER, user_id(row.login))], unit)
            if isinstance(outcome, Exception):
                results.append(refused(line, outcome, row.login))
            else:
                planned[row.login] = row.manager
                id, status = user_id(row.login), _status(outcome)
                results.append(RowResult(line=line, outcome=status, id=id, external=row.login))
    return results


def _work(command: ImportUser) -> Work:
    async def work(unit: Any) -> list[Fact]:
        decided: list[Fact] = await unit.execute(USER, user_id(command.login), command)
        return decided

    return work


def _superiors_first(rows: Mapping[int, UserImport]) -> Iterator[tuple[int, UserImport]]:
    """In the order of the lines, but nobody before a manager who comes further down."""
    waiting = dict(rows)
    while waiting:
        to_come = {row.login for row in waiting.values()}
        ready = {line: row for line, row in waiting.items() if row.manager not in to_come}
        for line, row in list((ready or waiting).items()):  # a circle is left to the rules
            yield line, row
            del waiting[line]


def _status(decided: list[Fact]) -> RowStatus:
    if not decided:
        return RowStatus.UNCHANGED
    return RowStatus.CREATED if isinstance(decided[0], UserEnrolled) else RowStatus.AMENDED
