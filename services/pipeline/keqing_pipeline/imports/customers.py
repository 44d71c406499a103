"""Customers imported: registered, or amended when their row has changed."""

from dataclasses import fields
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from keqing_pipeline.customer.commands import ImportCustomer
from keqing_pipeline.customer.facts import CustomerRegistered
from keqing_pipeline.customer.file import CustomerFile
from keqing_pipeline.customer.rules import CUSTOMER, CustomerUnknown
from keqing_pipeline.customer.sameness import (
    EXTERNAL,
    Key,
    ReferenceTaken,
    duplicate,
    name_and_phone_keys,
    reference_keys,
)
from keqing_pipeline.imports.report import RowResult, RowStatus, refused
from keqing_pipeline.imports.rows import CustomerImport, Rows
from keqing_pipeline.imports.standing import Importer
from keqing_pipeline.imports.trial import Work, carry_out
from keqing_shared.domain import Fact, RuleBroken
from keqing_shared.http import Doing
from keqing_shared.log import Claim, Taken


async def import_customers(do: Doing, rows: Rows[CustomerImport], *, dry_run: bool) -> list[RowResult]:
    importer = await Importer.of(do, (row.owner for row in rows.good.values()))
    keys = {line: _keys(row) for line, row in rows.good.items()}
    held = await do.service.log.claimed_many([key for of_row in keys.values() for key in of_row])
    ids = {line: _id_of(row, held) for line, row in rows.good.items()}
    works: list[Work] = []
    tried: dict[Key, UUID] = {}
    for line, row in rows.good.items():
        seen = tried if dry_run else {}
        works.append(_work(importer, row, ids[line], held, seen))
    outcomes = await carry_out(do, works, [(CUSTOMER, id) for id in ids.values()], dry_run=dry_run)
    results = list(rows.bad)
    for (line, row), outcome in zip(rows.good.items(), outcomes, strict=True):
        known_as = str(row.external[0])
        if isinstance(outcome, Exception):
            results.append(refused(line, _named(outcome), known_as))
        else:
            results.append(RowResult(row=line, status=_status(outcome), id=ids[line], external=known_as))
    return results


def _keys(row: CustomerImport) -> tuple[Key, ...]:
    return (*name_and_phone_keys(row), *reference_keys(row))


def _id_of(row: CustomerImport, held: dict[Key, UUID]) -> UUID:
    """Who holds its first reference, else an id that the same row will always get."""
    first = str(row.external[0])
    return held.get((EXTERNAL, first)) or uuid5(NAMESPACE_URL, f"keqing:customer:{first}")


def _work(
    importer: Importer, row: CustomerImport, customer_id: UUID, held: dict[Key, UUID], tried: dict[Key, UUID]
) -> Work:
    file = CustomerFile(**{f.name: getattr(row, f.name) for f in fields(CustomerFile)})
    because = row.distinct_because
    keys = _keys(row)

    async def work(unit: Any) -> list[Fact]:
        importer.check(row.owner)
        state = (await unit.load(CUSTOMER, customer_id)).state
        before: tuple[Key, ...] = ()
        if state is not None:
            if not importer.sees(state.owner):
                raise CustomerUnknown
            before = (*name_and_phone_keys(state.file), *reference_keys(state.file))
        new = tuple(key for key in keys if key not in before)
        resembles = _others(new, {**held, **tried}, customer_id, because)
        command = ImportCustomer(file=file, owner=row.owner, distinct_because=because, resembles=resembles)
        claims = tuple(Claim(scope, key, scope == EXTERNAL or because is None) for scope, key in new)
        # A row knows only its own references: those of others stay, so only names and phones are let go.
        gone = tuple(key for key in before if key not in keys and key[0] != EXTERNAL)
        releases = tuple(Claim(scope, key) for scope, key in gone)
        decided: list[Fact] = await unit.execute(
            CUSTOMER, customer_id, command, claims=claims, releases=releases
        )
        tried.update(dict.fromkeys(new, customer_id))
        return decided

    return work


def _others(keys: tuple[Key, ...], held: dict[Key, UUID], own: UUID, because: str | None) -> tuple[UUID, ...]:
    others = {key: held[key] for key in keys if held.get(key, own) != own}
    candidates: list[dict[str, str | None]] = [{"id": str(id)} for id in dict.fromkeys(others.values())]
    taken = [key for scope, key in others if scope == EXTERNAL]
    if taken:
        raise ReferenceTaken(", ".join(taken), candidates=candidates)
    if others and because is None:
        raise duplicate(candidates, others)
    return tuple(dict.fromkeys(others.values()))


def _named(refusal: Exception) -> Exception:
    """Somebody was faster, or an earlier row of this import: the same refusal as to a later one."""
    if not isinstance(refusal, Taken):
        return refusal
    scope, key = refusal.members["scope"], refusal.members["key"]
    candidates: list[dict[str, str | None]] = [{"id": str(refusal.holder)}]
    broken: RuleBroken = duplicate(candidates, {(scope, key): refusal.holder})
    return ReferenceTaken(key, candidates=candidates) if scope == EXTERNAL else broken


def _status(decided: list[Fact]) -> RowStatus:
    if not decided:
        return RowStatus.UNCHANGED
    return RowStatus.CREATED if isinstance(decided[0], CustomerRegistered) else RowStatus.AMENDED
